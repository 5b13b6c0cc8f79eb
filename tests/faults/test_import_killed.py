"""An import that is killed at any moment and run again leaves what an import that was never killed leaves."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, connections

from openoh.exchange.hr_feed.models import ImportRun
from openoh.foundation.core import database, launcher
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.scope import within
from openoh.foundation.core.staging import fetch
from openoh.population.absence import reasons
from tests.conftest import HOME, point_django_at
from tests.exchange.feed import ABSENCE, PEOPLE, table
from tests.world import build_world

pytestmark = pytest.mark.faults
CHECKOUT = Path(__file__).resolve().parents[2]
WORKER = Scope(Audience.WORKER)
State = dict[str, list[tuple[object, ...]]]
GROUPS = ["S10", "S11", "S13", "S98"]

# What must be the same however often it was killed; identifiers and instants are another matter.
STATE = {
    "engagements": "SELECT e.number, e.given_name, e.fte, e.starts_on, e.ends_on, m.number, e.person_id IS NOT NULL "
    "FROM people_engagement e LEFT JOIN people_engagement m ON m.id = e.manager_id",
    "versions": "SELECT e.number, v.effective_on, v.fte, v.ends_on FROM people_engagementversion v "
    "JOIN people_engagement e ON e.id = v.engagement_id",
    "persons": "SELECT given_name, family_name, email FROM people_person",
    "trigrams": "SELECT p.family_name, t.trigram FROM people_persontrigram t "
    "JOIN people_person p ON p.id = t.person_id",
    "accounts": "SELECT u.email FROM accounts_user u",
    "roles": "SELECT u.email, r.role, r.starts_on, r.ends_on FROM access_roleassignment r "
    "JOIN accounts_user u ON u.id = r.user_id",
    "spells": "SELECT s.reference, e.number, s.started_on, s.ended_on, s.hours, s.retracted_at IS NULL "
    "FROM absence_spell s JOIN people_engagement e ON e.id = s.engagement_id",
    "spell versions": "SELECT s.reference, v.started_on, v.ended_on, v.retracted FROM absence_spellversion v "
    "JOIN absence_spell s ON s.id = v.spell_id",
    "kept reasons": "SELECT s.reference FROM absence_spellreason r JOIN absence_spell s ON s.id = r.spell_id",
    "plain reasons": "SELECT s.reference, r.reason_group FROM absence_run_reason r "
    "JOIN absence_spell s ON s.id = r.spell_id",
    "facts": "SELECT kind, count(*) FROM core_fact GROUP BY kind",
    "quarantine": 'SELECT line, "column", value, reason FROM hr_feed_quarantinedrow',
    "runs": "SELECT kind, state, rows_read, rows_new, rows_changed, rows_same, rows_ended, rows_quarantined "
    "FROM hr_feed_importrun",
}


def state() -> State:
    with within(WORKER):
        for run in ImportRun.objects.filter(kind="absence", state="done"):
            reasons.refill(run.pk)
        return {name: sorted(fetch(query), key=repr) for name, query in STATE.items()}


def start(kind: str, path: Path) -> subprocess.Popen[str]:
    """An importer that has everything loaded and is about to begin."""
    importer = subprocess.Popen(
        [sys.executable, str(CHECKOUT / "tests/faults/importer.py"), "RNS", kind, str(path)],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "openoh.config.settings", "PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert importer.stdout and importer.stdout.readline() == "ready\n", importer.communicate()
    return importer


def finish(importer: subprocess.Popen[str]) -> None:
    _, said = importer.communicate(timeout=60)
    assert importer.returncode == 0, said


def kill(importer: subprocess.Popen[str], after: float) -> bool:
    """Kill it after so many seconds; False when it was done before."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        importer.wait(after)
    importer.send_signal(signal.SIGKILL)
    importer.communicate(timeout=30)
    return importer.returncode == -signal.SIGKILL


