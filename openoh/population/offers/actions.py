"""Decide, send, release, answer and stop offers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from openoh.foundation.audit.actions import action
from openoh.foundation.consent.actions import object_to
from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import Invalid, NotAllowed
from openoh.foundation.core.lifecycle import move
from openoh.foundation.organisations.models import Employer
from openoh.pathway.clocks import queries as clocks
from openoh.pathway.clocks.actions import stop as stop_clock
from openoh.population.offers import deciding, rules, sending
from openoh.population.offers.access import may_answer, may_release, visible_to
from openoh.population.offers.models import Offer, OfferStep
from openoh.population.offers.states import OFFER

ANSWERS = {"accept": "accepted", "not-now": "declined", "never": "never"}


@dataclass(frozen=True)
class Round:
    """What one round of deciding or sending did; `counts` go to the audit."""

    employer_id: UUID | None
    counts: dict[str, int]
    audit_details: dict[str, object] = field(default_factory=dict)


def _round(employer_id: UUID | None, counts: dict[str, int]) -> Round:
    return Round(employer_id, counts, dict(counts))


@action("offers.decided")
def decide_run(*, by: Actor, employer: Employer, run_id: UUID) -> Round:
    """Decide every spell of an import run, make the offers, and send what may go out now."""
    stopped = sending.stop_for_retracted_spells(by=by, employer_id=employer.id)
    counts = deciding.decide_run(by=by, employer=employer, run_id=run_id)
    return _round(employer.id, counts | {"retracted": stopped})


@action("offers.decided")
def decide_night(*, by: Actor, employer: Employer) -> Round:
    """Decide again what waited, and absences that have become long."""
    return _round(employer.id, deciding.decide_night(by=by, employer=employer))


@action("offers.sent")
def send_ready(*, by: Actor, limit: int) -> Round:
    """Put a message in the outbox for every ready offer whose contact hours have begun."""
    sent, stopped = sending.send(by=by, limit=limit)
    return _round(None, {"sent": sent, "stopped": stopped})


@action("offers.lapsed")
def lapse(*, by: Actor) -> Round:
    """Close offers that nobody answered in their rule's time. The person can still accept them later."""
    lapsed = 0
    for rule in rules.rule_set().rules:
        silent = visible_to(by).filter(
            state="sent", rule=rule.code, sent_at__lt=clock.now() - timedelta(days=rule.lapses_after_days)
        )
        for offer in silent:
            move(offer, "lapsed", lifecycle=OFFER, step=OfferStep, by=by, reason="no-answer")
            lapsed += 1
    return _round(None, {"lapsed": lapsed})


@action("offer.released")
def release(*, by: Actor, offer: Offer) -> Offer:
    """A clinician lets a held offer go; it is sent in the next contact hours.

    Raises NotAllowed, Conflict when somebody was quicker, and DoesNotExist for an offer of another provider.
    """
    if not may_release(by):
        raise NotAllowed("Only a clinician can release an offer.")
    found = visible_to(by).select_related("employer").get(pk=offer.pk)
    move(found, "ready", lifecycle=OFFER, step=OfferStep, by=by, reason="released")
    calendar = clocks.calendar_of(found.provider_id, found.employer.nation)
    found.send_after = rules.next_contact(clock.now(), calendar, rules.rule_set())
    found.save(update_fields=["send_after"])
    facts.append("offer.released", found.id, employer=found.employer_id, provider=found.provider_id,
                 person=found.person_id, data={"topic": found.topic})  # fmt: skip
    return found


@action("offer.stopped")
def stop(*, by: Actor, offer: Offer, reason: str) -> Offer:
    """A clinician decides that an offer must not go out. `reason` is a code of the rules' reasons."""
    if not may_release(by):
        raise NotAllowed("Only a clinician can stop an offer.")
    if reason not in rules.rule_set().reasons:
        raise Invalid("Choose one of the reasons in the list.", field="reason")
    found = visible_to(by).get(pk=offer.pk)
    move(found, "stopped", lifecycle=OFFER, step=OfferStep, by=by, reason=reason)
    _stop_contact_clock(by, found)
    return found


@action("offer.answered")
def answer(*, by: Actor, offer: Offer, reply: str) -> Offer:
    """The person says ``accept``, ``not-now`` or ``never``. Never is an objection to this topic.

    Raises NotAllowed, Invalid, Conflict when the offer is no longer open, DoesNotExist for somebody else's.
    """
    if reply not in ANSWERS:
        raise Invalid(f"Choose one of: {', '.join(ANSWERS)}.", field="reply")
    found = visible_to(by).get(pk=offer.pk)
    if not may_answer(by, found):
        raise NotAllowed("Only the person can answer an offer.")
    move(found, ANSWERS[reply], lifecycle=OFFER, step=OfferStep, by=by, reason=reply)
    found.answered_at = clock.now()
    found.save(update_fields=["answered_at"])
    _stop_contact_clock(by, found)
    if reply == "never":
        object_to(by=by, employer_id=found.employer_id, provider_id=found.provider_id,
                  purpose_code=rules.rule_set().purpose, person_id=found.person_id, topic=found.topic)  # fmt: skip
    facts.append("offer.answered", found.id, employer=found.employer_id, provider=found.provider_id,
                 person=found.person_id, data={"topic": found.topic, "reply": reply})  # fmt: skip
    return found


@action("offers.objected")
def stop_for_objection(*, by: Actor, person_id: UUID, topic: str) -> Round:
    """Stop what is open after somebody said no: one topic, or every topic when it is empty."""
    open_ones = visible_to(by).filter(person_id=person_id, state__in=["held", "ready", "sent"])
    if topic:
        open_ones = open_ones.filter(topic=topic)
    stopped = 0
    for offer in open_ones:
        move(offer, "stopped", lifecycle=OFFER, step=OfferStep, by=by, reason="objected")
        _stop_contact_clock(by, offer)
        stopped += 1
    return _round(None, {"stopped": stopped})


def _stop_contact_clock(by: Actor, offer: Offer) -> None:
    running = clocks.running(by, kind=deciding.CONTACT_CLOCK).filter(subject_id=offer.id).first()
    if running:
        stop_clock(by=by, clock=running)
