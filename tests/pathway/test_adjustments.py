"""Each recommendation gets the manager's answer; what is done is in the person's passport."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from openoh.foundation.core import clock, facts
from openoh.foundation.core.calendars import WorkingDays
from openoh.foundation.core.errors import Conflict, Invalid
from openoh.foundation.core.scope import within
from openoh.pathway.adjustments import actions, queries, rules
from openoh.pathway.adjustments.access import visible_to
from openoh.pathway.adjustments.models import Adjustment
from openoh.pathway.adjustments.rules import Answer
from openoh.pathway.cases import actions as cases
from openoh.pathway.cases.models import Case
from openoh.pathway.reports import actions as reports
from tests.stories import leave, name_recipient, open_case, released, signed

TODAY = date(2026, 3, 2)
NEXT = TODAY + timedelta(days=1)
PAST = TODAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (Answer("done", TODAY), None), (Answer("done", PAST), None), (Answer("done"), "on"),
        (Answer("done", NEXT), "on"), (Answer("planned", NEXT), None), (Answer("planned", TODAY), None),
        (Answer("planned", PAST), "on"), (Answer("planned"), "on"),
        (Answer("partly", TODAY, "only-some-days"), None), (Answer("partly", TODAY), "reason"),
        (Answer("declined", None, "safety"), None), (Answer("declined"), "reason"),
        (Answer("declined", None, "other"), "words"), (Answer("declined", None, "other", "It burned."), None),
        (Answer("ended"), "state"),
    ],
)  # fmt: skip
def test_what_an_answer_must_say(answer, field):
    problem = rules.problem(answer, TODAY)
    assert (problem.field if problem else None) == field


def test_the_law_is_told_in_plain_words():
    assert "provide equipment" in queries.law_for("chair")


pytestmark = pytest.mark.django_db


def listed(actor, query=visible_to) -> list[Adjustment]:
    with within(actor.scope):
        return list(query(actor).order_by("code"))


def answered(world, adjustment, *args) -> Adjustment:
    return actions.answer(by=world.as_ben, adjustment=adjustment.id, answer=Answer(*args))


def test_a_release_asks_the_manager_once_for_each_recommendation_within_ten_working_days(world):
    released(world)
    facts.consume()
    breaks, nights = listed(world.as_ben)
    assert (breaks.code, breaks.details, nights.code) == (
        "extra-breaks", "Ten minutes every two hours", "no-nights",
    )  # fmt: skip
    assert {each.due_on for each in (breaks, nights)} == {WorkingDays("england").add(clock.today(), 10)}


def test_answers_become_due_overdue_and_a_passport(world):
    released(world)
    breaks, nights = listed(world.as_ben)
    today = clock.today()
    answered(world, breaks, "done", today)
    answered(world, nights, "planned", today + timedelta(days=3))
    assert listed(world.as_ben, queries.due) == listed(world.as_ben, queries.overdue) == []
    with clock.held_at(clock.now() + timedelta(days=3)):
        assert listed(world.as_ben, queries.due) == [nights]
        assert listed(world.as_ben, queries.overdue) == []
    with clock.held_at(clock.now() + timedelta(days=4)):
        assert listed(world.as_ben, queries.overdue) == [nights]
    amara = world.as_amara
    with within(amara.scope):
        (entry,) = queries.passport(amara)
    assert (entry.words, entry.since, entry.agreed_by, entry.details) == (
        "Extra or longer breaks", today, "Ben Carter", "Ten minutes every two hours",
    )  # fmt: skip


def test_what_a_manager_cannot_do_goes_back_to_the_clinician_and_what_they_do_does_not(world):
    report = released(world)
    breaks, nights = listed(world.as_ben)
    answered(world, breaks, "done", clock.today())
    facts.consume()
    with within(world.as_worker.scope):
        case = Case.objects.get(pk=report.case_id)
    assert case.next_step != "adjustment-declined"
    cases.close_case(by=world.as_nurse, case_id=case.pk, reason="advice-given")
    answered(world, nights, "declined", None, "safety")
    facts.consume()
    with within(world.as_worker.scope):
        case.refresh_from_db()
    assert (case.state, case.next_step) == ("open", "adjustment-declined")
    assert case.next_step_on == WorkingDays("england").add(clock.today(), 3)


def test_an_adjustment_leaves_the_passport_after_its_last_day(world):
    released(world)
    _, nights = listed(world.as_ben)  # until 28 days on
    answered(world, nights, "done", clock.today())
    amara = world.as_amara
    for days, held in ((28, 1), (29, 0)):
        with clock.held_at(clock.now() + timedelta(days=days)), within(amara.scope):
            assert len(queries.passport(amara)) == held


def test_review_and_end(world):
    released(world)
    breaks, _ = listed(world.as_ben)
    with pytest.raises(Invalid, match="in force"):
        actions.review(
            by=world.as_ben, adjustment=breaks.id, next_review_on=clock.today() + timedelta(days=9)
        )
    answered(world, breaks, "done", clock.today())
    actions.review(by=world.as_nurse, adjustment=breaks.id, next_review_on=clock.today() + timedelta(days=9))
    with clock.held_at(clock.now() + timedelta(days=9)):
        assert listed(world.as_ben, queries.to_review) == [breaks]
    actions.end(by=world.as_ben, adjustment=breaks.id, reason="no-longer-needed")
    with pytest.raises(Conflict):
        answered(world, breaks, "done", clock.today())


def test_only_the_named_manager_answers(world):
    released(world)
    breaks, _ = listed(world.as_ben)
    for name in ("dev", "gita"):
        with pytest.raises(Adjustment.DoesNotExist):
            actions.answer(
                by=world.actor(name, "manager"), adjustment=breaks.id, answer=Answer("done", clock.today())
            )
    leave(world, "ben")
    with pytest.raises(Adjustment.DoesNotExist):
        answered(world, breaks, "done", clock.today())


def test_two_recipients_answer_each_for_themselves(world):
    case = open_case(world)
    name_recipient(world, case, "ben")
    name_recipient(world, case, "gita")
    released(world, case)
    assert len(listed(world.as_ben)) == len(listed(world.actor("gita", "manager"))) == 2
    assert {each.id for each in listed(world.as_ben)}.isdisjoint(
        each.id for each in listed(world.actor("gita", "manager"))
    )


def test_consent_taken_back_hides_them_at_once_even_below_the_queries(world):
    report = released(world)
    breaks, _ = listed(world.as_ben)
    answered(world, breaks, "done", clock.today())
    reports.withdraw_consent(by=world.as_amara, report=report.id)
    with within(world.as_ben.scope):
        assert not Adjustment.objects.exists()
    facts.consume()
    amara = world.as_amara
    with within(amara.scope):
        assert set(Adjustment.objects.values_list("code", "state")) == {
            ("extra-breaks", "done"), ("no-nights", "withdrawn"),
        }  # fmt: skip
        assert [entry.code for entry in queries.passport(amara)] == ["extra-breaks"]


def test_newer_advice_withdraws_what_was_not_done_and_asks_anew(world):
    case = open_case(world)
    old = released(world, case)
    new = signed(world, case, replaces=old.id)
    reports.agree(by=world.as_amara, report=new.id)
    facts.consume()
    states = [each.state for each in listed(world.as_ben)]
    assert sorted(states) == ["recommended"] * 2 + ["withdrawn"] * 2