@pytest.fixture
def files(tmp_path) -> dict[str, Path]:
    """An extract of 400 people, and 3,000 spells of theirs, with bad rows in both."""
    chance = random.Random(7)
    people = [f"K{i},KP{i},Given{i},Family{i},19{i % 40 + 50}-01-0{i % 9 + 1},k{i}@example.org,"
              f"0.{i % 9 + 1},{f'K{i // 12}' if i else ''},2020-01-01," for i in range(400)]  # fmt: skip
    spells = [
        f"K{chance.randrange(400)},R{i},2025-0{i % 9 + 1}-0{i % 8 + 1},,,{chance.choice(GROUPS)},"
        for i in range(3_000)
    ]
    people[50] = people[50].replace("2020-01-01", "31/02/2020")
    spells[70] = spells[70].replace("K", "NOBODY", 1)
    written = {"people": tmp_path / "people.csv", "absence": tmp_path / "absence.csv"}
    written["people"].write_bytes(table(PEOPLE, *people))
    written["absence"].write_bytes(table(ABSENCE, *spells))
    return written


def import_all(files: dict[str, Path]) -> dict[str, float]:
    """Import both files undisturbed; how long each took."""
    took = {}
    for kind, path in files.items():
        importer, began = start(kind, path), time.monotonic()
        finish(importer)
        took[kind] = time.monotonic() - began
    return took


@pytest.fixture
def never_killed(cluster, template_database, django_db_blocker, files) -> tuple[State, dict[str, float]]:
    """The state that an undisturbed import leaves, from a database of its own, and how long it took."""
    from tests.conftest import copy_of

    name = "never_killed"
    before = os.environ["DATABASE_URL"]
    point_django_at(copy_of(cluster, template_database, name))
    with django_db_blocker.unblock():
        build_world()
        took = import_all(files)
        expected = state()
        connections.close_all()
    point_django_at(before)
    database.drop(cluster, name)
    return expected, took


def killed_often(files: dict[str, Path], took: dict[str, float], kills: int) -> int:
    """Import with so many kills spread over each file's time; returns how many hit a living importer."""
    hit = 0
    for kind, path in files.items():
        for number in range(kills):
            hit += kill(start(kind, path), took[kind] * (number + 0.5) / kills)
        finish(start(kind, path))
    return hit


@pytest.mark.parametrize("kills", [4, pytest.param(60, marks=pytest.mark.long)])
def test_a_killed_import_that_is_run_again_is_as_if_never_killed(never_killed, committed_world, files, kills):
    expected, took = never_killed
    assert killed_often(files, took, kills) >= kills
    assert state() == expected
    lines = {row[0] for row in expected["quarantine"]}
    assert {52, 72} <= lines, "both bad rows are in quarantine"


@pytest.fixture
def mortal_cluster(django_db_blocker) -> Iterator[launcher.Cluster]:
    """A server of its own that survives a crash as a real one does, with the world in it."""
    mortal = launcher.cluster(HOME / "mortal", durable=True)
    before = os.environ["DATABASE_URL"]
    mortal.start()
    database.drop(mortal, "mortal")
    database.prepare(mortal, "mortal")
    database.migrate(mortal.url(database.OWNER, "mortal"))
    with django_db_blocker.unblock():
        point_django_at(mortal.url(database.LOGIN, "mortal"))
        build_world()
        yield mortal
        connections.close_all()
        point_django_at(before)
    database.drop(mortal, "mortal")
    mortal.stop()


def crash(mortal: launcher.Cluster) -> None:
    """Kill the database server with all its processes at once, and start it again."""
    connection.close()
    server = mortal.server_process()
    doomed = [server, *map(int, Path(f"/proc/{server}/task/{server}/children").read_text().split())]
    for process in doomed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while any(is_alive(process) for process in doomed) and time.monotonic() < deadline:
        time.sleep(0.02)
    # Where nobody collects dead processes, the server's files would make it seem alive.
    (mortal.data / "postmaster.pid").unlink(missing_ok=True)
    for lock in mortal.socket_folder.glob(".s.PGSQL.*.lock"):
        lock.unlink()
    mortal.start()


def is_alive(process: int) -> bool:
    """Whether the process still runs; one that is dead but not yet collected does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_killed_database_and_the_import_run_again_is_as_if_never_killed(
    never_killed, mortal_cluster, files
):
    expected, took = never_killed
    for kind, path in files.items():
        for moment in (0.3, 0.9):
            importer = start(kind, path)
            time.sleep(took[kind] * moment)
            crash(mortal_cluster)
            importer.communicate(timeout=60)
        finish(start(kind, path))
        crash(mortal_cluster)
    assert state() == expected
