"""XmR charts to the rules of Making Data Count, for one series or for many of one length."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openoh.methods import _checks, _content
from openoh.methods._content import Content
from openoh.methods.spc import _rules

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]

IMPROVEMENTS = {"increase": 1, "decrease": -1, "neutral": 0}
COMMON_CAUSE = "common_cause"
IMPROVING = "special_cause_improvement"
CONCERNING = "special_cause_concern"
NEUTRAL_HIGH = "special_cause_neutral_high"
NEUTRAL_LOW = "special_cause_neutral_low"

# Differences below this part of the series' largest value are rounding, not data.
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class XmRGroup:
    """One stretch between rebases: ``start`` is its first index, ``n`` its number of points.

    ``variation`` is the type of its last point. ``assurance`` compares the limits with the target:
    ``consistent_pass``, ``consistent_fail`` or ``inconsistent``; ``None`` without a target or a
    direction. ``provisional`` limits rest on few points.
    """

    start: int
    n: int
    mean: float
    lower: float
    upper: float
    variation: str
    assurance: str | None
    common_cause: int
    improvement: int
    concern: int
    provisional: bool


@dataclass(frozen=True, slots=True)
class XmRChart:
    """One XmR chart, point by point; ``summary`` has one entry per rebase group.

    ``lower`` may be negative for a measure that cannot be: clip it on the screen only, the rules use it
    as it is.
    """

    values: list[float]
    mean: list[float]
    lower: list[float]
    upper: list[float]
    special_cause: list[str]
    point_type: list[str]
    summary: list[XmRGroup]
    improvement: str
    rule_version: str


@dataclass(frozen=True, slots=True, eq=False)
class XmRTable:
    """Many charts of one length, series by points. ``special_cause`` indexes ``special_cause_names``.

    ``direction`` is 1 where a point is special and high or rising, -1 where low or falling, 0 where common.
    ``chart(i)`` gives one of them as an ``XmRChart``.
    """

    values: Floats
    mean: Floats
    lower: Floats
    upper: Floats
    special_cause: Codes
    special_cause_names: tuple[str, ...]
    direction: Codes
    starts: tuple[int, ...]
    improvement: str
    target: Floats | None
    enough_points: int
    rule_version: str

    def __len__(self) -> int:
        return len(self.values)

    def chart(self, index: int) -> XmRChart:
        """One series' chart."""
        types = [_point_type(int(way), self.improvement) for way in self.direction[index]]
        return XmRChart(
            values=self.values[index].tolist(),
            mean=self.mean[index].tolist(),
            lower=self.lower[index].tolist(),
            upper=self.upper[index].tolist(),
            special_cause=[self.special_cause_names[cause] for cause in self.special_cause[index]],
            point_type=types,
            summary=[
                self._group(index, types, start, stop)
                for start, stop in pairwise((*self.starts, self.values.shape[1]))
            ],
            improvement=self.improvement,
            rule_version=self.rule_version,
        )

    def _group(self, index: int, types: list[str], start: int, stop: int) -> XmRGroup:
        lower, upper = float(self.lower[index, stop - 1]), float(self.upper[index, stop - 1])
        target = None if self.target is None else float(self.target[stop - 1])
        return XmRGroup(
            start=start,
            n=stop - start,
            mean=float(self.mean[index, stop - 1]),
            lower=lower,
            upper=upper,
            variation=types[stop - 1],
            assurance=_assurance(lower, upper, target, self.improvement),
            common_cause=types[start:stop].count(COMMON_CAUSE),
            improvement=types[start:stop].count(IMPROVING),
            concern=types[start:stop].count(CONCERNING),
            provisional=stop - start < self.enough_points,
        )


def xmr(
    values: ArrayLike,
    *,
    improvement: str = "increase",
    target: float | Sequence[float] | None = None,
    rebase: Sequence[int] = (),
    fix_after: int | None = None,
    screen_outliers: bool = True,
    trend_n: int = 7,
    shift_n: int = 7,
    version: str | None = None,
) -> XmRChart:
    """The XmR chart of one series, to the rules of Making Data Count.

    ``values`` are one number per period in order of time, without gaps, at least two in each rebase
    group; use rates where the number of people changes, and never rolling means (their points depend on
    one another). ``improvement`` says which way is good (``increase``, ``decrease``, ``neutral``);
    ``target`` is one number or one per point, of which the last in a group counts. ``rebase`` lists the
    indices where a new group, with its own mean, limits and runs, starts. ``fix_after`` takes mean and
    limits from the first that many points of each group (12 or more). ``screen_outliers`` leaves moving
    ranges of 3.267 average ones or more out of the limits, once; the Excel tool of Making Data Count does
    not. ``trend_n`` and ``shift_n`` are the points that make a trend and a shift.

    Limits are the mean -/+ 2.66 average moving ranges. The rules in order, the first that holds naming
    the point: outside a limit; on a trend; two of three beyond two thirds of the way to one limit; on a
    shift. A point that equals the mean or a limit to within rounding lies on it.

    Raises ``ValueError`` for an empty series, a group of one point, gaps (``nan``), an unknown
    improvement, rebase indices out of order or range, and a baseline below the minimum. Source: NHS
    England, Making Data Count; NHS-R community, NHSRplotthedots 0.2.

    >>> chart = xmr([1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1])
    >>> group = chart.summary[0]
    >>> round(group.mean, 2), round(group.lower, 2), round(group.upper, 2)
    (1.94, -0.72, 4.6)
    >>> chart.special_cause[4], chart.point_type[4]
    ('Above UCL', 'special_cause_improvement')
    """
    series = _checks.vector("values", values, at_least=2)
    return xmr_many(
        series[np.newaxis, :],
        improvement=improvement,
        target=target,
        rebase=rebase,
        fix_after=fix_after,
        screen_outliers=screen_outliers,
        trend_n=trend_n,
        shift_n=shift_n,
        version=version,
    ).chart(0)


