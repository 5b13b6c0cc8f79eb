"""Offers from an absence to the person's answer, on the real database."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import ProgrammingError, connection

from openoh.foundation.consent.actions import object_to
from openoh.foundation.consent.models import Objection, Purpose
from openoh.foundation.core import clock, facts
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.models import Fact
from openoh.foundation.core.scope import within
from openoh.foundation.notifications.models import Message
from openoh.foundation.people.models import ContactStop, Engagement
from openoh.pathway.clocks.models import Clock
from openoh.population.absence.models import Spell
from openoh.population.offers import actions, consumers, queries
from openoh.population.offers.models import Offer, OfferDecision, OfferStep
from tests.population.offer_world import enlarge, feed, row

TODAY = date(2026, 6, 15)
MONDAY_TEN = datetime(2026, 6, 15, 10, tzinfo=clock.UK)


@pytest.fixture(autouse=True)
def monday_ten(world):
    """Ten o'clock on a working Monday, in a trust of more than twenty-five people."""
    with within(world.as_worker.scope):
        enlarge(world.trust, world.provider)
    with clock.held_at(MONDAY_TEN):
        yield


def absent(world, who="amara", reason="S11", started=TODAY, ended=None, **more):
    return feed(world, row(world.engagements[who], started, ended, reason=reason, **more))


def seen_by_worker(world, model, *fields):
    with within(world.as_worker.scope):
        return sorted(model.objects.values_list(*fields))


def outbox(world):
    return seen_by_worker(world, Message, "template", "state")


def test_an_absence_becomes_an_offer_in_the_outbox_at_once(world):
    absent(world)
    assert seen_by_worker(world, Offer, "topic", "state") == [("musculoskeletal", "sent")]
    assert seen_by_worker(world, OfferStep, "state", "reason") == [
        ("ready", "offered"),
        ("sent", "contact-hours"),
    ]
    with within(world.as_worker.scope):
        message, offer = Message.objects.get(), Offer.objects.get()
        assert message.person == world.amara
        assert message.reference == f"offer-{offer.id}"
        assert Fact.objects.get(kind="offer.sent").subject == str(offer.id)
        assert OfferDecision.objects.get().rule_version == "offers/rules/1"
        contact = Clock.objects.get(kind="offer-contact")
        assert (contact.due_at.date(), contact.stopped_at) == (date(2026, 6, 16), MONDAY_TEN)


def test_the_reasons_are_gone_once_decided(world):
    absent(world)
    with within(world.as_worker.scope), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM absence_run_reason")
        assert cursor.fetchone()[0] == 0


def test_the_same_run_twice_changes_nothing(world):
    (spell,) = absent(world)
    with within(world.as_worker.scope):
        facts.append(
            "absence.recorded", spell.run_id, employer=world.trust.id, data={"run": str(spell.run_id)}
        )
    facts.consume()
    assert len(seen_by_worker(world, Offer, "id")) == len(outbox(world)) == 1


def test_outside_contact_hours_it_waits_for_them(world):
    with clock.held_at(datetime(2026, 6, 19, 20, tzinfo=clock.UK)):  # a Friday evening
        absent(world)
        assert outbox(world) == []
    with clock.held_at(datetime(2026, 6, 20, 10, tzinfo=clock.UK)):
        consumers.send_in_contact_hours()
        assert outbox(world) == []
    with clock.held_at(datetime(2026, 6, 22, 9, tzinfo=clock.UK)):
        consumers.send_in_contact_hours()
        assert outbox(world) == [("offer", "waiting")]


def test_a_worker_that_was_away_does_not_write_at_night(world):
    with clock.held_at(datetime(2026, 6, 15, 18, tzinfo=clock.UK)):
        absent(world)
    with clock.held_at(datetime(2026, 6, 16, 23, tzinfo=clock.UK)):
        consumers.send_in_contact_hours()
        assert outbox(world) == []


