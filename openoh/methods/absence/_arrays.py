"""The same rules for millions of rows: merging and the split by month on NumPy columns."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openoh.methods import _checks
from openoh.methods._checks import Days, Floats

Integers = NDArray[np.int64]

ONE_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True, eq=False)
class SpellTable:
    """Spells of many people, ordered by person and start. ``end`` is ``NaT`` while a spell lasts."""

    person: NDArray[Any]
    start: Days
    end: Days

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True, slots=True, eq=False)
class MonthTable:
    """Days by spell and month: ``row`` is the spell's place in what was handed in, ``month`` its first day.

    ``days`` are calendar days (from ``split_by_month``) or FTE days (from ``fte_days_many``).
    """

    row: Integers
    month: Days
    days: Floats

    def __len__(self) -> int:
        return len(self.row)


def merge_spells_many(
    person: ArrayLike, start: ArrayLike, end: ArrayLike, *, join_next_day: bool = False
) -> SpellTable:
    """``merge_spells`` for many people at once, with equal results.

    Three columns of one length: ``person`` (whole numbers or text), ``start`` and ``end``
    (NumPy dates, dates or ISO texts, without a time of day), ``end`` being ``NaT`` while a spell lasts. A million
    rows take about as long as sorting them.

    Raises ``ValueError`` for columns of different lengths, a start that is ``NaT``, and an end before its
    start.

    Source: as `merge_spells`.

    >>> table = merge_spells_many([7, 7], ["2024-06-01", "2024-06-05"], ["2024-06-06", "2024-06-09"])
    >>> table.person.tolist(), str(table.start[0]), str(table.end[0])
    ([7], '2024-06-01', '2024-06-09')
    """
    people, starts, ends = _columns(person, start, end)
    if not len(starts):
        return SpellTable(people, starts, ends)
    labels, codes = _codes(people)
    first = starts.min().astype(np.int64)
    first_days = starts.astype(np.int64) - first
    is_open = np.isnat(ends)
    last_days = np.where(is_open, 0, ends.astype(np.int64) - first)
    # A person's whole time line fits one stretch of `width` days, so persons never touch one another,
    # and the last day of the stretch stands for "still lasts".
    width = int(max(first_days.max(), last_days.max())) + 4
    lasting = width - 3
    last_days[is_open] = lasting
    keys = codes * width + first_days
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    reach = np.maximum.accumulate((codes * width + last_days)[order])
    begins = np.empty(len(keys), dtype=np.bool_)
    begins[0] = True
    begins[1:] = keys[1:] > reach[:-1] + (1 if join_next_day else 0)
    heads = np.flatnonzero(begins)
    tails = np.append(heads[1:], len(keys)) - 1
    merged_codes, merged_first = np.divmod(keys[heads], width)
    merged_last = reach[tails] - merged_codes * width
    merged_end = (merged_last + first).astype("datetime64[D]")
    merged_end[merged_last == lasting] = np.datetime64("NaT")
    return SpellTable(labels[merged_codes], (merged_first + first).astype("datetime64[D]"), merged_end)


def split_by_month(start: ArrayLike, end: ArrayLike, *, upto: str | dt.date | np.datetime64) -> MonthTable:
    """Calendar days of each spell in each month it touches, in the order of the rows and then of time.

    Days after ``upto`` are left out; a spell that still lasts (``NaT``) counts to ``upto``; one that
    begins later gives no row. Raises ``ValueError`` as ``merge_spells_many`` does.

    Source: as `fte_days`.

    >>> table = split_by_month(["2024-01-30"], ["2024-02-02"], upto="2024-12-31")
    >>> table.month.astype(str).tolist(), table.days.tolist()
    (['2024-01-01', '2024-02-01'], [2.0, 2.0])
    """
    row, first, last = _pieces_by_month(start, end, upto)
    return MonthTable(row, _month_of(first), (last - first).astype(np.float64) + 1)


def fte_days_many(
    person: ArrayLike,
    start: ArrayLike,
    end: ArrayLike,
    *,
    history_person: ArrayLike,
    history_since: ArrayLike,
    history_fte: ArrayLike,
    upto: str | dt.date | np.datetime64,
) -> MonthTable:
    """``fte_days`` for many people at once, with equal results.

    Spells as in ``split_by_month``; the history as three columns in any order: whose, from which day,
    which FTE (0 to 1). Raises ``ValueError`` as ``fte_days`` does, naming the row.

    Source: as `fte_days`.

    >>> table = fte_days_many(
    ...     [7], ["2024-06-03"], ["2024-06-14"],
    ...     history_person=[7], history_since=["2020-01-01"], history_fte=[0.6], upto="2024-06-30",
    ... )
    >>> table.days.round(6).tolist()
    [7.2]
    """
    people, starts, _ = _columns(person, start, end)
    owners, since, _ = _columns(history_person, history_since, history_since)
    fte = _checks.vector("history_fte", history_fte, minimum=0, maximum=1, at_least=0)
    codes = _codes(np.concatenate([people, owners]))[1]
    time_line = _TimeLine(codes[len(people) :], since, fte)
    row, first, last = _pieces_by_month(start, end, upto)
    place = time_line.in_force(codes[: len(people)], starts)
    if (place < 0).any():
        missing = int(np.flatnonzero(place < 0)[0])
        raise ValueError(
            f"start of row {missing} is {starts[missing]}; allowed: where its history begins, or later"
        )
    from_place, to_place = time_line.in_force(codes[row], first), time_line.in_force(codes[row], last)
    piece, entry = _expand(from_place, to_place - from_place + 1)
    piece_first = np.maximum(first[piece].astype(np.int64), time_line.since[entry])
    piece_last = np.minimum(last[piece].astype(np.int64), time_line.until[entry])
    lost = time_line.fte[entry] * (piece_last - piece_first + 1)
    days = np.zeros(len(row))
    np.add.at(days, piece, lost)
    return MonthTable(row, _month_of(first), days)


class _TimeLine:
    """Everybody's FTE history in one order, person after person, so that one binary search finds any day."""

    def __init__(self, owner: Integers, since: Days, fte: Floats) -> None:
        order = np.lexsort((since.astype(np.int64), owner))
        self.owner, self.since, self.fte = owner[order], since.astype(np.int64)[order], fte[order]
        same_owner = self.owner[1:] == self.owner[:-1]
        twice = np.flatnonzero(same_owner & (self.since[1:] == self.since[:-1]))
        if len(twice):
            day = self.since[twice[0]].astype("datetime64[D]")
            raise ValueError(f"history has two entries of one person from {day}; allowed: one a day")
        endless = np.iinfo(np.int64).max
        self.until = np.full(len(self.since), endless)
        self.until[:-1][same_owner] = self.since[1:][same_owner] - 1
        self._origin = int(self.since.min()) if len(self.since) else 0

    def in_force(self, owner: Integers, day: Days) -> Integers:
        """The place of the entry in force for each owner and day; -1 where the history begins later."""
        days = day.astype(np.int64) - self._origin
        starts = self.since - self._origin
        width = int(max(days.max(initial=0), starts.max(initial=0))) + 2
        place = (
            np.searchsorted(self.owner * width + starts, owner * width + np.maximum(days, -1), side="right")
            - 1
        )
        belongs = (place >= 0) & (self.owner[place] == owner) & (days >= 0)
        return np.where(belongs, place, -1).astype(np.int64)


