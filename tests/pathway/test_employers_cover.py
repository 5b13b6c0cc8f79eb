"""Cover for one employer: its own declarations alone count for its people, and otherwise those for all employers."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Audience, Scope, system_actor
from openoh.foundation.core.errors import Invalid
from openoh.foundation.core.scope import within
from openoh.foundation.notifications.models import Message
from openoh.foundation.organisations.actions import declare_cover, end_cover
from openoh.foundation.organisations.models import Contract, RiskCover
from openoh.pages.employee.safety import safety_of
from openoh.pathway.questionnaires import actions as questionnaires
from openoh.pathway.requests import actions as requests
from openoh.pathway.risk import actions, rules
from openoh.pathway.risk.models import RiskFlag
from openoh.pathway.risk.queries import (
    CoverNotDeclared,
    NobodyAnswers,
    cover_for,
    declared_cover,
    hours_without_cover,
    must_be_open,
)
from openoh.pathway.risk.rules import DeclaredCover
from tests.pathway.diary import WEDNESDAY, read, request_of

WORKER = Scope(Audience.WORKER)
EVENING = WEDNESDAY.replace(hour=22)
OWN = {"kind": "partner", "name": "Mill Lane night line", "telephone": "01632 960777"}
DAYS = range(1, 8)


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


# --- the rule ---------------------------------------------------------------------------------------------------

EMPLOYERS = [UUID(int=number) for number in (1, 2, 3)]
hours = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30, 59]))
covers = st.builds(
    DeclaredCover, kind=st.sampled_from(rules.ORDER), name=st.just("Somebody"),
    weekdays=st.lists(st.integers(1, 7), min_size=1, unique=True).map(tuple), begins=hours, until=hours,
    employer=st.sampled_from([None, *EMPLOYERS]),
)  # fmt: skip
declared_covers = st.lists(covers, max_size=6)
instants = st.integers(0, 7 * 24 * 60 - 1).map(
    # A week in winter, from a Monday on, so that local time is UTC.
    lambda minute: datetime(2026, 1, 12, tzinfo=UTC) + timedelta(minutes=minute)
)


@given(declared_covers, st.sampled_from([None, *EMPLOYERS]))
def test_what_counts_is_all_of_ones_own_or_else_all_that_is_general(declared, employer):
    own = [cover for cover in declared if cover.employer == employer]
    general = [cover for cover in declared if cover.employer is None]
    assert rules.counting(declared, employer) == (own or general)
    outcome = rules.which_counts(declared, employer)
    assert outcome.outcome == ("own" if own and employer else "general" if general else "none")
    assert outcome.reason.endswith(".")


@given(declared_covers, declared_covers)
def test_what_is_declared_for_another_employer_changes_nothing(declared, others):
    mine, *foreign = EMPLOYERS
    of_others = [cover for cover in others if cover.employer in foreign]
    assert rules.counting([*declared, *of_others], mine) == rules.counting(declared, mine)


@given(declared_covers, instants)
def test_hours_without_cover_are_those_in_which_nobody_answers_for_each_employer(declared, instant):
    told = rules.uncovered_by_employer(declared, EMPLOYERS)
    minute = instant.hour * 60 + instant.minute
    own = {cover.employer for cover in declared}
    for employer in EMPLOYERS:
        counting = rules.counting(declared, employer)
        answered = bool(counting) and rules.cover_at(counting, instant).kind != "nobody"
        gaps = told.get(employer if employer in own else None, [])
        named = any(g.weekday == instant.isoweekday() and g.begins <= minute < g.until for g in gaps)
        # A stretch's last minute counts whole; a declared "nobody" beside somebody who answers never takes it away.
        assert answered is not named


def test_general_cover_that_is_for_nobody_is_not_told_as_missing():
    of_all = DeclaredCover("partner", tuple(DAYS), time(0), time(23, 59, 59), "Nights", employer=EMPLOYERS[0])
    assert rules.uncovered_by_employer([of_all], EMPLOYERS[:1]) == {}
    assert set(rules.uncovered_by_employer([of_all], EMPLOYERS[:2])) == {None}
    assert set(rules.uncovered_by_employer([], [])) == {None}


# --- declared and asked -----------------------------------------------------------------------------------------


def declare(world, employer, *, begins=time(0), until=time(23, 59, 59), **changes):
    return declare_cover(
        by=world.as_service_manager, weekdays=DAYS, starts_at=begins, ends_at=until,
        employer=employer.id if employer else None, **OWN | changes,
    )  # fmt: skip


def as_ella(world):
    return world.actor("ella", "employee")


def names(world, employer):
    with within(WORKER):
        return {cover.name for cover in declared_cover(world.provider.id, employer.id)}


GENERAL = {"Duty nurse", "Night crisis partner"}


def test_an_employers_own_cover_counts_alone_until_the_last_of_it_ends(world):
    assert names(world, world.practice) == GENERAL
    first = declare(world, world.practice)
    second = declare(world, world.practice, name="Mill Lane duty doctor")
    assert names(world, world.practice) == {"Mill Lane night line", "Mill Lane duty doctor"}
    assert names(world, world.trust) == GENERAL
    end_cover(by=world.as_service_manager, cover=first.id)
    assert names(world, world.practice) == {"Mill Lane duty doctor"}
    end_cover(by=world.as_service_manager, cover=second.id)
    assert names(world, world.practice) == GENERAL


def test_the_form_opens_by_the_cover_of_the_persons_employer(world):
    """At night the general partner answers, but the practice has agreed that nobody does."""
    declare(world, world.practice, begins=time(8), until=time(18))
    with clock.held_at(EVENING):
        assert requests.start(by=world.as_amara).state == "started"
        with pytest.raises(NobodyAnswers) as closed:
            requests.start(by=as_ella(world))
        with pytest.raises(NobodyAnswers):
            questionnaires.begin(by=as_ella(world), instrument="PHQ-9")
        with pytest.raises(NobodyAnswers):
            questionnaires.begin(by=world.as_nurse, instrument="PHQ-9", person_id=world.people["ella"].id)
        for actor, answering in ((as_ella(world), ""), (world.as_amara, "Night crisis partner")):
            with within(actor.scope):
                assert safety_of(actor).answers == answering
    assert closed.value.opens_at == datetime(2026, 1, 15, 8, tzinfo=UTC)


def test_where_only_other_employers_have_cover_the_form_does_not_open(world):
    declare(world, world.practice)
    with within(WORKER):
        RiskCover.objects.filter(provider=world.provider, employer=None).update(ended_at=clock.now())
    assert requests.start(by=as_ella(world)).state == "started"
    with pytest.raises(CoverNotDeclared):
        requests.start(by=world.as_amara)
    with within(world.as_lead.scope):
        told = hours_without_cover(world.as_lead)
    assert [(each.whose, len(each.gaps)) for each in told] == [("All other employers", 7)]
    with within(world.as_service_manager.scope):
        assert cover_for(world.as_service_manager, world.trust.id)[0].outcome == "none"


def test_who_answers_is_asked_with_one_query(world):
    declare(world, world.practice)
    for actor in (world.as_amara, as_ella(world)):
        with within(actor.scope), CaptureQueriesContext(connection) as ran:
            must_be_open("PHQ-9", actor.provider, actor.employers[0])
        assert len([q for q in ran if "organisations_riskcover" in q["sql"]]) == 1
        assert len(ran) == 1


# --- raised and escalated ---------------------------------------------------------------------------------------


def flag_of(world, person):
    with within(WORKER):
        return RiskFlag.objects.get(person=person)


def called():
    facts.consume()
    with within(WORKER):
        found = Message.objects.exclude(cover=None).select_related("cover").order_by("id")
        return [message.cover.name for message in found]


def test_a_risk_is_raised_and_escalated_to_the_employers_own_cover(world):
    declare(world, world.practice)
    for actor in (as_ella(world), world.as_amara):
        request_of(actor, **{"safe-now": "unsure"})
    ella, amara = flag_of(world, world.people["ella"]), flag_of(world, world.amara)
    assert (ella.cover, amara.cover) == ("Mill Lane night line", "Duty nurse")
    assert called() == ["Mill Lane night line"], "the service's own nurse is no partner to call"
    with clock.held_at(EVENING):
        assert actions.escalate_overdue(by=system_actor("watch")) == 2
        assert sorted(called()) == ["Mill Lane night line", "Mill Lane night line", "Night crisis partner"]
    assert read(world.as_nurse, ella).cover == "Mill Lane night line"
    assert read(world.as_nurse, amara).cover == "Night crisis partner"


def test_an_answer_in_an_hour_that_the_employer_left_open_waits_for_no_general_partner(world):
    declare(world, world.practice, begins=time(8), until=time(18))
    request = requests.start(by=as_ella(world))
    with clock.held_at(EVENING):
        requests.save(by=as_ella(world), request_id=request.id, answers={"safe-now": "no"})
        flag = flag_of(world, world.people["ella"])
        assert (flag.cover, flag.due_at) == ("Nobody", datetime(2026, 1, 15, 11, tzinfo=UTC))
        assert called() == []


def test_hours_that_an_employers_own_cover_leaves_open_are_told_to_the_lead(world):
    declare(world, world.practice)
    facts.consume()
    with within(WORKER):
        assert not Message.objects.filter(template="look-today").exists()
    declare(world, world.trust, begins=time(8), until=time(18))
    facts.consume()
    with within(WORKER):
        told = Message.objects.filter(template="look-today").values_list("user__name", flat=True)
        assert list(told) == ["Rita Costa"]
    with within(world.as_lead.scope):
        (trust,) = hours_without_cover(world.as_lead)
    assert trust.whose == "Northshire Trust"
    assert str(trust.gaps[0]) == "Monday, 00:00 to 08:00"


# --- who may declare it, and who reads it -----------------------------------------------------------------------


def test_cover_is_declared_only_for_an_employer_that_the_service_serves_today(world):
    with pytest.raises(Invalid, match="that you serve today"):
        declare(world, world.police)
    mine = declare(world, world.practice)
    with pytest.raises(Invalid, match="that you serve today"):
        declare(world, world.police, cover=mine.id)
    with within(WORKER):
        assert RiskCover.objects.get(pk=mine.pk).employer_id == world.practice.id


@pytest.mark.parametrize("attack", ["not served", "other provider", "moved to not served", "moved away"])
def test_the_database_refuses_cover_for_others(world, attack):
    manager = world.as_service_manager
    mine = declare(world, world.practice)
    times = {"weekdays": [1], "starts_at": time(8), "ends_at": time(9), **OWN}
    with (
        within(manager.scope), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic(),
    ):  # fmt: skip
        match attack:
            case "not served":
                RiskCover.objects.create(provider=world.provider, employer=world.police, **times)
            case "other provider":
                RiskCover.objects.create(provider=world.other_provider, employer=world.practice, **times)
            case "moved to not served":
                RiskCover.objects.filter(pk=mine.pk).update(employer=world.police)
            case _:
                RiskCover.objects.filter(pk=mine.pk).update(provider=world.other_provider)


def test_what_was_declared_for_an_employer_before_it_left_can_be_ended_and_not_changed(world):
    mine = declare(world, world.practice)
    with within(WORKER):
        Contract.objects.filter(employer=world.practice).update(ends_on=clock.today() - timedelta(days=1))
    assert world.practice.id not in world.as_service_manager.employers
    with pytest.raises(Invalid, match="that you serve today"):
        declare(world, world.practice, cover=mine.id)
    assert end_cover(by=world.as_service_manager, cover=mine.id).ended_at == WEDNESDAY


def test_people_read_the_cover_of_their_own_employer_and_the_general_one(world):
    declare(world, world.practice)
    read_by = {}
    for actor in (world.as_amara, as_ella(world), world.actor("sam", "service-manager")):
        with within(actor.scope):
            read_by[actor.name] = set(RiskCover.objects.values_list("name", flat=True))
    assert read_by == {
        "Amara Okafor": GENERAL, "Ella Marsh": GENERAL | {"Mill Lane night line"},
        "Sam Doyle": GENERAL | {"Mill Lane night line"},
    }  # fmt: skip
