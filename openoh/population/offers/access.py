"""Who may see offers and decisions: the person, and clinicians of the provider. Nobody at the employer, ever."""

from __future__ import annotations

from django.db.models import QuerySet

from openoh.foundation.access.own_record import outside_own_circle
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.identifiers import NOBODY
from openoh.population.offers.models import Offer, OfferDecision


def visible_to(actor: Actor) -> QuerySet[Offer]:
    """A person's own offers once they may see them; a provider's, outside their own circle, for clinicians."""
    match actor.audience:
        case Audience.PERSON:
            return Offer.objects.filter(person_id=actor.person or NOBODY).exclude(
                state__in=["held", "stopped"]
            )
        case Audience.CLINICAL:
            served = Offer.objects.filter(
                provider_id=actor.provider or NOBODY, employer_id__in=actor.employers
            )
            return served.filter(outside_own_circle(actor))
        case Audience.WORKER:
            return Offer.objects.all()
        case _:
            return Offer.objects.none()


def visible_decisions(actor: Actor) -> QuerySet[OfferDecision]:
    """A person's own decisions; a provider's, outside their own circle, for clinicians."""
    match actor.audience:
        case Audience.PERSON:
            return OfferDecision.objects.filter(person_id=actor.person or NOBODY)
        case Audience.CLINICAL:
            served = OfferDecision.objects.filter(
                provider_id=actor.provider or NOBODY, employer_id__in=actor.employers
            )
            return served.filter(outside_own_circle(actor))
        case Audience.WORKER:
            return OfferDecision.objects.all()
        case _:
            return OfferDecision.objects.none()


def may_release(actor: Actor) -> bool:
    """Clinicians release what a person must release."""
    return "offer.release" in actor.permissions


def may_answer(actor: Actor, offer: Offer) -> bool:
    """Only the person answers an offer."""
    return actor.audience is Audience.PERSON and offer.person_id == actor.person
