"""Publish the figures: a tick of the worker, every minute. What it writes is protected; what it read is not kept.

A month is closed some days after its end: counted for the last time, for the whole service, for each employer that
is large enough and for the small ones together, in one protected table; it is never changed. Until then only the
figure of the whole service is shown, and it moves in steps that are too large to tell about one person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast
from uuid import UUID

from django.db.models import Max

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.content import load
from openoh.foundation.core.scope import within
from openoh.methods.disclosure import disclosure_rules
from openoh.population.measures import catalogue, counting, protection, rules
from openoh.population.measures.catalogue import RATE, SHARE, WAITS, Measure
from openoh.population.measures.models import MeasureValue
from openoh.population.measures.protection import Count, Figure

SMALL = "small"
FIELDS = ("numerator", "denominator", "value", "hidden")


@dataclass(frozen=True)
class Calendar:
    """Months: `open_from` is the first day of the first one that is not closed yet, `until` is tomorrow."""

    open_from: date
    until: date
    oldest: date

    def last(self, month: date) -> date:
        return min(rules.last_day(month), self.until - timedelta(days=1))


@dataclass(frozen=True)
class Served:
    """A provider's employers: those large enough to be shown alone, and the others."""

    provider: UUID
    large: tuple[UUID, ...]
    small: frozenset[UUID]


def publish() -> int:
    """Publish what is new; returns how many figures were written. Running it again changes nothing."""
    with within(Scope(Audience.WORKER)):
        calendar = _calendar()
        # What was live in a month that is now closed gives way to its final figure.
        MeasureValue.objects.filter(live=True, first__lt=calendar.open_from).exclude(code=WAITS).delete()
        served = list(_served())
        closed = _closed()
        written = sum(
            _publish_measure(measure, served, calendar, closed) for measure in catalogue.measures().values()
        )
        return written + _publish_waits(served, calendar)


def _calendar() -> Calendar:
    content, today = catalogue.content(), clock.today()
    settled = today - timedelta(days=cast(int, content["settle_days"]))
    open_from = settled.replace(day=1)
    oldest = rules.months_before(open_from, cast(int, content["history_months"]) + 1)
    return Calendar(open_from, today + timedelta(days=1), oldest)


def _served() -> Iterator[Served]:
    fewest = cast(int, load("openoh.population.measures", "definitions")["fewest_people"])
    for provider, sizes in counting.employers_by_provider().items():
        large = tuple(sorted((e for e, size in sizes.items() if size >= fewest), key=str))
        yield Served(provider, large, frozenset(sizes) - set(large))


def _closed() -> dict[tuple[str, UUID], date]:
    """The newest closed month of each measure and provider."""
    found = MeasureValue.objects.filter(live=False).values_list("code", "provider").annotate(Max("first"))
    return {(code, provider): month for code, provider, month in found}


def _publish_measure(
    measure: Measure, served: list[Served], calendar: Calendar, closed: dict[tuple[str, UUID], date]
) -> int:
    since = {
        each.provider: _next(closed[measure.code, each.provider])
        if (measure.code, each.provider) in closed
        else calendar.oldest
        for each in served
    }
    if not since:
        return 0
    if measure.kind == RATE:
        return _publish_rates(measure, served, calendar, since)
    counts = counting.people(measure.code, since=min(since.values()), until=calendar.until)
    values: list[MeasureValue] = []
    for each in served:
        seen = sorted(month for provider, month in counts if provider == each.provider)
        # A service has no figures for the months before its first event.
        begins = (
            since[each.provider]
            if (measure.code, each.provider) in closed
            else min(seen, default=calendar.until)
        )
        for month in _months(begins, calendar.open_from):
            values += _month(measure, each, month, counts.get((each.provider, month), {}), calendar)
        for month in _months(calendar.open_from, calendar.until):
            whole = _sum(counts.get((each.provider, month), {}).values())
            figure = protection.single(measure.kind, whole)
            values.append(_value(measure.code, each.provider, month, calendar, figure, live=True))
    return _write(values)


def _month(
    measure: Measure, served: Served, month: date, counts: dict[UUID, Count], calendar: Calendar
) -> Iterator[MeasureValue]:
    """One closed month: each large employer, the small ones together, and all, protected as one table."""
    small = _sum(count for employer, count in counts.items() if employer not in served.large)
    groups = [counts.get(employer, Count()) for employer in served.large] + [small]
    figures, whole = protection.table(measure.kind, groups)
    for employer, figure in zip(served.large, figures, strict=False):
        yield _value(measure.code, served.provider, month, calendar, figure, employer=employer)
    if served.small:
        yield _value(measure.code, served.provider, month, calendar, figures[-1], line=SMALL)
    yield _value(measure.code, served.provider, month, calendar, whole)


