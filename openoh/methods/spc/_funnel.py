"""Funnel plots: units of different size against one target, with limits that allow for over-dispersion."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from openoh.methods import _checks, _content

Floats = NDArray[np.float64]

METHODS = {"ratio": ("shmi", "cqc", "counts"), "rate": ("cqc", "shmi"), "proportion": ("arcsine",)}


@dataclass(frozen=True, slots=True)
class Funnel:
    """Each unit's ``value`` with limits about ``target``, in the order handed in.

    ``lower95`` to ``upper998`` are exact limits where chance alone is at work; the ``adjusted_`` ones
    allow for the spread ``tau2`` between units that is nobody's fault (on the scale of the method).
    ``phi`` above 1 says that units differ more than chance explains. ``z`` is each unit's distance from
    the target in standard errors, before any trimming. ``outside`` is 1 above and -1 below the adjusted
    99.8 % limits, else 0. Units are never ranked.
    """

    kind: str
    method: str
    target: float
    phi: float
    tau2: float
    value: list[float]
    z: list[float]
    lower95: list[float]
    upper95: list[float]
    lower998: list[float]
    upper998: list[float]
    adjusted_lower95: list[float]
    adjusted_upper95: list[float]
    adjusted_lower998: list[float]
    adjusted_upper998: list[float]
    outside: list[int]
    rule_version: str


@dataclass(frozen=True, slots=True)
class _Transform:
    """A scale on which units spread evenly: values, target and standard errors on it, and the way back."""

    values: Floats
    target: float
    errors: Floats
    back: Callable[[Floats], Floats]


def funnel(
    numerator: Sequence[float],
    denominator: Sequence[float],
    *,
    kind: str = "ratio",
    method: str | None = None,
    target: float | None = None,
    trim: float | None = None,
    version: str | None = None,
) -> Funnel:
    """A funnel of units.

    ``kind`` is ``ratio`` (observed over expected; the target is 1 unless given), ``proportion`` (people
    over people) or ``rate`` (events over person-time); the target of the last two is the pooled value
    unless given. ``method`` for ratios and rates: ``shmi`` (logarithm, the lowest and highest 10 %
    trimmed) or ``cqc`` (square root, 10 % winsorised), by default ``shmi`` for ratios and ``cqc`` for
    rates; ``counts`` for a ratio of two counts, both uncertain (logarithm with 0.5 added, winsorised;
    pooled target). Proportions use the arcsine, winsorised. ``trim`` is that part at each end, 0 to below
    0.5.

    phi is the mean squared trimmed z; tau2 = max(0, (n phi - (n - 1)) / (sum w - sum w^2 / sum w)), w = 1
    / s^2 over the units kept (DerSimonian, Laird). Exact limits are those of a Poisson (ratio, rate) or
    binomial (proportion) count as large as the unit's expected one. With ``shmi`` an observed 0 counts as
    0.5. Limits of ``cqc`` are squared back; the R package FunnelPlotR 0.4 does not, which makes its
    adjusted limits about half as wide, and for ratios of counts it takes 1 / (2 sqrt n) as error.

    Raises ``ValueError`` for negative numerators, denominators not above 0, a proportion above 1, lengths
    that differ, an unknown kind or method, and a target outside its range. Source: Spiegelhalter 2005,
    Stat Med 24:1185-1202 and Qual Saf Health Care 14:347-351.

    >>> found = funnel([12, 30, 95], [15, 20, 100])
    >>> [round(limit, 3) for limit in found.upper95], found.outside
    ([1.649, 1.544, 1.216], [0, 0, 0])
    """
    rules = _content.load("spc", "funnel", version)
    _checks.one_of("kind", kind, tuple(METHODS))
    chosen = METHODS[kind][0] if method is None else _checks.one_of("method", method, METHODS[kind])
    part = rules.values["trim"] if trim is None else trim
    if not 0 <= _checks.number("trim", part) < 0.5:
        raise ValueError(f"trim is {part}; allowed: 0 to below 0.5")
    _checks.same_length(numerator=numerator, denominator=denominator)
    events = _checks.vector("numerator", numerator, minimum=0, maximum=_checks.LARGEST_COUNT)
    sizes = _checks.vector("denominator", denominator, minimum=0, maximum=_checks.LARGEST_COUNT, above=True)
    if kind == "proportion" and (events > sizes).any():
        index = int(np.flatnonzero(events > sizes)[0])
        raise ValueError(f"numerator[{index}] is {events[index]:g}; allowed: 0 to {sizes[index]:g}")
    centre = _target(kind, chosen, target, events, sizes)
    scale = _TRANSFORMS[chosen](events, sizes, centre)
    z = (scale.values - scale.target) / scale.errors
    phi, tau2 = _dispersion(z, scale.errors, part, trimmed=chosen == "shmi")
    exact = _exact_limits(kind, centre, sizes, rules.values["levels"])
    adjusted = _adjusted_limits(scale, tau2, rules.values["levels"])
    value = events / sizes
    outside = (value > adjusted[3]).astype(int) - (value < adjusted[2]).astype(int)
    return Funnel(
        kind=kind,
        method=chosen,
        target=centre,
        phi=phi,
        tau2=tau2,
        value=value.tolist(),
        z=z.tolist(),
        lower95=exact[0].tolist(),
        upper95=exact[1].tolist(),
        lower998=exact[2].tolist(),
        upper998=exact[3].tolist(),
        adjusted_lower95=adjusted[0].tolist(),
        adjusted_upper95=adjusted[1].tolist(),
        adjusted_lower998=adjusted[2].tolist(),
        adjusted_upper998=adjusted[3].tolist(),
        outside=outside.tolist(),
        rule_version=f"funnel/{rules.version}",
    )


def _target(kind: str, method: str, target: float | None, events: Floats, sizes: Floats) -> float:
    if target is None:
        return 1.0 if kind == "ratio" and method != "counts" else _pooled(events, sizes)
    highest = 1.0 if kind == "proportion" else np.inf
    if not _checks.SMALLEST <= _checks.number("target", target) < highest:
        raise ValueError(f"target is {target}; allowed: above 0" + (" and below 1" if highest == 1 else ""))
    return float(target)


def _pooled(events: Floats, sizes: Floats) -> float:
    if events.sum() == 0:
        raise ValueError(
            "numerator is 0 in every unit, so there is no target; allowed: a target, or more than 0 in one"
        )
    return float(events.sum() / sizes.sum())


def _logarithm(events: Floats, sizes: Floats, target: float) -> _Transform:
    expected = sizes * target
    values = np.log(np.where(events < _checks.SMALLEST, 0.5, events) / expected)
    return _Transform(values, 0.0, 1 / np.sqrt(expected), lambda scaled: target * np.exp(scaled))


def _square_root(events: Floats, sizes: Floats, target: float) -> _Transform:
    expected = sizes * target
    values = np.sqrt(events / expected)
    return _Transform(
        values, 1.0, 1 / (2 * np.sqrt(expected)), lambda scaled: target * np.maximum(0.0, scaled) ** 2
    )


def _arcsine(events: Floats, sizes: Floats, target: float) -> _Transform:
    return _Transform(
        np.arcsin(np.sqrt(events / sizes)),
        float(np.arcsin(np.sqrt(target))),
        1 / (2 * np.sqrt(sizes)),
        lambda scaled: np.sin(np.clip(scaled, 0.0, np.pi / 2)) ** 2,
    )


def _log_counts(events: Floats, sizes: Floats, target: float) -> _Transform:
    values = np.log((events + 0.5) / (sizes + 0.5))
    errors = np.sqrt(events / (events + 0.5) ** 2 + sizes / (sizes + 0.5) ** 2)
    return _Transform(values, float(np.log(target)), errors, np.exp)


_TRANSFORMS = {"shmi": _logarithm, "cqc": _square_root, "arcsine": _arcsine, "counts": _log_counts}


def _dispersion(z: Floats, errors: Floats, part: float, *, trimmed: bool) -> tuple[float, float]:
    if trimmed:
        # floor(n x part) units at each end; the small addition keeps 0.1 x 30 from being 2.99...
        cut = int(part * len(z) + 1e-9)
        kept = np.argsort(z, kind="stable")[cut : len(z) - cut]
        z, errors = z[kept], errors[kept]
    else:
        z = np.clip(z, *np.quantile(z, [part, 1 - part]))
    count = len(z)
    phi = float(np.mean(z**2))
    weights = 1 / errors**2
    room = weights.sum() - (weights**2).sum() / weights.sum()
    if count < 2 or count * phi <= count - 1:
        return phi, 0.0
    return phi, float((count * phi - (count - 1)) / room)


def _adjusted_limits(scale: _Transform, tau2: float, levels: Sequence[float]) -> list[Floats]:
    """Lower and upper limit at each level, with the spread between units added to that of each unit."""
    spread = np.sqrt(scale.errors**2 + tau2)
    limits = []
    for level in levels:
        distance = special.ndtri((1 + level) / 2) * spread
        limits += [scale.back(scale.target - distance), scale.back(scale.target + distance)]
    return limits


def _exact_limits(kind: str, target: float, sizes: Floats, levels: Sequence[float]) -> list[Floats]:
    expected = sizes * target
    limits = []
    for level in levels:
        tail = (1 - level) / 2
        if kind == "proportion":
            lower = special.betaincinv(expected, sizes - expected + 1, tail)
            # Where everybody is expected to be counted nothing lies above.
            others = np.maximum(sizes - expected, np.finfo(np.float64).tiny)
            upper = np.where(sizes > expected, special.betaincinv(expected + 1, others, 1 - tail), 1.0)
        else:
            # Half a chi-square quantile with 2 k degrees of freedom is a gamma quantile with shape k.
            lower = special.gammaincinv(expected, tail) / sizes
            upper = special.gammaincinv(expected + 1, 1 - tail) / sizes
        limits += [lower, upper]
    return limits
