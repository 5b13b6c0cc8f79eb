"""Which groups of an employer may have an absence rate that every manager there reads. Pure: people in, groups out.

Groups lie inside one another: teams in the teams above them, those in a site where all of a team's people are at
one, and all in the employer. Whoever knows every rate that is shown can subtract the shown groups inside a group from
it, and nothing finer follows from them: what is left is the group's *rest*. So a group is shown when its rest is
nobody at all, or is enough people by itself, also for two managers who lay what they know of their own people
together. What is not enough goes on to the group around it. Everything here may be assumed to be known to everybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple
from uuid import UUID

EMPLOYER, SITE, TEAM = "employer", "site", "team"
MOST_MANAGERS = 60
"""Pairs are looked at one by one up to so many managers; where a group of more is not clearly safe it is not safe."""


@dataclass(frozen=True)
class Colleague:
    """One post over the time: `who` holds it, where it is, whom it reports to, its days."""

    post: UUID
    who: UUID
    team: UUID | None
    site: UUID | None
    manager: UUID | None
    available: float
    lost: float


@dataclass(frozen=True)
class Limits:
    """The least people, the least absent people (or none), and the most of the lost days that may be one person's."""

    people: int
    absent: int
    largest_share: float


class Place(NamedTuple):
    """A group: what it is, and which; the employer has no identifier of its own here."""

    kind: str
    id: UUID | None = None


WHOLE = Place(EMPLOYER)


@dataclass(frozen=True)
class Shown:
    """A group that may be shown: all its people, and the shown group around it (None for the largest)."""

    place: Place
    people: tuple[Colleague, ...]
    inside: Place | None


@dataclass(frozen=True)
class Family:
    """The groups of one employer that may be shown, the largest first, and for every place the smallest of them."""

    shown: tuple[Shown, ...]
    smallest: Mapping[Place, Place]


def family(people: Sequence[Colleague], parents: Mapping[UUID, UUID | None], limits: Limits) -> Family:
    """The groups that may be shown; `parents` names for every team the team above it. Empty when none may be."""
    tree = _Tree(people, parents)
    found = _Found(limits)
    rest, tops = found.settle(tree, WHOLE)
    if WHOLE not in found.rests and not found.give_up_until_whole(rest, tops):
        return Family((), {})
    return Family(tuple(found.groups(WHOLE, None)), dict(found.smallest(tree, WHOLE, WHOLE)))


def is_enough(people: Sequence[Colleague], limits: Limits) -> bool:
    """Whether a rate of exactly these people tells about none of them, not even to two managers among them."""
    sums = _Sums.of(people)
    if not sums.enough(limits):
        return False
    known = _known_to_managers(people)
    if _clearly_enough(sums, known.values(), limits):
        return True
    if len(known) > MOST_MANAGERS:
        return False
    pairs = [*((one, one) for one in known), *combinations(known, 2)]
    return all(_rest_is_enough(people, known[one] | known[other], limits) for one, other in pairs)


@dataclass(frozen=True)
class _Sums:
    people: int
    absent: int
    lost: float
    largest: float

    @classmethod
    def of(cls, people: Iterable[Colleague]) -> _Sums:
        lost: dict[UUID, float] = defaultdict(float)
        for each in people:
            lost[each.who] += each.lost
        days = lost.values()
        return cls(len(lost), sum(1 for each in days if each > 0), sum(days), max(days, default=0))

    def enough(self, limits: Limits) -> bool:
        if self.people < limits.people:
            return False
        few = 0 < self.absent < limits.absent
        return not few and self.largest <= limits.largest_share * self.lost


def _known_to_managers(people: Sequence[Colleague]) -> dict[UUID, frozenset[Colleague]]:
    """For every manager, whose days they know: those who report to them, and their own."""
    known: dict[UUID, set[Colleague]] = defaultdict(set)
    for each in people:
        if each.manager:
            known[each.manager].add(each)
    for each in people:
        if each.post in known:
            known[each.post].add(each)
    return {manager: frozenset(theirs) for manager, theirs in known.items()}


def _clearly_enough(sums: _Sums, known: Iterable[frozenset[Colleague]], limits: Limits) -> bool:
    """Whether even the two largest of everything, taken away at once, would leave enough."""
    parts = [_Sums.of(each) for each in known]
    return (
        sums.people - _two_most(part.people for part in parts) >= limits.people
        and sums.absent - _two_most(part.absent for part in parts) >= limits.absent
        and sums.largest <= limits.largest_share * (sums.lost - _two_most(part.lost for part in parts))
    )


