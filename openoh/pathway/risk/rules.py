"""Pure decisions about risk: how severe an answer is, who answers when, by when somebody is contacted."""

from __future__ import annotations

from calendar import day_name
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from openoh.foundation.core.calendars import WorkingDays
from openoh.foundation.core.clock import UK
from openoh.foundation.core.content import load
from openoh.foundation.core.decisions import Decision, allow, refuse

PACKAGE = "openoh.pathway.risk"
IMMEDIATE = 2
DAY = 24 * 60
# Of two that cover the same hour, who is asked first.
ORDER = ("service", "rota", "partner", "nobody")
COVER_RULE = "risk/cover/1"
CRISIS_WORDS = (
    "If you are in danger now, call 999. To talk with somebody at once, call Samaritans on 116 123."
)


@dataclass(frozen=True)
class Signal:
    """An answer that calls for a clinician. `source` is ``<questionnaire>/<item>``; `severity` 1 or 2."""

    source: str
    severity: int
    rule_version: str


@dataclass(frozen=True)
class DeclaredCover:
    """Who answers on ISO `weekdays` (1 Monday to 7 Sunday) from and until a local time, both included.

    With `until` before `begins` it runs over midnight and belongs to the day on which it begins. `id` is that of the
    declaration. `employer` is whose people it is for; None for those of all employers.
    """

    kind: str
    weekdays: tuple[int, ...]
    begins: time
    until: time
    name: str
    telephone: str = ""
    id: UUID | None = None
    employer: UUID | None = None

    def at(self, instant: datetime) -> bool:
        """Whether this is who answers at `instant` (with a time zone)."""
        local = instant.astimezone(UK)
        now = local.time().replace(microsecond=0)
        if self.begins <= self.until:
            return local.isoweekday() in self.weekdays and self.begins <= now <= self.until
        yesterday = (local - timedelta(days=1)).isoweekday()
        return (local.isoweekday() in self.weekdays and now >= self.begins) or (
            yesterday in self.weekdays and now <= self.until
        )


@dataclass(frozen=True)
class Deadlines:
    """When a flag must be acknowledged by a clinician, and the person be contacted."""

    acknowledge_by: datetime
    due_at: datetime


@dataclass(frozen=True)
class Gap:
    """Hours of an ISO weekday in which nobody answers, in minutes from midnight."""

    weekday: int
    begins: int
    until: int

    def __str__(self) -> str:
        begins, until = (f"{at // 60:02d}:{at % 60:02d}" for at in (self.begins, self.until))
        return f"{day_name[self.weekday - 1]}, {begins} to {until}"


NOBODY = DeclaredCover("nobody", (), time(0), time(0), "Nobody")


def signals(questionnaire: str, answers: Mapping[str, object], *, finished: bool) -> list[Signal]:
    """The signals in these answers, one a question, each with the highest severity that its answer has."""
    content = load(PACKAGE, "severity")
    rows: Any = content["signals"]
    found: dict[str, int] = {}
    for row in rows:
        if row["questionnaire"] == questionnaire and _holds(row, answers.get(row["item"]), finished):
            found[row["item"]] = max(row["severity"], found.get(row["item"], 0))
    return [
        Signal(f"{questionnaire}/{item}", severity, content.rule_version) for item, severity in found.items()
    ]


def _holds(row: Mapping[str, Any], answer: object, finished: bool) -> bool:
    if answer is None:
        return finished and bool(row.get("unanswered"))
    if isinstance(answer, int | float):
        return "at_least" in row and answer >= row["at_least"]
    return answer in row.get("answers", ())


def asks_about_risk(questionnaire: str) -> bool:
    """Whether any answer to this questionnaire could raise a flag."""
    rows: Any = load(PACKAGE, "severity")["signals"]
    return any(row["questionnaire"] == questionnaire for row in rows)


def which_counts(declared: Iterable[DeclaredCover], employer: UUID | None) -> Decision:
    """Whether an employer's ``own`` declarations count for its people, the ``general`` ones, or there are ``none``."""
    owners = {cover.employer for cover in declared}
    if employer is not None and employer in owners:
        reason = (
            "Cover is declared for this employer, so what is declared for all employers does not count here."
        )
        return Decision("own", reason, COVER_RULE)
    if None in owners:
        reason = "No cover is declared for this employer alone, so what is declared for all employers counts."
        return Decision("general", reason, COVER_RULE)
    reason = (
        "No cover that is declared counts for this employer, so no form with a question of risk opens here."
    )
    return Decision("none", reason, COVER_RULE)


def counting(declared: Sequence[DeclaredCover], employer: UUID | None) -> list[DeclaredCover]:
    """The declarations that count for this employer's people, never its own and the general ones together.

    An agreement with an employer says who answers at all hours: a gap that the general cover filled unseen would
    send somebody to a partner who does not know them.
    """
    whose = employer if which_counts(declared, employer).outcome == "own" else None
    return [cover for cover in declared if cover.employer == whose]


