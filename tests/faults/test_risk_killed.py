"""A risk flag survives the death of the web process and of the database straight after the answer."""

from __future__ import annotations

import signal
import time
from contextlib import nullcontext

import pytest

from openoh.foundation.core.scope import within
from openoh.pathway.questionnaires import actions
from openoh.pathway.questionnaires.models import AnswerSet
from openoh.pathway.questionnaires.queries import answers_of
from openoh.pathway.risk.models import RiskFlag
from tests.faults.durable import crash
from tests.faults.processes import Doomed, die
from tests.world import build_world

pytestmark = pytest.mark.faults


def server(world, answer_set, when):
    """A process that keeps the answer in the database that the test uses.

    before: dies by its own hand inside the transaction. after: says "kept" when the answer is committed, and waits
    to be killed, as a worker does between two requests.
    """
    amara = world.as_amara

    def serve(say):
        with within(amara.scope) if when == "before" else nullcontext():
            actions.save_answers(by=amara, answer_set_id=answer_set.id, answers={"9": 3})
            if when == "before":
                die()
        say("kept")
        time.sleep(120)

    return Doomed(serve)


def killed_after_answering(world, answer_set):
    process = server(world, answer_set, "after")
    assert process.hears() == "kept"
    assert process.kill()


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
    assert process.ended() == -signal.SIGKILL
    assert kept(world, begun) == ({}, [])
    killed_after_answering(world, begun)
    assert kept(world, begun) == ({"9": 3}, [(begun.id, 2, "raised")])


def test_the_flag_survives_the_database(durable_database):
    world = build_world()
    begun = actions.begin(by=world.as_amara, instrument="PHQ-9")
    killed_after_answering(world, begun)
    crash(durable_database)
    assert kept(world, begun) == ({"9": 3}, [(begun.id, 2, "raised")])
