"""Interrupted time series: a level (and slope) that changes when something began."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from openoh.methods._checks import Floats, Numbers, one_of, vector, whole, whole_vector
from openoh.methods.evaluation._effect import REGRESSION_TO_THE_MEAN, Effect, design_rules, half_width
from openoh.methods.evaluation._regression import Fit, covariate_matrix, least_squares, poisson

MODELS = ("quasi-poisson", "poisson", "log-linear")
MONTHS = 12
MOST_HARMONICS = 5


@dataclass(frozen=True)
class InterruptedTimeSeries(Effect):
    """`estimate`, `se` and limits are of the logarithm of the rate ratio; the rate ratios have names of
    their own.

    `slope_ratio` (with limits) is the change of the ratio for each further period, `None` without a slope
    change.
    """

    rate_ratio: float
    rate_ratio_lower: float
    rate_ratio_upper: float
    slope_ratio: float | None
    slope_ratio_lower: float | None
    slope_ratio_upper: float | None
    trend_per_year: float


def interrupted_time_series(
    counts: Numbers,
    *,
    intervention: int | Sequence[Any] | NDArray[Any],
    month: Numbers,
    exposure: Numbers | None = None,
    harmonics: int | None = 2,
    slope_change: bool = False,
    covariates: NDArray[Any] | None = None,
    model: str = "quasi-poisson",
    newey_west_lags: int | None = None,
    confidence: float = 0.95,
) -> InterruptedTimeSeries:
    """The rate ratio of a lasting step in monthly counts, given their trend and season.

    `counts` >= 0 in time order without gaps; `month` is the calendar month (1 to 12) of each;
    `intervention` is the position of the first count after it began, or 0 and 1 for each count. `exposure`
    > 0 (people, FTE) makes rates. `harmonics` pairs of sine and cosine of the year describe the season (0
    for none, up to 5; `None` for a level for each month). `slope_change` lets the trend change too: the
    estimate is then the step where it began, the end of the last count before. `quasi-poisson` widens the
    interval by the Pearson dispersion; `poisson` does not, which is too narrow for most counts; `log-linear`
    is least squares on the logarithm of counts above 0 (over exposure). `newey_west_lags` allows counts
    within so many months to depend on each other. Limits use the normal distribution. Raises `ValueError`
    outside these ranges, without a count on each side, or where there are more coefficients than counts.
    Source: Lopez Bernal, Cummins, Gasparrini (2017), International Journal of Epidemiology 46:348.

    >>> counts = [100, 98, 103, 99, 101, 97, 102, 100, 99, 101, 98, 100, 80, 81, 79, 82, 80, 78]
    >>> month = [*range(1, 13), *range(1, 7)]
    >>> effect = interrupted_time_series(counts, intervention=12, month=month, harmonics=0)
    >>> round(effect.rate_ratio, 2)
    0.81
    """
    choice = one_of("model", model, MODELS)
    values = (
        vector("counts", counts, minimum=0, above=True, at_least=4)
        if choice == "log-linear"
        else whole_vector("counts", counts, at_least=4).astype(np.float64)
    )
    n = values.size
    after, start = _after(intervention, n)
    people = np.ones(n) if exposure is None else vector("exposure", exposure, minimum=0, above=True, length=n)
    time = np.arange(1.0, n + 1)
    columns = [np.ones(n), after, time]
    if slope_change:
        columns.append(after * (time - start))
    columns.extend(_season(month, harmonics, n))
    if covariates is not None:
        columns.extend(covariate_matrix(covariates, n).T)
    design = np.column_stack(columns)
    fit = _fitted(design, values, people, choice)
    if newey_west_lags is None:
        covariance = fit.covariance()
    else:
        covariance = fit.newey_west(whole("newey_west_lags", newey_west_lags, maximum=n - 1))
    step = _ratio(fit, covariance, 1, confidence)
    slope = _ratio(fit, covariance, 3, confidence) if slope_change else None
    residuals = _residuals(fit, values, people, choice)
    durbin_watson = float((np.diff(residuals) ** 2).sum() / (residuals**2).sum()) if residuals.any() else 2.0
    return InterruptedTimeSeries(
        estimate=step[0],
        se=step[1],
        lower=step[2],
        upper=step[3],
        assumptions=(
            "Without it, the trend and the season would have gone on as before.",
            "Nothing else that matters began at the same time.",
        ),
        warnings=_warnings(start, n - start, durbin_watson, fit.dispersion, choice),
        design=f"interrupted time series, {choice}",
        strength="moderate",
        confidence=confidence,
        diagnostics=MappingProxyType({"dispersion": fit.dispersion, "durbin_watson": durbin_watson}),
        rule_version=design_rules().rule_version,
        rate_ratio=math.exp(step[0]),
        rate_ratio_lower=math.exp(step[2]),
        rate_ratio_upper=math.exp(step[3]),
        slope_ratio=None if slope is None else math.exp(slope[0]),
        slope_ratio_lower=None if slope is None else math.exp(slope[2]),
        slope_ratio_upper=None if slope is None else math.exp(slope[3]),
        trend_per_year=math.exp(MONTHS * float(fit.coefficients[2])),
    )


def _after(intervention: int | Sequence[Any] | NDArray[Any], n: int) -> tuple[Floats, int]:
    """0 and 1 for each count, and the position of the first 1."""
    if np.ndim(intervention) == 0:
        start = whole("intervention", cast(int, intervention))
        after = (np.arange(n) >= start).astype(np.float64)
    else:
        after = vector("intervention", intervention, length=n)
        if not np.isin(after, (0, 1)).all():
            raise ValueError("intervention must be a position, or 0 and 1 for each count")
        start = int(np.argmax(after)) if after.any() else n
    if not 0 < start < n:
        raise ValueError(
            f"intervention begins at {start}; there must be counts before and after, so 1 to {n - 1}"
        )
    return after, start


def _season(month: Numbers, harmonics: int | None, n: int) -> list[Floats]:
    months = whole_vector("month", month, length=n)
    if ((months < 1) | (months > MONTHS)).any():
        raise ValueError(f"month holds {months[(months < 1) | (months > MONTHS)][0]}; it must be 1 to 12")
    if harmonics is None:
        return [(months == number).astype(np.float64) for number in np.unique(months)[1:]]
    pairs = whole("harmonics", harmonics, maximum=MOST_HARMONICS)
    angle = 2 * np.pi * months / MONTHS
    return [wave(k * angle) for k in range(1, pairs + 1) for wave in (np.sin, np.cos)]


def _fitted(design: Floats, values: Floats, people: Floats, model: str) -> Fit:
    if model == "log-linear":
        return least_squares(design, np.log(values / people))
    fit = poisson(design, values, np.log(people))
    if model == "poisson":
        return Fit(fit.coefficients, fit.bread, fit.scores, fit.fitted, 1.0)
    return fit


def _residuals(fit: Fit, values: Floats, people: Floats, model: str) -> Floats:
    if model == "log-linear":
        return np.asarray(np.log(values / people) - fit.fitted)
    return np.asarray((values - fit.fitted) / np.sqrt(fit.fitted))


def _ratio(fit: Fit, covariance: Floats, place: int, confidence: float) -> tuple[float, float, float, float]:
    value, se = float(fit.coefficients[place]), math.sqrt(covariance[place, place])
    half = half_width(se, confidence)
    return value, se, value - half, value + half


def _warnings(
    before: int, after: int, durbin_watson: float, dispersion: float, model: str
) -> tuple[str, ...]:
    rules = design_rules().values
    warnings = [REGRESSION_TO_THE_MEAN]
    if before < rules["time_series_before"]:
        warnings.append(f"Only {before} periods before: trend and season are hardly known.")
    if after < rules["time_series_after"]:
        warnings.append(f"Only {after} periods after: a passing change looks like a lasting one.")
    if durbin_watson < 1.5 or durbin_watson > 2.5:
        warnings.append(
            "Neighbouring months depend on each other: use newey_west_lags for an honest interval."
        )
    if model == "poisson":
        warnings.append("Poisson limits take no account of over-dispersion and are usually too narrow.")
    elif model == "quasi-poisson" and dispersion < 1:
        warnings.append("The counts vary less than chance alone would make them: check that they are counts.")
    return tuple(warnings)