def cover_at(declared: Sequence[DeclaredCover], instant: datetime) -> DeclaredCover:
    """Who answers at `instant`; NOBODY for an hour that nobody is declared for.

    Source: the service's own declaration. Raises ValueError when nothing at all is declared: a service that has
    not said who answers day and night cannot go live.
    """
    if not declared:
        raise ValueError("no risk cover is declared")
    answering = [cover for cover in declared if cover.at(instant)]
    return min(answering, key=lambda cover: ORDER.index(cover.kind), default=NOBODY)


def opens_next(declared: Sequence[DeclaredCover], instant: datetime) -> datetime | None:
    """The next instant after `instant`, within eight days, at which somebody answers; None when nobody ever does."""
    local = instant.astimezone(UK)
    days = [local.date() + timedelta(days=step) for step in range(9)]
    starts = sorted(
        datetime.combine(day, cover.begins, tzinfo=UK)
        for day in days
        for cover in declared
        if cover.kind != "nobody" and day.isoweekday() in cover.weekdays
    )
    return next((start for start in starts if start > instant), None)


def uncovered(declared: Iterable[DeclaredCover]) -> list[Gap]:
    """The hours of the week in which nobody answers, day by day; the whole week when nothing is declared."""
    answering = [cover for cover in declared if cover.kind != "nobody"]
    gaps = []
    for weekday in range(1, 8):
        at = 0
        for begins, until in sorted(_stretches(answering, weekday)):
            if begins > at:
                gaps.append(Gap(weekday, at, begins))
            at = max(at, until)
        if at < DAY:
            gaps.append(Gap(weekday, at, DAY))
    return gaps


def uncovered_by_employer(
    declared: Sequence[DeclaredCover], served: Iterable[UUID]
) -> dict[UUID | None, list[Gap]]:
    """The hours in which nobody answers, of each employer with cover of its own, and under None of all others.

    None is left out when every employer `served` has its own, since the general cover is then nobody's. Only those
    with such hours are there.
    """
    own = sorted({cover.employer for cover in declared if cover.employer is not None})
    others = [None] if not own or set(served) - set(own) else []
    found = {employer: uncovered(counting(declared, employer)) for employer in [*others, *own]}
    return {employer: gaps for employer, gaps in found.items() if gaps}


def _stretches(covers: Sequence[DeclaredCover], weekday: int) -> Iterator[tuple[int, int]]:
    """Minutes of one day in which somebody answers; a last minute counts whole."""
    yesterday = (weekday - 2) % 7 + 1
    for cover in covers:
        begins, until = _minute(cover.begins), _minute(cover.until) + 1
        if cover.begins <= cover.until and weekday in cover.weekdays:
            yield begins, until
        elif cover.begins > cover.until:
            if weekday in cover.weekdays:
                yield begins, DAY
            if yesterday in cover.weekdays:
                yield 0, until


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def may_open(cover: DeclaredCover) -> Decision:
    """Whether a form with a risk question may open while this is who answers."""
    version = load(PACKAGE, "severity").rule_version
    if cover.kind == "nobody":
        return refuse(f"Nobody reads this form at this hour. {CRISIS_WORDS}", version)
    return allow(f"{cover.name} answers now.", version)


def deadlines(severity: int, raised_at: datetime, *, covered: bool, calendar: WorkingDays) -> Deadlines:
    """By when a flag is acknowledged and the person contacted.

    Severity 2 is contacted within minutes. Severity 1 is contacted before the working day ends; in the evening, at
    weekends and on holidays within the minutes that the cover has. Where nobody answers, the clocks run from the
    next working morning, and the flag stands above everything then. `severity` is 1 or 2.
    """
    content: dict[str, Any] = load(PACKAGE, "times").data
    allowed = content["severity"][str(severity)]
    minutes = {name: timedelta(minutes=value) for name, value in allowed.items()}
    begin = raised_at if covered else _next_morning(raised_at, calendar, content["morning"])
    acknowledge_by = begin + minutes["acknowledge_minutes"]
    closing = calendar.end_of(_local_day(begin), content["closing"])
    in_hours = calendar.is_working(_local_day(begin)) and begin < closing
    if severity >= IMMEDIATE or not in_hours:
        return Deadlines(acknowledge_by, begin + minutes["contact_minutes"])
    return Deadlines(acknowledge_by, max(closing, begin + minutes["shortest_minutes"]))


def tries_are_used_up(tries: Iterable[datetime], today: date) -> bool:
    """Whether somebody was tried in vain as often on `today` as the service tries before it calls the next."""
    content: dict[str, Any] = load(PACKAGE, "times").data
    same_day = sum(1 for at in tries if _local_day(at) == today)
    return same_day > 0 and same_day % int(content["tries_a_day"]) == 0


def call_again_after(severity: int) -> timedelta:
    """How long the next one who is called has, before the one after is called."""
    content: dict[str, Any] = load(PACKAGE, "times").data
    return timedelta(minutes=content["severity"][str(severity)]["acknowledge_minutes"])


def _next_morning(instant: datetime, calendar: WorkingDays, morning: time) -> datetime:
    """The next working morning after `instant`; the same day's when it is still to come."""
    day = calendar.add(_local_day(instant), 0)
    if datetime.combine(day, morning, tzinfo=UK) <= instant:
        day = calendar.add(day, 1)
    return datetime.combine(day, morning, tzinfo=UK)


def _local_day(instant: datetime) -> date:
    return instant.astimezone(UK).date()
