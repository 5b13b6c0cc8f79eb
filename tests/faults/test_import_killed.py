"""An import that is killed at any moment and run again leaves what an import that was never killed leaves."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from openoh.exchange.hr_feed import actions
from openoh.exchange.hr_feed.round_of_feeds import take_what_waits
from openoh.foundation.core.actors import system_actor
from tests.exchange.feed import ABSENCE, PEOPLE, table
from tests.faults.durable import crash
from tests.faults.importing import State, another_world, import_file, importer, state
from tests.faults.processes import Doomed
from tests.world import World, build_world

pytestmark = pytest.mark.faults
GROUPS = ["S10", "S11", "S13", "S98"]
STAFF, SPELLS, KILLS = 200, 1_000, 4


@pytest.fixture
def files(tmp_path) -> dict[str, Path]:
    """An extract of people, and of their spells, with a bad row in both."""
    chance = random.Random(7)
    people = [f"K{i},KP{i},Given{i},Family{i},19{i % 40 + 50}-01-0{i % 9 + 1},k{i}@example.org,"
              f"0.{i % 9 + 1},{f'K{i // 12}' if i else ''},2020-01-01," for i in range(STAFF)]  # fmt: skip
    spells = [
        f"K{chance.randrange(STAFF)},R{i},2025-0{i % 9 + 1}-0{i % 8 + 1},,,{chance.choice(GROUPS)},"
        for i in range(SPELLS)
    ]
    people[50] = people[50].replace("2020-01-01", "31/02/2020")
    spells[70] = spells[70].replace("K", "NOBODY", 1)
    written = {"people": tmp_path / "people.csv", "absence": tmp_path / "absence.csv"}
    written["people"].write_bytes(table(PEOPLE, *people))
    written["absence"].write_bytes(table(ABSENCE, *spells))
    return written


@pytest.fixture
def never_killed(cluster, template_database, django_db_blocker, files) -> tuple[State, dict[str, float]]:
    """The state that an undisturbed import leaves, and how long each file took."""
    took = {}
    with (
        django_db_blocker.unblock(),
        another_world(cluster, template_database, "never_killed") as undisturbed,
    ):
        for kind, path in files.items():
            began = time.monotonic()
            import_file(undisturbed, kind, path)
            took[kind] = time.monotonic() - began
        return state(), took


def killed_often(world: World, files: dict[str, Path], took: dict[str, float]) -> int:
    """Import with kills spread over each file's time; returns how many hit a living importer."""
    hit = 0
    for kind, path in files.items():
        for number in range(KILLS):
            hit += importer(world, kind, path).kill(took[kind] * (number + 0.5) / KILLS)
        assert importer(world, kind, path).ended() == 0
    return hit


def test_a_killed_import_that_is_run_again_is_as_if_never_killed(never_killed, committed_world, files):
    expected, took = never_killed
    assert killed_often(committed_world, files, took) >= KILLS
    assert state() == expected
    lines = {row[0] for row in expected["quarantine"]}
    assert {52, 72} <= lines, "both bad rows are in quarantine"


def test_a_killed_database_and_the_import_run_again_is_as_if_never_killed(
    never_killed, durable_database, files
):
    expected, took = never_killed
    world = build_world()
    for kind, path in files.items():
        doomed = importer(world, kind, path)
        time.sleep(took[kind] * 0.6)
        crash(durable_database)
        doomed.ended()
        assert importer(world, kind, path).ended() == 0
    crash(durable_database)
    assert state() == expected


def test_a_large_file_of_a_page_survives_the_kill_of_the_worker_that_takes_it(
    never_killed, committed_world, files
):
    expected, took = never_killed
    by = system_actor("importer", employers=(committed_world.trust.pk,))
    hit = 0
    for kind, path in files.items():
        with path.open("rb") as file:
            received = actions.receive(
                by=by, employer=committed_world.trust, kind=kind, file=file, file_name=path.name,
                mapping=f"openoh-{kind}",
            )  # fmt: skip
        actions.leave_to_worker(by=by, run=received)
        for number in range(KILLS):
            hit += Doomed(lambda _: take_what_waits()).kill(took[kind] * (number + 0.5) / KILLS)
        assert Doomed(lambda _: take_what_waits()).ended() == 0
    assert hit >= KILLS
    assert state() == expected
    assert take_what_waits() == 0