def _publish_rates(
    measure: Measure, served: list[Served], calendar: Calendar, since: dict[UUID, date]
) -> int:
    """Rates of closed months, for employers that are large enough. There is no total, so nothing to subtract from."""
    employers = [employer for each in served for employer in each.large]
    first = min(since.values())
    if not employers or first >= calendar.open_from:
        return 0
    days = counting.rates(employers, since=first, until=calendar.open_from)
    known = set(MeasureValue.objects.filter(code=measure.code).values_list("employer_id", flat=True))
    # Before an employer's first absence came in there was no feed, not a workforce without absence.
    begins = {
        employer: month for (employer, month), found in sorted(days.items(), reverse=True) if found.people
    }
    values = []
    for each in served:
        for (employer, month), found in days.items():
            fed = employer in known or (employer in begins and month >= begins[employer])
            if employer in each.large and month >= since[each.provider] and fed:
                figure = _rate(found)
                values.append(_value(measure.code, each.provider, month, calendar, figure, employer=employer))
    return _write(values)


def _rate(days: counting.Days) -> Figure:
    shown = not 0 < days.people < disclosure_rules().threshold
    rate = rules.rate(days.lost, days.available) if shown else None
    version = disclosure_rules().version
    if rate is None:
        return Figure(None, None, None, True, version)
    return Figure(days.lost, days.available, rate, False, version)


def _publish_waits(served: list[Served], calendar: Calendar) -> int:
    """Who waits now, one figure a step; steps are not added up."""
    counts, today = counting.waits(), calendar.until - timedelta(days=1)
    values = [
        _value(
            WAITS, each.provider, today.replace(day=1), calendar,
            protection.single(SHARE, counts.get((each.provider, step), Count())), line=step, live=True,
        )
        for each in served
        for step in catalogue.wait_steps()
    ]  # fmt: skip
    MeasureValue.objects.filter(code=WAITS, first__lt=today.replace(day=1)).delete()
    return _write(values)


def _write(values: list[MeasureValue]) -> int:
    """Add closed figures; add or replace live ones, unless the difference would tell about somebody."""
    final = [value for value in values if not value.live]
    MeasureValue.objects.bulk_create(final, ignore_conflicts=True, batch_size=1_000)
    live = [value for value in values if value.live]
    known = {
        (value.code, value.provider_id, value.line, value.first): value
        for value in MeasureValue.objects.filter(live=True, code__in={value.code for value in live})
    }
    new, changed = [], []
    for value in live:
        before = known.get((value.code, value.provider_id, value.line, value.first))
        if before is None:
            new.append(value)
        elif _may_replace(before, value):
            value.pk = before.pk
            changed.append(value)
    MeasureValue.objects.bulk_create(new, batch_size=1_000)
    MeasureValue.objects.bulk_update(changed, [*FIELDS, "last", "rule_version", "computed_at"])
    return len(final) + len(new) + len(changed)


def _may_replace(before: MeasureValue, after: MeasureValue) -> bool:
    measure = catalogue.measures().get(after.code)
    kind = measure.kind if measure else SHARE
    if all(getattr(before, name) == getattr(after, name) for name in FIELDS):
        return False
    return protection.may_replace(kind, _figure(before), _figure(after))


def _figure(value: MeasureValue) -> Figure:
    return Figure(value.numerator, value.denominator, value.value, value.hidden, value.rule_version)


def _value(
    code: str, provider: UUID, month: date, calendar: Calendar, figure: Figure, *,
    employer: UUID | None = None, line: str = "", live: bool = False,
) -> MeasureValue:  # fmt: skip
    return MeasureValue(
        code=code, provider_id=provider, employer_id=employer, line=line, first=month, last=calendar.last(month),
        live=live, numerator=figure.numerator, denominator=figure.denominator, value=figure.value,
        hidden=figure.hidden, rule_version=f"{catalogue.content().rule_version}, {figure.rule_version}",
    )  # fmt: skip


def _sum(counts: object) -> Count:
    total = Count()
    for count in cast("list[Count]", counts):
        total += count
    return total


def _months(first: date, until: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month < until:
        yield month
        month = _next(month)


def _next(month: date) -> date:
    return rules.last_day(month) + timedelta(days=1)
