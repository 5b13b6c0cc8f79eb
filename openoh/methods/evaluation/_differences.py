"""Difference in differences: the change of the treated units less the change of the others."""

import math
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openoh.methods._checks import Floats, Numbers, one_of, vector
from openoh.methods.evaluation._effect import REGRESSION_TO_THE_MEAN, Effect, design_rules, half_width
from openoh.methods.evaluation._regression import Fit, binary, covariate_matrix, least_squares

ERRORS = ("clustered", "robust", "classical")


def difference_in_differences(
    y: Numbers,
    *,
    unit: Sequence[Any] | NDArray[Any],
    period: Sequence[Any] | NDArray[Any],
    treated: Sequence[Any] | NDArray[Any],
    post: Sequence[Any] | NDArray[Any],
    covariates: NDArray[Any] | None = None,
    errors: str = "clustered",
    confidence: float = 0.95,
) -> Effect:
    """The effect on treated units of what began with `post`, by least squares on group, time and their
    product.

    One row for each unit and period: `y` finite, `unit` and `period` any labels (periods must sort),
    `treated` and `post` 0 or 1, with rows in all four cells; `treated` may not change within a unit.
    `covariates` (rows x columns) are optional. Rows with a missing outcome must be left out by the caller.
    The standard error is `clustered` by unit (CR1, Student's t with units - 1 degrees of freedom), as rows
    of a unit depend on each other; `robust` (HC1) and `classical` are for comparison with publications.
    Raises `ValueError` outside these ranges. With unequal numbers of rows this weights every row alike; the
    article of Card and Krueger uses the balanced sample for its 2.75. Source: Card and Krueger (1994),
    American Economic Review 84:772; Cameron and Miller (2015), Journal of Human Resources 50:317.

    >>> effect = difference_in_differences(
    ...     [10, 12, 11, 13, 20, 18, 21, 19.5, 5, 7, 6.5, 7.5], unit=[1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6],
    ...     period=[0, 1] * 6, treated=[0] * 4 + [1] * 4 + [0] * 4, post=[0, 1] * 6)
    >>> round(effect.estimate, 3)
    -3.5
    """
    outcome = vector("y", y, at_least=4)
    group, after = (binary(name, flag, outcome.size) for name, flag in (("treated", treated), ("post", post)))
    units, times = (_codes(name, label, outcome.size) for name, label in (("unit", unit), ("period", period)))
    _check_cells(group, after, units)
    columns = [np.ones(outcome.size), group, after, group * after]
    design = np.column_stack(
        columns if covariates is None else [*columns, covariate_matrix(covariates, outcome.size)]
    )
    fit = least_squares(design, outcome)
    se, df = _standard_error(fit, units, one_of("errors", errors, ERRORS))
    estimate = float(fit.coefficients[3])
    half = half_width(se, confidence, df)
    warnings, diagnostics = _warnings(outcome, group, after, units, times)
    return Effect(
        estimate,
        se,
        estimate - half,
        estimate + half,
        (
            "Parallel trends: without it, treated and other units would have changed by the same amount.",
            "No anticipation: nothing changed before it began because it was coming.",
            "No spill-over from treated to comparison units.",
        ),
        warnings,
        f"difference in differences, {errors} errors",
        "moderate",
        confidence,
        MappingProxyType({**diagnostics, "df": float(df), "rows": float(outcome.size)}),
        design_rules().rule_version,
    )


def _codes(name: str, labels: Sequence[Any] | NDArray[Any], length: int) -> NDArray[np.int64]:
    array = np.asarray(labels)
    if array.shape != (length,):
        raise ValueError(f"{name} has shape {array.shape}; it must have {length} values, one for each of y")
    if any(label is None or label != label for label in array.tolist()):
        raise ValueError(f"{name} holds None or nan; it must have a label in every row")
    try:
        return np.unique(array, return_inverse=True)[1].astype(np.int64)
    except TypeError:
        raise ValueError(f"{name} holds labels that do not sort; they must be of one kind") from None


def _check_cells(group: Floats, after: Floats, units: NDArray[np.int64]) -> None:
    for inside, words in ((1, "treated"), (0, "comparison")):
        for late, when in ((0, "before"), (1, "after")):
            if not ((group == inside) & (after == late)).any():
                raise ValueError(f"there is no {words} row {when}; all four cells need at least one")
    mixed = np.bincount(units, weights=group) % np.bincount(units)
    if mixed.any():
        raise ValueError(
            "treated changes within a unit; it says whether the unit is ever treated, post says when"
        )


def _standard_error(fit: Fit, units: NDArray[np.int64], errors: str) -> tuple[float, int]:
    n, k = fit.scores.shape
    clusters = int(units.max()) + 1
    if errors == "clustered":
        if clusters < 4:
            raise ValueError(f"there are {clusters} units; clustered errors need at least 4")
        return math.sqrt(fit.clustered(units)[3, 3]), clusters - 1
    if errors == "robust":
        return math.sqrt(fit.clustered(np.arange(n))[3, 3]), n - k
    return math.sqrt(fit.covariance()[3, 3]), n - k


def _warnings(
    outcome: Floats, group: Floats, after: Floats, units: NDArray[np.int64], times: NDArray[np.int64]
) -> tuple[tuple[str, ...], dict[str, float]]:
    rules = design_rules().values
    warnings = [REGRESSION_TO_THE_MEAN]
    diagnostics = {}
    for inside, words in ((1, "treated"), (0, "comparison")):
        number = np.unique(units[group == inside]).size
        diagnostics[f"{words}_units"] = float(number)
        if number < rules["few_clusters"]:
            warnings.append(f"Few units: {number} {words} units make the clustered interval too narrow.")
    early = after == 0
    if np.unique(times[early]).size < rules["trend_periods"]:
        warnings.append("Too few periods before to see whether the trends were parallel.")
    else:
        trend = times[early].astype(np.float64)
        design = np.column_stack([np.ones(trend.size), group[early], trend, group[early] * trend])
        fit = least_squares(design, outcome[early])
        codes = np.unique(units[early], return_inverse=True)[1]
        z = float(fit.coefficients[3]) / max(math.sqrt(fit.clustered(codes)[3, 3]), 1e-300)
        diagnostics["trend_difference_before"] = float(fit.coefficients[3])
        if abs(z) > half_width(1, 0.95):
            warnings.append(
                "The trends before were not parallel, so the assumption behind this number fails."
            )
    return tuple(warnings), diagnostics
