"""Synthetic control: one treated unit against a weighted mean of others that ran alike before."""

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openoh.methods._checks import Floats, Numbers, floats, vector, whole
from openoh.methods.evaluation._effect import REGRESSION_TO_THE_MEAN, Effect, design_rules

# How strongly the first solution keeps the weights' sum at 1, relative to the size of the outcomes.
SUM_PENALTY = 1e4
NEGLIGIBLE_WEIGHT = 1e-7


@dataclass(frozen=True)
class SyntheticControl(Effect):
    """`estimate` is the mean gap after; `se` and limits are `None`, and `p_value` comes from placebo units.

    `weights` by donor (sum 1), `gaps` in time order, `rmspe_before` the root mean square of the gaps before.
    """

    weights: Mapping[Hashable, float] = field(hash=False)
    gaps: tuple[float, ...]
    rmspe_before: float
    p_value: float


def synthetic_control(
    treated: Numbers, donors: Mapping[Hashable, Numbers] | NDArray[Any], *, pre: int
) -> SyntheticControl:
    """The treated series less the best weighted mean of the donors, weighted on the periods before alone.

    `treated` in time order; `donors` by name, or an array (periods, donors), of the same periods and
    untouched by the intervention; `pre` is the number of periods before it (at least 2, fewer than all).
    Weights are at least 0 and sum to 1, and minimise the squared gaps before: a convex problem with one
    best fit, unlike the variant with predictors, which has many local optima. `p_value` is the share of
    units, the treated one included, whose mean squared gap grows as much after as the treated one's when
    each donor takes its turn (Abadie's ratio). Raises `ValueError` outside these ranges, for gaps, and with
    fewer than two donors. Source: Abadie, Diamond, Hainmueller (2010), Journal of the American Statistical
    Association 105:493.

    >>> donors = {"A": [1, 2, 3, 4], "B": [3, 4, 5, 6], "C": [9, 9, 1, 9]}
    >>> effect = synthetic_control([2, 3, 4, 2], donors, pre=3)
    >>> {name: round(weight, 3) for name, weight in effect.weights.items() if weight > 0.001}
    {'A': 0.5, 'B': 0.5}
    >>> round(effect.estimate, 3)
    -3.0
    """
    outcome = vector("treated", treated, at_least=3)
    names, others = _donors(donors, outcome.size)
    before = whole("pre", pre, minimum=2)
    if before >= outcome.size:
        raise ValueError(f"pre is {pre!r}; it must be below {outcome.size}, the number of periods")
    weights = _weights(outcome[:before], others[:before])
    gaps = outcome - others @ weights
    ratio = _growth(gaps, before)
    placebo = [
        _growth(_gaps(others[:, j], np.delete(others, j, axis=1), before), before)
        for j in range(others.shape[1])
    ]
    rmspe = math.sqrt(float((gaps[:before] ** 2).mean()))
    spread = float(outcome[:before].std())
    return SyntheticControl(
        estimate=float(gaps[before:].mean()),
        se=None,
        lower=None,
        upper=None,
        assumptions=(
            "The weighted donors would have gone on like the treated unit without the intervention.",
            "The donors were not touched by it, and nothing else happened to them or the treated unit.",
        ),
        warnings=_warnings(before, others.shape[1], rmspe, spread, float(weights.max())),
        design="synthetic control, outcomes only",
        strength="moderate",
        confidence=0.95,
        diagnostics=MappingProxyType({"rmspe_before": rmspe, "growth_of_gaps": ratio}),
        rule_version=design_rules().rule_version,
        weights=MappingProxyType(dict(zip(names, weights.tolist(), strict=True))),
        gaps=tuple(gaps.tolist()),
        rmspe_before=rmspe,
        p_value=(1 + sum(value >= ratio for value in placebo)) / (1 + len(placebo)),
    )


def _donors(donors: Mapping[Hashable, Numbers] | NDArray[Any], periods: int) -> tuple[list[Hashable], Floats]:
    if isinstance(donors, Mapping):
        names: list[Hashable] = list(donors)
        columns = [vector(f"the donor {name}", donors[name], length=periods) for name in names]
    else:
        table = floats("donors", donors)
        if table.ndim != 2:
            raise ValueError(f"donors has {table.ndim} dimensions; it must be (periods, donors) or a mapping")
        names = list(range(table.shape[1]))
        columns = [
            vector(f"the donor {name}", table[:, name], length=periods) for name in range(table.shape[1])
        ]
    if len(columns) < 2:
        raise ValueError(f"there are {len(columns)} donors; a synthetic control needs at least 2")
    return names, np.column_stack(columns)


def _weights(outcome: Floats, others: Floats) -> Floats:
    """Non-negative weights with the sum 1 that minimise the squared gaps.

    A penalty keeps the sum near 1 while the active donors are found; among these the sum is then made exact.
    """
    from scipy.optimize import nnls

    scale = float(np.abs(others).max()) or 1.0
    penalty = SUM_PENALTY * np.ones((1, others.shape[1]))
    weights, _ = nnls(
        np.vstack([others / scale, penalty]), np.append(outcome / scale, SUM_PENALTY), maxiter=10_000
    )
    active = weights > NEGLIGIBLE_WEIGHT
    columns = others[:, active] / scale
    size = columns.shape[1]
    system = np.block([[columns.T @ columns, np.ones((size, 1))], [np.ones((1, size)), np.zeros((1, 1))]])
    exact = np.linalg.lstsq(system, np.append(columns.T @ (outcome / scale), 1.0), rcond=None)[0][:size]
    if (exact < 0).any():
        return np.asarray(weights / weights.sum())
    polished = np.zeros(weights.size)
    polished[active] = exact / exact.sum()
    return polished


def _gaps(outcome: Floats, others: Floats, before: int) -> Floats:
    return np.asarray(outcome - others @ _weights(outcome[:before], others[:before]))


def _growth(gaps: Floats, before: int) -> float:
    """The mean squared gap after over that before."""
    fit, later = float((gaps[:before] ** 2).mean()), float((gaps[before:] ** 2).mean())
    return later / max(fit, 1e-300)


def _warnings(before: int, donors: int, rmspe: float, spread: float, largest: float) -> tuple[str, ...]:
    rules = design_rules().values
    warnings = [REGRESSION_TO_THE_MEAN, "No standard error: read p_value, the rank among placebo units."]
    if before < rules["synthetic_before"]:
        warnings.append(f"Only {before} periods before: a good fit may be chance.")
    if donors < rules["synthetic_donors"]:
        warnings.append(f"Only {donors} donors: p_value cannot be below {1 / (donors + 1):.2f}.")
    if rmspe > rules["poor_fit"] * spread:
        warnings.append("The donors do not follow the treated unit before, so the gaps after mean little.")
    if largest > 0.9:
        warnings.append(
            "One donor carries almost all the weight: anything that happened to it is in the gaps."
        )
    return tuple(warnings)
