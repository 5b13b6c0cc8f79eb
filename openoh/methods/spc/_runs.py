"""Runs analysis: too long a run on one side, or too few crossings, says that a series is not random."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openoh.methods._content import Content

ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Runs:
    """The Anhøj rules for one part of a chart. Points on the centre line are not useful and are left out.

    ``longest_run_max`` is the longest run that chance explains, ``crossings_min`` the fewest crossings;
    both are ``None`` where no point is useful.
    """

    useful: int
    longest_run: int
    longest_run_max: int | None
    crossings: int
    crossings_min: int | None
    signal: bool


def runs(values: NDArray[np.float64], centre: NDArray[np.float64], rules: Content) -> Runs:
    """The runs of ``values`` about ``centre``."""
    distance = values - centre
    # A point on the line must not count as beside it by an error of binary fractions.
    on_line = np.abs(distance) <= ROUNDING * np.maximum(np.abs(values), np.abs(centre))
    sides = np.where(on_line, 0, np.sign(distance))
    sides = sides[sides != 0]
    useful = len(sides)
    if not useful:
        return Runs(0, 0, None, 0, None, False)
    changes = np.flatnonzero(np.diff(sides))
    longest = int(np.diff(np.concatenate([[-1], changes, [useful - 1]])).max())
    longest_max = round(math.log2(useful) + rules.values["run_excess"])
    crossings_min = _binomial_quantile(rules.values["crossings_probability"], useful - 1)
    return Runs(
        useful=useful,
        longest_run=longest,
        longest_run_max=longest_max,
        crossings=len(changes),
        crossings_min=crossings_min,
        signal=longest > longest_max or len(changes) < crossings_min,
    )


def _binomial_quantile(probability: float, trials: int) -> int:
    """The smallest k with P(heads <= k) >= ``probability`` in ``trials`` throws of a fair coin, by whole
    numbers.
    """
    wanted = probability * 2**trials
    heads, ways = 0, 1
    while ways < wanted:
        heads += 1
        ways += math.comb(trials, heads)
    return heads