@pytest.mark.parametrize("obstacle", ["deceased", "objection", "retracted", "suspended", "purpose"])
def test_what_happens_between_decision_and_sending_is_respected(world, obstacle):
    with clock.held_at(datetime(2026, 6, 15, 18, tzinfo=clock.UK)):
        absent(world)
        with within(world.as_worker.scope):
            match obstacle:
                case "deceased":
                    ContactStop.objects.create(person=world.amara, provider=world.provider, kind="deceased")
                case "objection":
                    Objection.objects.create(employer=world.trust, provider=world.provider, person=world.amara,
                                             purpose_code="offers-from-absence")  # fmt: skip
                case "retracted":
                    Spell.objects.update(retracted_at=clock.now())
                case "suspended":
                    Engagement.objects.filter(person=world.amara).update(suspended=True)
                case "purpose":
                    Purpose.objects.update(valid_to=TODAY)
    with clock.held_at(datetime(2026, 6, 16, 10, tzinfo=clock.UK)):
        consumers.send_in_contact_hours()
    assert outbox(world) == []
    assert seen_by_worker(world, Offer, "state") == [("stopped",)]


def test_mental_health_waits_for_a_clinician(world):
    absent(world, reason="S10")
    assert outbox(world) == []
    nurse, amara = world.as_nurse, world.as_amara
    with within(amara.scope):
        assert queries.open_offers(amara) == []
    with within(nurse.scope):
        (held,) = queries.release_queue(nurse)
    with pytest.raises(NotAllowed):
        actions.release(by=world.as_service_manager, offer=held)
    with pytest.raises(Offer.DoesNotExist):
        actions.release(by=world.as_other_nurse, offer=held)
    actions.release(by=nurse, offer=held)
    with pytest.raises(Conflict):
        actions.release(by=nurse, offer=held)
    facts.consume()
    assert outbox(world) == [("offer", "waiting")]
    with within(amara.scope):
        (shown,) = queries.open_offers(amara)
        assert shown.title == "Somebody to talk to"


def test_a_clinician_can_stop_a_held_offer(world):
    absent(world, reason="S10")
    nurse = world.as_nurse
    with within(nurse.scope):
        (held,) = queries.release_queue(nurse)
    with pytest.raises(Invalid):
        actions.stop(by=nurse, offer=held, reason="no wish")
    actions.stop(by=nurse, offer=held, reason="safeguarding")
    assert seen_by_worker(world, Offer, "state") == [("stopped",)]


@pytest.mark.parametrize(
    ("reply", "state"), [("accept", "accepted"), ("not-now", "declined"), ("never", "never")]
)
def test_the_person_answers(world, reply, state):
    absent(world)
    amara = world.as_amara
    with within(amara.scope):
        (shown,) = queries.open_offers(amara)
    answered = actions.answer(by=amara, offer=shown.offer, reply=reply)
    assert (answered.state, answered.answered_at) == (state, MONDAY_TEN)
    with within(world.as_worker.scope):
        assert Fact.objects.get(kind="offer.answered").data == {"topic": "musculoskeletal", "reply": reply}
        assert Objection.objects.filter(topic="musculoskeletal").exists() is (reply == "never")
    if reply == "never":
        with clock.held_at(MONDAY_TEN + timedelta(days=200)):
            absent(world, started=clock.today(), reason="S12")
        assert ("musculoskeletal", "objected") in seen_by_worker(world, OfferDecision, "rule", "reason")


def test_nobody_answers_for_somebody_else(world):
    absent(world)
    with within(world.as_worker.scope):
        offer = Offer.objects.get()
    for actor in (world.actor("joe", "employee"), world.as_nurse):
        with pytest.raises((Offer.DoesNotExist, NotAllowed)):
            actions.answer(by=actor, offer=offer, reply="accept")
    with pytest.raises(Invalid):
        actions.answer(by=world.as_amara, offer=offer, reply="perhaps")


def test_an_objection_stops_what_is_open(world):
    absent(world)
    object_to(by=world.as_nurse, employer_id=world.trust.id, provider_id=world.provider.id,
              purpose_code="offers-from-absence", person_id=world.amara.id, received_by="letter")  # fmt: skip
    facts.consume()
    assert seen_by_worker(world, Offer, "state") == [("stopped",)]


def test_of_two_absences_in_one_run_the_newer_leads_to_the_offer(world):
    engagement = world.engagements["amara"]
    older, newer = feed(
        world,
        row(engagement, TODAY - timedelta(days=9), TODAY - timedelta(days=7), reason="S11"),
        row(engagement, TODAY, reason="S28"),
    )
    assert seen_by_worker(world, OfferDecision, "spell_id", "reason") == [
        (older.id, "newer-spell"), (newer.id, "offered"),
    ]  # fmt: skip


