"""Two who act at the same moment, on real connections with real commits."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from openoh.foundation.core import facts
from openoh.foundation.core.errors import Conflict
from openoh.foundation.core.scope import within
from openoh.pathway.referrals.rules import NO_ADVICE
from openoh.pathway.reports import actions
from openoh.pathway.reports.models import ReleasedReport
from tests.stories import advice, copies, open_case, opened, released

pytestmark = pytest.mark.faults
PATIENCE = 20


class Side(threading.Thread):
    """One of two sides, on a connection of its own; keeps what came out."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self.act, self.result, self.error = act, None, None

    def run(self) -> None:
        try:
            self.result = self.act()
        except Exception as error:
            self.error = error
        finally:
            connection.close()


def at_once(*acts: Callable[[], object]) -> list[Side]:
    barrier = threading.Barrier(len(acts))

    def after_the_others(act: Callable[[], object]) -> Callable[[], object]:
        def wait_and_act() -> object:
            barrier.wait(PATIENCE)
            return act()

        return wait_and_act

    sides = [Side(after_the_others(act)) for act in acts]
    for side in sides:
        side.start()
    for side in sides:
        side.join(PATIENCE)
        assert not side.is_alive()
    return sides


def test_of_two_clinicians_who_sign_at_once_one_is_told(committed_world):
    world = committed_world
    draft = actions.begin(by=world.as_nurse, case=open_case(world).id)
    actions.save(by=world.as_nurse, report=draft.id, revision=0, advice=advice())
    nurse, physician = world.as_nurse, world.as_physician
    first, second = at_once(
        lambda: actions.sign(by=nurse, report=draft.id, revision=1),
        lambda: actions.sign(by=physician, report=draft.id, revision=1),
    )
    errors = [side.error for side in (first, second) if side.error]
    assert len(errors) == 1
    assert isinstance(errors[0], Conflict)


def test_a_manager_who_opens_while_consent_is_taken_back_waits_and_reads_no_advice(committed_world):
    world = committed_world
    report = released(world)
    (copy,) = copies(world.as_ben)
    amara, ben = world.as_amara, world.as_ben
    taken_back, let_go = threading.Event(), threading.Event()

    def take_back_slowly() -> None:
        with within(amara.scope):
            actions.withdraw_consent(by=amara, report=report.id)
            taken_back.set()
            assert let_go.wait(PATIENCE)

    taking = Side(take_back_slowly)
    taking.start()
    assert taken_back.wait(PATIENCE)
    opening = Side(lambda: opened(ben, copy))
    opening.start()
    opening.join(0.5)
    assert opening.is_alive()  # it waits for her decision to be committed
    let_go.set()
    for side in (taking, opening):
        side.join(PATIENCE)
        assert side.error is None
    assert (opening.result.words, opening.result.copy) == (NO_ADVICE, None)


def test_opening_and_taking_back_at_once_end_in_an_order_that_the_record_tells(committed_world):
    world = committed_world
    report = released(world)
    (copy,) = copies(world.as_ben)
    amara, ben = world.as_amara, world.as_ben
    taking, opening = at_once(
        lambda: actions.withdraw_consent(by=amara, report=report.id), lambda: opened(ben, copy)
    )
    assert taking.error is None
    assert opening.error is None
    assert opened(ben, copy).copy is None
    if opening.result.copy is not None:
        assert opening.result.copy.withdrawn_at is None


def test_two_workers_release_once(committed_world):
    world = committed_world
    report = released(world)
    with within(world.as_worker.scope):
        facts.append("report.to-release", report.id, employer=world.trust.id, provider=world.provider.id)
        facts.append("report.to-release", report.id, employer=world.trust.id, provider=world.provider.id)
    at_once(facts.consume, facts.consume)
    with within(world.as_worker.scope):
        assert ReleasedReport.objects.count() == 1
