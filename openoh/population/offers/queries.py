"""A person's offers, the clinicians' release queue, and every decision with its reason in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.population.offers import rules
from openoh.population.offers.access import visible_decisions, visible_to
from openoh.population.offers.models import Offer

OPEN = ("ready", "sent")


@dataclass(frozen=True)
class OfferInWords:
    """An offer as its person reads it. `services` are codes of `pathway.services`."""

    offer: Offer
    title: str
    why: str
    what: str
    services: tuple[str, ...]


@dataclass(frozen=True)
class DecisionInWords:
    """What a rule decided about one absence, about whom, why, by which version, when."""

    id: int
    person_id: UUID | None
    person_name: str
    rule: str
    outcome: str
    reason: str
    rule_version: str
    decided_at: datetime
    spell_id: int


def offers_of(actor: Actor) -> list[OfferInWords]:
    """The offers that the actor may see, newest first, with their words."""
    return [in_words(offer) for offer in _newest_first(actor)]


def open_offers(actor: Actor) -> list[OfferInWords]:
    """The offers that wait for the person's answer."""
    return [in_words(offer) for offer in _newest_first(actor, OPEN)]


@composed
def _newest_first(actor: Actor, states: tuple[str, ...] = ()) -> QuerySet[Offer]:
    found = visible_to(actor).order_by("-ready_at", "-id")
    return found.filter(state__in=states) if states else found


def in_words(offer: Offer) -> OfferInWords:
    """The words of the rule that made the offer."""
    rule = rules.rule_set().rule(offer.rule)
    return OfferInWords(offer, rule.title, rule.why, rule.what, rule.services)


def release_queue(actor: Actor) -> QuerySet[Offer]:
    """Offers that a clinician must release, by when the contact is due."""
    held = visible_to(actor).filter(state="held").select_related("person", "employer")
    return held.order_by("contact_by", "id")


def decision_log(
    actor: Actor, *, person_id: UUID | None = None, spell_id: int | None = None, before: int | None = None,
    limit: int = 100,
) -> list[DecisionInWords]:  # fmt: skip
    """What the rules decided, newest first: about one person, one absence, or all that the actor may see.

    `before` continues after a page: the `id` of its last decision.
    """
    found = visible_decisions(actor)
    if person_id:
        found = found.filter(person_id=person_id)
    if spell_id:
        found = found.filter(spell_id=spell_id)
    if before:
        found = found.filter(id__lt=before)
    reasons = rules.rule_set().reasons
    return [
        DecisionInWords(
            decision.id, decision.person_id, str(decision.person or ""), decision.rule, decision.outcome,
            reasons.get(decision.reason, decision.reason), decision.rule_version, decision.decided_at,
            decision.spell_id,
        )
        for decision in found.select_related("person").order_by("-id")[:limit]
    ]  # fmt: skip
