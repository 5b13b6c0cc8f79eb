"""Funnels as public-health practice in England draws them: significance of a unit, and the curves of the
funnel.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from openoh.methods import _checks, _content

Floats = NDArray[np.float64]
KINDS = ("ratio", "rate", "proportion")
LOW_998, LOW_95, NOT_SIGNIFICANT, HIGH_95, HIGH_998 = (
    "Low (0.001)",
    "Low (0.025)",
    "Not significant",
    "High (0.025)",
    "High (0.001)",
)


@dataclass(frozen=True, slots=True)
class Significance:
    """Each unit beside the ``target``, in the words of English public-health tools, one-sided probability
    in brackets.

    ``level`` is ``Low (0.001)``, ``Low (0.025)``, ``Not significant``, ``High (0.025)`` or ``High (0.001)``.
    """

    target: float
    level: list[str]
    rule_version: str


@dataclass(frozen=True, slots=True)
class ControlLimits:
    """The curves of a funnel: at a denominator of ``size_lower95[i]`` the lower 95 % limit is
    ``lower95[i]``, and so on.

    For proportions the sizes are those asked for. For ratios and rates each point is where that many
    events lie exactly on the limit, so each curve has its own sizes.
    """

    size_lower95: list[float]
    lower95: list[float]
    size_upper95: list[float]
    upper95: list[float]
    size_lower998: list[float]
    lower998: list[float]
    size_upper998: list[float]
    upper998: list[float]
    rule_version: str


def significance(
    numerator: Sequence[float],
    denominator: Sequence[float],
    *,
    kind: str = "ratio",
    target: float | None = None,
    version: str | None = None,
) -> Significance:
    """How far each unit lies from the target, allowing for chance and nothing else.

    ``kind`` is ``ratio`` (observed over expected, target 1 unless given), ``rate`` (events over
    person-time) or ``proportion`` (people over people), the target of the last two being the pooled value
    unless given. A unit is low or high when its interval excludes the target: Wilson for proportions; for
    events exact Poisson below 10, Byar from 10. Where units differ more than chance explains use
    ``funnel``, which allows for that.

    Raises ``ValueError`` for negative numerators, denominators not above 0, proportions above 1, lengths
    that differ, an unknown kind, and a target not above 0 (or, for proportions, not below 1).

    Source: Office for Health Improvement and Disparities, technical guide: funnel plots.

    >>> significance([15, 4], [24.902, 2.763]).level
    ['Low (0.025)', 'Not significant']
    """
    rules = _content.load("spc", "public-health-funnel", version)
    _checks.one_of("kind", kind, KINDS)
    _checks.same_length(numerator=numerator, denominator=denominator)
    events = _checks.vector("numerator", numerator, minimum=0)
    sizes = _checks.vector("denominator", denominator, minimum=0, above=True)
    if kind == "proportion" and (events > sizes).any():
        index = int(np.flatnonzero(events > sizes)[0])
        raise ValueError(f"numerator[{index}] is {events[index]:g}; allowed: 0 to {sizes[index]:g}")
    pooled = 1.0 if kind == "ratio" else float(events.sum() / sizes.sum())
    centre = _checked_target(kind, pooled if target is None else target)
    intervals = [
        _wilson(events, sizes, level)
        if kind == "proportion"
        else _poisson(events, sizes, level, rules.values["byar_from"])
        for level in rules.values["levels"]
    ]
    (lower95, upper95), (lower998, upper998) = intervals
    level = np.select(
        [upper998 < centre, upper95 < centre, lower998 > centre, lower95 > centre],
        [LOW_998, LOW_95, HIGH_998, HIGH_95],
        NOT_SIGNIFICANT,
    )
    return Significance(centre, level.tolist(), f"public-health-funnel/{rules.version}")


def control_limits(
    points: ArrayLike, *, kind: str = "ratio", target: float = 1.0, version: str | None = None
) -> ControlLimits:
    """The curves of a funnel about ``target``.

    ``points`` are denominators for a ``proportion`` (normal limits, cut at 0 and 1), and numbers of
    events, 1 or more, for a ``ratio`` or a ``rate`` (exact Poisson). Raises ``ValueError`` for points
    below these, an unknown kind, and a target as in ``significance``. Source: Office for Health
    Improvement and Disparities, technical guide: funnel plots.

    >>> curves = control_limits([1, 10, 100])
    >>> [round(size, 3) for size in curves.size_lower95], [round(limit, 3) for limit in curves.lower95]
    ([5.572, 18.39, 121.627], [0.179, 0.544, 0.822])
    """
    rules = _content.load("spc", "public-health-funnel", version)
    _checks.one_of("kind", kind, KINDS)
    centre = _checked_target(kind, target)
    at = _checks.vector(
        "points", points, minimum=0 if kind == "proportion" else 1, above=kind == "proportion"
    )
    curves: dict[str, list[float]] = {}
    for name, level in zip(("95", "998"), rules.values["levels"], strict=True):
        tail = (1 - level) / 2
        if kind == "proportion":
            distance = special.ndtri(1 - tail) * np.sqrt(centre * (1 - centre) / at)
            lower, upper = np.maximum(0.0, centre - distance), np.minimum(1.0, centre + distance)
            sizes_lower = sizes_upper = at
        else:
            sizes_lower = special.gammaincinv(at + 1, 1 - tail) / centre
            sizes_upper = special.gammaincinv(at, tail) / centre
            lower, upper = at / sizes_lower, at / sizes_upper
        curves[f"size_lower{name}"], curves[f"lower{name}"] = sizes_lower.tolist(), lower.tolist()
        curves[f"size_upper{name}"], curves[f"upper{name}"] = sizes_upper.tolist(), upper.tolist()
    return ControlLimits(**curves, rule_version=f"public-health-funnel/{rules.version}")


def _checked_target(kind: str, target: float) -> float:
    highest = 1.0 if kind == "proportion" else np.inf
    if not _checks.SMALLEST <= _checks.number("target", target) < highest:
        raise ValueError(f"target is {target}; allowed: above 0" + (" and below 1" if highest == 1 else ""))
    return float(target)


def _wilson(events: Floats, sizes: Floats, level: float) -> tuple[Floats, Floats]:
    z = special.ndtri((1 + level) / 2)
    share = events / sizes
    middle = (share + z**2 / (2 * sizes)) / (1 + z**2 / sizes)
    half = z / (1 + z**2 / sizes) * np.sqrt(share * (1 - share) / sizes + z**2 / (4 * sizes**2))
    return middle - half, middle + half


def _poisson(events: Floats, sizes: Floats, level: float, byar_from: int) -> tuple[Floats, Floats]:
    z, tail = special.ndtri((1 + level) / 2), (1 - level) / 2
    # Where there are no events the lower limit is 0; the 1 only keeps the unused branch of `where` finite.
    some = np.where(events < _checks.SMALLEST, 1.0, events)
    exact_lower = np.where(events < _checks.SMALLEST, 0.0, special.gammaincinv(some, tail))
    exact_upper = special.gammaincinv(events + 1, 1 - tail)
    lower = np.where(
        events < byar_from, exact_lower, some * (1 - 1 / (9 * some) - z / (3 * np.sqrt(some))) ** 3
    )
    more = events + 1
    upper = np.where(
        events < byar_from, exact_upper, more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    )
    return lower / sizes, upper / sizes
