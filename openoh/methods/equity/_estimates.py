"""One value with its interval: rates, proportions, means, relative likelihoods."""

import math
from dataclasses import dataclass

from scipy.special import chdtri, ndtri, stdtrit

from openoh.methods._checks import SMALLEST, Numbers, confidence_level, number, vector
from openoh.methods._content import Content, load


class TooFewEvents(ValueError):
    """There are too few events for the method to say anything useful."""


@dataclass(frozen=True)
class Estimate:
    """A value with its interval.

    `method` names how the interval was calculated, because for rates it depends on the number of events.
    """

    value: float
    lower: float
    upper: float
    method: str
    confidence: float
    rule_version: str


def interval_rules() -> Content:
    """The thresholds between the methods."""
    return load("equity", "intervals")


def normal_quantile(confidence: float) -> float:
    """The two-sided normal quantile, for example 1.96 for 0.95."""
    return float(ndtri(0.5 + confidence_level(confidence) / 2))


def poisson_limits(events: float, confidence: float) -> tuple[float, float, str]:
    """Limits of a Poisson count: exact (chi-square) below the threshold, Byar's from it on."""
    if events >= interval_rules().values["byar_from_events"]:
        return *byar_limits(events, confidence), "Byar"
    return *exact_limits(events, confidence), "exact Poisson"


def exact_limits(events: float, confidence: float) -> tuple[float, float]:
    """Exact limits of a Poisson count, by the chi-square distribution."""
    tail = (1 - confidence_level(confidence)) / 2
    lower = float(chdtri(2 * events, 1 - tail)) / 2 if events >= SMALLEST else 0.0
    return lower, float(chdtri(2 * events + 2, tail)) / 2


def byar_limits(events: float, confidence: float) -> tuple[float, float]:
    """Byar's approximation to the limits of a Poisson count (Breslow and Day 1987)."""
    z = normal_quantile(confidence)
    following = events + 1
    lower = events * (1 - 1 / (9 * events) - z / (3 * math.sqrt(events))) ** 3 if events else 0.0
    return lower, following * (1 - 1 / (9 * following) + z / (3 * math.sqrt(following))) ** 3


def crude_rate(
    events: float, exposure: float, *, multiplier: float = 100_000, confidence: float = 0.95
) -> Estimate:
    """Events for each `multiplier` of exposure, with exact Poisson limits below 10 events and Byar's from 10.

    `events` >= 0, fractional where they are weighted counts; `exposure` > 0 in any unit (people,
    person-years, FTE days). Unlike a proportion, events may exceed the exposure. Raises `ValueError` outside
    these ranges. Source: Public Health England, Technical Guide: Confidence Intervals (2018).

    >>> rate = crude_rate(65, 100, multiplier=100)
    >>> round(rate.value, 1), round(rate.lower, 2), round(rate.upper, 2), rate.method
    (65.0, 50.16, 82.85, 'Byar')
    """
    count = number("events", events, minimum=0)
    scale = number("multiplier", multiplier, minimum=0, above=True) / number(
        "exposure", exposure, minimum=0, above=True
    )
    lower, upper, method = poisson_limits(count, confidence)
    return Estimate(
        count * scale, lower * scale, upper * scale, method, confidence, interval_rules().rule_version
    )


def proportion(k: float, n: float, *, multiplier: float = 100, confidence: float = 0.95) -> Estimate:
    """`k` of `n`, times `multiplier`, with Wilson's score interval.

    0 <= `k` <= `n`, `n` > 0; fractional where they are weighted counts. Raises `ValueError` outside these
    ranges. Source: Wilson (1927), as in Public Health England, Technical Guide: Confidence Intervals (2018).

    >>> share = proportion(65, 100)
    >>> round(share.value, 1), round(share.lower, 2), round(share.upper, 2)
    (65.0, 55.25, 73.64)
    """
    total = number("n", n, minimum=0, above=True)
    share = number("k", k, minimum=0, maximum=total) / total
    scale = number("multiplier", multiplier, minimum=0, above=True)
    squared = normal_quantile(confidence) ** 2
    centre = share + squared / (2 * total)
    half = math.sqrt(squared * (share * (1 - share) / total + squared / (4 * total**2)))
    whole = 1 + squared / total
    # At 0 and at n the limit is exact; rounding must not put it outside the range.
    lower = 0.0 if share == 0 else (centre - half) / whole
    upper = 1.0 if share == 1 else (centre + half) / whole
    return Estimate(
        share * scale, lower * scale, upper * scale, "Wilson", confidence, interval_rules().rule_version
    )


def mean(values: Numbers, *, confidence: float = 0.95) -> Estimate:
    """The mean of at least two values, with Student's t limits; equal values give limits equal to the mean.

    Raises `ValueError` with fewer than two values (one point has no interval) or with gaps.

    Source: Student's t interval, as in Public Health England, PHEindicatormethods.

    >>> estimate = mean([4.0, 5.0, 6.0])
    >>> estimate.value, round(estimate.lower, 3), round(estimate.upper, 3)
    (5.0, 2.516, 7.484)
    """
    array = vector("values", values, at_least=2)
    centre = float(array.mean())
    quantile = float(stdtrit(array.size - 1, 0.5 + confidence_level(confidence) / 2))
    half = quantile * float(array.std(ddof=1)) / math.sqrt(array.size)
    return Estimate(
        centre, centre - half, centre + half, "Student's t", confidence, interval_rules().rule_version
    )


def relative_likelihood(a: float, n_a: float, b: float, n_b: float, *, confidence: float = 0.95) -> Estimate:
    """How much likelier an event is in group A than in group B, `(a/n_a)/(b/n_b)`, with Katz's log interval.

    As in the Workforce Race and Disability Equality Standards. 0 <= `a` <= `n_a` and 0 <= `b` <= `n_b`, both
    groups above 0; raises `ValueError` outside, and `TooFewEvents` without an event in either group, where
    the ratio or its interval is undefined. When everybody in both groups has the event the interval has no
    width. Source: Katz et al. (1978), Biometrics 34:469; NHS England, WRES and WDES technical guidance.

    >>> estimate = relative_likelihood(8, 929, 4, 296)
    >>> round(estimate.value, 3), round(estimate.lower, 3), round(estimate.upper, 3)
    (0.637, 0.193, 2.101)
    """
    total_a, total_b = (number(name, n, minimum=0, above=True) for name, n in (("n_a", n_a), ("n_b", n_b)))
    events_a, events_b = (
        number("a", a, minimum=0, maximum=total_a),
        number("b", b, minimum=0, maximum=total_b),
    )
    if min(events_a, events_b) < SMALLEST:
        raise TooFewEvents(f"a is {a!r} and b is {b!r}; a relative likelihood needs an event in both groups")
    share_a, share_b = events_a / total_a, events_b / total_b
    ratio = share_a / share_b
    half = normal_quantile(confidence) * math.sqrt((1 - share_a) / events_a + (1 - share_b) / events_b)
    return Estimate(
        ratio,
        ratio * math.exp(-half),
        ratio * math.exp(half),
        "Katz",
        confidence,
        interval_rules().rule_version,
    )


def four_fifths(estimate: Estimate) -> str:
    """Whether a relative likelihood is `within` or `outside` the range that the four-fifths rule accepts.

    The band ignores chance: look at the interval too. Source: NHS England, WRES technical guidance.

    >>> four_fifths(relative_likelihood(8, 929, 4, 296))
    'outside'
    """
    band = load("equity", "four-fifths").values
    return "within" if band["lower"] <= estimate.value <= band["upper"] else "outside"