def xmr_many(
    values: ArrayLike,
    *,
    improvement: str = "increase",
    target: float | Sequence[float] | None = None,
    rebase: Sequence[int] = (),
    fix_after: int | None = None,
    screen_outliers: bool = True,
    trend_n: int = 7,
    shift_n: int = 7,
    version: str | None = None,
) -> XmRTable:
    """``xmr`` for many series of one length (series by points), with equal results.

    The options are common to all series. Raises ``ValueError`` as ``xmr`` does.

    Source: as `xmr`.

    >>> xmr_many([[1, 2, 1, 2], [5, 5, 5, 5]]).upper[:, 0].tolist()
    [4.16, 5.0]
    """
    rules = _content.load("spc", "plot-the-dots", version)
    table = _checks.floats("values", values)
    if table.ndim != 2 or table.shape[1] < 2:
        raise ValueError(f"values have shape {table.shape}; allowed: series by points, two points or more")
    wrong = np.argwhere(~_checks.measurable(table))
    if len(wrong):
        series, point = wrong[0]
        raise ValueError(
            f"values[{series}, {point}] is {table[series, point]}; allowed: finite numbers, no gaps"
        )
    _checks.one_of("improvement", improvement, tuple(IMPROVEMENTS))
    _checks.whole("trend_n", trend_n, minimum=2)
    _checks.whole("shift_n", shift_n, minimum=2)
    if fix_after is not None:
        _checks.whole("fix_after", fix_after, minimum=rules.values["baseline_minimum"])
    starts = _checked_starts(rebase, table.shape[1])
    mean, lower, upper = np.empty_like(table), np.empty_like(table), np.empty_like(table)
    causes = np.empty(table.shape, dtype=np.int8)
    near = rules.values["near_fraction_numerator"] / rules.values["near_fraction_denominator"]
    for start, stop in pairwise((*starts, table.shape[1])):
        group = table[:, start:stop]
        centre, width = _centre_and_width(group[:, :fix_after], rules, screen_outliers)
        mean[:, start:stop] = centre
        lower[:, start:stop], upper[:, start:stop] = centre - width, centre + width
        causes[:, start:stop] = _causes(group, centre, width, near, trend_n, shift_n)
    return XmRTable(
        values=table,
        mean=mean,
        lower=lower,
        upper=upper,
        special_cause=causes,
        special_cause_names=_rules.names(trend_n, shift_n),
        direction=_rules.DIRECTION[causes],
        starts=starts,
        improvement=improvement,
        target=_checked_target(target, table.shape[1]),
        enough_points=rules.values["enough_points"],
        rule_version=f"plot-the-dots/{rules.version}",
    )


def _checked_starts(rebase: Sequence[int], length: int) -> tuple[int, ...]:
    starts = (0, *(_checks.whole("rebase", index, minimum=1, maximum=length - 1) for index in rebase))
    for start, stop in pairwise((*starts, length)):
        if stop - start < 2:
            raise ValueError(
                f"rebase group from {start} has {stop - start} points; allowed: 2 or more, in order of time"
            )
    return starts


def _checked_target(target: float | Sequence[float] | None, length: int) -> Floats | None:
    if target is None:
        return None
    targets = _checks.floats("target", target)
    checked = _checks.vector("target", np.full(length, targets) if targets.ndim == 0 else targets)
    if len(checked) != length:
        raise ValueError(f"target has {len(checked)} values; allowed: 1 or {length}")
    return checked


def _centre_and_width(base: Floats, rules: Content, screen_outliers: bool) -> tuple[Floats, Floats]:
    """Mean and distance of the limits for each series, as columns."""
    ranges = np.abs(np.diff(base, axis=1))
    average = ranges.mean(axis=1, keepdims=True)
    if screen_outliers:
        # With every range 0 nothing lies below the screen and nothing needs screening.
        kept = (ranges < rules.values["screening_factor"] * average) | (average == 0)
        average = np.where(kept, ranges, 0).sum(axis=1, keepdims=True) / kept.sum(axis=1, keepdims=True)
    return base.mean(axis=1, keepdims=True), rules.values["moving_range_factor"] * average


def _causes(values: Floats, centre: Floats, width: Floats, near: float, trend_n: int, shift_n: int) -> Codes:
    rounding = ROUNDING * np.abs(values).max(axis=1, keepdims=True)
    distance = values - centre
    distance[np.abs(distance) <= rounding] = 0
    outside = np.abs(distance) > width + rounding
    close = ~outside & (np.abs(distance) > near * width + rounding)
    side = np.sign(distance).astype(np.int8)
    return _rules.special_causes(values, side, outside, close, trend_n=trend_n, shift_n=shift_n)


def _point_type(direction: int, improvement: str) -> str:
    if direction == 0:
        return COMMON_CAUSE
    if improvement == "neutral":
        return NEUTRAL_HIGH if direction > 0 else NEUTRAL_LOW
    return IMPROVING if direction == IMPROVEMENTS[improvement] else CONCERNING


def _assurance(lower: float, upper: float, target: float | None, improvement: str) -> str | None:
    if target is None or improvement == "neutral":
        return None
    if lower <= target <= upper:
        return "inconsistent"
    beyond = 1 if target > upper else -1
    return "consistent_fail" if beyond == IMPROVEMENTS[improvement] else "consistent_pass"
