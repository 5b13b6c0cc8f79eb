"""What a manager is shown of their own people: the list, who may stand in, and who stands in now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from openoh.foundation.access.managing import How, Managed, nearest_to
from openoh.foundation.access.models import DelegatedPerson, Delegation, RoleAssignment
from openoh.foundation.access.permissions import holds
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.foundation.core.content import load
from openoh.foundation.core.identifiers import NOBODY
from openoh.foundation.people.models import Engagement
from openoh.foundation.people.queries import behind

MOST_DEPUTIES = 20


@dataclass(frozen=True)
class Member:
    """One of a manager's nearest people; `until` is the last day when they are lent."""

    engagement: Engagement
    lent: bool
    until: date | None


@dataclass(frozen=True)
class Cover:
    """A delegation that runs or is to come."""

    id: UUID
    deputy: str
    people: tuple[str, ...]
    starts_on: date
    ends_on: date


def team(actor: Actor, *, after: UUID | None = None, most: int = 50) -> list[Member]:
    """The actor's nearest people in the order of their names, from behind the engagement `after`."""
    near = nearest_to(actor)
    last = _by_name(list(near)).filter(pk=after).first() if after else None
    found = _by_name(list(near)).filter(behind(last))[:most] if last else _first_by_name(list(near), most)
    return [_member(each, near) for each in found]


def deputies(actor: Actor, text: str = "") -> list[Engagement]:
    """Colleagues who lead people here and so can stand in, by any part of the name."""
    if not holds(actor, "delegation.make") or actor.engagement is None:
        return []
    today = clock.today()
    leads = RoleAssignment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today),
        role="manager",
        engagement=OuterRef("pk"),
        starts_on__lte=today,
    )
    found = _working(Engagement.objects.filter(Exists(leads), employer_id__in=actor.employers))
    for word in text.split():
        found = found.filter(Q(given_name__icontains=word) | Q(family_name__icontains=word))
    others = found.exclude(pk=actor.engagement).select_related("team")
    return list(others.order_by("family_name", "given_name", "id")[:MOST_DEPUTIES])


def covers(actor: Actor) -> list[Cover]:
    """The delegations that the actor made and that are not over, the first to come first."""
    standing = Delegation.objects.filter(
        manager_id=actor.engagement or NOBODY, ended_at=None, ends_on__gte=clock.today()
    )
    made = list(standing.select_related("deputy").order_by("starts_on", "id"))
    names = _names(made)
    return [
        Cover(each.id, str(each.deputy), tuple(names.get(each.id, ())), each.starts_on, each.ends_on)
        for each in made
    ]


def longest_cover() -> int:
    """The most days for which somebody can stand in, both ends included."""
    return cast(int, load("openoh.foundation.access", "delegation")["longest_days"])


def _by_name(engagements: list[UUID]) -> QuerySet[Engagement]:
    found = Engagement.objects.filter(pk__any=engagements).select_related("team")
    return found.order_by("family_name", "given_name", "id")


@composed
def _first_by_name(engagements: list[UUID], most: int) -> QuerySet[Engagement]:
    return _by_name(engagements)[:most]


def _member(engagement: Engagement, near: Mapping[UUID, Managed]) -> Member:
    managed = near[engagement.id]
    return Member(engagement, managed.how is How.DELEGATED, managed.until)


def _working(engagements: QuerySet[Engagement]) -> QuerySet[Engagement]:
    today = clock.today()
    return engagements.filter(Q(ends_on=None) | Q(ends_on__gte=today), starts_on__lte=today)


def _names(made: Sequence[Delegation]) -> dict[UUID, list[str]]:
    names: dict[UUID, list[str]] = {}
    concerned = DelegatedPerson.objects.filter(delegation__in=made).select_related("engagement")
    for each in concerned.order_by("engagement__family_name", "engagement__given_name", "id"):
        names.setdefault(each.delegation_id, []).append(str(each.engagement))
    return names
