"""Rates, shares of reasons, and what the best quartile would gain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openoh.methods import _checks, _content
from openoh.methods._figure import Figure
from openoh.methods.absence._rules import FOLDER

BASES = ("fte_days", "hours")


@dataclass(frozen=True, slots=True)
class ReasonShares:
    """Each reason's share of all days lost, per cent; ``None`` everywhere when nothing was lost.

    ``unknown_share`` is the share of reasons that say nothing (other known causes, unknown): a measure of
    recording.
    """

    shares: Mapping[str, float | None]
    total: float
    unknown_share: float | None
    rule_version: str


@dataclass(frozen=True, slots=True)
class UnitGain:
    """One unit: its ``rate`` per cent (``None`` where nothing was available) and what the target would
    gain.
    """

    rate: float | None
    gain: float
    gain_fte: float


@dataclass(frozen=True, slots=True)
class QuartileGain:
    """What would be gained if every unit above the ``target_rate`` (per cent) came down to it.

    ``gain`` is in the unit of ``lost``, ``gain_fte`` in full-time equivalents; ``units`` in the order
    handed in.
    """

    target_rate: float
    gain: float
    gain_fte: float
    units: tuple[UnitGain, ...]
    weighted: bool
    rule_version: str


def rate(
    lost: float | Sequence[float], available: float | Sequence[float], *, basis: str = "fte_days"
) -> float | None:
    """The absence rate, per cent: all lost over all available, added up before dividing, never a mean of
    rates.

    ``lost`` and ``available`` are single numbers or sequences over the same units or months, in FTE days
    (the official NHS rate) or, with ``basis="hours"``, in contracted hours (the police's and NHS
    Scotland's measure); the arithmetic is the same, the basis says what was counted and is checked.
    Published rates round it to 2 places. ``None`` where nothing was available and nothing lost.

    Raises ``ValueError`` for negative numbers, ``nan``, an unknown basis, and time lost where none was
    available. Source: NHS England Digital, NHS sickness absence rates, methodology.

    >>> rate(7.2, 18.0)
    40.0
    >>> rate([10, 0], [100, 300])
    2.5
    """
    _checks.one_of("basis", basis, BASES)
    losses = _checks.vector("lost", np.atleast_1d(lost), minimum=0)
    availabilities = _checks.vector("available", np.atleast_1d(available), minimum=0)
    _checks.same_length(lost=losses, available=availabilities)
    all_lost, all_available = float(losses.sum()), float(availabilities.sum())
    if all_available < _checks.SMALLEST:
        if all_lost >= _checks.SMALLEST:
            raise ValueError(f"available is 0 while lost is {all_lost:g}; allowed: more than 0")
        return None
    return 100 * all_lost / all_available


def contracted_hours(weekly_hours: float, *, months: float = 1, version: str | None = None) -> Figure:
    """Contracted hours of ``months`` months, the denominator of NHS Scotland's rate.

    Weekly hours x 52.179 x months / 12. Raises ``ValueError`` for negative or non-finite input.
    Source: NHS Education for Scotland, Turas Data Intelligence, sickness absence calculation.

    >>> round(contracted_hours(37.5), 2)
    163.06
    """
    rules = _content.load(FOLDER, "nhs-scotland", version)
    _checks.number("weekly_hours", weekly_hours, minimum=0, maximum=168)
    _checks.number("months", months, minimum=0)
    return Figure(weekly_hours * rules.values["weeks_per_year"] * months / 12, rules.rule_version)


def hours_lost_per_person(hours_lost: float, headcount: float) -> float | None:
    """Contracted hours lost per person, the Home Office's measure of police sickness since 2004-05.

    ``None`` where nobody was employed and nothing was lost. Raises ``ValueError`` for negative input and
    for hours lost by nobody.

    Source: Home Office, Police workforce statistics, sickness absence in hours per person.

    >>> hours_lost_per_person(8_400, 120)
    70.0
    """
    _checks.number("hours_lost", hours_lost, minimum=0)
    _checks.number("headcount", headcount, minimum=0)
    if headcount < _checks.SMALLEST:
        if hours_lost >= _checks.SMALLEST:
            raise ValueError(f"headcount is 0 while hours_lost is {hours_lost:g}; allowed: more than 0")
        return None
    return hours_lost / headcount


def reason_shares(lost_by_reason: Mapping[str, float], *, version: str | None = None) -> ReasonShares:
    """Each reason's share of the days lost for all reasons, per cent (published to 1 place).

    Keys are reasons, alone (``S10``) or with their label (``S10 Anxiety/stress/...``). Reasons without
    days stay in, at 0. Raises ``ValueError`` for negative days. Source: NHS England Digital, NHS sickness
    absence rates (share of FTE days lost, same group and month).

    >>> found = reason_shares({"S10 Anxiety": 30, "S13 Cold": 60, "S99 Unknown": 10})
    >>> found.shares["S10 Anxiety"], found.unknown_share
    (30.0, 10.0)
    """
    content = _content.load(FOLDER, "esr-reasons", version)
    for reason, lost in lost_by_reason.items():
        _checks.number(f"days lost for {reason!r}", lost, minimum=0)
    total = float(sum(lost_by_reason.values()))
    unknown = sum(
        lost for reason, lost in lost_by_reason.items() if reason.split(" ")[0] in content.values["unknown"]
    )
    return ReasonShares(
        shares={reason: 100 * lost / total if total else None for reason, lost in lost_by_reason.items()},
        total=total,
        unknown_share=100 * unknown / total if total else None,
        rule_version=f"esr-reasons/{content.version}",
    )


def reason_labels(*, version: str | None = None) -> Mapping[str, str]:
    """The 25 reasons of the Electronic Staff Record by code, as official statistics write them.

    Source: NHS Electronic Staff Record, reasons of sickness absence.

    >>> reason_labels()["S12"]
    'Other musculoskeletal problems'
    """
    return dict(_content.load(FOLDER, "esr-reasons", version).values["labels"])


def quartile_gain(
    lost: Sequence[float],
    available: Sequence[float],
    *,
    hours_per_fte: float,
    weighted: bool = False,
    version: str | None = None,
) -> QuartileGain:
    """What would be gained if every unit reached the best quartile's rate.

    ``lost`` and ``available`` are one value a unit, in one unit of measure (hours or days);
    ``hours_per_fte`` is how much of it one full-time equivalent is over the same time. The target is the
    25th percentile of the units' rates, by linear interpolation; ``weighted`` gives each unit its
    ``available`` as weight, and with equal weights is the same. Units at or below the target gain 0;
    units with nothing available have no rate, no weight and no gain.

    Raises ``ValueError`` for lengths that differ, negative values, ``hours_per_fte`` not above 0, time
    lost where none was available, and no unit with time available.

    Source: Carter 2016, Operational productivity and performance in English NHS acute hospitals (best quartile).

    >>> found = quartile_gain([40, 50, 60, 70, 80], [1000] * 5, hours_per_fte=10)
    >>> found.target_rate, found.gain, found.gain_fte, found.units[4].gain
    (5.0, 60.0, 6.0, 30.0)
    """
    content = _content.load(FOLDER, "quartile-gain", version)
    losses = _checks.vector("lost", lost, minimum=0)
    availabilities = _checks.vector("available", available, minimum=0)
    _checks.same_length(lost=losses, available=availabilities)
    _checks.number("hours_per_fte", hours_per_fte, minimum=0, above=True)
    rates = [rate(*pair) for pair in zip(losses.tolist(), availabilities.tolist(), strict=True)]
    known = availabilities >= _checks.SMALLEST
    if not known.any():
        raise ValueError("available is 0 in every unit; allowed: more than 0 in one")
    known_rates = 100 * losses[known] / availabilities[known]
    weights = availabilities[known] if weighted else np.ones(len(known_rates))
    target = _weighted_percentile(known_rates, weights, content.values["percentile"])
    gains = np.maximum(0.0, losses - target / 100 * availabilities)
    return QuartileGain(
        target_rate=target,
        gain=float(gains.sum()),
        gain_fte=float(gains.sum() / hours_per_fte),
        units=tuple(
            UnitGain(unit_rate, float(gain), float(gain / hours_per_fte))
            for unit_rate, gain in zip(rates, gains, strict=True)
        ),
        weighted=weighted,
        rule_version=f"quartile-gain/{content.version}",
    )


def _weighted_percentile(values: NDArray[np.float64], weights: NDArray[np.float64], percent: float) -> float:
    """Linear interpolation between the sorted values, the k-th lying at (k-1) w_k + (n-1) (w_1 + ... +
    w_(k-1)).

    With equal weights these are evenly spaced, so the result is the ordinary percentile.
    """
    order = np.argsort(values, kind="stable")
    values, weights = values[order], weights[order]
    rank = np.arange(len(values))
    position = rank * weights + (len(values) - 1) * (np.cumsum(weights) - weights)
    return float(np.interp(percent / 100 * position[-1], position, values))
