"""What all scans share: the likelihood ratio, the p-value over everything looked at, the alarm level."""

import math
from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from openoh.methods._checks import Floats, share
from openoh.methods._content import Content, load


class Finding(Protocol):
    """Anything with a p-value."""

    @property
    def p_value(self) -> float | None:
        """The p-value, `None` where no permutations were made."""


AnyFinding = TypeVar("AnyFinding", bound=Finding)


def scan_rules() -> Content:
    """The thresholds of the scans."""
    return load("signals", "scan")


def alarms(findings: Iterable[AnyFinding], *, level: float | None = None) -> list[AnyFinding]:
    """The findings with a p-value of at most `level` (0.05 unless given).

    As each p-value compares with the best of everything in a quiet data set, the share of quiet data sets
    in which this list is not empty is at most `level`. Raises `ValueError` where a finding was made without
    permutations.

    Source: the meaning of a level: the share of searches of pure chance that raise an alarm.

    >>> from openoh.methods.signals import scan_tree
    >>> parent = {"A": "X", "B": "X", "C": "X"}
    >>> found = scan_tree({"A": 40, "B": 5, "C": 5}, {"A": 10, "B": 20, "C": 20}, parent)
    >>> [spot.where for spot in alarms(found)]
    ['A']
    """
    limit = scan_rules().values["alarm_level"] if level is None else level
    share("level", limit)
    chosen = []
    for finding in findings:
        if finding.p_value is None:
            raise ValueError("a finding has no p-value; scan with permutations above 0 for alarms")
        if finding.p_value <= limit:
            chosen.append(finding)
    return chosen


def excess_likelihood_ratio(
    observed: NDArray[Any], expected: NDArray[Any], total: NDArray[Any] | float
) -> Floats:
    """The log likelihood ratio of more events inside than outside, given the total; 0 where not more than
    expected.

    Equal to c ln(c/e) + (C - c) ln((C - c)/(C - e)) for c > e.
    """
    counts, means, totals = np.broadcast_arrays(
        np.asarray(observed, dtype=np.float64),
        np.asarray(expected, dtype=np.float64),
        np.asarray(total, np.float64),
    )
    result = np.zeros(counts.shape)
    more = (counts > means) & (means > 0)
    inside, mean, whole = counts[more], means[more], totals[more]
    outside, mean_outside = whole - inside, whole - mean
    result[more] = np.maximum(xlogy(inside, inside / mean) + xlogy(outside, _over(outside, mean_outside)), 0)
    return result


def _over(outside: Floats, mean: Floats) -> Floats:
    """The ratio outside; where nothing is outside the logarithm's factor is 0, so that any positive number
    does."""
    return np.where((outside > 0) & (mean > 0), outside / np.where(mean > 0, mean, 1), 1)


def relative_risk(observed: float, expected: float, total: float) -> float | None:
    """Observed over expected inside, relative to outside; `None` where it is undefined, infinite without
    events outside.

    Undefined: nothing expected inside, or nothing outside.
    """
    outside, expected_outside = total - observed, total - expected
    if expected <= 0 or expected_outside <= 1e-9 * max(total, 1):
        return None
    if outside <= 0:
        return math.inf if observed else None
    return (observed / expected) / (outside / expected_outside)


def p_values(found: Floats, best_of_each: Floats) -> list[float] | list[None]:
    """The share of data sets, the real one included, whose best is at least as good; `None` without
    permutations.

    Equal ratios that differ by rounding count as equal.
    """
    if not best_of_each.size:
        return [None] * found.size
    ordered = np.sort(best_of_each)
    reached = ordered.size - np.searchsorted(ordered, found - 1e-9 * (1 + np.abs(found)), side="left")
    return [float(value) for value in (1 + reached) / (1 + ordered.size)]
