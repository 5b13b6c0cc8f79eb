"""A risk flag survives the death of the web process and of the database straight after the answer."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connections

from openoh.foundation.core import database, launcher
from openoh.foundation.core.scope import within
from openoh.pathway.questionnaires import actions
from openoh.pathway.questionnaires.models import AnswerSet
from openoh.pathway.questionnaires.queries import answers_of
from openoh.pathway.risk.models import RiskFlag
from tests.conftest import CHECKOUT, HOME, point_django_at
from tests.world import build_world

pytestmark = pytest.mark.faults

PR_SET_CHILD_SUBREAPER = 36  # of Linux's prctl


def server(world, answer_set, when):
    """A process that keeps the answer in the database that the test uses."""
    return subprocess.Popen(
        [sys.executable, str(CHECKOUT / "tests/faults/answerer.py"), str(world.users["amara"].id),
         str(answer_set.id), when],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "openoh.config.settings", "PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def killed_after_answering(world, answer_set):
    process = server(world, answer_set, "after")
    try:
        assert process.stdout.readline() == "kept\n"
    finally:
        process.kill()
        process.wait(timeout=20)
        process.stdout.close()
    assert process.returncode == -signal.SIGKILL


def kept(world, answer_set):
    """The answers and the flags as they are in the database now."""
    with within(world.as_amara.scope):
        answers = answers_of(AnswerSet.objects.get(pk=answer_set.pk))
    with within(world.as_worker.scope):
        return answers, list(RiskFlag.objects.values_list("answer_set_id", "severity", "state"))


def test_the_flag_survives_the_web_process(committed_world):
    world = committed_world
    begun = actions.begin(by=world.as_amara, instrument="PHQ-9")
    killed_after_answering(world, begun)
    assert kept(world, begun) == ({"9": 3}, [(begun.id, 2, "raised")])


def test_a_process_that_dies_in_between_keeps_neither_answer_nor_flag(committed_world):
    world = committed_world
    begun = actions.begin(by=world.as_amara, instrument="PHQ-9")
    process = server(world, begun, "before")
    assert process.wait(timeout=60) == -signal.SIGKILL
    process.stdout.close()
    assert kept(world, begun) == ({}, [])
    killed_after_answering(world, begun)
    assert kept(world, begun) == ({"9": 3}, [(begun.id, 2, "raised")])


@pytest.fixture
def own_cluster(django_db_blocker):
    """A database server of the test's own that waits for the disk, as an installation's does."""
    home = HOME / f"durable_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    shutil.rmtree(home, ignore_errors=True)
    own, before = launcher.cluster(home, durable=True), os.environ["DATABASE_URL"]
    adopt_orphans(True)
    own.start()
    database.prepare(own, "openoh")
    database.migrate(own.url("oh_owner", "openoh"))
    point_django_at(own.url("oh_login", "openoh"))
    with django_db_blocker.unblock():
        yield own
        connections.close_all()
    point_django_at(before)
    own.stop("immediate")
    adopt_orphans(False)
    shutil.rmtree(home)


def adopt_orphans(wanted: bool) -> None:
    """Let the server's processes become ours when their starter ends, so that the killed ones can be buried.

    Some containers have no init that does it, and a dead server that nobody buried looks alive.
    """
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(wanted))


def kill_with_children(process: int) -> None:
    """What a power cut does to a server: every process of it ends at once."""
    family = [process]
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = status.read_text().splitlines()
        except OSError:
            continue  # ended while we looked
        if f"PPid:\t{process}" in lines:
            family.append(int(status.parent.name))
    for number in family:
        os.kill(number, signal.SIGKILL)
    for number in family:
        os.waitpid(number, 0)


def test_the_flag_survives_the_database(own_cluster):
    world = build_world()
    begun = actions.begin(by=world.as_amara, instrument="PHQ-9")
    killed_after_answering(world, begun)
    kill_with_children(own_cluster.server_process())
    connections.close_all()
    own_cluster.start()
    assert kept(world, begun) == ({"9": 3}, [(begun.id, 2, "raised")])
