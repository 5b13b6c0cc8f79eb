"""Daily exposure to hand-arm vibration: A(8) of ISO 5349-1 and the points of the HSE ready reckoner."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from openoh.methods._checks import number
from openoh.methods._content import Content, Status, load
from openoh.methods._figure import Figure

Exposures: TypeAlias = Sequence[tuple[float, float]]
"""(frequency-weighted magnitude in m/s2, trigger time in minutes) per tool or task of one day."""

_HOURS = 8
_MINUTES_PER_DAY = 24 * 60
# 2.5 m/s2 for 8 hours makes 100 points, with an error of a few binary digits.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class VibrationExposure:
    """One day against the action and limit values.

    ``hours_to_action`` and ``hours_to_limit`` say, per tool used alone, when A(8) would reach each value
    (``inf`` for a tool that does not vibrate).
    """

    a8: float
    points: float
    partial_a8: tuple[float, ...]
    partial_points: tuple[float, ...]
    at_or_above_action: bool
    above_limit: bool
    hours_to_action: tuple[float, ...]
    hours_to_limit: tuple[float, ...]
    rule_version: str
    status: Status


def a8(exposures: Exposures) -> Figure:
    """Daily exposure A(8) in m/s2: the root of the sum of a2 x hours / 8.

    ``exposures`` holds (m/s2, minutes) per tool, each 0 or more, at most 24 hours in all; none at all is 0.
    ISO 5349-1:2001; HSE guidance L140. ``ValueError`` names what is out of range.

    Source: Control of Vibration at Work Regulations 2005, schedule 1.

    >>> a8([(5, 120)])
    2.5
    """
    _check(exposures)
    mean_square = math.fsum(magnitude**2 * minutes / 60 for magnitude, minutes in exposures) / _HOURS
    return Figure(math.sqrt(mean_square), _rules().rule_version)


def points(exposures: Exposures) -> Figure:
    """Exposure points, not rounded: 2 x a2 x hours, so that the action value is 100 and the limit value 400.

    Arguments and errors as `a8`.

    Source: HSE, Hand-arm vibration (L140), exposure points.

    >>> points([(5, 180)])
    150.0
    """
    _check(exposures)
    total = math.fsum(2 * magnitude**2 * minutes / 60 for magnitude, minutes in exposures)
    return Figure(total, _rules().rule_version)


def assess(exposures: Exposures) -> VibrationExposure:
    """Daily exposure with its parts, against the values of the Control of Vibration at Work Regulations 2005.

    The action value (2.5 m/s2) counts at or above, the limit value (5 m/s2) above. Arguments and errors as
    `a8`.

    Source: Control of Vibration at Work Regulations 2005, regulation 4.

    >>> day = assess([(4.0, 45), (3.2, 480)])
    >>> round(day.a8, 2), day.at_or_above_action, day.above_limit
    (3.43, True, False)
    """
    rules = _rules()
    action, limit = rules.values["action_value_m_s2"], rules.values["limit_value_m_s2"]
    daily = a8(exposures)
    return VibrationExposure(
        a8=daily,
        points=points(exposures),
        partial_a8=tuple(a8([exposure]) for exposure in exposures),
        partial_points=tuple(points([exposure]) for exposure in exposures),
        at_or_above_action=daily >= action * (1 - _ROUNDING),
        above_limit=daily > limit * (1 + _ROUNDING),
        hours_to_action=tuple(_hours_to(action, magnitude) for magnitude, _ in exposures),
        hours_to_limit=tuple(_hours_to(limit, magnitude) for magnitude, _ in exposures),
        rule_version=rules.rule_version,
        status=rules.status,
    )


def _rules() -> Content:
    return load("vibration", "regulations-2005")


def _hours_to(value: float, magnitude: float) -> float:
    return _HOURS * (value / magnitude) ** 2 if magnitude else math.inf


def _check(exposures: Exposures) -> None:
    for magnitude, minutes in exposures:
        number("A magnitude", magnitude, minimum=0, unit="m/s2")
        number("A time", minutes, minimum=0, unit="minutes")
    total = math.fsum(minutes for _, minutes in exposures)
    if total > _MINUTES_PER_DAY:
        raise ValueError(f"The times add up to {total:g} minutes; a day has {_MINUTES_PER_DAY}.")
