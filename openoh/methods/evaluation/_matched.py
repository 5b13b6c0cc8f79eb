"""Treated people against comparison people with the same propensity to be treated: weighted, or paired."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openoh.methods._checks import Floats, Numbers, number, one_of, vector
from openoh.methods.evaluation._effect import REGRESSION_TO_THE_MEAN, Effect, design_rules, half_width
from openoh.methods.evaluation._nearest import neighbour_weights, weighted_difference_error
from openoh.methods.evaluation._regression import Fit, binary, logistic

METHODS = {"weights": "propensity-weighted comparison", "nearest": "nearest neighbours by propensity"}


@dataclass(frozen=True)
class MatchedEffect(Effect):
    """The effect on the treated, with the balance that the weights reach.

    `balance_before` and `balance_after` are differences of means by covariate in standard deviations of the
    treated; `effective_comparison` is how many equally weighted people the weighted comparison is worth.
    """

    propensity: tuple[float, ...]
    weights: tuple[float, ...]
    balance_before: Mapping[str, float] = field(hash=False)
    balance_after: Mapping[str, float] = field(hash=False)
    effective_comparison: float


def matched(
    outcome: Numbers,
    *,
    treated: Sequence[Any] | NDArray[Any],
    covariates: Mapping[str, Numbers],
    balance: Mapping[str, Numbers] | None = None,
    method: str = "weights",
    replace: bool = False,
    caliper: float | None = None,
    confidence: float = 0.95,
) -> MatchedEffect:
    """The mean effect on the treated, against comparison people with the same propensity to be treated.

    `method` `weights` weights all comparison people by their odds of treatment (Hajek weights), and is what
    to prefer; `nearest` gives each treated person the comparison person with the nearest propensity (the
    largest first), each of whom serves once, or more often with `replace`. Treated people with nobody
    within `caliper` standard deviations of the propensity (above 0; `None` for any distance) are left out.

    One value for each person: `outcome` finite, `treated` 0 or 1 with at least two of each, `covariates` by
    name, known before the treatment, categories as 0 and 1 without the first. The propensity comes from a
    logistic regression on all covariates as given; the standard error of `weights` allows for it being
    estimated, that of `nearest` takes the pairs as given.
    `balance` are the covariates whose balance is reported, when these differ (for example all levels of a
    category). Raises `ValueError` outside these ranges, where a covariate separates the groups
    completely, and where `nearest` leaves fewer than two people on a side.

    Source: Hirano, Imbens, Ridder (2003), Econometrica 71:1161; Austin (2011), Multivariate Behavioral
    Research 46:399; Ho, Imai, King, Stuart (2011), Journal of Statistical Software 42(8) (nearest).

    >>> effect = matched([5, 6, 7, 3, 4, 5, 6, 9], treated=[1, 1, 1, 0, 0, 0, 0, 0],
    ...                  covariates={"age": [40, 50, 45, 35, 44, 47, 52, 60]})
    >>> round(effect.estimate, 2), round(effect.effective_comparison, 1)
    (1.41, 4.2)
    >>> pairs = matched([5, 6, 7, 3, 4, 5, 6, 9], treated=[1, 1, 1, 0, 0, 0, 0, 0], method="nearest",
    ...                 covariates={"age": [40, 50, 45, 35, 44, 47, 52, 60]})
    >>> pairs.weights
    (1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0)
    """
    y = vector("outcome", outcome, at_least=4)
    group = binary("treated", treated, y.size)
    if not 2 <= group.sum() <= y.size - 2:
        raise ValueError("treated must be 0 or 1, with at least two people of each")
    if not covariates:
        raise ValueError("covariates is empty; without any there is nothing to match on")
    design = np.column_stack([np.ones(y.size), *(vector(n, v, length=y.size) for n, v in covariates.items())])
    fit = logistic(design, group)
    weights = _weights(fit.fitted, group, one_of("method", method, METHODS), replace=replace, caliper=caliper)
    means = [float(np.average(y[group == side], weights=weights[group == side])) for side in (1, 0)]
    estimate = means[0] - means[1]
    if method == "weights":
        se = _standard_error(y, group, design, fit, weights, means)
    else:
        se = weighted_difference_error(y, group, weights)
    half = half_width(se, confidence)
    shown = {n: vector(n, v, length=y.size) for n, v in (covariates if balance is None else balance).items()}
    before, after = (_balance(shown, group, weighting) for weighting in (np.ones(y.size), weights))
    others = weights[group == 0]
    worth = float(others.sum() ** 2 / (others**2).sum())
    return MatchedEffect(
        estimate=estimate,
        se=se,
        lower=estimate - half,
        upper=estimate + half,
        assumptions=(
            "Everything that led both to the treatment and to the outcome is among the covariates.",
            "Everyone treated has comparable people among the others.",
        ),
        warnings=_warnings(group, fit.fitted, weights, after, worth, method),
        design=f"{METHODS[method]} (effect on the treated)",
        strength="moderate",
        confidence=confidence,
        diagnostics=MappingProxyType(
            {
                "effective_comparison": worth,
                "mean_treated": means[0],
                "mean_others": means[1],
                "treated_used": float((weights[group == 1] > 0).sum()),
                "comparison_used": float((others > 0).sum()),
            }
        ),
        rule_version=design_rules().rule_version,
        propensity=tuple(fit.fitted.tolist()),
        weights=tuple(weights.tolist()),
        balance_before=before,
        balance_after=after,
        effective_comparison=worth,
    )


def _weights(
    propensity: Floats, group: Floats, method: str, *, replace: bool, caliper: float | None
) -> Floats:
    if method == "weights":
        if replace or caliper is not None:
            raise ValueError("replace and caliper are of the method 'nearest'; leave them out")
        return np.where(group == 1, 1.0, propensity / (1 - propensity))
    if caliper is not None:
        number("caliper", caliper, minimum=0, above=True)
    weights = neighbour_weights(propensity, group, replace=replace, caliper=caliper)
    used = [int((weights[group == side] > 0).sum()) for side in (1, 0)]
    if min(used) < 2:
        raise ValueError(f"{used[0]} treated and {used[1]} comparison people are paired; it needs 2 of each")
    return weights


def _standard_error(
    y: Floats, group: Floats, design: Floats, fit: Fit, weights: Floats, means: list[float]
) -> float:
    """Sandwich error of the stacked equations for the propensity and both means."""
    on_treated = group * (y - means[0]) / group.sum()
    other = (1 - group) * weights
    on_others = other * (y - means[1]) / other.sum()
    # How the weighted mean of the others moves with the coefficients of the propensity.
    sensitivity = (design * on_others[:, None]).sum(axis=0)
    influence = on_treated - on_others - fit.scores @ fit.bread @ sensitivity
    return math.sqrt(float(influence @ influence))


def _balance(covariates: Mapping[str, Floats], group: Floats, weights: Floats) -> Mapping[str, float]:
    differences = {}
    for name, values in covariates.items():
        one, other = (np.average(values[group == side], weights=weights[group == side]) for side in (1, 0))
        spread = float(values[group == 1].std(ddof=1))
        gap = float(one - other)
        differences[name] = gap / spread if spread else (0.0 if gap == 0 else math.copysign(math.inf, gap))
    return MappingProxyType(differences)


def _warnings(
    group: Floats,
    propensity: Floats,
    weights: Floats,
    balance: Mapping[str, float],
    worth: float,
    method: str,
) -> tuple[str, ...]:
    rules = design_rules().values
    warnings = [REGRESSION_TO_THE_MEAN, "Nothing that was not measured is balanced."]
    if min(group.sum(), (1 - group).sum()) < rules["matched_people"]:
        warnings.append("Few people on one side: the propensity is hardly known.")
    uneven = [name for name, gap in balance.items() if abs(gap) > rules["balanced_difference"]]
    if uneven:
        warnings.append(f"Still out of balance: {', '.join(uneven)}.")
    low, high = rules["common_support"]
    if ((propensity[group == 1] > high) | (propensity[group == 1] < low)).any():
        warnings.append("Some treated people have hardly anyone comparable among the others.")
    left_out = int((weights[group == 1] == 0).sum())
    if left_out:
        warnings.append(f"{left_out} treated people have no partner; the effect is that on the others.")
    if method == "weights" and worth < 0.25 * (1 - group).sum():
        warnings.append(
            f"A few comparison people carry most of the weight; together they are worth {worth:.0f}."
        )
    return tuple(warnings)
