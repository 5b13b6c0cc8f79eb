"""Pure decisions about diaries: which times a pattern makes, and which service has too few."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from openoh.foundation.core.calendars import WorkingDays
from openoh.foundation.core.clock import UK
from openoh.foundation.core.content import load
from openoh.foundation.core.errors import Invalid
from openoh.foundation.notifications.rules import day_in_words
from openoh.pathway.clinics.rules import slot_times

Times = tuple[datetime, datetime]


@dataclass(frozen=True)
class Pattern:
    """When times are made: on these weekdays (1 is Monday), between two local times, from a first to a last day."""

    weekdays: frozenset[int]
    begins: time
    ends: time
    first: date
    last: date
    minutes: int


@dataclass(frozen=True)
class Plan:
    """What a pattern comes to. `holidays` are days that it leaves out; `passed` counts times that are over already."""

    times: list[Times]
    holidays: list[date]
    passed: int = 0


@dataclass(frozen=True)
class Parted:
    """Times that can be made, and those that overlap with something that the clinician has."""

    free: list[Times]
    clashing: list[Times]


def check(pattern: Pattern, today: date) -> None:
    """Raises Invalid, with the field and what to write, for what makes no sense. Source: content/diary.toml."""
    content = _content()
    shortest, longest, weeks = content["shortest"], content["longest"], content["most_weeks"]
    if not shortest <= pattern.minutes <= longest:
        raise Invalid(f"Give a length between {shortest} and {longest} minutes.", field="minutes")
    if not pattern.weekdays or not pattern.weekdays <= set(range(1, 8)):
        raise Invalid("Choose at least one day of the week.", field="weekdays")
    if _minutes(pattern.ends) - _minutes(pattern.begins) < pattern.minutes:
        raise Invalid("The end must be at least one appointment’s length after the beginning.", field="ends")
    if pattern.first < today:
        raise Invalid("The first day is past. Choose today or later.", field="first")
    if pattern.last < pattern.first:
        raise Invalid("The last day must not be before the first.", field="last")
    if pattern.last >= pattern.first + timedelta(weeks=weeks):
        raise Invalid(
            f"Make times for at most {weeks} weeks at once. Choose an earlier last day.", field="last"
        )


def days_of(pattern: Pattern) -> Iterator[date]:
    """The days of a pattern, bank holidays too."""
    for step in range((pattern.last - pattern.first).days + 1):
        day = pattern.first + timedelta(days=step)
        if day.isoweekday() in pattern.weekdays:
            yield day


def plan(pattern: Pattern, calendar: WorkingDays, now: datetime) -> Plan:
    """The times of a pattern from `now` on, in order.

    Times are those of the clock on the wall: a session from 9 begins at 9 on both sides of a clock change, and a
    session over the change itself has as many times as it has real hours. Raises Invalid when they are too many.
    """
    most = _content()["most_times"]
    days = list(days_of(pattern))
    every = [each for day in days if day not in calendar.holidays for each in _on(day, pattern)]
    if len(every) > most:
        raise Invalid(
            f"These would be {len(every):,} times, and {most:,} can be made at once. Choose fewer days.",
            field="last",
        )
    to_come = [each for each in every if each[0] > now]
    return Plan(to_come, [day for day in days if day in calendar.holidays], len(every) - len(to_come))


def part(times: Iterable[Times], held: Iterable[Times]) -> Parted:
    """Part times by whether one of `held` overlaps; `times` are in order, `held` in any."""
    busy, at = sorted(held), 0
    free: list[Times] = []
    clashing: list[Times] = []
    for begin, end in times:
        while at < len(busy) and busy[at][1] <= begin:
            at += 1
        # What ended before is behind; of the rest this one begins first, so no other overlaps when it does not.
        overlaps = at < len(busy) and busy[at][0] < end
        (clashing if overlaps else free).append((begin, end))
    return Parted(free, clashing)


def too_late(next_free: datetime | None, days: int, today: date, calendar: WorkingDays) -> date | None:
    """The last day of `days` working days from today when nothing is free until its end; None when something is."""
    last = calendar.add(calendar.add(today, 0), days)
    after = datetime.combine(last + timedelta(days=1), time(), tzinfo=UK)
    return last if next_free is None or next_free >= after else None


def local_day(instant: datetime) -> date:
    """The day of an instant in the United Kingdom."""
    return instant.astimezone(UK).date()


def by_day(times: Iterable[Times]) -> dict[date, list[Times]]:
    """Times under their local day, in the order in which they come."""
    found: dict[date, list[Times]] = {}
    for each in times:
        found.setdefault(local_day(each[0]), []).append(each)
    return found


def days_in_words(days: Iterable[date]) -> str:
    """``Friday 25 December and Monday 28 December``."""
    *before, last = [day_in_words(day) for day in days]
    return f"{', '.join(before)} and {last}" if before else last


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _on(day: date, pattern: Pattern) -> Iterator[Times]:
    begin, end = (datetime.combine(day, at, tzinfo=UK) for at in (pattern.begins, pattern.ends))
    return slot_times(begin.astimezone(UTC), end.astimezone(UTC), pattern.minutes)


def _content() -> dict[str, Any]:
    return load("openoh.pathway.diaries", "diary").data
