"""Where the level of a series changes: binary segmentation with a permutation test."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from openoh.methods._checks import Floats, Numbers, generator, repeats, share, vector
from openoh.methods.signals._statistics import scan_rules


@dataclass(frozen=True)
class ChangePoint:
    """The first position of a new level, with the means of the stretches before and after it.

    `statistic` is the greatest difference of means in its stretch, standardised; `p_value` is over all
    positions in it.
    """

    index: int
    before: float
    after: float
    statistic: float
    p_value: float
    level: float
    permutations: int
    seed: int
    rule_version: str


def change_points(
    values: Numbers, *, level: float | None = None, permutations: int = 999, seed: int = 0
) -> list[ChangePoint]:
    """Changes of level of a series in time order, in the order of their position.

    At least one finite value; fewer than six, or all equal, have no change points. The best split of the
    whole series is tested by permuting the values (seeded); where its p-value is at most `level` (0.05
    unless given) both stretches are split again. A series of exchangeable values is split at all in at most
    a share of `level` of series; a trend or values that depend on their neighbours are no such series and
    are split more often. Source: Scott and Knott (1974), Biometrics 30:507; Vostrikova (1981).

    >>> changes = change_points([5, 6, 5, 6, 5, 9, 10, 9, 10, 9])
    >>> [(change.index, change.before, change.after) for change in changes]
    [(5, 5.4, 9.4)]
    """
    array = vector("values", values)
    limit = scan_rules().values["alarm_level"] if level is None else level
    share("level", limit)
    if not repeats("permutations", permutations):
        raise ValueError("permutations is 0; a change point needs at least 1, and 999 for a p-value of 0.001")
    shortest = int(scan_rules().values["shortest_segment"])
    chance = generator(seed)
    splits: list[tuple[int, float, float]] = []
    stretches = [(0, array.size)]
    while stretches:
        first, last = stretches.pop()
        split = _best_split(array[first:last], shortest, limit, permutations, chance)
        if split is not None:
            position, statistic, p_value = split
            splits.append((first + position, statistic, p_value))
            stretches += [(first + position, last), (first, first + position)]
    splits.sort()
    edges = [0, *(index for index, _, _ in splits), array.size]
    means = [float(array[a:b].mean()) for a, b in pairwise(edges)]
    return [
        ChangePoint(
            index,
            means[i],
            means[i + 1],
            statistic,
            p_value,
            limit,
            permutations,
            seed,
            scan_rules().rule_version,
        )
        for i, (index, statistic, p_value) in enumerate(splits)
    ]


def _best_split(
    stretch: Floats, shortest: int, level: float, permutations: int, chance: np.random.Generator
) -> tuple[int, float, float] | None:
    if stretch.size < 2 * shortest or (stretch == stretch[0]).all():
        return None
    standardised = (stretch - stretch.mean()) / stretch.std()
    found = _splits(standardised, shortest)
    shuffled = chance.permuted(np.tile(standardised, (permutations, 1)), axis=1)
    best = _splits(shuffled, shortest).max(axis=-1)
    at = int(np.argmax(found))
    p_value = float(1 + (best >= found[at] - 1e-9).sum()) / (1 + permutations)
    return (shortest + at, float(found[at]), p_value) if p_value <= level else None


def _splits(standardised: Floats, shortest: int) -> Floats:
    """The standardised difference of means at every split, along the last axis."""
    n = standardised.shape[-1]
    left = np.arange(shortest, n - shortest + 1)
    sums = np.cumsum(standardised, axis=-1)[..., left - 1]
    return np.asarray(np.abs(sums) * np.sqrt(n / (left * (n - left))))
