"""Rates standardised for age or another band: direct with Dobson's limits, and indirect."""

import math
from dataclasses import dataclass
from typing import cast

import numpy as np

from openoh.methods._checks import SMALLEST, Floats, Numbers, number, vector
from openoh.methods._content import load
from openoh.methods.equity._estimates import (
    Estimate,
    TooFewEvents,
    interval_rules,
    poisson_limits,
)


@dataclass(frozen=True)
class Weights:
    """A named standard population: one weight for each band."""

    name: str
    bands: tuple[str, ...]
    weights: tuple[float, ...]
    rule_version: str


def standard_weights(name: str = "esp2013") -> Weights:
    """A standard population by name: `esp2013` (19 bands, last 90+) or `esp2013-working-age` (15-19 to
    65-69).

    Raises `ValueError` for another name. Source: Eurostat, Revision of the European Standard Population
    (2013).

    >>> sum(standard_weights("esp2013").weights)
    100000
    """
    content = load("equity", "weights")
    if name not in content.values:
        raise ValueError(f"name is {name!r}; it must be one of {', '.join(content.values)}")
    table = content.values[name]
    return Weights(name, tuple(table["bands"]), tuple(table["weights"]), content.rule_version)


def standardised_rate(
    events: Numbers,
    population: Numbers,
    weights: Numbers | Weights | str,
    *,
    multiplier: float = 100_000,
    minimum_events: float | None = None,
    count_variance: Numbers | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """The directly standardised rate for each `multiplier`, with Dobson's limits.

    Arrays by band, all of one length: `events` >= 0, `population` > 0 (merge a band without people into its
    neighbour, as the rate in it is unknown), `weights` >= 0 with a positive sum, or a name for
    `standard_weights`. `minimum_events` is 10 unless given; fewer in total raise `TooFewEvents`. Below the
    threshold for Byar's method (only possible with a lower minimum) the exact Poisson limits are used, as the
    reference practice does. `count_variance` by band replaces the Poisson assumption (variance = events)
    where the same person may count more than once: the sum over persons of the square of their number of
    events. Source: Dobson et al. (1991), Statistics in Medicine 10:457; Public Health England, Technical
    Guide (2018).

    >>> rate = standardised_rate([10, 20], [1000, 1000], [1, 3], multiplier=1000)
    >>> round(rate.value, 2), round(rate.lower, 2), round(rate.upper, 2)
    (17.5, 11.36, 25.57)
    """
    if isinstance(weights, str):
        weights = standard_weights(weights)
    version = interval_rules().rule_version
    if isinstance(weights, Weights):
        version, weights = f"{version}; {weights.rule_version}", weights.weights
    counts = vector("events", events, minimum=0)
    people = vector("population", population, minimum=0, above=True, length=counts.size)
    standard = vector("weights", weights, minimum=0, length=counts.size)
    number("the sum of weights", float(standard.sum()), minimum=0, above=True)
    variance = (
        counts
        if count_variance is None
        else vector("count_variance", count_variance, minimum=0, length=counts.size)
    )
    scale = number("multiplier", multiplier, minimum=0, above=True)
    total = float(counts.sum())
    minimum = number(
        "minimum_events",
        interval_rules().values["standardised_minimum_events"] if minimum_events is None else minimum_events,
        minimum=0,
    )
    if total < max(minimum, SMALLEST):
        raise TooFewEvents(
            f"there are {total:g} events; a directly standardised rate needs at least {max(minimum, 1):g}"
        )
    share = standard / standard.sum()
    value = float((share * counts / people).sum())
    lower, upper, method = poisson_limits(total, confidence)
    spread = math.sqrt(float((share**2 * variance / people**2).sum()) / total)
    return Estimate(
        value * scale,
        (value + spread * (lower - total)) * scale,
        (value + spread * (upper - total)) * scale,
        f"Dobson with {method} limits"
        + ("" if count_variance is None else ", events of one person not independent"),
        confidence,
        version,
    )


def standardised_ratio(
    observed: Numbers | float,
    population: Numbers,
    reference_events: Numbers,
    reference_population: Numbers,
    *,
    multiplier: float = 100,
    confidence: float = 0.95,
) -> Estimate:
    """Observed over expected events, times `multiplier`: the indirectly standardised ratio.

    `observed` is the total or an array by band; the others are arrays by band, the reference population > 0
    and the rest >= 0. Raises `ValueError` outside, or when nothing is expected. Limits: exact Poisson below
    10 events, Byar's from 10. Source: Public Health England, Technical Guide: Confidence Intervals (2018).

    >>> ratio = standardised_ratio(30, [1000, 500], [100, 200], [10_000, 10_000])
    >>> ratio.value, round(ratio.lower, 1), round(ratio.upper, 1)
    (150.0, 101.2, 214.1)
    """
    count, expected, _ = _expected(observed, population, reference_events, reference_population)
    scale = number("multiplier", multiplier, minimum=0, above=True) / expected
    lower, upper, method = poisson_limits(count, confidence)
    return Estimate(
        count * scale, lower * scale, upper * scale, method, confidence, interval_rules().rule_version
    )


def indirectly_standardised_rate(
    observed: Numbers | float,
    population: Numbers,
    reference_events: Numbers,
    reference_population: Numbers,
    *,
    multiplier: float = 100_000,
    confidence: float = 0.95,
) -> Estimate:
    """The indirectly standardised ratio times the reference's crude rate; arguments as in
    `standardised_ratio`.

    Source: Public Health England, PHEindicatormethods; Breslow and Day 1987 (Byar).

    >>> rate = indirectly_standardised_rate(30, [1000, 500], [100, 200], [10_000, 10_000], multiplier=1000)
    >>> round(rate.value, 1)
    22.5
    """
    ratio = standardised_ratio(
        observed, population, reference_events, reference_population, multiplier=1, confidence=confidence
    )
    *_, crude = _expected(observed, population, reference_events, reference_population)
    scale = crude * number("multiplier", multiplier, minimum=0, above=True)
    return Estimate(
        ratio.value * scale,
        ratio.lower * scale,
        ratio.upper * scale,
        ratio.method,
        confidence,
        ratio.rule_version,
    )


def _expected(
    observed: Numbers | float, population: Numbers, reference_events: Numbers, reference_population: Numbers
) -> tuple[float, float, float]:
    """The observed total, the expected total and the reference's crude rate."""
    people: Floats = vector("population", population, minimum=0)
    events = vector("reference_events", reference_events, minimum=0, length=people.size)
    base = vector("reference_population", reference_population, minimum=0, above=True, length=people.size)
    if np.ndim(observed):
        count = float(vector("observed", np.asarray(observed), minimum=0, length=people.size).sum())
    else:
        count = number("observed", cast(float, observed), minimum=0)
    expected = float((people * events / base).sum())
    if expected < SMALLEST:
        raise ValueError(f"the expected number of events is {expected:g}; it must be above 0")
    return count, expected, float(events.sum() / base.sum())
