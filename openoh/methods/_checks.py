"""Checks of what callers hand in. Every refusal is a ``ValueError`` that names the value and the allowed
range; a gap is refused, never carried on as NaN.
"""

import datetime as dt
import math
from collections.abc import Collection, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Numbers: TypeAlias = Sequence[float] | NDArray[Any]


def one_of(name: str, value: str, allowed: Collection[str]) -> str:
    """``value`` when it is one of ``allowed``."""
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}; allowed: {', '.join(allowed)}")
    return value


def number(
    name: str,
    value: float,
    *,
    minimum: float = -math.inf,
    maximum: float = math.inf,
    above: bool = False,
) -> float:
    """``value`` as a float, when it is finite and from ``minimum`` (itself refused with ``above``) to
    ``maximum``.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise ValueError(f"{name} is {value!r}; allowed: a number")
    too_low = value <= minimum if above else value < minimum
    if not math.isfinite(value) or too_low or value > maximum:
        raise ValueError(f"{name} is {value}; allowed: {_range_in_words(minimum, maximum, above=above)}")
    return float(value)


def whole(name: str, value: float, *, minimum: int = 0, maximum: float = math.inf) -> int:
    """``value`` as an int, when it is a whole number in the closed range."""
    result = number(name, value, minimum=minimum, maximum=maximum)
    if not result.is_integer():
        raise ValueError(f"{name} is {value}; allowed: whole numbers")
    return int(value)


def confidence_level(value: float) -> float:
    """``value`` when it is a confidence: between 0 and 1, both excluded."""
    if not 0 < value < 1:
        raise ValueError(f"confidence is {value!r}; allowed: above 0 and below 1, for example 0.95")
    return float(value)


def vector(
    name: str,
    values: ArrayLike,
    *,
    minimum: float = -math.inf,
    maximum: float = math.inf,
    above: bool = False,
    at_least: int = 1,
    length: int | None = None,
) -> Floats:
    """``values`` as a one-dimensional float array without gaps, all finite and from ``minimum`` (itself
    refused with ``above``) to ``maximum``: ``at_least`` so many, or ``length`` where each has a partner.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{name} has {array.ndim} dimensions; allowed: 1")
    if len(array) < at_least:
        raise ValueError(f"{name} has {len(array)} values; allowed: {at_least} or more")
    if length is not None and len(array) != length:
        raise ValueError(f"{name} has {len(array)} values; allowed: {length}, one for each of its partners")
    high_enough = array > minimum if above else array >= minimum
    wrong = np.flatnonzero(~(np.isfinite(array) & high_enough & (array <= maximum)))
    if len(wrong):
        first = int(wrong[0])
        allowed = _range_in_words(minimum, maximum, above=above)
        raise ValueError(f"{name}[{first}] is {array[first]}; allowed: {allowed}, without gaps")
    return array


def whole_vector(name: str, values: ArrayLike, *, at_least: int = 1, length: int | None = None) -> Ints:
    """``values`` as a one-dimensional array of counts: whole numbers of 0 or more, without gaps."""
    array = vector(name, values, minimum=0, at_least=at_least, length=length)
    fractional = np.flatnonzero(array != np.floor(array))
    if len(fractional):
        first = int(fractional[0])
        raise ValueError(f"{name}[{first}] is {array[first]}; allowed: whole numbers")
    return array.astype(np.int64)


def same_length(**vectors: Sequence[object] | Floats) -> None:
    """Refuses vectors of different lengths."""
    lengths = {name: len(values) for name, values in vectors.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ValueError(f"Lengths differ: {told}; allowed: the same length")


def day(name: str, value: dt.date) -> dt.date:
    """``value`` when it is a date without a time: a time of day would make day counts ambiguous."""
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise ValueError(f"{name} is {value!r}; allowed: a datetime.date without a time")
    return value


def _range_in_words(minimum: float, maximum: float, *, above: bool) -> str:
    if math.isinf(minimum) and math.isinf(maximum):
        return "any finite number"
    if math.isinf(minimum):
        return f"{maximum:g} or less"
    if math.isinf(maximum):
        return f"above {minimum:g}" if above else f"{minimum:g} or more"
    return f"above {minimum:g} and up to {maximum:g}" if above else f"{minimum:g} to {maximum:g}"