def _pieces_by_month(
    start: ArrayLike, end: ArrayLike, upto: str | dt.date | np.datetime64
) -> tuple[Integers, Days, Days]:
    """Row, first day and last day of each piece of a spell that lies in one month."""
    _, first, last = _columns(np.zeros(np.shape(start), dtype=np.int64), start, end)
    last = np.fmin(last, _checks.days("upto", upto))
    counted = np.flatnonzero(first <= last)
    first, last = first[counted], last[counted]
    first_month, last_month = first.astype("datetime64[M]"), last.astype("datetime64[M]")
    piece, month = _expand(first_month.astype(np.int64), (last_month - first_month).astype(np.int64) + 1)
    month_start = month.astype("datetime64[M]").astype("datetime64[D]")
    month_end = (month + 1).astype("datetime64[M]").astype("datetime64[D]") - ONE_DAY
    return counted[piece], np.maximum(first[piece], month_start), np.minimum(last[piece], month_end)


def _expand(first: Integers, count: Integers) -> tuple[Integers, Integers]:
    """For each row ``count`` consecutive numbers from ``first``: the row of each, and the number."""
    row = np.repeat(np.arange(len(first)), count)
    before = np.cumsum(count) - count
    return row, first[row] + np.arange(len(row)) - before[row]


def _month_of(day: Days) -> Days:
    return day.astype("datetime64[M]").astype("datetime64[D]")


def _codes(people: NDArray[Any]) -> tuple[NDArray[Any], Integers]:
    """Each person's label, and its place in the labels by row. Small whole numbers are their own place."""
    if np.issubdtype(people.dtype, np.integer) and len(people):
        lowest, highest = int(people.min()), int(people.max())
        if highest - lowest <= 4 * len(people) + 1000:
            return np.arange(lowest, highest + 1, dtype=people.dtype), people.astype(np.int64) - lowest
    labels, codes = np.unique(people, return_inverse=True)
    return labels, codes.astype(np.int64)


def _columns(person: ArrayLike, start: ArrayLike, end: ArrayLike) -> tuple[NDArray[Any], Days, Days]:
    people = np.asarray(person)
    starts, ends = _checks.days("start", start), _checks.days("end", end, gaps=True)
    if not people.shape == starts.shape == ends.shape or starts.ndim != 1:
        raise ValueError(
            f"Columns have shapes {people.shape}, {starts.shape} and {ends.shape}; "
            "allowed: one length, one dimension"
        )
    if people.dtype.kind in "Of" and any(label is None or label != label for label in people.tolist()):
        raise ValueError("person holds None or nan; allowed: a label in every row")
    wrong = np.flatnonzero(ends < starts)
    if len(wrong):
        row = int(wrong[0])
        raise ValueError(
            f"end of row {row} is {ends[row]}; allowed: {starts[row]} (its start) or later, or NaT"
        )
    return people, starts, ends
