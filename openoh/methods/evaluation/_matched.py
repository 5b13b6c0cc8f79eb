"""Treated people against weighted comparison people with the same propensity to be treated."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openoh.methods._checks import Floats, Numbers, vector
from openoh.methods.evaluation._effect import REGRESSION_TO_THE_MEAN, Effect, design_rules, half_width
from openoh.methods.evaluation._regression import Fit, binary, logistic


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
    confidence: float = 0.95,
) -> MatchedEffect:
    """The mean effect on the treated, weighting comparison people by their odds of treatment (Hajek weights).

    One value for each person: `outcome` finite, `treated` 0 or 1 with at least two of each, `covariates` by
    name, known before the treatment, categories as 0 and 1 without the first. The propensity comes from a
    logistic regression on all covariates as given; the standard error allows for it being estimated.
    `balance` are the covariates whose balance is reported, when these differ (for example all levels of a
    category). Raises `ValueError` outside these ranges or where a covariate separates the groups
    completely. Source: Hirano, Imbens, Ridder (2003), Econometrica 71:1161; Austin (2011), Multivariate
    Behavioral Research 46:399.

    >>> effect = matched([5, 6, 7, 3, 4, 5, 6, 9], treated=[1, 1, 1, 0, 0, 0, 0, 0],
    ...                  covariates={"age": [40, 50, 45, 35, 44, 47, 52, 60]})
    >>> round(effect.estimate, 2), round(effect.effective_comparison, 1)
    (1.41, 4.2)
    """
    y = vector("outcome", outcome, at_least=4)
    group = binary("treated", treated, y.size)
    if not 2 <= group.sum() <= y.size - 2:
        raise ValueError("treated must be 0 or 1, with at least two people of each")
    if not covariates:
        raise ValueError("covariates is empty; without any there is nothing to match on")
    design = np.column_stack([np.ones(y.size), *(vector(n, v, length=y.size) for n, v in covariates.items())])
    fit = logistic(design, group)
    weights = np.where(group == 1, 1.0, fit.fitted / (1 - fit.fitted))
    means = [float(np.average(y[group == side], weights=weights[group == side])) for side in (1, 0)]
    estimate = means[0] - means[1]
    se = _standard_error(y, group, design, fit, weights, means)
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
        warnings=_warnings(group, fit.fitted, after, worth),
        design="propensity-weighted comparison (effect on the treated)",
        strength="moderate",
        confidence=confidence,
        diagnostics=MappingProxyType(
            {"effective_comparison": worth, "mean_treated": means[0], "mean_others": means[1]}
        ),
        rule_version=design_rules().rule_version,
        propensity=tuple(fit.fitted.tolist()),
        weights=tuple(weights.tolist()),
        balance_before=before,
        balance_after=after,
        effective_comparison=worth,
    )


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
    group: Floats, propensity: Floats, balance: Mapping[str, float], worth: float
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
    if worth < 0.25 * (1 - group).sum():
        warnings.append(
            f"A few comparison people carry most of the weight; together they are worth {worth:.0f}."
        )
    return tuple(warnings)
