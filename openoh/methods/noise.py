"""Noise at work: daily and weekly personal exposure and the values of the 2005 regulations."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from openoh.methods._checks import number
from openoh.methods._content import Content, Status, load
from openoh.methods._figure import Figure

__all__ = [
    "Figure",
    "NoiseExposure",
    "assess",
    "lep_d",
    "lep_w",
    "points",
]


Exposures: TypeAlias = Sequence[tuple[float, float]]
"""(equivalent continuous level LAeq in dB(A), minutes) per task of one day."""

_HOURS = 8
_MINUTES_PER_DAY = 24 * 60
_DAYS_PER_WEEK = 7
# The regulations divide a week by five days whatever the days worked.
_WORKING_DAYS = 5
# 85 dB for 8 hours makes 85 dB, with an error of a few binary digits.
_ROUNDING_DB = 1e-9


@dataclass(frozen=True)
class NoiseExposure:
    """One day against the action and limit values.

    ``lep_d`` is without hearing protection; ``at_ear_db`` with it. Action values ignore protection, the limit
    value takes it into account.
    """

    lep_d: float
    at_ear_db: float
    points: float
    peak_db: float | None
    at_or_above_lower_action: bool
    at_or_above_upper_action: bool
    above_limit: bool
    rule_version: str
    status: Status


def lep_d(exposures: Exposures) -> Figure:
    """Daily personal noise exposure LEP,d in dB(A): 10 log10 of the sum of hours/8 x 10^(L/10).

    ``exposures`` holds (LAeq in dB(A) from 0 to 200, minutes 0 or more), at most 24 hours in all. Control of
    Noise at Work Regulations 2005, schedule 1. ``ValueError`` names what is out of range; no exposure at all
    has no level and is refused.

    Source: Control of Noise at Work Regulations 2005, schedule 1.

    >>> round(lep_d([(88, 240)]), 2)
    84.99
    """
    _check(exposures)
    return Figure(10 * math.log10(_dose(exposures) / _HOURS), _rules().rule_version)


def lep_w(daily: Sequence[float]) -> Figure:
    """Weekly personal noise exposure LEP,w in dB(A) from the LEP,d of 1 to 7 days.

    The sum is divided by five days whatever the days worked (schedule 1 of the regulations). A day without
    noise is left out. ``ValueError`` for no day, more than 7, or a level outside 0 to 200 dB.

    Source: Control of Noise at Work Regulations 2005, schedule 1.

    >>> round(lep_w([90, 90]), 2)
    86.02
    """
    if not 1 <= len(daily) <= _DAYS_PER_WEEK:
        raise ValueError(f"There are {len(daily)} days; a week has 1 to {_DAYS_PER_WEEK}.")
    rules = _rules()
    for level in daily:
        _check_level(level, rules)
    mean = math.fsum(10 ** (level / 10) for level in daily) / _WORKING_DAYS
    return Figure(10 * math.log10(mean), rules.rule_version)


def points(exposures: Exposures) -> Figure:
    """Exposure points, not rounded: 100 for 85 dB(A) over 8 hours, doubling with every 3 dB.

    Arguments and errors as `lep_d`.

    Source: HSE, Controlling noise at work (L108), exposure points.

    >>> points([(85, 480)])
    100.0
    """
    _check(exposures)
    reference = _rules().values["hundred_points_db"]
    shares = (minutes / 60 / _HOURS * 10 ** ((level - reference) / 10) for level, minutes in exposures)
    return Figure(100 * math.fsum(shares), _rules().rule_version)


def assess(
    exposures: Exposures, *, peak_db: float | None = None, protection_db: float = 0.0
) -> NoiseExposure:
    """Daily exposure against the values of the Control of Noise at Work Regulations 2005.

    Lower action 80 dB(A) or peak 135 dB(C), upper action 85 or 137 (at or above); limit 87 or 140 at the ear
    (above). ``peak_db`` is the highest C-weighted peak, ``protection_db`` what hearing protection takes off
    (0 to 50), used for the limit alone. Errors as `lep_d`.

    Source: Control of Noise at Work Regulations 2005, regulation 4.

    >>> day = assess([(95, 240)], protection_db=15)
    >>> round(day.lep_d, 1), day.at_or_above_upper_action, day.above_limit
    (92.0, True, False)
    """
    rules = _rules()
    largest = rules.values["protection_db"][1]
    number("protection_db", protection_db, minimum=0, maximum=largest)
    if peak_db is not None:
        _check_level(peak_db, rules)
    daily = lep_d(exposures)
    at_ear = daily - protection_db
    peak = -math.inf if peak_db is None else peak_db

    def reached(name: str) -> bool:
        value = rules.section(name)
        return bool(daily >= value["daily_db"] - _ROUNDING_DB or peak >= value["peak_db"])

    limit = rules.section("limit")
    return NoiseExposure(
        lep_d=daily,
        at_ear_db=at_ear,
        points=points(exposures),
        peak_db=peak_db,
        at_or_above_lower_action=reached("lower_action"),
        at_or_above_upper_action=reached("upper_action"),
        above_limit=at_ear > limit["daily_db"] + _ROUNDING_DB or peak - protection_db > limit["peak_db"],
        rule_version=rules.rule_version,
        status=rules.status,
    )


def _rules() -> Content:
    return load("noise", "regulations-2005")


def _dose(exposures: Exposures) -> float:
    return math.fsum(minutes / 60 * 10 ** (level / 10) for level, minutes in exposures)


def _check_level(level: float, rules: Content) -> None:
    lowest, highest = rules.values["level_db"]
    number("A level", level, minimum=lowest, maximum=highest, unit="dB")


def _check(exposures: Exposures) -> None:
    rules = _rules()
    for level, minutes in exposures:
        _check_level(level, rules)
        number("A time", minutes, minimum=0, unit="minutes")
    total = math.fsum(minutes for _, minutes in exposures)
    if not 0 < total <= _MINUTES_PER_DAY:
        raise ValueError(
            f"The times add up to {total:g} minutes; they must be above 0 and at most {_MINUTES_PER_DAY}."
        )
