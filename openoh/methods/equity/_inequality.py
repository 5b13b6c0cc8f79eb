"""Slope and relative index of inequality."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, ndtri

from openoh.methods._checks import (
    MOST_DRAWS,
    Floats,
    Numbers,
    confidence_level,
    generator,
    number,
    one_of,
    vector,
    whole,
)
from openoh.methods._content import load
from openoh.methods.equity._estimates import normal_quantile

TRANSFORMS = ("log", "logit")

_Limits = tuple[float | None, float | None, float | None, float | None]


@dataclass(frozen=True)
class Inequality:
    """The slope (`sii`) and relative (`rii`) index of inequality across ordered groups.

    `sii` is the fitted value at rank 1 (the last group's end) less that at rank 0, `rii` their ratio,
    `intercept` the fitted value at rank 0. The limits are `None` where no standard errors were given.
    """

    sii: float
    rii: float
    intercept: float
    sii_lower: float | None
    sii_upper: float | None
    rii_lower: float | None
    rii_upper: float | None
    transform: str | None
    multiplier: float
    confidence: float
    draws: int
    seed: int
    rule_version: str


def inequality(
    values: Numbers,
    population: Numbers,
    *,
    se: Numbers | None = None,
    se_scale: str | None = None,
    transform: str | None = None,
    multiplier: float = 1,
    confidence: float = 0.95,
    draws: int = 2**14,
    seed: int = 0,
) -> Inequality:
    """Slope and relative index of inequality of at least two groups in order, group 1 (the most deprived)
    first.

    `values` and `population` (> 0) by group. Least squares of the value on the mid-rank of the cumulative
    population share, weighted by population share, not by standard error. `transform` `log` (values > 0) or
    `logit` (values between 0 and 1) is applied before the fit and undone after it. A negative `multiplier`
    turns the direction: `sii` is multiplied by it, and `rii` is inverted; the intercept is multiplied by its
    size after a transform and left in the unit of the values without one, as the reference practice does.

    `se` are standard errors, and without them there are no limits. They lie on `se_scale`: as the transform
    unless given; the reference practice uses `log` for rates and `logit` for proportions even without a
    transform (`standard_errors` makes them from limits). Each group's value is drawn from a normal
    distribution on that scale, `draws` times (a power of two), from a seeded quasi-random sequence: the
    reference draws at random, so that its limits agree within their noise.
    Raises `ValueError` outside these ranges or where the fitted value at rank 0 or 1 is 0.
    Source: Low and Low (2004), Journal of Public Health 26:388; Public Health England, PHEindicatormethods.

    >>> index = inequality([70.0, 72.0, 74.0, 76.0], [100, 100, 100, 100])
    >>> round(index.sii, 6), round(index.rii, 6), round(index.intercept, 6)
    (8.0, 1.115942, 69.0)
    """
    people = vector("population", population, minimum=0, above=True, at_least=2)
    levels = vector("values", values, length=people.size)
    scale = _multiplier(multiplier)
    confidence_level(confidence)
    coefficients = _coefficients(people)
    intercept, slope = coefficients @ _transformed(levels, transform)
    sii, rii = _indices(np.array([intercept]), np.array([slope]), transform, scale)
    limits: _Limits = (None, None, None, None)
    if se is not None:
        errors = vector("se", se, minimum=0, length=people.size)
        drawn = _drawn(levels, errors, transform if se_scale is None else se_scale, draws, seed)
        intercepts, slopes = coefficients @ _transformed(drawn, transform)
        siis, riis = _indices(intercepts, slopes, transform, scale)
        limits = (*_central(siis, confidence), *_central(riis, confidence))
    return Inequality(
        float(sii[0]),
        float(rii[0]),
        float(_undone(np.array([intercept]), transform)[0]) * (abs(scale) if transform else 1),
        *limits,
        transform,
        scale,
        confidence,
        draws if se is not None else 0,
        seed,
        load("equity", "intervals").rule_version,
    )


def standard_errors(
    lower: Numbers, upper: Numbers, *, scale: str | None = None, confidence: float = 0.95
) -> Floats:
    """Standard errors on a scale (`None`, `log` or `logit`) from each group's limits, for `inequality`.

    Source: Public Health England, PHEindicatormethods (slope index of inequality).

    >>> standard_errors([8.04], [11.96]).round(3).tolist()
    [1.0]
    """
    high = _transformed(vector("upper", upper), scale)
    low = _transformed(vector("lower", lower, length=high.size), scale)
    if (low > high).any():
        raise ValueError("a lower limit is above its upper limit")
    return np.asarray((high - low) / (2 * normal_quantile(confidence)))


def _multiplier(multiplier: float) -> float:
    if number("multiplier", multiplier) == 0:
        raise ValueError(f"multiplier is {multiplier!r}; it must be a finite number other than 0")
    return float(multiplier)


def _coefficients(people: Floats) -> Floats:
    """The two rows of weights by which the groups' values give the intercept and the slope."""
    share = people / people.sum()
    rank = np.cumsum(share) - share / 2
    centre = float(share @ rank)
    slope_of = share * (rank - centre) / float(share @ (rank - centre) ** 2)
    return np.array([share - slope_of * centre, slope_of])


def _transformed(values: Floats, transform: str | None) -> Floats:
    if transform is None:
        return values
    one_of("transform", transform, TRANSFORMS)
    outside = (values <= 0) | (values >= (math.inf if transform == "log" else 1))
    if outside.any():
        allowed = "above 0" if transform == "log" else "between 0 and 1"
        raise ValueError(f"{values[outside][0]} cannot be transformed by {transform}; it must be {allowed}")
    return np.asarray(np.log(values) if transform == "log" else logit(values))


def _undone(fitted: Floats, transform: str | None) -> Floats:
    if transform is None:
        return fitted
    return np.asarray(np.exp(fitted) if transform == "log" else expit(fitted))


def _indices(
    intercept: Floats, slope: Floats, transform: str | None, multiplier: float
) -> tuple[Floats, Floats]:
    first, last = _undone(intercept, transform), _undone(intercept + slope, transform)
    above, below = (last, first) if multiplier > 0 else (first, last)
    if (below == 0).any():
        raise ValueError("the fitted value is 0 at an end of the ranking; the relative index is undefined")
    return (last - first) * multiplier, above / below


def _central(drawn: Floats, confidence: float) -> tuple[float, float]:
    lower, upper = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(lower), float(upper)


def _drawn(values: Floats, errors: Floats, scale: str | None, draws: int, seed: int) -> Floats:
    """Values of the groups (rows) in `draws` quasi-random repeats (columns)."""
    from scipy.stats import qmc

    power = whole("draws", draws, minimum=2**10, maximum=MOST_DRAWS).bit_length() - 1
    if draws != 2**power:
        raise ValueError(f"draws is {draws!r}; it must be a power of two, for example 16384")
    uniform = qmc.Sobol(values.size, rng=generator(seed)).random_base2(power)
    centre = _transformed(values, scale)
    return _undone(centre[:, None] + errors[:, None] * ndtri(uniform.T), scale)
