"""An employer among the published organisations of its kind: where it lies in the funnel, and what it could gain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from openoh.foundation.core.actors import Actor
from openoh.foundation.core.content import Content, load
from openoh.foundation.organisations.models import Employer
from openoh.methods import absence, spc
from openoh.methods.spc import Funnel
from openoh.population.measures import figures, queries
from openoh.population.measures.queries import YEAR, OrganisationRate, OwnRate, Period

ABSENCE_RATE = "absence-rate"


@dataclass(frozen=True)
class Gain:
    """What reaching the best quarter's rate would give back in a year, with the numbers that it comes from."""

    target_rate: float
    days: float
    hours: float
    fte: float
    hours_per_week: float
    version: str


@dataclass(frozen=True)
class Benchmark:
    """`funnel` holds the organisations in their order and, as the last unit, the employer when it has a rate."""

    employer: Employer | None
    kind: str
    period: Period
    england: float
    organisations: list[OrganisationRate]
    own: OwnRate
    own_period: Period | None
    funnel: Funnel
    gain: Gain | None

    @property
    def has_own(self) -> bool:
        return self.own.rate is not None


def content() -> Content:
    """Kinds and hours, versioned."""
    return load("openoh.population.measures", "benchmark")


def kind_of(employer: Employer | None) -> str:
    """The published kind to compare an employer with; empty where nothing of its kind was published."""
    kinds = cast(dict[str, str], content()["kinds"])
    return kinds.get(employer.kind, "") if employer else ""


def benchmark(actor: Actor, employer: Employer | None, *, kind: str) -> Benchmark | None:
    """The funnel of one kind with the employer in it; None before figures were imported, or for an unknown kind."""
    period = queries.latest_year(actor)
    england = queries.england_rate(actor, period) if period else None
    if period is None or england is None:
        return None
    found = queries.organisations(actor, period, kind=kind)
    others = sorted((each for each in found if each.lost > 0), key=lambda each: each.name.casefold())
    if not others:
        return None
    own, own_period = own_year(actor, employer) if employer else (OwnRate(0, 0, None, ""), None)
    lost, available = [each.lost for each in others], [each.available for each in others]
    target = sum(lost) / sum(available)
    if own.rate is not None:
        lost, available = [*lost, own.lost], [*available, own.available]
    return Benchmark(
        employer, kind, period, england, others, own, own_period,
        spc.funnel(lost, available, kind="proportion", target=target),
        _gain(others, own) if own.rate is not None else None,
    )  # fmt: skip


def own_year(actor: Actor, employer: Employer) -> tuple[OwnRate, Period | None]:
    """The employer's own rate over the last twelve closed months, from published figures: no month may be missing."""
    history = figures.history(actor, ABSENCE_RATE, employer.pk)
    months = [value for value in history.closed[-YEAR:] if value.value is not None]
    if len(months) < YEAR:
        reason = (
            f"Only {len(months)} of the last 12 months can be shown. A month is hidden when too few people were "
            "absent, and an employer with fewer than 25 people has no figures of its own."
        )
        return OwnRate(0, 0, None, reason), None
    lost = sum(value.numerator or 0 for value in months)
    available = sum(value.denominator or 0 for value in months)
    return OwnRate(lost, available, absence.rate(lost, available)), Period(months[0].first, months[-1].last)


def _gain(others: list[OrganisationRate], own: OwnRate) -> Gain:
    """In hours: a full-time-equivalent calendar day is a seventh of the week's hours."""
    weekly = float(cast(float, content()["hours_per_week"]))
    hours_per_day = weekly / 7
    found = absence.quartile_gain(
        [*(each.lost * hours_per_day for each in others), own.lost * hours_per_day],
        [*(each.available * hours_per_day for each in others), own.available * hours_per_day],
        hours_per_fte=365 * hours_per_day,
    )
    mine = found.units[-1]
    return Gain(
        found.target_rate, mine.gain / hours_per_day, mine.gain, mine.gain_fte, weekly, found.rule_version
    )
