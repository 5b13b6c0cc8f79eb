"""Reads of spells, always from `visible_to`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet, Sum

from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.population.absence.access import visible_to
from openoh.population.absence.models import Spell


@dataclass(frozen=True)
class Total:
    """Spells of one engagement or employer: how many, and the hours that were given for them."""

    spells: int
    hours: Decimal


def spells(actor: Actor, *, engagement: UUID | None = None) -> QuerySet[Spell]:
    """Spells that count, newest first; of one engagement when it is given."""
    found = (
        visible_to(actor)
        .filter(retracted_at=None)
        .select_related("engagement")
        .order_by("-started_on", "-id")
    )
    return found.filter(engagement_id=engagement) if engagement else found


def absent_on(actor: Actor, day: date) -> QuerySet[Spell]:
    """Spells that cover the day: who is absent and since when."""
    return spells(actor).filter(Q(ended_on=None) | Q(ended_on__gte=day), started_on__lte=day)


def absent_since(actor: Actor, engagements: list[UUID], day: date) -> dict[UUID, date]:
    """For each of the engagements that is absent on the day: the first day of that absence."""
    return dict(_first_days(actor, engagements, day))


@composed
def _first_days(actor: Actor, engagements: list[UUID], day: date) -> QuerySet[Spell, tuple[UUID, date]]:
    covering = absent_on(actor, day).filter(engagement_id__any=engagements).order_by()
    first = covering.values("engagement_id").annotate(since=Min("started_on"))
    return first.values_list("engagement_id", "since")


def recent(actor: Actor, engagement: UUID, since: date) -> list[Spell]:
    """The spells of one engagement that lasted beyond `since`, oldest first."""
    found = spells(actor, engagement=engagement).filter(Q(ended_on=None) | Q(ended_on__gte=since))
    return list(found.order_by("started_on", "id"))


def total(actor: Actor, *, engagement: UUID | None = None) -> Total:
    """How many spells count, and the sum of their hours; spells reported in days only add no hours."""
    sums = spells(actor, engagement=engagement).order_by().aggregate(number=Count("id"), hours=Sum("hours"))
    return Total(sums["number"], sums["hours"] or Decimal(0))
