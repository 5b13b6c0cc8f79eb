"""Published figures are for everybody; an employer's own figures for those who run or serve it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.identifiers import NOBODY
from openoh.population.measures.models import (
    GroupRate,
    MeasureValue,
    OfferFigure,
    PublishedAbsence,
    PublishedRate,
)


def visible_to(actor: Actor) -> QuerySet[PublishedAbsence]:
    """Published figures of organisations: they are public."""
    return PublishedAbsence.objects.all()


def visible_rates(actor: Actor) -> QuerySet[PublishedRate]:
    """Published rates of areas: they are public."""
    return PublishedRate.objects.all()


def values_visible_to(actor: Actor) -> QuerySet[MeasureValue]:
    """Protected figures: a service's own for those who run it, an employer's own for its board."""
    values = MeasureValue.objects.all()
    if "service.measure" in actor.permissions:
        return values.filter(provider_id=actor.provider or NOBODY)
    if "insight.read" in actor.permissions:
        return values.filter(employer_id__in=actor.employers)
    return values.none()


def group_rates_visible_to(actor: Actor) -> QuerySet[GroupRate]:
    """Rates of groups: every one of their employer's, for its managers."""
    if "people.manage" not in actor.permissions:
        return GroupRate.objects.none()
    return GroupRate.objects.filter(employer_id__in=actor.employers)


def offer_figures_visible_to(actor: Actor) -> QuerySet[OfferFigure]:
    """How many took which offer: of their own employer, for HR."""
    if "campaign.run" not in actor.permissions:
        return OfferFigure.objects.none()
    return OfferFigure.objects.filter(employer_id__in=actor.employers)


def may_import(actor: Actor) -> bool:
    """The installation's own command line, and a service manager."""
    return bool({"service.run", "*"} & actor.permissions)


def may_measure(actor: Actor, employer_id: UUID) -> bool:
    """HR of the employer, and the service that serves it; never a manager."""
    if actor.audience not in (Audience.EMPLOYER, Audience.SERVICE, Audience.WORKER):
        return False
    return employer_id in actor.employers and bool({"feed.run", "service.measure", "*"} & actor.permissions)
