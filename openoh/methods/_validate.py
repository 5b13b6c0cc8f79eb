"""Refuse input outside a method's range: the message names the value and the range."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Numbers = Sequence[float] | NDArray[Any]


def number(
    name: str, value: float, *, least: float = -math.inf, most: float = math.inf, above: bool = False
) -> float:
    """A finite number from `least` (excluded with `above`) to `most`."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise ValueError(f"{name} is {value!r}; it must be a number")
    result = float(value)
    too_low = result <= least if above else result < least
    if not math.isfinite(result) or too_low or result > most:
        raise ValueError(f"{name} is {value!r}; it must be {_range(least, most, above=above)}")
    return result


def whole(name: str, value: float, *, least: int = 0) -> int:
    """A whole number of at least `least`."""
    result = number(name, value, least=least)
    if not result.is_integer():
        raise ValueError(f"{name} is {value!r}; it must be a whole number of at least {least}")
    return int(result)


def confidence_level(value: float) -> float:
    """A confidence between 0 and 1, both excluded."""
    if not 0 < value < 1:
        raise ValueError(f"confidence is {value!r}; it must lie between 0 and 1, for example 0.95")
    return float(value)


def one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    """One of the named choices."""
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}; it must be one of {', '.join(allowed)}")
    return value


def series(
    name: str,
    values: Numbers,
    *,
    least: float = -math.inf,
    above: bool = False,
    points: int = 1,
    length: int | None = None,
) -> Floats:
    """A one-dimensional array of at least `points` finite numbers; gaps are refused, never carried as NaN."""
    array = np.asarray([math.nan if value is None else value for value in values], dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{name} has {array.ndim} dimensions; it must have one")
    if array.size < points:
        raise ValueError(f"{name} has {array.size} values; it must have at least {points}")
    if length is not None and array.size != length:
        raise ValueError(
            f"{name} has {array.size} values; it must have {length}, one for each of its partners"
        )
    bad = ~np.isfinite(array) | ((array <= least) if above else (array < least))
    if bad.any():
        place = int(np.argmax(bad))
        raise ValueError(
            f"{name}[{place}] is {array[place]}; every value must be {_range(least, math.inf, above=above)}"
        )
    return array


def whole_series(name: str, values: Numbers, *, points: int = 1, length: int | None = None) -> Ints:
    """A one-dimensional array of counts: whole numbers of at least 0."""
    array = series(name, values, least=0, points=points, length=length)
    fractional = array != np.floor(array)
    if fractional.any():
        place = int(np.argmax(fractional))
        raise ValueError(
            f"{name}[{place}] is {array[place]}; every value must be a whole number of at least 0"
        )
    return array.astype(np.int64)


def _range(least: float, most: float, *, above: bool) -> str:
    parts = []
    if least > -math.inf:
        parts.append(f"{'above' if above else 'at least'} {least:g}")
    if most < math.inf:
        parts.append(f"at most {most:g}")
    return " and ".join(parts) or "a finite number"
