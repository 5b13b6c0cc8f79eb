"""The rules of offers as a table, the hours in which people are written to, and SQL against the plain rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openoh.foundation.consent.models import Objection, Purpose
from openoh.foundation.core import clock
from openoh.foundation.core.calendars import WorkingDays
from openoh.foundation.core.identifiers import new_id
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.models import Contract
from openoh.foundation.people.models import ContactStop, Engagement, Person
from openoh.population.offers import deciding, rules
from openoh.population.offers.models import Offer
from openoh.population.offers.rules import Facts
from tests.population.offer_world import enlarge, spell

RULES = rules.rule_set()
TODAY = date(2026, 6, 15)
MONDAY_NINE = datetime(2026, 6, 15, 9, tzinfo=clock.UK)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


BACK = Facts(started_on=ago(1), reason_group="S11")


@pytest.mark.parametrize(
    ("rule", "facts", "outcome", "reason"),
    [
        ("musculoskeletal", BACK, "offer", "offered"),
        ("musculoskeletal", replace(BACK, reason_group="S12"), "offer", "offered"),
        ("musculoskeletal", replace(BACK, reason_group="S28"), "offer", "offered"),
        ("musculoskeletal", replace(BACK, reason_group="S10"), "none", "other-reason"),
        ("musculoskeletal", replace(BACK, reason_group=""), "none", "other-reason"),
        ("psychological", replace(BACK, reason_group="S10"), "hold", "hold"),
        ("pregnancy", replace(BACK, reason_group="S30"), "offer", "offered"),
        # safeguards
        ("musculoskeletal", replace(BACK, retracted=True), "stop", "retracted"),
        ("musculoskeletal", replace(BACK, purpose_in_force=False), "wait", "purpose"),
        ("musculoskeletal", replace(BACK, matched=False), "wait", "not-matched"),
        ("musculoskeletal", replace(BACK, served=False), "wait", "no-service"),
        ("musculoskeletal", replace(BACK, employer_size=24), "stop", "small-employer"),
        ("musculoskeletal", replace(BACK, employer_size=25), "offer", "offered"),
        ("musculoskeletal", replace(BACK, stops=frozenset({"deceased"})), "stop", "deceased"),
        ("musculoskeletal", replace(BACK, stops=frozenset({"do-not-contact"})), "stop", "do-not-contact"),
        ("musculoskeletal", replace(BACK, stops=frozenset({"safeguarding"})), "stop", "safeguarding"),
        ("musculoskeletal", replace(BACK, stops=frozenset({"cancer"})), "stop", "cancer"),
        ("musculoskeletal", replace(BACK, stops=frozenset({"cancer", "deceased"})), "stop", "deceased"),
        ("musculoskeletal", replace(BACK, suspended=True), "wait", "suspended"),
        ("musculoskeletal", replace(BACK, objected=True), "stop", "objected"),
        ("musculoskeletal", replace(BACK, left_on=ago(1)), "stop", "left"),
        ("musculoskeletal", replace(BACK, left_on=TODAY), "offer", "offered"),
        ("musculoskeletal", replace(BACK, open_offer=True), "stop", "open-offer"),
        ("musculoskeletal", replace(BACK, last_offer_on=ago(55)), "stop", "cooling"),
        ("musculoskeletal", replace(BACK, last_offer_on=ago(56)), "offer", "offered"),
        ("musculoskeletal", replace(BACK, newer_spell=True), "stop", "newer-spell"),
        # days
        ("musculoskeletal", replace(BACK, started_on=TODAY + timedelta(days=1)), "wait", "not-started"),
        ("musculoskeletal", replace(BACK, started_on=ago(365)), "offer", "offered"),
        ("musculoskeletal", replace(BACK, started_on=ago(366)), "stop", "too-old"),
        ("musculoskeletal", replace(BACK, started_on=ago(20), ended_on=ago(14)), "offer", "offered"),
        ("musculoskeletal", replace(BACK, started_on=ago(20), ended_on=ago(15)), "stop", "ended"),
        # long-term review on the twenty-eighth day, both days counted
        ("long-term-review", Facts(started_on=ago(26)), "wait", "too-early"),
        ("long-term-review", Facts(started_on=ago(27)), "offer", "offered"),
        ("long-term-review", Facts(started_on=ago(27), employer_size=3), "offer", "offered"),
        ("long-term-review", Facts(started_on=ago(27), ended_on=TODAY), "offer", "offered"),
        ("long-term-review", Facts(started_on=ago(40), ended_on=ago(1)), "stop", "returned"),
        ("long-term-review", Facts(started_on=ago(9), ended_on=ago(1)), "none", "too-short"),
        ("long-term-review", Facts(started_on=ago(40), reason_group="S17"), "stop", "cancer"),
        ("long-term-review", Facts(started_on=ago(2), reason_group="S17"), "stop", "cancer"),
    ],
)  # fmt: skip
def test_what_each_rule_says(rule, facts, outcome, reason):
    decision = rules.decide(facts, RULES.rule(rule), RULES, TODAY)
    assert (decision.outcome, decision.facts["reason"]) == (outcome, reason)
    assert decision.reason == RULES.reasons[reason]
    assert decision.rule_version == "offers/rules/1"


@pytest.mark.parametrize(
    ("nation", "now", "expected"),
    [
        ("england", "2026-06-15T10:30+01:00", "2026-06-15T10:30+01:00"),
        ("england", "2026-06-15T07:00+01:00", "2026-06-15T09:00+01:00"),
        ("england", "2026-06-15T17:00+01:00", "2026-06-16T09:00+01:00"),
        ("england", "2026-06-19T18:00+01:00", "2026-06-22T09:00+01:00"),  # a Friday evening
        ("england", "2026-04-02T18:00+01:00", "2026-04-07T09:00+01:00"),  # before Easter
        ("scotland", "2026-04-02T18:00+01:00", "2026-04-06T09:00+01:00"),
        ("england", "2026-03-27T18:00+00:00", "2026-03-30T09:00+01:00"),  # the clocks go forward
        ("england", "2026-10-23T18:00+01:00", "2026-10-26T09:00+00:00"),  # and back
    ],
)
def test_people_are_written_to_in_contact_hours(nation, now, expected):
    found = rules.next_contact(datetime.fromisoformat(now), WorkingDays(nation), RULES)
    assert found == datetime.fromisoformat(expected)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)), st.sampled_from(["england", "scotland"]))
def test_the_next_contact_is_in_contact_hours_and_never_earlier(naive, nation):
    now, calendar = naive.replace(tzinfo=UTC), WorkingDays(nation)
    found = rules.next_contact(now, calendar, RULES)
    assert found >= now
    assert rules.in_contact_hours(found, calendar, RULES)


# --- the same decisions in SQL ------------------------------------------------------------------------------


def day(most: int = 40):
    return st.integers(-2, most).map(ago) | st.sampled_from(
        [ago(n) for n in (13, 14, 15, 26, 27, 28, 365, 366)]
    )


people = st.fixed_dictionaries({
    "matched": st.sampled_from([True, True, True, False]),
    "suspended": st.sampled_from([False, False, True]),
    "left_on": st.none() | st.none() | st.integers(-2, 3).map(ago),
    "stops": st.frozensets(st.sampled_from(RULES.stops), max_size=1) | st.frozensets(st.sampled_from(RULES.stops)),
    "objected": st.none() | st.none() | st.sampled_from(["", "musculoskeletal", "long-term-review"]),
    "earlier": st.none() | st.tuples(
        st.sampled_from(["musculoskeletal", "psychological", "long-term-review"]),
        st.sampled_from(["sent", "declined", "held"]), st.integers(50, 60),
    ),
})  # fmt: skip
absences = st.fixed_dictionaries({
    "who": st.integers(0, 2), "started_on": day(), "length": st.none() | st.integers(0, 40),
    "reason": st.sampled_from(["", "S10", "S11", "S12", "S17", "S28", "S30"]),
    "retracted": st.sampled_from([False] * 4 + [True]),
})  # fmt: skip
surroundings = st.fixed_dictionaries({
    "in_force": st.sampled_from([True, True, True, False]), "small": st.sampled_from([False, False, True]),
    "served": st.sampled_from([True, True, True, False]),
})  # fmt: skip


class Undo(Exception):  # not an error: it ends one example
    """Rolls one example back."""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(people, min_size=3, max_size=3), st.lists(absences, min_size=1, max_size=8), surroundings)
def test_sql_decides_as_the_plain_rule_does(world, staff, spells, around):
    with clock.held_at(MONDAY_NINE), pytest.raises(Undo), transaction.atomic():
        with within(world.as_worker.scope):
            expected = surround(world, staff, spells, around)
            assert expected == decided_in_sql(world)
        raise Undo


def surround(world, staff, spells, around):
    """Make it so in the database, and say what the plain rule decides: {(spell, rule): (outcome, reason)}."""
    run = world.run = new_id()
    if not around["small"]:
        enlarge(world.trust, world.provider)
    if not around["in_force"]:
        Purpose.objects.update(valid_to=ago(1))
    if not around["served"]:
        Contract.objects.update(services=[])
    engaged = [person_of(world, number, one) for number, one in enumerate(staff)]
    candidates = []
    for one in spells:
        who = engaged[one["who"]]
        ended = None if one["length"] is None else one["started_on"] + timedelta(days=one["length"])
        made = spell(who, one["started_on"], ended, run=run, reason=one["reason"],
                     retracted_at=MONDAY_NINE if one["retracted"] else None)  # fmt: skip
        for rule in RULES.rules:
            facts = facts_of(staff[one["who"]], one, ended, rule, around)
            if considered(rule, facts):
                candidates.append((made.id, one["who"], rule, facts))
    return settle(candidates)


def person_of(world, number, one):
    person = Person.objects.create(provider=world.provider, given_name="P", family_name=str(number))
    engagement = Engagement.objects.create(
        employer=world.trust, provider=world.provider if one["matched"] else None,
        person=person if one["matched"] else None, number=f"N{number}", given_name="P", family_name=str(number),
        suspended=one["suspended"], starts_on=date(2020, 1, 1), ends_on=one["left_on"],
    )  # fmt: skip
    for kind in one["stops"]:
        ContactStop.objects.create(person=person, provider=world.provider, kind=kind, since=ago(10))
    if one["objected"] is not None:
        Objection.objects.create(
            employer=world.trust, provider=world.provider, person=person, purpose_code=RULES.purpose,
            topic=one["objected"],
        )  # fmt: skip
    if one["earlier"]:
        topic, state, days = one["earlier"]
        old = spell(engagement, ago(300), ago(299), run=new_id())
        Offer.objects.create(
            person=person, employer=world.trust, provider=world.provider, engagement_id=engagement.id,
            spell=old, rule=topic, rule_version="offers/rules/0", topic=topic, state=state,
            send_after=MONDAY_NINE, contact_by=MONDAY_NINE,
            sent_at=None if state == "held" else MONDAY_NINE - timedelta(days=days),
        )  # fmt: skip
    return engagement


def facts_of(person, one, ended, rule, around):
    known = person["matched"]
    earlier = (
        person["earlier"] if known and person["earlier"] and person["earlier"][0] == rule.topic else None
    )
    return Facts(
        started_on=one["started_on"], ended_on=ended, reason_group=one["reason"], retracted=one["retracted"],
        purpose_in_force=around["in_force"], matched=known, served=around["served"],
        employer_size=10 if around["small"] else 40, stops=person["stops"] if known else frozenset(),
        suspended=person["suspended"], objected=person["objected"] in ("", rule.topic), left_on=person["left_on"],
        open_offer=bool(earlier and earlier[1] in ("sent", "held")),
        last_offer_on=ago(earlier[2]) if earlier and earlier[1] != "held" else None,
    )  # fmt: skip


def settle(candidates):
    """Decide each; of several that would make the same offer the newest absence keeps it."""
    decided = {}
    claims: dict[tuple[int, str], list] = {}
    for identifier, who, rule, facts in candidates:
        decision = rules.decide(facts, rule, RULES, TODAY)
        decided[identifier, rule.code] = decision
        if decision.outcome in ("offer", "hold"):
            claims.setdefault((who, rule.topic), []).append((facts.started_on, identifier, rule, facts))
    for claimants in claims.values():
        for _, identifier, rule, facts in sorted(claimants, key=lambda c: c[:2], reverse=True)[1:]:
            decided[identifier, rule.code] = rules.decide(
                replace(facts, newer_spell=True), rule, RULES, TODAY
            )
    return {
        key: (decision.outcome, decision.facts["reason"])
        for key, decision in decided.items()
        if decision.outcome != "none"
    }


def considered(rule, facts):
    """A run looks at a rule without reasons only when the absence is long and lasts, or must be stopped for good."""
    if rule.reason_groups or facts.reason_group in RULES.stop_reason_groups:
        return True
    return facts.started_on <= TODAY - timedelta(days=rule.after_days - 1) and (
        facts.ended_on is None or facts.ended_on >= TODAY
    )


def decided_in_sql(world):
    deciding.judge(world.trust, deciding.OF_RUN, {"run": world.run})
    with connection.cursor() as cursor:
        cursor.execute("SELECT spell_id, rule, outcome, reason FROM offer_verdict WHERE outcome <> 'none'")
        return {
            (identifier, rule): (outcome, reason) for identifier, rule, outcome, reason in cursor.fetchall()
        }
