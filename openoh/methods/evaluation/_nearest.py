"""Nearest neighbours by propensity: which comparison people stand for which treated ones."""

import numpy as np

from openoh.methods._checks import Floats


def neighbour_weights(propensity: Floats, group: Floats, *, replace: bool, caliper: float | None) -> Floats:
    """1 for each treated person with a partner, 0 without; a comparison person's weight is how often they
    are one.

    Treated people choose in the order of their propensity, the largest first, as there are fewest partners
    for them; among equally near ones the earlier row is taken. ``caliper`` is the largest distance, in
    standard deviations of the propensity.
    """
    reach = np.inf if caliper is None else caliper * float(propensity.std(ddof=1))
    weights = np.zeros(group.size)
    free = group == 0
    treated = np.flatnonzero(group == 1)
    for person in treated[np.argsort(-propensity[treated], kind="stable")]:
        distance = np.where(free, np.abs(propensity - propensity[person]), np.inf)
        partner = int(np.argmin(distance))
        if not distance[partner] <= reach or np.isinf(distance[partner]):
            continue
        weights[person] = 1
        weights[partner] += 1
        free[partner] = replace
    return weights


def weighted_difference_error(y: Floats, group: Floats, weights: Floats) -> float:
    """The standard error of the difference of weighted means, taking the weights as given."""
    variance = 0.0
    for side in (1, 0):
        values, share = y[group == side], weights[group == side] / weights[group == side].sum()
        # Without a second person on a side its variance cannot be known; the caller refuses that before.
        effective = 1 / float((share**2).sum())
        spread = float(share @ (values - share @ values) ** 2) * effective / (effective - 1)
        variance += spread / effective
    return float(np.sqrt(variance))
