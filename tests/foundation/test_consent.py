"""Purposes in force, objections and decisions about a disclosure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import ProgrammingError
from hypothesis import given
from hypothesis import strategies as st

from openoh.foundation.audit.models import Event
from openoh.foundation.consent import actions, queries, rules
from openoh.foundation.consent.models import Decision, Objection, Purpose
from openoh.foundation.core import clock
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.models import Fact
from openoh.foundation.core.scope import within

CODE = "offers-from-absence"
DAY = date(2026, 6, 15)
COMPLETE = rules.PurposeFacts(
    legal_ground="Article 6(1)(e), Article 9(2)(h)", impact_assessment="DPIA 7", notice_version="1",
    notice_sent_on=date(2026, 6, 1), staff_side_consulted_on=date(2026, 5, 1), valid_from=date(2026, 1, 1),
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "allowed", "words"),
    [
        ({}, True, "in force"),
        ({"legal_ground": ""}, False, "legal ground"),
        ({"impact_assessment": ""}, False, "impact assessment"),
        ({"staff_side_consulted_on": None}, False, "staff side"),
        ({"staff_side_consulted_on": date(2026, 6, 16)}, False, "16 June 2026"),
        ({"notice_version": ""}, False, "notice"),
        ({"notice_sent_on": None}, False, "not been sent"),
        ({"notice_sent_on": date(2026, 6, 2)}, False, "16 June 2026"),  # the fifteenth is its thirteenth day
        ({"valid_from": date(2026, 7, 1)}, False, "1 July 2026"),
        ({"valid_to": date(2026, 6, 14)}, False, "ended on 14 June 2026"),
        ({"valid_to": DAY}, True, "in force"),
    ],
)
def test_a_purpose_is_in_force_only_when_nothing_is_missing(change, allowed, words):
    verdict = rules.in_force(replace(COMPLETE, **change), DAY)
    assert verdict.allowed is allowed
    assert words in verdict.reason
    assert verdict.rule_version == "consent/purposes/1"


def test_an_undeclared_purpose_is_not_in_force():
    assert not rules.in_force(None, DAY).allowed


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(-400, 400))
def test_nothing_is_used_less_than_fourteen_days_after_the_notice(sent, days):
    purpose = replace(COMPLETE, notice_sent_on=sent, valid_from=date(2019, 1, 1),
                      staff_side_consulted_on=date(2019, 1, 1))  # fmt: skip
    assert rules.in_force(purpose, sent + timedelta(days=days)).allowed is (days >= 14)


def test_hr_declares_a_purpose_and_it_comes_into_force_when_complete(world):
    tomorrow = clock.today() + timedelta(days=1)
    actions.declare_purpose(by=world.as_hr, employer_id=world.trust.id, code=CODE, valid_from=tomorrow,
                            legal_ground="Article 6(1)(e)", reason_groups=["S11"])  # fmt: skip
    with within(world.as_hr.scope):
        assert queries.purpose_in_force(world.trust.id, CODE).allowed  # the earlier declaration still counts
        verdict = queries.purpose_in_force(world.trust.id, CODE, tomorrow)
        assert not verdict.allowed
        assert "impact assessment" in verdict.reason
        assert queries.reason_groups(world.trust.id, CODE, tomorrow) == frozenset()
        assert "S11" in queries.reason_groups(world.trust.id, CODE)


def test_hr_cannot_keep_another_employers_purposes(world):
    with pytest.raises(NotAllowed):
        actions.declare_purpose(by=world.as_hr, employer_id=world.police.id, code=CODE, valid_from=DAY)


def test_a_manager_cannot_keep_purposes(world):
    with pytest.raises(NotAllowed):
        actions.declare_purpose(by=world.as_ben, employer_id=world.trust.id, code=CODE, valid_from=DAY)


def test_a_declaration_in_use_is_not_rewritten(world):
    with within(world.as_hr.scope):
        begun = Purpose.objects.get(employer=world.trust).valid_from
    with pytest.raises(Conflict):
        actions.declare_purpose(by=world.as_hr, employer_id=world.trust.id, code=CODE, valid_from=begun)


def test_an_ended_purpose_is_refused_the_day_after(world):
    with within(world.as_hr.scope):
        purpose = Purpose.objects.get(employer=world.trust)
    actions.end_purpose(by=world.as_hr, purpose=purpose, last_day=clock.today())
    with within(world.as_hr.scope):
        assert queries.purpose_in_force(world.trust.id, CODE).allowed
        assert not queries.purpose_in_force(world.trust.id, CODE, clock.today() + timedelta(days=1)).allowed


def test_an_unknown_purpose_is_refused_with_the_known_ones(world):
    with pytest.raises(Invalid, match="offers-from-absence"):
        actions.declare_purpose(
            by=world.as_hr, employer_id=world.trust.id, code="advertising", valid_from=DAY
        )


def object_as(actor, world, **more):
    return actions.object_to(by=actor, employer_id=world.trust.id, provider_id=world.provider.id,
                             purpose_code=CODE, person_id=world.amara.id, **more)  # fmt: skip


def test_objecting_twice_is_objecting_once_and_can_be_taken_back(world):
    amara = world.as_amara
    first = object_as(amara, world)
    assert object_as(amara, world) == first
    with within(amara.scope):
        assert queries.objections_in_force(amara, world.amara.id) == [first]
    actions.withdraw_objection(by=amara, objection=first)
    with within(amara.scope):
        assert queries.objections_in_force(amara, world.amara.id) == []
        assert Objection.objects.get().withdrawn_at is not None
    with pytest.raises(Conflict):
        actions.withdraw_objection(by=amara, objection=first)


def test_an_objection_needs_no_account(world):
    taken = object_as(world.as_nurse, world, received_by="telephone")
    with within(world.as_worker.scope):
        assert Fact.objects.get(kind="objection.made").subject == str(taken.id)
        assert Event.objects.get(verb="objection.made").person_id == world.amara.id


def test_nobody_objects_for_a_colleague(world):
    with pytest.raises(NotAllowed):
        object_as(world.actor("joe", "employee"), world)


def test_hr_never_learns_who_objected(world):
    object_as(world.as_amara, world)
    with pytest.raises(ProgrammingError, match="permission denied"), within(world.as_hr.scope):
        Objection.objects.count()


def decide_as(actor, world, state, **more):
    return actions.decide(
        by=actor, person_id=world.amara.id, employer_id=world.trust.id, provider_id=world.provider.id,
        kind=more.pop("kind", "release-report"), state=state, **more,
    )  # fmt: skip


def current(actor, world):
    with within(actor.scope):
        return queries.current_decision(actor, person_id=world.amara.id, kind="release-report", about_id=None)


def test_the_newest_decision_counts_and_all_of_them_stay(world):
    amara = world.as_amara
    assert not queries.agreed(current(amara, world))
    decide_as(amara, world, "given", words_version="report/1")
    assert queries.agreed(current(world.as_nurse, world))
    decide_as(amara, world, "withdrawn")
    assert not queries.agreed(current(world.as_nurse, world))
    with within(amara.scope):
        assert [d.state for d in queries.history(amara, world.amara.id)] == ["withdrawn", "given"]


def test_decisions_cannot_be_rewritten_even_with_sql(world):
    decide_as(world.as_amara, world, "given")
    with pytest.raises(ProgrammingError, match="permission denied"), within(world.as_amara.scope):
        Decision.objects.update(state="declined")


@pytest.mark.parametrize(
    ("actor", "state", "more", "error"),
    [
        ("joe", "given", {}, NotAllowed),
        ("amara", "withdrawn", {}, Invalid),
        ("amara", "perhaps", {}, Invalid),
        ("amara", "given", {"ground": "public-interest", "authorised_by": "Me"}, NotAllowed),
        ("amara", "given", {"kind": "newspaper"}, Invalid),
    ],
)
def test_decisions_that_cannot_be(world, actor, state, more, error):
    with pytest.raises(error):
        decide_as(world.actor(actor, "employee"), world, state, **more)


def test_public_interest_names_who_authorised_it(world):
    with pytest.raises(Invalid, match="authorised"):
        decide_as(world.as_physician, world, "given", ground="public-interest")
    made = decide_as(world.as_physician, world, "given", ground="public-interest",
                     authorised_by="Rita Costa, clinical lead")  # fmt: skip
    assert made.recorded_by == "Omar Haddad"


def test_another_provider_sees_no_decision(world):
    decide_as(world.as_amara, world, "given")
    assert current(world.as_other_nurse, world) is None