def test_a_lasting_absence_is_reviewed_on_its_twenty_eighth_day(world):
    absent(world, reason="", started=TODAY)
    for days, expected in (
        (26, []),
        (27, [("long-term-review", "sent")]),
        (28, [("long-term-review", "sent")]),
    ):
        with clock.held_at(MONDAY_TEN + timedelta(days=days)):
            consumers.nightly()
            if clock.today().weekday() < 5:
                assert seen_by_worker(world, Offer, "topic", "state") == expected
    assert seen_by_worker(world, Offer, "topic", "state") == [("long-term-review", "sent")]


def test_an_absence_with_cancer_is_never_reviewed(world):
    absent(world, reason="S17")
    with clock.held_at(MONDAY_TEN + timedelta(days=30)):
        consumers.nightly()
    assert seen_by_worker(world, Offer, "id") == []
    assert seen_by_worker(world, OfferDecision, "rule", "reason") == [("long-term-review", "cancer")]


def test_a_practice_gives_no_reasons_but_its_people_are_reviewed(world):
    started = TODAY - timedelta(days=30)
    feed(world, row(world.engagements["ella"], started, reason="S11"), employer=world.practice)
    assert seen_by_worker(world, OfferDecision, "rule", "reason") == [
        ("long-term-review", "offered"), ("musculoskeletal", "small-employer"),
    ]  # fmt: skip


def test_what_waited_for_a_purpose_is_decided_again(world):
    with within(world.as_worker.scope):
        Purpose.objects.update(valid_from=TODAY + timedelta(days=2))
    absent(world)
    assert seen_by_worker(world, OfferDecision, "outcome", "reason") == [("wait", "purpose")]
    with clock.held_at(MONDAY_TEN + timedelta(days=2)):
        consumers.nightly()
    assert seen_by_worker(world, OfferDecision, "outcome", "reason") == [("offer", "offered")]
    assert seen_by_worker(world, Offer, "state") == [("sent",)]


def test_silence_lapses_and_the_person_can_still_accept(world):
    absent(world)
    with clock.held_at(MONDAY_TEN + timedelta(days=29)):
        consumers.nightly()
        amara = world.as_amara
        with within(amara.scope):
            (shown,) = [one for one in queries.offers_of(amara) if one.offer.topic == "musculoskeletal"]
            assert shown.offer.state == "lapsed"
        actions.answer(by=amara, offer=shown.offer, reply="accept")


def test_a_retracted_absence_takes_its_offer_back(world):
    (spell,) = absent(world)
    with within(world.as_worker.scope):
        Spell.objects.update(retracted_at=clock.now())
        facts.append(
            "absence.recorded", spell.run_id, employer=world.trust.id, data={"run": str(spell.run_id)}
        )
    facts.consume()
    assert seen_by_worker(world, Offer, "state") == [("stopped",)]


def test_every_decision_says_why_and_by_which_rules(world):
    absent(world, started=TODAY - timedelta(days=40), ended=TODAY - timedelta(days=20))
    for actor in (world.as_nurse, world.as_amara):
        with within(actor.scope):
            (decision,) = queries.decision_log(actor, person_id=world.amara.id)
        assert (decision.outcome, decision.reason) == ("stop", "The absence ended too long ago.")
        assert decision.rule_version == "offers/rules/1"


@pytest.mark.parametrize("who", ["as_ben", "as_hr", "as_service_manager"])
@pytest.mark.parametrize("model", [Offer, OfferDecision, OfferStep])
def test_nobody_at_the_employer_can_read_offers(world, who, model):
    absent(world)
    actor = getattr(world, who)
    with pytest.raises(ProgrammingError, match="permission denied"), within(actor.scope):
        model.objects.count()


def test_no_message_goes_to_the_manager(world):
    absent(world)
    with within(world.as_worker.scope):
        assert set(Message.objects.values_list("person_id", "engagement_id", "user_id")) == {
            (world.amara.id, None, None)
        }


def test_another_provider_sees_no_offer(world):
    absent(world)
    other = world.as_other_nurse
    with within(other.scope):
        assert queries.offers_of(other) == []