def _two_most(numbers: Iterable[float]) -> float:
    return sum(sorted(numbers, reverse=True)[:2])


def _rest_is_enough(people: Sequence[Colleague], known: frozenset[Colleague], limits: Limits) -> bool:
    rest = [each for each in people if each not in known]
    return not rest or _Sums.of(rest).enough(limits)


class _Tree:
    """Every place with the places right inside it and the people who are in none of those."""

    def __init__(self, people: Sequence[Colleague], parents: Mapping[UUID, UUID | None]) -> None:
        self.inside: dict[Place, list[Place]] = defaultdict(list)
        self.own: dict[Place, list[Colleague]] = defaultdict(list)
        for each in people:
            place = Place(TEAM, each.team) if each.team else Place(SITE, each.site) if each.site else WHOLE
            self.own[place].append(each)
        above = {team: _above(team, parents) for team in self._teams(parents)}
        for team, parent in above.items():
            if parent:
                self.inside[Place(TEAM, parent)].append(Place(TEAM, team))
        for team in [team for team, parent in above.items() if not parent]:
            self.inside[self._site_of(Place(TEAM, team))].append(Place(TEAM, team))
        sites = {place for place in [*self.own, *self.inside] if place.kind == SITE}
        self.inside[WHOLE] += sites
        for places in self.inside.values():
            places.sort(key=str)

    def _teams(self, parents: Mapping[UUID, UUID | None]) -> set[UUID]:
        teams = {place.id for place in self.own if place.kind == TEAM and place.id}
        return teams | set(parents) | {parent for parent in parents.values() if parent}

    def _site_of(self, top: Place) -> Place:
        """The site at which everybody of a team is, with all teams inside it; else the employer."""
        sites = {each.site for each in self._everybody(top)}
        site = sites.pop() if len(sites) == 1 else None
        return Place(SITE, site) if site else WHOLE

    def _everybody(self, place: Place) -> Iterator[Colleague]:
        yield from self.own[place]
        for each in self.inside[place]:
            yield from self._everybody(each)


def _above(team: UUID, parents: Mapping[UUID, UUID | None]) -> UUID | None:
    """The team above; none where climbing comes back to the team, which a fault in the data can cause."""
    met, above = {team}, parents.get(team)
    climbing = above
    while climbing and climbing not in met:
        met.add(climbing)
        climbing = parents.get(climbing)
    return None if climbing else above


@dataclass
class _Found:
    """The shown groups while they are looked for: the rest of each, and the shown groups right inside it."""

    limits: Limits
    rests: dict[Place, list[Colleague]] = field(default_factory=dict)
    tops: dict[Place, list[Place]] = field(default_factory=dict)

    def settle(self, tree: _Tree, place: Place) -> tuple[list[Colleague], list[Place]]:
        """Decide about a place after everything inside it; what is not in a shown group, and the largest shown."""
        rest, tops = list(tree.own[place]), []
        for each in tree.inside[place]:
            more, largest = self.settle(tree, each)
            rest += more
            tops += largest
        if is_enough(rest, self.limits) if rest else len(tops) > 1:
            self.rests[place], self.tops[place] = rest, tops
            return [], [place]
        return rest, tops

    def give_up_until_whole(self, rest: list[Colleague], tops: list[Place]) -> bool:
        """The employer's own rate is known elsewhere, so its rest has to be enough too: give up small groups for it."""
        if not rest and tops:  # one group holds everybody: it is the employer
            only = tops[0]
            rest, tops = self.rests.pop(only), self.tops.pop(only)
        while not (is_enough(rest, self.limits) if rest else tops):
            if not tops:
                return False
            smallest = min(tops, key=lambda place: (len(self.people(place)), str(place)))
            rest = rest + self.rests.pop(smallest)
            tops = [each for each in tops if each != smallest] + self.tops.pop(smallest)
        self.rests[WHOLE], self.tops[WHOLE] = rest, tops
        return True

    def people(self, place: Place) -> list[Colleague]:
        return self.rests[place] + [one for each in self.tops[place] for one in self.people(each)]

    def groups(self, place: Place, inside: Place | None) -> Iterator[Shown]:
        yield Shown(place, tuple(self.people(place)), inside)
        for each in self.tops[place]:
            yield from self.groups(each, place)

    def smallest(self, tree: _Tree, place: Place, around: Place) -> Iterator[tuple[Place, Place]]:
        around = place if place in self.rests else around
        yield place, around
        for each in tree.inside[place]:
            yield from self.smallest(tree, each, around)
