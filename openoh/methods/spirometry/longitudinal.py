"""Blow quality within one session, and decline of FEV1 over years."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from openoh.methods._checks import day as checked_day
from openoh.methods._checks import number
from openoh.methods._content import Content, Status, load

_DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Quality:
    """Whether a session may be interpreted. ``fev1`` and ``fvc`` are the best values, in litres."""

    fev1: float
    fvc: float
    repeatable: bool
    sufficient: bool
    reasons: tuple[str, ...]
    rule_version: str
    status: Status


@dataclass(frozen=True)
class Decline:
    """Change of FEV1 over a series of tests.

    ``slope_ml_per_year`` is the least-squares slope (negative where FEV1 falls; ``None`` with a single day),
    and
    ``worst_fall_percent`` the largest fall below the best test of the fifteen months before (``None`` where
    no two tests are that close).
    """

    slope_ml_per_year: float | None
    span_years: float
    worst_fall_percent: float | None
    refer: bool
    reasons: tuple[str, ...]
    rule_version: str
    status: Status


def quality(fev1_blows: Sequence[float], fvc_blows: Sequence[float]) -> Quality:
    """Quality of one session from its acceptable blows (litres, the same number of each, at most 8).

    Three acceptable blows, and the best two of FEV1 and of FVC within 0.150 l (0.100 l where the largest FVC
    is 1.0 l or less): ATS/ERS standardization of spirometry, 2019 update. ``ValueError`` for no blow, blows
    that are not above 0 and up to 12 litres, more than 8, or lists of different length.

    Source: Graham et al. 2019, Am J Respir Crit Care Med 200:e70-e88 (ATS/ERS standardisation).

    >>> quality([3.10, 3.02, 2.95], [4.00, 3.70, 3.60]).reasons
    ('The best two FVC differ by 0.300 l, more than 0.150 l.',)
    """
    rules = load("spirometry", "quality")
    most = rules.values["most_blows"]
    if not 1 <= len(fev1_blows) <= most or len(fev1_blows) != len(fvc_blows):
        raise ValueError(
            f"There are {len(fev1_blows)} FEV1 and {len(fvc_blows)} FVC; "
            f"there must be 1 to {most}, as many of each."
        )
    largest = load("spirometry", "interpretation").values["largest_volume_l"]
    for value in (*fev1_blows, *fvc_blows):
        number("A blow", value, minimum=0, maximum=largest, above=True, unit="l")
    within = rules.values["repeatable_within_l"]
    if max(fvc_blows) <= rules.values["small_lungs_fvc_l"]:
        within = rules.values["small_lungs_within_l"]
    reasons = []
    for name, blows in (("FEV1", fev1_blows), ("FVC", fvc_blows)):
        # Spirometers report hundredths or thousandths of a litre: compare millilitres, not binary fractions.
        difference = round(max(blows) - sorted(blows)[-2], 3) if len(blows) > 1 else float("inf")
        if len(blows) > 1 and difference > within:
            reasons.append(f"The best two {name} differ by {difference:.3f} l, more than {within:.3f} l.")
    repeatable = len(fev1_blows) > 1 and not reasons
    least = rules.values["least_acceptable_blows"]
    if len(fev1_blows) < least:
        reasons.append(f"There are {len(fev1_blows)} acceptable blows, fewer than {least}.")
    return Quality(
        fev1=max(fev1_blows),
        fvc=max(fvc_blows),
        repeatable=repeatable,
        sufficient=not reasons,
        reasons=tuple(reasons),
        rule_version=rules.rule_version,
        status=rules.status,
    )


def decline(series: Sequence[tuple[date, float]]) -> Decline:
    """Whether a person's FEV1 falls faster than ageing explains.

    ``series`` holds (date of test, best FEV1 in litres), in any order, one test per day. Refer when FEV1
    falls by more than 15 % year on year; by more than 10 % in two tests running; or by more than 60 mL a year
    on the regression line of at least 4 years. "Year on year" compares each test with the best one of the
    fifteen months before it, so that tests every few months cannot hide a fall in small steps.
    ``ValueError`` for an empty series, two tests on one day, or an FEV1 not above 0 and up to 12 litres.

    Source: Redlich et al. 2014, Am J Respir Crit Care Med 189:983-993 (spirometry in the workplace).

    >>> from datetime import date
    >>> result = decline([(date(2023, 3, 1), 4.0), (date(2024, 3, 1), 3.9), (date(2025, 3, 3), 3.2)])
    >>> result.refer, round(result.worst_fall_percent, 1)
    (True, 17.9)
    """
    rules = load("spirometry", "decline")
    largest = load("spirometry", "interpretation").values["largest_volume_l"]
    tests = sorted((checked_day("A day of the series", day), fev1) for day, fev1 in series)
    if not tests:
        raise ValueError("The series is empty; it needs at least one test.")
    days = [day for day, _ in tests]
    for earlier, later in itertools.pairwise(days):
        if earlier == later:
            raise ValueError(f"There are two tests on {later}; give the best of each day.")
    for day, fev1 in tests:
        number(f"FEV1 on {day}", fev1, minimum=0, maximum=largest, above=True, unit="l")
    span_years = (days[-1] - days[0]).days / _DAYS_PER_YEAR
    slope = _slope_ml_per_year(tests) if len(tests) > 1 else None
    falls = _falls_percent(tests, rules)
    worst = max((fall for fall in falls if fall is not None), default=None)
    reasons = _reasons(tests, slope, span_years, worst, rules)
    return Decline(
        slope_ml_per_year=slope,
        span_years=span_years,
        worst_fall_percent=worst,
        refer=bool(reasons),
        reasons=reasons,
        rule_version=rules.rule_version,
        status=rules.status,
    )


def _slope_ml_per_year(tests: Sequence[tuple[date, float]]) -> float:
    years = np.array([(day - tests[0][0]).days / _DAYS_PER_YEAR for day, _ in tests])
    litres = np.array([fev1 for _, fev1 in tests])
    centred = years - years.mean()
    return float(1000 * (centred @ (litres - litres.mean())) / (centred @ centred))


def _best_before(tests: Sequence[tuple[date, float]], place: int, days: int) -> float | None:
    """The best FEV1 among the tests of the ``days`` before the test at ``place``."""
    on = tests[place][0]
    return max((fev1 for day, fev1 in tests[:place] if (on - day).days <= days), default=None)


def _falls_percent(tests: Sequence[tuple[date, float]], rules: Content) -> list[float | None]:
    """Per test, the fall in per cent below the best of the time before; ``None`` without one to compare."""
    falls: list[float | None] = []
    for place, (_, fev1) in enumerate(tests):
        best = _best_before(tests, place, rules.values["year_on_year_days"])
        falls.append(None if best is None else _fall_percent(best, fev1))
    return falls


def _fall_percent(best: float, fev1: float) -> float:
    # A fall of exactly the limit must not pass it by an error of binary fractions.
    return round(100 * (best - fev1) / best, 9)


def _confirmed(tests: Sequence[tuple[date, float]], rules: Content) -> bool:
    """Whether a fall below the best of the time before is seen again at the next test."""
    limit = rules.values["confirmed_fall_percent"]
    for place in range(len(tests) - 1):
        best = _best_before(tests, place, rules.values["year_on_year_days"])
        if best is not None and all(
            _fall_percent(best, fev1) > limit for _, fev1 in tests[place : place + 2]
        ):
            return True
    return False


def _reasons(
    tests: Sequence[tuple[date, float]],
    slope: float | None,
    span_years: float,
    worst: float | None,
    rules: Content,
) -> tuple[str, ...]:
    limits = rules.values
    reasons = []
    if worst is not None and worst > limits["large_fall_percent"]:
        reasons.append(
            f"FEV1 fell by {worst:.1f} % year on year, more than {limits['large_fall_percent']:g} %."
        )
    if _confirmed(tests, rules):
        reasons.append(
            f"A fall of more than {limits['confirmed_fall_percent']:g} % was confirmed by the next test."
        )
    steep = limits["steep_slope_ml_per_year"]
    if slope is not None and span_years >= limits["slope_needs_years"] and slope < -steep:
        reasons.append(
            f"FEV1 falls by {-slope:.0f} mL a year over {span_years:.1f} years, more than {steep:g} mL."
        )
    return tuple(reasons)
