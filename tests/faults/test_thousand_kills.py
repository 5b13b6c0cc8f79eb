"""A thousand kills at random moments of small imports, replayed: the state is that of never killed."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.exchange.feed import ABSENCE, PEOPLE, table
from tests.faults.importing import another_world, import_file, importer, state

pytestmark = [pytest.mark.faults, pytest.mark.long]
KILLS, STAFF, SPELLS, SEED = 1_000, 30, 60, 20260401
LATEST = 1.15  # of the time that the file's kind took: some imports end before the kill


def small_files(folder: Path, chance: random.Random) -> Iterator[tuple[str, Path]]:
    """Extracts without end: people who come, change and leave, and spells that begin, end and are taken back."""
    for number in count():
        people = folder / f"people-{number}.csv"
        people.write_bytes(table(PEOPLE, *(_person(i, number, chance) for i in range(STAFF))))
        yield "people", people
        absence = folder / f"absence-{number}.csv"
        absence.write_bytes(table(ABSENCE, *(_spell(number, chance) for _ in range(SPELLS))))
        yield "absence", absence


def _person(i: int, number: int, chance: random.Random) -> str:
    manager = f"K{i // 6}" if i else ""
    ends_on = f"2026-0{chance.randrange(1, 10)}-28" if chance.random() < 0.05 else ""
    starts_on = "31/02/2020" if chance.random() < 0.02 else "2020-01-01"
    return (f"K{i},KP{i},Given{i},Family{i},19{i + 50}-01-01,k{i}@example.org,"
            f"0.{chance.randrange(1, 10)},{manager},{starts_on},{ends_on}")  # fmt: skip


def _spell(number: int, chance: random.Random) -> str:
    begun = chance.randrange(1, 29)
    month = chance.randrange(1, 10)
    ended = f"2025-{month:02}-{chance.randrange(begun, 29):02}" if chance.random() < 0.6 else ""
    retracted = "yes" if chance.random() < 0.05 else ""
    person = "NOBODY" if chance.random() < 0.02 else f"K{chance.randrange(STAFF)}"
    reason = chance.choice(["S10", "S11", "S13"])
    return f"{person},R{chance.randrange(400)},2025-{month:02}-{begun:02},{ended},,{reason},{retracted}"


def say(words: str) -> None:
    sys.__stderr__.write(f"{words}\n")
    sys.__stderr__.flush()


def test_a_thousand_kills_leave_what_no_kill_leaves(cluster, template_database, committed_world, tmp_path):
    chance = random.Random(SEED)
    taken: list[tuple[str, Path]] = []
    took = {"people": 2.0, "absence": 2.0}  # corrected by what the first files take
    kills = 0
    for kind, path in small_files(tmp_path, chance):
        began = time.monotonic()
        while kills < KILLS and importer(committed_world, kind, path).kill(
            chance.random() * took[kind] * LATEST
        ):
            kills += 1
            if kills % 50 == 0:
                say(f"{kills} of {KILLS} kills, {len(taken)} files")
            began = time.monotonic()
        else:
            # What ended by itself before the kill says how long such a file takes here and now.
            took[kind] = max(0.05, 0.7 * took[kind] + 0.3 * (time.monotonic() - began))
        assert importer(committed_world, kind, path).ended() == 0
        taken.append((kind, path))
        if kills >= KILLS:
            break
    killed = state()
    with another_world(cluster, template_database, "never_killed") as undisturbed:
        for kind, path in taken:
            import_file(undisturbed, kind, path)
        assert killed == state()
    assert len(killed["spells"]) > SPELLS
