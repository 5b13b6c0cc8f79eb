"""Checks of what callers hand in. Every refusal is a ``ValueError`` that names the value and the allowed
range.
"""

import datetime as dt
import math
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def one_of(name: str, value: str, allowed: Collection[str]) -> str:
    """``value`` when it is one of ``allowed``."""
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}; allowed: {', '.join(allowed)}")
    return value


def number(name: str, value: float, *, minimum: float = -math.inf, maximum: float = math.inf) -> float:
    """``value`` as a float, when it is finite and lies in the closed range."""
    if not math.isfinite(value) or not minimum <= value <= maximum:
        raise ValueError(f"{name} is {value}; allowed: {_range_in_words(minimum, maximum)}")
    return float(value)


def whole(name: str, value: int, *, minimum: int = 0, maximum: float = math.inf) -> int:
    """``value`` as an int, when it is a whole number in the closed range."""
    number(name, value, minimum=minimum, maximum=maximum)
    if value != int(value):
        raise ValueError(f"{name} is {value}; allowed: whole numbers")
    return int(value)


def vector(
    name: str, values: ArrayLike, *, minimum: float = -math.inf, maximum: float = math.inf, at_least: int = 1
) -> NDArray[np.float64]:
    """``values`` as a one-dimensional float array without gaps, all finite and in the closed range."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{name} has {array.ndim} dimensions; allowed: 1")
    if len(array) < at_least:
        raise ValueError(f"{name} has {len(array)} values; allowed: {at_least} or more")
    wrong = np.flatnonzero(~(np.isfinite(array) & (array >= minimum) & (array <= maximum)))
    if len(wrong):
        first = int(wrong[0])
        raise ValueError(
            f"{name}[{first}] is {array[first]}; allowed: {_range_in_words(minimum, maximum)}, without gaps"
        )
    return array


def same_length(**vectors: Sequence[object] | NDArray[np.float64]) -> None:
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


def _range_in_words(minimum: float, maximum: float) -> str:
    if math.isinf(minimum) and math.isinf(maximum):
        return "any finite number"
    if math.isinf(maximum):
        return f"{minimum:g} or more"
    if math.isinf(minimum):
        return f"{maximum:g} or less"
    return f"{minimum:g} to {maximum:g}"
