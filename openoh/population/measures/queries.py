"""The benchmark: England, organisations of one kind, and the employer's own rate, all by the same method."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import cast

from django.db import connection
from django.db.models import Max, Sum

from openoh.foundation.core.actors import Actor
from openoh.foundation.core.content import Content, load
from openoh.foundation.core.errors import NotAllowed
from openoh.foundation.organisations.models import Employer
from openoh.population.measures import rules
from openoh.population.measures.access import may_measure, visible_rates, visible_to

YEAR = 12


@dataclass(frozen=True)
class Period:
    """Whole months, from the first day of the first to the last day of the last."""

    first: date
    last: date


@dataclass(frozen=True)
class OrganisationRate:
    """One organisation's rate over a period, in per cent, with its days and the months that it reported."""

    code: str
    name: str
    kind: str
    lost: float
    available: float
    rate: float
    months: int


@dataclass(frozen=True)
class OwnRate:
    """The employer's own rate; `rate` is None with `reason` when it cannot or must not be shown."""

    lost: float
    available: float
    rate: float | None
    reason: str = ""


def definitions() -> Content:
    """What each figure means, in words and as a formula, versioned."""
    return load("openoh.population.measures", "definitions")


def group_rules() -> Content:
    """What decides which groups have a rate that managers read, versioned."""
    return load("openoh.population.measures", "team_figures")


def latest_year(actor: Actor) -> Period | None:
    """The last twelve published months; None before anything was imported."""
    last = visible_to(actor).aggregate(last=Max("month"))["last"]
    return Period(rules.months_before(last, YEAR), rules.last_day(last)) if last else None


def england_rate(actor: Actor, period: Period) -> float | None:
    """England's rate over a period: all days lost over all days available, not a mean of rates."""
    sums = visible_to(actor).filter(month__range=(period.first, period.last)).aggregate(
        lost=Sum("lost"), available=Sum("available")
    )  # fmt: skip
    return rules.rate(sums["lost"], sums["available"]) if sums["available"] else None


def england_series(actor: Actor) -> list[tuple[date, float]]:
    """England's published monthly rates in per cent, oldest first."""
    found = visible_rates(actor).filter(area=rules.AREA).order_by("month")
    return [(month, float(rate)) for month, rate in found.values_list("month", "rate")]


def kinds(actor: Actor) -> list[str]:
    """The kinds of organisations that were published."""
    return list(visible_to(actor).order_by("kind").values_list("kind", flat=True).distinct())


def organisations(actor: Actor, period: Period, *, kind: str | None = None) -> list[OrganisationRate]:
    """The rates of the organisations of one kind over a period, by name: never a league table."""
    found = visible_to(actor).filter(month__range=(period.first, period.last), available__gt=0)
    if kind:
        found = found.filter(kind=kind)
    rates: dict[str, OrganisationRate] = {}
    for row in found.order_by("code", "month").values("code", "name", "kind", "lost", "available"):
        before = rates.get(row["code"])
        lost = float(row["lost"]) + (before.lost if before else 0)
        available = float(row["available"]) + (before.available if before else 0)
        rates[row["code"]] = OrganisationRate(
            row["code"], row["name"], row["kind"], lost, available, 100 * lost / available,
            1 + (before.months if before else 0),
        )  # fmt: skip
    return sorted(rates.values(), key=lambda organisation: organisation.name)


OWN = """
WITH hours AS (
  SELECT e.id, v.effective_on AS since, v.fte,
    lead(v.effective_on) OVER (PARTITION BY e.id ORDER BY v.effective_on, v.id) AS until
  FROM people_engagement e JOIN people_engagementversion v ON v.engagement_id = e.id
  WHERE e.employer_id = %(employer)s
), period AS (
  SELECT e.id, e.fte, greatest(e.starts_on, %(first)s) AS since,
    least(coalesce(e.ends_on, %(last)s), %(last)s) + 1 AS until
  FROM people_engagement e WHERE e.employer_id = %(employer)s AND e.kind <> ALL(%(outside)s)
    AND e.starts_on <= %(last)s AND (e.ends_on IS NULL OR e.ends_on >= %(first)s)
), stretch AS (
  SELECT p.id, coalesce(h.fte, p.fte) AS fte, greatest(p.since, coalesce(h.since, p.since)) AS since,
    least(p.until, coalesce(h.until, p.until)) AS until
  FROM period p LEFT JOIN (
    SELECT id, fte, CASE WHEN since = min(since) OVER (PARTITION BY id) THEN '-infinity'::date ELSE since END AS since,
      until FROM hours
  ) h ON h.id = p.id AND h.since < p.until AND (h.until IS NULL OR h.until > p.since)
), absent AS (
  SELECT s.engagement_id AS id, range_agg(daterange(s.started_on, coalesce(s.ended_on, %(last)s) + 1)) AS days
  FROM absence_spell s
  WHERE s.employer_id = %(employer)s AND s.retracted_at IS NULL AND s.started_on <= %(last)s
    AND (s.ended_on IS NULL OR s.ended_on >= %(first)s)
  GROUP BY s.engagement_id
), lost AS (
  SELECT sum(x.fte * (upper(d) - lower(d))) AS days
  FROM stretch x JOIN absent a ON a.id = x.id
  CROSS JOIN LATERAL unnest(a.days * datemultirange(daterange(x.since, x.until))) AS d
)
SELECT coalesce((SELECT days FROM lost), 0), coalesce(sum(fte * (until - since)), 0),
  (SELECT count(*) FROM period) FROM stretch
"""


def own_rate(actor: Actor, employer: Employer, period: Period) -> OwnRate:
    """The employer's own rate by the published method: full-time-equivalent calendar days.

    Overlapping absences count once; changed hours count from the day they changed. Raises NotAllowed.
    """
    if not may_measure(actor, employer.id):
        raise NotAllowed("You cannot see figures of this employer.")
    content = definitions()
    with connection.cursor() as cursor:
        cursor.execute(OWN, {
            "employer": employer.id, "first": period.first, "last": period.last,
            "outside": cast(list[str], content["left_out"]),
        })  # fmt: skip
        lost, available, people = cursor.fetchone()
    fewest = cast(int, content["fewest_people"])
    if people < fewest:
        return OwnRate(0, 0, None, f"With fewer than {fewest} people, a rate could tell about one of them.")
    return OwnRate(float(lost), float(available), rules.rate(lost, available))
