"""The Shewhart family of control charts, with runs analysis."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openoh.methods import _checks, _content
from openoh.methods._content import Content
from openoh.methods.spc._runs import Runs, runs

Floats = NDArray[np.float64]
Limits = tuple[Floats, Floats, Floats]

WITH_DENOMINATOR = ("p", "pp", "u", "up")
OF_SUBGROUPS = ("xbar", "s")
KINDS = ("i", "mr", *WITH_DENOMINATOR, "c", *OF_SUBGROUPS)


@dataclass(frozen=True, slots=True)
class ShewhartChart:
    """One chart, point by point: ``values`` with centre line ``cl`` and limits ``lcl`` and ``ucl``.

    ``values`` is ``None`` at the first point of an ``mr`` chart, which has no range. ``outside`` says
    which points lie beyond a limit. ``runs`` has one analysis per part; ``longest_run`` and the like are
    those of the last part, and ``runs_signal`` says that the runs of *any* part are not random.
    """

    kind: str
    values: list[float | None]
    cl: list[float]
    lcl: list[float]
    ucl: list[float]
    outside: list[bool]
    runs: tuple[Runs, ...]
    rule_version: str

    @property
    def longest_run(self) -> int:
        """Points in the longest run on one side of the centre line."""
        return self.runs[-1].longest_run

    @property
    def longest_run_max(self) -> int | None:
        """The longest run that chance explains."""
        return self.runs[-1].longest_run_max

    @property
    def crossings(self) -> int:
        """How often the series crosses the centre line."""
        return self.runs[-1].crossings

    @property
    def crossings_min(self) -> int | None:
        """The fewest crossings that chance explains."""
        return self.runs[-1].crossings_min

    @property
    def runs_signal(self) -> bool:
        """Whether the runs of any part are not random."""
        return any(part.signal for part in self.runs)


def shewhart(
    kind: str,
    numerator: Sequence[float] | Sequence[Sequence[float]],
    denominator: Sequence[float] | None = None,
    *,
    freeze: int | None = None,
    parts: Sequence[int] = (),
    exclude: Sequence[int] = (),
    version: str | None = None,
) -> ShewhartChart:
    """A control chart of one series.

    ``kind`` is ``i`` (single values), ``mr`` (their moving ranges), ``p`` (proportions), ``u`` (rates),
    ``c`` (counts), ``pp`` and ``up`` (Laney's P' and U', for large denominators), ``xbar`` or ``s``
    (means or standard deviations of subgroups; ``numerator`` then holds a sequence of at least two values
    per subgroup). ``p pp u up`` need a ``denominator`` (above 0) per point. ``freeze`` takes the limits
    from the first that many points; ``parts`` lists the indices where a part with its own limits starts;
    ``exclude`` lists indices to leave out of limits and runs.

    Limits are three standard errors. ``i`` leaves moving ranges above 3.267 average ones out (Nelson
    1982). Limits that a measure cannot pass are cut: 0, and 1 for proportions. Subgroups of one size use
    the mean standard deviation, of several sizes the pooled one (Montgomery).

    Raises ``ValueError`` for an unknown kind, counts that are negative or not whole (``c p pp u up``),
    proportions above 1, a missing or unwanted denominator, gaps, fewer than two points in a part, and
    ``freeze`` with ``parts``. Source: Montgomery 2009; Laney 2002; Anhøj, Olesen 2014 (as in the R
    package qicharts2).

    >>> chart = shewhart("c", [4, 6, 5, 7, 3, 5, 6, 4])
    >>> chart.cl[0], chart.lcl[0], round(chart.ucl[0], 3), chart.runs_signal
    (5.0, 0.0, 11.708, False)
    """
    _checks.one_of("kind", kind, KINDS)
    rules = _content.load("spc", "shewhart", version)
    values, sizes, spread = _measured(kind, numerator, denominator)
    length = len(values)
    if freeze is not None and len(parts):
        raise ValueError(f"freeze is {freeze} with parts {list(parts)}; allowed: one of them")
    if freeze is not None:
        _checks.whole("freeze", freeze, minimum=2, maximum=length)
    bounds = (0, *(_checks.whole("parts", part, minimum=1, maximum=length - 1) for part in parts), length)
    included = np.ones(length, dtype=np.bool_)
    included[[_checks.whole("exclude", index, maximum=length - 1) for index in exclude]] = False
    cl, lcl, ucl = np.empty(length), np.empty(length), np.empty(length)
    analyses = []
    for start, stop in pairwise(bounds):
        part = slice(start, stop)
        base = np.flatnonzero(included[part][:freeze])
        if len(base) < 2:
            raise ValueError(f"part from {start} has {len(base)} points to count; allowed: 2 or more")
        limits = _LIMITS[kind](values[part], sizes[part], spread[part], base, rules)
        cl[part], lcl[part], ucl[part] = limits
        counted = included[part] & np.isfinite(values[part])
        analyses.append(runs(values[part][counted], cl[part][counted], rules))
    return ShewhartChart(
        kind=kind,
        values=[None if np.isnan(value) else float(value) for value in values],
        cl=cl.tolist(),
        lcl=lcl.tolist(),
        ucl=ucl.tolist(),
        outside=((values < lcl) | (values > ucl)).tolist(),
        runs=tuple(analyses),
        rule_version=f"shewhart/{rules.version}",
    )


def _measured(
    kind: str, numerator: Any, denominator: Sequence[float] | None
) -> tuple[Floats, Floats, Floats]:
    """The values charted, the size of each point, and (for subgroups) each standard deviation."""
    if (denominator is None) == (kind in WITH_DENOMINATOR):
        needed = "one per point" if denominator is None else f"None with a {kind} chart"
        raise ValueError(f"denominator is {denominator!r}; allowed: {needed}")
    if kind in OF_SUBGROUPS:
        groups = [
            _checks.vector(f"subgroup {number}", group, at_least=2) for number, group in enumerate(numerator)
        ]
        spread = np.array([group.std(ddof=1) for group in groups])
        means = np.array([group.mean() for group in groups])
        return means if kind == "xbar" else spread, np.array([float(len(group)) for group in groups]), spread
    counts = _checks.vector("numerator", numerator)
    ones = np.ones(len(counts))
    if kind == "mr":
        return np.concatenate([[np.nan], np.abs(np.diff(counts))]), ones, ones
    if kind == "i":
        return counts, ones, ones
    for index, count in enumerate(counts):
        _checks.whole(f"numerator[{index}]", count)
    if denominator is None:
        return counts, ones, ones
    sizes = _checks.vector("denominator", denominator)
    _checks.same_length(numerator=counts, denominator=sizes)
    if (sizes <= 0).any():
        raise ValueError(f"denominator is {sizes[sizes <= 0][0]:g}; allowed: more than 0")
    if kind in ("p", "pp") and (counts > sizes).any():
        index = int(np.flatnonzero(counts > sizes)[0])
        raise ValueError(f"numerator[{index}] is {counts[index]:g}; allowed: 0 to {sizes[index]:g}")
    return counts / sizes, sizes, ones


def _individuals(values: Floats, _sizes: Floats, _spread: Floats, base: Any, rules: Content) -> Limits:
    ranges = np.abs(np.diff(values[base]))
    kept = ranges[ranges <= rules.values["range_limit"] * ranges.mean()]
    sigma = np.full(len(values), kept.mean() / rules.values["d2"])
    centre = np.full(len(values), values[base].mean())
    return centre, centre - rules.values["sigmas"] * sigma, centre + rules.values["sigmas"] * sigma


def _moving_ranges(values: Floats, _sizes: Floats, _spread: Floats, base: Any, rules: Content) -> Limits:
    centre = np.full(len(values), np.nanmean(values[base]))
    return centre, np.zeros(len(values)), rules.values["range_limit"] * centre


def _proportions(values: Floats, sizes: Floats, _spread: Floats, base: Any, rules: Content) -> Limits:
    centre = np.full(len(values), (values * sizes)[base].sum() / sizes[base].sum())
    return _cut(centre, np.sqrt(centre * (1 - centre) / sizes), rules, highest=1.0)


def _laney_proportions(values: Floats, sizes: Floats, _spread: Floats, base: Any, rules: Content) -> Limits:
    centre = np.full(len(values), (values * sizes)[base].sum() / sizes[base].sum())
    sigma = np.sqrt(centre * (1 - centre) / sizes)
    return _cut(centre, sigma * _between(values, centre, sigma, base, rules), rules, highest=1.0)


def _rates(values: Floats, sizes: Floats, _spread: Floats, base: Any, rules: Content) -> Limits:
    centre = np.full(len(values), (values * sizes)[base].sum() / sizes[base].sum())
    return _cut(centre, np.sqrt(centre / sizes), rules)


def _laney_rates(values: Floats, sizes: Floats, _spread: Floats, base: Any, rules: Content) -> Limits:
    centre = np.full(len(values), (values * sizes)[base].sum() / sizes[base].sum())
    sigma = np.sqrt(centre / sizes)
    return _cut(centre, sigma * _between(values, centre, sigma, base, rules), rules)


def _between(values: Floats, centre: Floats, sigma: Floats, base: Any, rules: Content) -> float:
    """Laney's factor: how much the points vary beyond what their size explains."""
    deviation = np.divide(values - centre, sigma, out=np.zeros(len(values)), where=sigma > 0)
    return float(np.abs(np.diff(deviation[base])).mean() / rules.values["d2"])


def _means(values: Floats, sizes: Floats, spread: Floats, base: Any, rules: Content) -> Limits:
    centre = np.full(len(values), (values * sizes)[base].sum() / sizes[base].sum())
    distance = rules.values["sigmas"] * _within(sizes, spread, base) / (_c4(sizes) * np.sqrt(sizes))
    return centre, centre - distance, centre + distance


def _deviations(_values: Floats, sizes: Floats, spread: Floats, base: Any, rules: Content) -> Limits:
    centre = np.full(len(sizes), _within(sizes, spread, base))
    return _cut(centre, centre * np.sqrt(1 - _c4(sizes) ** 2) / _c4(sizes), rules)


def _within(sizes: Floats, spread: Floats, base: Any) -> float:
    if len(np.unique(sizes[base])) == 1:
        return float(spread[base].mean())
    freedom = sizes[base] - 1
    return float(np.sqrt((spread[base] ** 2 * freedom).sum() / freedom.sum()))


def _c4(sizes: Floats) -> Floats:
    """What a sample's standard deviation is on average, in units of the population's."""
    return np.array(
        [math.sqrt(2 / (n - 1)) * math.exp(math.lgamma(n / 2) - math.lgamma((n - 1) / 2)) for n in sizes]
    )


def _cut(centre: Floats, sigma: Floats, rules: Content, highest: float = math.inf) -> Limits:
    distance = rules.values["sigmas"] * sigma
    return centre, np.maximum(0.0, centre - distance), np.minimum(highest, centre + distance)


_LIMITS = {
    "i": _individuals,
    "mr": _moving_ranges,
    "p": _proportions,
    "pp": _laney_proportions,
    "u": _rates,
    "up": _laney_rates,
    "c": lambda values, _sizes, spread, base, rules: _rates(
        values, np.ones(len(values)), spread, base, rules
    ),
    "xbar": _means,
    "s": _deviations,
}
