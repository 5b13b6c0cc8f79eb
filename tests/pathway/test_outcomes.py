"""What happened afterwards: asked after four weeks, reminded twice, then counted as lost beside the answers."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import ProgrammingError
from hypothesis import given
from hypothesis import strategies as st

from openoh.foundation.core import clock, facts
from openoh.foundation.core.calendars import WorkingDays
from openoh.foundation.core.errors import Conflict, Invalid
from openoh.foundation.core.models import Fact
from openoh.foundation.core.scope import within
from openoh.foundation.notifications.models import Message
from openoh.foundation.people.models import ContactStop
from openoh.pathway.cases import actions as cases
from openoh.pathway.outcomes import actions, consumers, queries, rules
from openoh.pathway.outcomes.answering_manager import questions_for
from openoh.pathway.outcomes.models import ManagerOutcome, PersonOutcome
from openoh.pathway.reports import actions as reports
from tests.stories import leave, open_case, released

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("question", "step"),
    [
        (rules.Question("waiting", TODAY + timedelta(days=1), None, 0), "wait"),
        (rules.Question("waiting", TODAY, None, 0), "ask"),
        (rules.Question("asked", TODAY, TODAY + timedelta(days=1), 0), "wait"),
        (rules.Question("asked", TODAY, TODAY, 0), "chase"),
        (rules.Question("asked", TODAY, TODAY, 1), "chase"),
        (rules.Question("asked", TODAY, TODAY, 2), "lose"),
    ],
)
def test_the_next_step(question, step):
    assert rules.next_step(question, TODAY, chase_after_days=7, chases=2).step == step


@given(st.integers(0, 5), st.integers(1, 30))
def test_silence_is_always_lost_after_exactly_the_reminders_allowed(chases, gap):
    question, day, steps = rules.Question("waiting", TODAY, None, 0), TODAY, []
    for _ in range(400):
        following = rules.next_step(question, day, chase_after_days=gap, chases=chases)
        steps.append(following.step)
        if following.step == "lose":
            break
        if following.step != "wait":
            chased = question.chased + (following.step == "chase")
            question = rules.Question("asked", TODAY, following.again_on, chased)
        day += timedelta(days=1)
    assert Counter(step for step in steps if step != "wait") == Counter(ask=1, chase=chases, lose=1)
    assert (day - TODAY).days == gap * (chases + 1)


pytestmark = pytest.mark.django_db


def tick(world, days: int) -> list:
    with clock.held_at(clock.now() + timedelta(days=days)):
        changed = actions.ask_and_chase(by=world.as_worker)
        facts.consume()
        return changed


def states(world, model=PersonOutcome) -> list[str]:
    with within(world.as_worker.scope):
        return list(model.objects.order_by("due_on").values_list("state", flat=True))


def only(world, model=PersonOutcome):
    with within(world.as_worker.scope):
        return model.objects.get()


def test_asked_after_four_weeks_reminded_twice_then_lost_and_counted(world):
    actions.schedule(by=world.as_nurse, case=open_case(world, referred=False).id)
    seen = []
    for day in (27, 28, 34, 35, 42, 48, 49):
        tick(world, day)
        seen += states(world)
    assert seen == ["waiting", "asked", "asked", "asked", "asked", "asked", "lost"]
    with within(world.as_worker.scope):
        told = Fact.objects.filter(kind__startswith="outcome.").order_by("id").values_list("kind", flat=True)
        assert list(told) == ["outcome.asked", "outcome.chased", "outcome.chased", "outcome.lost"]
    nurse = world.as_nurse
    with within(nurse.scope):
        counted = queries.follow_up_of_people(nurse, clock.today(), clock.today() + timedelta(days=60))
    assert (counted.due, counted.answered, counted.lost, counted.loss) == (1, 0, 1, 1.0)


def test_the_person_answers_and_wanting_more_help_is_told_at_once(world):
    asked = actions.schedule(by=world.as_nurse, case=open_case(world, referred=False).id)
    with pytest.raises(Conflict):
        actions.answer_person(
            by=world.as_amara, outcome=asked.id, work="full", health="better", useful="very"
        )
    tick(world, 28)
    actions.answer_person(
        by=world.as_amara, outcome=asked.id, work="adjusted", health="better", useful="quite", more_help=True,
        words="Nights are still hard.",
    )  # fmt: skip
    assert tick(world, 60) == []
    kept = only(world)
    assert b"Nights" not in bytes(kept.words_sealed)
    with within(world.as_worker.scope):
        assert Fact.objects.filter(kind="outcome.more-help-wanted").count() == 1
        counted = queries.follow_up_of_people(
            world.as_worker, clock.today(), clock.today() + timedelta(days=60)
        )
    assert (counted.by_work, counted.loss) == ({"adjusted": 1}, 0.0)


def wanted_more(world, case) -> None:
    asked = actions.schedule(by=world.as_nurse, case=case.pk)
    tick(world, 28)
    actions.answer_person(
        by=world.as_amara, outcome=asked.id, work="adjusted", health="better", useful="quite", more_help=True
    )
    facts.consume()


def test_who_wants_more_help_is_called_though_the_case_was_closed(world):
    case = cases.take(by=world.as_nurse, case_id=open_case(world, referred=False).pk)
    cases.close_case(by=world.as_nurse, case_id=case.pk, reason="advice-given")
    wanted_more(world, case)
    with within(world.as_worker.scope):
        case.refresh_from_db()
        told = Message.objects.get(template="look-today", user_id=case.owner)
    assert (case.state, case.next_step) == ("open", "more-help")
    assert case.next_step_on == WorkingDays("england").add(clock.today(), 2)
    assert told.values["link"] == f"/clinic/cases/{case.pk}"


def test_wanting_more_help_twice_tells_once_and_an_open_case_stays_open(world):
    case = cases.take(by=world.as_nurse, case_id=open_case(world, referred=False).pk)
    wanted_more(world, case)
    with within(world.as_worker.scope):
        fact = Fact.objects.get(kind="outcome.more-help-wanted")
        consumers.after_more_help_was_wanted(fact, world.as_worker)
        case.refresh_from_db()
        assert Message.objects.filter(template="look-today", user_id=case.owner).count() == 1
    assert (case.state, case.next_step) == ("open", "more-help")


def test_a_late_answer_counts(world):
    asked = actions.schedule(by=world.as_nurse, case=open_case(world, referred=False).id)
    for day in (28, 35, 42, 49):
        tick(world, day)
    assert states(world) == ["lost"]
    actions.answer_person(by=world.as_amara, outcome=asked.id, work="full", health="same", useful="not")
    assert states(world) == ["answered"]


@pytest.mark.parametrize(
    ("change", "field"),
    [({"work": "holiday"}, "work"), ({"health": "fine"}, "health"), ({"useful": "no"}, "useful"),
     ({"back_on": date(2999, 1, 1)}, "back_on"), ({"words": "x" * 2001}, "words")],
)  # fmt: skip
def test_a_strange_answer_is_answered(world, change, field):
    asked = actions.schedule(by=world.as_nurse, case=open_case(world, referred=False).id)
    tick(world, 28)
    values = {"work": "full", "health": "better", "useful": "very"} | change
    with pytest.raises(Invalid) as refusal:
        actions.answer_person(by=world.as_amara, outcome=asked.id, **values)
    assert refusal.value.field == field


def test_a_case_has_one_open_question(world):
    case = open_case(world, referred=False)
    first = actions.schedule(by=world.as_nurse, case=case.id)
    assert actions.schedule(by=world.as_nurse, case=case.id).id == first.id


def test_nobody_is_asked_who_must_not_be_contacted(world):
    actions.schedule(by=world.as_nurse, case=open_case(world, referred=False).id)
    with within(world.as_worker.scope):
        ContactStop.objects.create(person=world.amara, provider=world.provider, kind="do-not-contact")
    tick(world, 28)
    assert states(world) == ["stopped"]


def test_a_manager_is_never_asked_about_somebody_who_came_by_themselves(world):
    case = open_case(world, referred=False)
    actions.schedule(by=world.as_nurse, case=case.id)
    with within(world.as_worker.scope):
        facts.append("case.closed", case.id, employer=world.trust.id, provider=world.provider.id)
    tick(world, 28)
    assert states(world, ManagerOutcome) == []


def test_release_asks_the_manager_and_the_person_once_each(world):
    released(world)
    facts.consume()
    tick(world, 28)
    asked = only(world, ManagerOutcome)
    actions.answer_manager(by=world.as_ben, outcome=asked.id, work="adjusted", useful="very")
    assert states(world) == ["asked"]
    with within(world.as_worker.scope):
        counted = queries.follow_up_of_managers(
            world.as_worker, clock.today(), clock.today() + timedelta(days=60)
        )
    assert (counted.answered, counted.loss) == (1, 0.0)


def test_only_the_manager_who_received_it_answers(world):
    released(world)
    tick(world, 28)
    asked = only(world, ManagerOutcome)
    with pytest.raises(ManagerOutcome.DoesNotExist):
        actions.answer_manager(by=world.as_dev, outcome=asked.id, work="full", useful="very")
    with pytest.raises(ProgrammingError, match="permission denied"), within(world.as_ben.scope):
        list(PersonOutcome.objects.all())


def test_consent_taken_back_or_a_manager_gone_stops_the_question(world):
    report = released(world)
    tick(world, 28)
    reports.withdraw_consent(by=world.as_amara, report=report.id)
    ben = world.as_ben
    with within(ben.scope):
        assert not questions_for(ben).exists()
        assert not ManagerOutcome.objects.exists()
    tick(world, 35)
    assert states(world, ManagerOutcome) == ["stopped"]


def test_a_departed_manager_is_not_asked(world):
    released(world)
    leave(world, "ben")
    tick(world, 28)
    assert states(world, ManagerOutcome) == ["stopped"]
