"""Run the statements of `sources`: counts of people by provider, employer and month. For the worker only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from openoh.foundation.core import clock
from openoh.foundation.core.calendars import DIVISIONS, WorkingDays
from openoh.foundation.core.content import load
from openoh.foundation.core.staging import fetch
from openoh.pathway.clocks.rules import level
from openoh.population.measures import catalogue, sources
from openoh.population.measures.grouping import Colleague
from openoh.population.measures.protection import Count


@dataclass(frozen=True)
class Days:
    """Days lost and available of one employer in one month, and how many people were absent in it."""

    lost: float
    available: float
    people: int


Counts = dict[tuple[UUID, date], dict[UUID, Count]]


def people(code: str, *, since: date, until: date) -> Counts:
    """People of one measure by (provider, first day of the month) and employer; `until` is exclusive."""
    statement = sources.PEOPLE.format(events=sources.EVENTS[code])
    counts: Counts = defaultdict(dict)
    for row in fetch(statement, _parameters() | {"since": since, "until": until}):
        provider, employer, month, good, all_people = cast(tuple[UUID, UUID, date, int, int], row)
        counts[provider, month][employer] = Count(good, all_people)
    return counts


def waits() -> dict[tuple[UUID, str], Count]:
    """People who wait now by (provider, step): `good` are those who wait too long."""
    rows = cast(list[tuple[UUID, str, int, int]], fetch(sources.WAITS, _parameters()))
    return {(provider, step): Count(late, everybody) for provider, step, late, everybody in rows}


def rates(employers: list[UUID], *, since: date, until: date) -> dict[tuple[UUID, date], Days]:
    """Days lost and available by (employer, first day of the month); `until` is exclusive."""
    outside = load("openoh.population.measures", "definitions")["left_out"]
    found = fetch(sources.RATES, {"employers": employers, "since": since, "until": until, "outside": outside})
    rows = cast(list[tuple[UUID, date, float, float, int]], found)
    return {
        (employer, month): Days(float(lost), float(available), absent)
        for employer, month, lost, available, absent in rows
    }


def colleagues(employer: UUID, *, since: date, until: date) -> list[Colleague]:
    """Every post of the employer that had working days in the time, with its days; `until` is exclusive."""
    outside = load("openoh.population.measures", "definitions")["left_out"]
    found = fetch(
        sources.COLLEAGUES, {"employers": [employer], "since": since, "until": until, "outside": outside}
    )
    rows = cast("list[tuple[UUID, UUID, UUID | None, UUID | None, UUID | None, float, float]]", found)
    return [
        Colleague(post, who, team, site, manager, float(available), float(lost))
        for post, who, team, site, manager, available, lost in rows
    ]


def feed_began(employer: UUID) -> date | None:
    """The first day of the first absence that the employer's records know."""
    [[began]] = fetch(
        "SELECT min(started_on) FROM absence_spell WHERE employer_id = %(employer)s", {"employer": employer}
    )
    return cast("date | None", began)


def employers_by_provider() -> dict[UUID, dict[UUID, int]]:
    """The employers that each provider serves today, with the number of their people."""
    served: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    rows = cast(list[tuple[UUID, UUID, int]], fetch(sources.EMPLOYERS, {"today": clock.today()}))
    for provider, employer, size in rows:
        served[provider][employer] = size
    return served


def _parameters() -> dict[str, Any]:
    follow_up = load("openoh.pathway.outcomes", "follow_up")
    days_off = [(nation, day) for nation in DIVISIONS for day in sorted(WorkingDays(nation).holidays)]
    return {
        "now": clock.now(),
        "today": clock.today(),
        "nations": [nation for nation, _ in days_off],
        "days_off": [day for _, day in days_off],
        "level_triage": level("triage", {}).days,
        "level_report": level("report", {}).days,
        "back": catalogue.content()["back_at_work"],
        "chased_out": cast(int, follow_up["chase_after_days"]) * (cast(int, follow_up["chases"]) + 1),
    }
