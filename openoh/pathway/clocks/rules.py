"""How long a wait was, whose it was, and when it is due. Pure: days and a calendar in, numbers out.

A day counts whole: something that starts on a Monday with a target of two working days is due by the close of
Wednesday. A start on a day that is not a working day counts from the next one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median
from typing import cast

from openoh.foundation.core.calendars import WorkingDays
from openoh.foundation.core.clock import UK
from openoh.foundation.core.content import Content, load

SERVICE = "service"
URGENCIES = ("urgent", "soon", "routine")  # the first first


@dataclass(frozen=True)
class Stretch:
    """A stretch that was somebody else's turn; `until` is None while it lasts."""

    owner: str
    since: date
    until: date | None = None


@dataclass(frozen=True)
class Level:
    """A service level: its code, target in working days (0 or more) and the version it comes from."""

    code: str
    title: str
    measures: str
    days: int
    version: str


@dataclass(frozen=True)
class Handover:
    """From `at` (with a time zone) it is the turn of `owner`, a code of content's owners; empty: the wait is over."""

    at: datetime
    owner: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Wait:
    """Working days of a wait: in all, the service's own, and each other owner's."""

    total: int
    own: int
    others: dict[str, int]


@dataclass(frozen=True)
class Figures:
    """A set of waits: how many, median and 90th centile in working days, per cent in target (own days)."""

    count: int
    median: float | None
    centile_90: int | None
    in_target_percent: float | None
    days_by_owner: dict[str, int]


def levels_content() -> Content:
    """Service levels, owners and reasons, versioned."""
    return load("openoh.pathway.clocks", "levels")


def level(code: str, agreed: dict[str, int]) -> Level:
    """The level called `code`: the contract's own days when `agreed` has them, else the content's.

    Raises KeyError for an unknown code and ValueError for a number of days that cannot be.
    """
    content = levels_content()
    entry = cast(dict[str, dict[str, object]], content["levels"])[code]
    days = int(agreed.get(code, cast(int, entry["days"])))
    if not 0 <= days <= 365:
        raise ValueError(f"a service level lies between 0 and 365 working days, not {days} ({code})")
    version = f"{content.rule_version}{'+contract' if code in agreed else ''}"
    return Level(code, str(entry["title"]), str(entry["measures"]), days, version)


def level_codes() -> list[str]:
    """The levels that a contract may agree, in the order of the content."""
    return list(cast(dict[str, object], levels_content()["levels"]))


def day_of(instant: datetime) -> date:
    """The UK day of an instant."""
    return instant.astimezone(UK).date()


def due_at(
    started: date, target: int, pauses: Iterable[Stretch], calendar: WorkingDays, today: date
) -> datetime:
    """The close of the day by which the wait must end; pauses that last count up to `today`."""
    first = calendar.add(started, 0)
    paused = sum(_paused_days(pause, first, today, calendar) for pause in pauses)
    return calendar.end_of(calendar.add(first, target + paused))


def wait(
    started: date, ended: date | None, pauses: Iterable[Stretch], calendar: WorkingDays, today: date
) -> Wait:
    """The working days of a wait to its end, or to `today` while it lasts, split by whose turn it was."""
    first, last = calendar.add(started, 0), ended or today
    others: dict[str, int] = {}
    for pause in pauses:
        days = _paused_days(pause, first, last, calendar)
        others[pause.owner] = others.get(pause.owner, 0) + days
    total = calendar.between(first, last)
    return Wait(total, total - sum(others.values()), others)


def _paused_days(pause: Stretch, first: date, last: date, calendar: WorkingDays) -> int:
    return calendar.between(max(pause.since, first), min(pause.until or last, last))


def figures(waits: Sequence[tuple[Wait, int]]) -> Figures:
    """Figures of ended waits, each with its target. The 90th centile is the nearest rank."""
    own = sorted(each.own for each, _ in waits)
    by_owner = {SERVICE: sum(own)}
    for each, _ in waits:
        for owner, days in each.others.items():
            by_owner[owner] = by_owner.get(owner, 0) + days
    if not own:
        return Figures(0, None, None, None, {})
    in_target = sum(1 for each, target in waits if each.own <= target)
    return Figures(
        count=len(own), median=float(median(own)), centile_90=own[math.ceil(0.9 * len(own)) - 1],
        in_target_percent=100 * in_target / len(own), days_by_owner=by_owner,
    )  # fmt: skip
