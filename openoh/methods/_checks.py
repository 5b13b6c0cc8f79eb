"""Checks of what callers hand in. Every refusal is a ``ValueError`` that names the value and the allowed
range; a gap is refused, never carried on as NaN.
"""

import datetime as dt
import math
import numbers
from collections.abc import Collection, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Days: TypeAlias = NDArray[np.datetime64]
Numbers: TypeAlias = Sequence[float] | NDArray[Any]

# Nothing that is counted or measured is larger, and nothing that divides is smaller. Beyond, squares and
# ratios would overflow to infinity unnoticed.
LARGEST = 1e50
SMALLEST = 1e-50
# The largest whole number that every step keeps exactly.
LARGEST_COUNT = 2**53
LARGEST_WITHOUT_COMMAS = 100_000
# More draws of chance than this fill the memory and show no more.
MOST_DRAWS = 1_000_000


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
    unit: str = "",
) -> float:
    """``value`` as a float, when it is finite and from ``minimum`` (itself refused with ``above``) to
    ``maximum``; ``unit`` is for the message.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise ValueError(f"{name} is {value!r}; allowed: a number")
    too_low = value <= minimum or abs(value) < SMALLEST if above else value < minimum
    # The last comparison is also false for nan.
    if too_low or value > maximum or not abs(value) <= LARGEST:
        shown = f"{value} {unit}".rstrip()
        raise ValueError(f"{name} is {shown}; allowed: {_range_in_words(minimum, maximum, above=above)}")
    return float(value)


def share(name: str, value: float) -> float:
    """``value`` as a float, when it lies between 0 and 1, both excluded."""
    result = number(name, value, minimum=0, maximum=1, above=True)
    if result == 1:
        raise ValueError(f"{name} is {value}; allowed: above 0 and below 1, for example 0.95")
    return result


def whole(name: str, value: float, *, minimum: int = 0, maximum: float = LARGEST_COUNT) -> int:
    """``value`` as an int, when it is a whole number in the closed range."""
    result = number(name, value, minimum=minimum, maximum=maximum)
    if not result.is_integer():
        raise ValueError(f"{name} is {value}; allowed: whole numbers")
    return int(value)


def repeats(name: str, value: int) -> int:
    """``value`` as a number of draws or permutations: whole, from 0 to a million."""
    return whole(name, value, maximum=MOST_DRAWS)


def generator(seed: int) -> np.random.Generator:
    """Chance from a ``seed``, a whole number of 0 or more, so that every result can be repeated."""
    return np.random.default_rng(whole("seed", seed))


def confidence_level(value: float) -> float:
    """``value`` when it is a confidence: between 0 and 1, both excluded."""
    return share("confidence", value)


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
    array = floats(name, values)
    if array.ndim != 1:
        raise ValueError(f"{name} has {array.ndim} dimensions; allowed: 1")
    if len(array) < at_least:
        raise ValueError(f"{name} has {len(array)} values; allowed: {at_least} or more")
    if length is not None and len(array) != length:
        raise ValueError(f"{name} has {len(array)} values; allowed: {length}, one for each of its partners")
    high_enough = (array > minimum) & (np.abs(array) >= SMALLEST) if above else array >= minimum
    wrong = np.flatnonzero(~(measurable(array) & high_enough & (array <= maximum)))
    if len(wrong):
        first = int(wrong[0])
        allowed = _range_in_words(minimum, maximum, above=above)
        raise ValueError(f"{name}[{first}] is {array[first]}; allowed: {allowed}, without gaps")
    return array


def floats(name: str, values: Any) -> Floats:
    """``values`` as a float array of any shape, ``None`` as NaN; texts and dates are refused, not read."""
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} has parts of different lengths; allowed: numbers in one shape") from None
    if array.dtype.kind in "biuf":
        return array.astype(np.float64, copy=False)
    listed = [math.nan if value is None else value for value in array.ravel().tolist()]
    for place, value in enumerate(listed):
        if isinstance(value, complex) or not isinstance(value, numbers.Number):
            raise ValueError(f"{name}[{place}] is {value!r}; allowed: a number")
    try:
        return np.array([float(value) for value in listed], dtype=np.float64).reshape(array.shape)
    except OverflowError:
        raise ValueError(f"{name} holds a number beyond {LARGEST:g}; allowed: up to {LARGEST:g}") from None


def whole_vector(name: str, values: ArrayLike, *, at_least: int = 1, length: int | None = None) -> Ints:
    """``values`` as a one-dimensional array of counts: whole numbers of 0 or more, without gaps."""
    array = vector(name, values, minimum=0, maximum=LARGEST_COUNT, at_least=at_least, length=length)
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


def days(name: str, values: Any, *, gaps: bool = False) -> Days:
    """``values`` as an array of days, from dates, ISO texts or NumPy dates; ``None`` and NaT only where
    ``gaps`` are allowed. A time of day is refused, as in ``day``, and so are numbers.
    """
    array = np.asarray(values)
    if array.dtype.kind in "OU":
        array = np.array([_moment(name, value) for value in array.ravel().tolist()], dtype="M8[us]").reshape(
            array.shape
        )
    if array.dtype.kind != "M":
        if array.size:
            raise ValueError(f"{name} is {array.ravel()[0]}; allowed: dates")
        array = array.astype("M8[D]")
    found = array.astype("M8[D]", copy=False)
    empty = np.isnat(array)
    wrong = np.zeros(array.shape, dtype=np.bool_) if gaps else empty
    if array.dtype != found.dtype:
        wrong = wrong | (found != array) & ~empty
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        allowed = "dates without a time" + (", or NaT" if gaps else "")
        raise ValueError(f"{name}[{place}] is {array.ravel()[place]}; allowed: {allowed}")
    return found


def _moment(name: str, value: object) -> np.datetime64:
    if value is None or isinstance(value, np.datetime64):
        return np.datetime64("NaT") if value is None else value
    if isinstance(value, str):
        try:
            return np.datetime64(value)
        except ValueError:
            raise ValueError(f"{name} has {value!r}; allowed: dates such as 2024-06-03") from None
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return np.datetime64(value)
    raise ValueError(f"{name} has {value!r}; allowed: dates without a time")


def measurable(values: Floats) -> NDArray[np.bool_]:
    """Where ``values`` are finite, and small enough to be squared."""
    return np.asarray(np.abs(values) <= LARGEST)


def _range_in_words(minimum: float, maximum: float, *, above: bool) -> str:
    least, most = _plain(minimum), _plain(maximum)
    endless = maximum >= LARGEST_COUNT
    if math.isinf(minimum) and endless:
        return "any finite number"
    if math.isinf(minimum):
        return f"{most} or less"
    if endless:
        return f"above {least}" if above else f"{least} or more"
    return f"above {least} and up to {most}" if above else f"{least} to {most}"


def _plain(value: float) -> str:
    return f"{value:g}" if abs(value) < LARGEST_WITHOUT_COMMAS or math.isinf(value) else f"{value:,.0f}"
