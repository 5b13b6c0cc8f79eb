"""Special causes on an XmR chart. Every function works along the last axis, so on one series or on many."""

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int8]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

# Order of naming: the first rule that holds names the point.
COMMON, ABOVE, BELOW, RISING, FALLING, NEAR_UPPER, NEAR_LOWER, HIGH_RUN, LOW_RUN = range(9)
# Which way each of them points.
DIRECTION = np.array([0, 1, -1, 1, -1, 1, -1, 1, -1], dtype=np.int8)


def names(trend_n: int, shift_n: int) -> tuple[str, ...]:
    """The public names of the special causes, by number."""
    return (
        "Common Cause",
        "Above UCL",
        "Below LCL",
        f"{trend_n} Point Trend (Increasing)",
        f"{trend_n} Point Trend (Decreasing)",
        "2 in 3 Above CL",
        "2 in 3 Below CL",
        f"{shift_n} Points Above CL",
        f"{shift_n} Points Below CL",
    )


def special_causes(
    values: Floats, side: Integers, outside: Booleans, close: Booleans, *, trend_n: int, shift_n: int
) -> Integers:
    """The number of each point's special cause.

    ``side`` is the side of the mean (-1, 0, 1), ``outside`` beyond a limit, ``close`` beyond the near
    limit only.
    """
    trend = part_of_run(trend_ends(values, trend_n), trend_n)
    shift = part_of_run(one_side_ends(side, shift_n), shift_n).astype(np.bool_)
    near = two_in_three(close, side) & close
    high = side > 0
    low = side < 0
    conditions = [
        (outside & high, ABOVE),
        (outside & low, BELOW),
        (trend > 0, RISING),
        (trend < 0, FALLING),
        (near & high, NEAR_UPPER),
        (near & low, NEAR_LOWER),
        (shift & high, HIGH_RUN),
        (shift & low, LOW_RUN),
    ]
    return np.select([holds for holds, _ in conditions], [number for _, number in conditions], COMMON).astype(
        np.int8
    )


def trend_ends(values: Floats, n: int) -> Integers:
    """1 or -1 where ``n`` consecutive points (2 or more) that all rise or all fall end."""
    steps = np.sign(np.diff(values, axis=-1)).astype(np.int8)
    ends = np.zeros(values.shape, dtype=np.int8)
    if values.shape[-1] >= n:
        ends[..., n - 1 :] = _all_alike(steps, n - 1)
    return ends


def one_side_ends(side: Integers, n: int) -> Integers:
    """1 where ``n`` consecutive points on one side of the mean end; a point on the mean breaks the row."""
    ends = np.zeros(side.shape, dtype=np.int8)
    if side.shape[-1] >= n:
        ends[..., n - 1 :] = np.abs(_all_alike(side, n))
    return ends


def part_of_run(ends: Integers, n: int) -> Integers:
    """Marks all ``n`` points of each run by its direction; on two runs a point takes that of the later
    one.
    """
    parts = np.zeros(ends.shape, dtype=np.int8)
    length = ends.shape[-1]
    for ahead in range(min(n, length)):
        later = ends[..., ahead:]
        covered = parts[..., : length - ahead]
        np.copyto(covered, later, where=later != 0)
    return parts


def two_in_three(close: Booleans, side: Integers) -> Booleans:
    """Marks every three consecutive points on one side of the mean of which at least two are close to the
    limit.
    """
    marks = np.zeros(side.shape, dtype=np.bool_)
    length = side.shape[-1]
    if length < 3:
        return marks
    close_count = _window_sums(close.astype(np.int8), 3)
    holds = (_all_alike(side, 3) != 0) & (close_count >= 2)
    for position in range(3):
        marks[..., position : length - 2 + position] |= holds
    return marks


def _all_alike(signs: Integers, n: int) -> Integers:
    """For each window of ``n``: 1 or -1 where all signs in it are that, else 0."""
    sums = _window_sums(signs, n)
    return np.where(sums == n, 1, np.where(sums == -n, -1, 0)).astype(np.int8)


def _window_sums(values: Integers, n: int) -> NDArray[np.int64]:
    totals = np.cumsum(values, axis=-1, dtype=np.int64)
    sums = totals[..., n - 1 :].copy()
    sums[..., 1:] -= totals[..., :-n]
    return sums
