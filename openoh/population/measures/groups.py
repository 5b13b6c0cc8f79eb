"""Which published rate a manager reads: that of the smallest shown group that holds everybody whom they lead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.db.models import Max, Q

from openoh.foundation.access.managing import own_tree
from openoh.foundation.access.permissions import require
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.content import load
from openoh.foundation.people.models import Engagement
from openoh.population.measures.access import group_rates_visible_to
from openoh.population.measures.grouping import EMPLOYER, SITE, TEAM, Place
from openoh.population.measures.models import GroupOfPlace, GroupRate

NOBODY_LED, SMALL_EMPLOYER, NOT_YET, NONE_SAFE = "nobody-led", "small-employer", "not-yet", "none-safe"


@dataclass(frozen=True)
class TeamFigure:
    """The rate of a manager's group and of the whole employer; or `missing`, a code that says why there is none.

    `own` says that the group is one team and that everybody whom the manager leads is in exactly this team.
    """

    group: GroupRate | None
    whole: GroupRate | None
    own: bool
    missing: str = ""


def figure_for(actor: Actor) -> TeamFigure:
    """The newest rate for a manager. People who are lent to them change nothing. Raises NotAllowed."""
    require(actor, "people.manage")
    places = _places(own_tree(actor))
    if not places:
        return TeamFigure(None, None, False, NOBODY_LED)
    newest = group_rates_visible_to(actor).aggregate(first=Max("first"))["first"]
    rates = {rate.id: rate for rate in group_rates_visible_to(actor).filter(first=newest)}
    whole = next((rate for rate in rates.values() if rate.kind == EMPLOYER), None)
    if whole is None or whole.rate is None:
        return TeamFigure(None, None, False, _why_none(actor, whole))
    group = _around([_chain(rates, smallest) for smallest in _smallest(actor, whole, places)]) or whole
    own = places == {Place(group.kind, group.unit)}
    return TeamFigure(group, whole, own)


def _places(engagements: frozenset[UUID]) -> set[Place]:
    """The teams of these people, or their sites where they have no team."""
    if not engagements:
        return set()
    found = Engagement.objects.filter(pk__any=list(engagements)).values_list("team_id", "site_id").distinct()
    return {
        Place(TEAM, team) if team else Place(SITE, site) if site else Place(EMPLOYER) for team, site in found
    }


def _smallest(actor: Actor, whole: GroupRate, places: set[Place]) -> list[UUID]:
    """The smallest shown group of each place; the employer for a place that is newer than the figures."""
    wanted = GroupOfPlace.objects.filter(employer_id=whole.employer_id, first=whole.first).filter(
        Q(unit__in=[place.id for place in places if place.id]) | Q(kind=EMPLOYER)
    )
    known = {Place(kind, unit): group for kind, unit, group in wanted.values_list("kind", "unit", "group_id")}
    return [known.get(place, whole.id) for place in places]


def _chain(rates: dict[UUID, GroupRate], smallest: UUID) -> list[GroupRate]:
    """A group and those around it, outwards."""

    def outwards() -> Iterator[GroupRate]:
        rate: GroupRate | None = rates[smallest]
        while rate:
            yield rate
            rate = rates[rate.inside_id] if rate.inside_id else None

    return list(outwards())


def _around(chains: Iterable[list[GroupRate]]) -> GroupRate | None:
    """The smallest group that is in every chain."""
    first, *others = chains
    return next((rate for rate in first if all(rate in chain for chain in others)), None)


def _why_none(actor: Actor, whole: GroupRate | None) -> str:
    today = clock.today()
    working = Engagement.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today), employer_id__in=actor.employers, starts_on__lte=today
    )
    if working.count() < cast(int, load("openoh.population.measures", "definitions")["fewest_people"]):
        return SMALL_EMPLOYER
    return NONE_SAFE if whole else NOT_YET
