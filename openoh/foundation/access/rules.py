"""What a delegation and an emergency opening must be, decided without the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from openoh.foundation.core.decisions import Decision, allow, refuse


def delegation(
    *, manager: UUID, deputy: UUID, people: Collection[UUID], managed: Collection[UUID],
    starts_on: date, ends_on: date, today: date, longest_days: int, rule_version: str,
) -> Decision:  # fmt: skip
    """Whether `deputy` may stand in for `manager` for `people`, both days included.

    `managed` are the engagements that the manager leads in their own right, so that nobody passes on what was
    only lent to them.
    """
    days = (ends_on - starts_on).days + 1
    problems = {
        "Choose somebody other than yourself to stand in.": deputy == manager,
        "Name the people this is for.": not people,
        "Choose only people whom you lead yourself.": not set(people) <= set(managed),
        "Nobody can stand in for themselves. Leave the deputy out of the people.": deputy in people,
        "Choose a first day that is not in the past.": starts_on < today,
        "The last day must not be before the first day.": ends_on < starts_on,
        f"Choose at most {longest_days} days.": days > longest_days,
    }
    for sentence, found in problems.items():
        if found:
            return refuse(sentence, rule_version)
    return allow(f"Within one employer, for {len(set(people))} named people, for {days} days.", rule_version)


@dataclass(frozen=True)
class Stretch:
    """Days, both ends included, on which a deputy leads somebody."""

    first: date
    last: date


def lent_too_long(
    *, earlier: Iterable[Collection[Stretch]], wanted: Stretch, longest_days: int, within_days: int
) -> date | None:
    """The first day from which a deputy may have as many days as `wanted`; None when they may have `wanted` itself.

    `earlier` are, for each person, the stretches of the same deputy, also those to come. Of any `within_days` days
    a deputy leads somebody on `longest_days` at most, so that delegations without a gap do not become for good.
    """
    taken = [_days(stretches) for stretches in earlier]
    length, first = wanted.last - wanted.first, wanted.first
    while not all(
        _fits(days, _days([Stretch(first, first + length)]), longest_days, within_days) for days in taken
    ):
        first += timedelta(days=1)
    return None if first == wanted.first else first


def _days(stretches: Iterable[Stretch]) -> frozenset[int]:
    return frozenset(
        day for each in stretches for day in range(each.first.toordinal(), each.last.toordinal() + 1)
    )


def _fits(taken: frozenset[int], wanted: frozenset[int], longest: int, within: int) -> bool:
    """Whether no window of `within` days that touches the wanted days has more than `longest` days of both."""
    days = taken | wanted
    return all(
        sum(day in days for day in range(begin, begin + within)) <= longest
        for begin in range(min(wanted) - within + 1, max(wanted) + 1)
    )


def emergency_opening(*, reason: str, own_record: bool, shortest_reason: int, rule_version: str) -> Decision:
    """Whether a record may be opened in an emergency."""
    if own_record:
        return refuse("You cannot open your own record. Ask to see it as everybody does.", rule_version)
    if len(reason.strip()) < shortest_reason:
        return refuse("Say in a few words what the emergency is.", rule_version)
    return allow("Opened for an emergency, with a reason; a lead and the person are told.", rule_version)
