"""How many took which offer, as HR reads it: nothing about a few, about nobody or about all."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.db import ProgrammingError, transaction
from hypothesis import given
from hypothesis import strategies as st

from openoh.foundation.consent.models import Purpose
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.clock import UK
from openoh.foundation.core.errors import NotAllowed
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.models import Contract
from openoh.population.absence.models import Spell
from openoh.population.measures import protection, publishing_offers
from openoh.population.measures.models import OfferFigure
from openoh.population.measures.offered import offered
from openoh.population.measures.protection import Count
from openoh.population.measures.publishing_groups import newest_quarter
from openoh.population.offers.models import Offer
from tests.population.figures_world import WORKER, absent, staff

pytestmark = pytest.mark.django_db


def offer_to(world, engagements, rule, states, sent_on=None):
    """Each of them was absent and got an offer of this rule, now in one of these states."""
    _, last = newest_quarter(clock.today())
    day = sent_on or last - timedelta(days=20)
    absent(engagements, day)
    with within(WORKER):
        spells = {each.engagement_id: each for each in Spell.objects.filter(started_on=day)}
        at = datetime.combine(day, time(12), UK)
        Offer.objects.bulk_create(
            Offer(person_id=e.person_id, employer_id=e.employer_id, provider=world.provider, engagement_id=e.id,
                  spell=spells[e.id], rule=rule, rule_version="1", topic=rule, state=state, ready_at=at, send_after=at,
                  contact_by=at, sent_at=at)
            for e, state in zip(engagements, states, strict=True)
        )  # fmt: skip


def published(world):
    publishing_offers.publish()
    with within(world.as_worker.scope):
        return {f.rule: (f.offered, f.taken) for f in OfferFigure.objects.filter(employer=world.trust)}


def test_people_are_counted_once_and_rounded(world):
    people = staff(world, world.trust, 60)
    offer_to(world, people[:23], "musculoskeletal", ["accepted"] * 11 + ["declined"] * 12)
    _, last = newest_quarter(clock.today())
    offer_to(world, people[:3], "musculoskeletal", ["lapsed"] * 3, last - timedelta(days=90))
    found = published(world)
    assert found["musculoskeletal"] == (25, 10)
    assert "" not in found, "there is no total from which a hidden number would follow"


def test_offers_before_and_after_the_twelve_months_do_not_count(world):
    people = staff(world, world.trust, 60)
    _, last = newest_quarter(clock.today())
    offer_to(
        world, people[:20], "musculoskeletal", ["accepted"] * 10 + ["never"] * 10, last + timedelta(days=1)
    )
    offer_to(
        world,
        people[20:40],
        "musculoskeletal",
        ["accepted"] * 10 + ["never"] * 10,
        last - timedelta(days=400),
    )
    assert set(published(world).values()) == {(None, None)}


@pytest.mark.parametrize("taken", [0, 1, 4, 16, 19, 20])
def test_where_few_all_or_nobody_took_it_no_number_says_so(world, taken):
    people = staff(world, world.trust, 60)
    offer_to(world, people[:20], "psychological", ["accepted"] * taken + ["sent"] * (20 - taken))
    assert published(world)["psychological"][1] is None


def test_a_small_employer_has_no_figures(world):
    people = staff(world, world.practice, 20)
    offer_to(world, people, "musculoskeletal", ["accepted"] * 10 + ["never"] * 10)
    publishing_offers.publish()
    with within(world.as_worker.scope):
        assert not OfferFigure.objects.filter(employer=world.practice).exists()


def test_a_figure_is_counted_once_and_one_answer_more_moves_nothing(world):
    people = staff(world, world.trust, 60)
    offer_to(world, people[:23], "musculoskeletal", ["accepted"] * 11 + ["sent"] * 12)
    before = published(world)
    with within(WORKER):
        Offer.objects.filter(state="sent").update(state="accepted")
    assert publishing_offers.publish() == 0
    assert published(world) == before


@given(st.integers(0, 60), st.integers(0, 60))
def test_who_knows_everybody_that_was_offered_learns_of_nobody_what_they_did(good, rest):
    """The reader knows the exact number of people. Whatever is shown, each of them may or may not have taken it."""
    people, taken = protection.of_knowing_reader(Count(good, good + rest))
    assert people is None or (good + rest >= 5 and people % 5 == 0)
    if taken is not None:
        possible = [
            n
            for n in range(good + rest + 1)
            if protection.of_knowing_reader(Count(n, good + rest))[1] == taken
        ]
        assert min(possible) >= 5
        assert max(possible) <= good + rest - 5
    else:
        hidden = [
            n
            for n in range(good + rest + 1)
            if protection.of_knowing_reader(Count(n, good + rest))[1] is None
        ]
        assert good + rest == 0 or {0, good + rest} <= set(hidden)


# What HR is told of the rules


def told(world):
    with within(world.as_hr.scope):
        return offered(world.as_hr)


def test_hr_is_told_what_runs_since_when_under_which_purpose(world):
    staff(world, world.trust, 40)
    found = told(world)
    assert [each.code for each in found.offers if not each.why_not] == [
        "musculoskeletal", "psychological", "pregnancy", "long-term-review",
    ]  # fmt: skip
    assert found.purpose.notice_version == "1"
    assert found.version == "offers/rules/1"
    assert found.offers[0].since.year == 2026


def test_hr_is_told_why_an_offer_does_not_run(world):
    assert told(world).small
    staff(world, world.trust, 40)
    with within(world.as_worker.scope):
        Contract.objects.filter(employer=world.trust).update(services=["physiotherapy"])
    reasons = {each.code: each.why_not for each in told(world).offers}
    assert reasons["musculoskeletal"] == ""
    assert "No service that could help" in reasons["psychological"]
    with within(world.as_worker.scope):
        Purpose.objects.filter(employer=world.trust).update(notice_version="")
    assert {each.why_not for each in told(world).offers} == {"The notice to staff is not named."}


# What somebody tries


def test_others_are_denied(world):
    staff(world, world.trust, 40)
    publishing_offers.publish()
    for audience in ("oh_person", "oh_clinical", "oh_service", "oh_insight"):
        scope = Scope(Audience(audience), employers=(world.trust.id,), provider=world.provider.id)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), within(scope):
            OfferFigure.objects.count()
    with within(Scope(Audience.EMPLOYER, employers=(world.police.id,))):
        assert not OfferFigure.objects.exists()
    with pytest.raises(NotAllowed), within(world.as_ben.scope):
        offered(world.as_ben)


def test_hr_still_cannot_read_an_offer(world):
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        within(world.as_hr.scope),
    ):
        Offer.objects.count()
