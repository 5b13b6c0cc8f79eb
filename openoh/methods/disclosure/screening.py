"""Rules on single figures: rounding, least bases, groups that all answer alike, and differences over time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openoh.methods._checks import whole
from openoh.methods.disclosure.published import (
    LARGEST_CELL,
    Entry,
    Protected,
    places_of,
    published,
    read_counts,
)
from openoh.methods.disclosure.rules import disclosure_rules

_RULES = disclosure_rules()
Table = Protected | Sequence[Sequence[int | None]] | NDArray[np.int64]


@dataclass(frozen=True)
class Difference:
    """Two publications of one entry that give away a change of fewer people than the threshold."""

    where: Entry
    earlier: int
    later: int
    rule_version: str

    @property
    def change(self) -> int:
        return self.later - self.earlier


@dataclass(frozen=True)
class Homogeneous:
    """A row in which everybody gave the same answer: to know that someone is in it is to know the answer."""

    row: int
    column: int
    people: int
    rule_version: str


def round_to(values: ArrayLike, base: int = _RULES.rounding_base) -> NDArray[np.int64]:
    """Counts rounded to the nearest multiple of `base`, halves up; any shape.

    ``ValueError`` for negative, fractional or missing counts and for a base below 1. Rounded parts needn't
    sum to rounded totals: round each from the exact count, totals included. Source: rounding to 5 as in the
    hospital statistics of NHS England.

    >>> round_to([0, 2, 3, 7, 8], 5).tolist()
    [0, 0, 5, 5, 10]
    """
    whole("base", base, minimum=1, maximum=LARGEST_CELL)
    counts = np.asarray(values)
    if not counts.size:
        return np.zeros(counts.shape, dtype=np.int64)
    flat = read_counts(counts.reshape(1, -1))
    return ((2 * flat + base) // (2 * base) * base).reshape(counts.shape)


def meets_minimum_base(bases: ArrayLike, kind: str = "breakdown") -> NDArray[np.bool_]:
    """Whether each number of people is enough for a breakdown to be shown at all.

    `kind` is ``"breakdown"`` (10 people), ``"survey"`` (11, the NHS Staff Survey's minimum) or
    ``"sensitive_reason"`` (10, for one absence reason that says much about a person); the numbers are
    versioned content. ``ValueError`` for another kind and for what isn't a count.

    Source: NHS Staff Survey, suppression below 11 answers; other bases are general practice, as the
    content says.

    >>> meets_minimum_base([9, 10, 11], "survey").tolist()
    [False, False, True]
    """
    if kind not in _RULES.minimum_base:
        raise ValueError(f"kind is {kind!r}; there are {', '.join(_RULES.minimum_base)}.")
    counts = np.asarray(bases)
    if not counts.size:
        return np.zeros(counts.shape, dtype=bool)
    enough = read_counts(counts.reshape(1, -1)) >= _RULES.minimum_base[kind]
    return np.asarray(enough.reshape(counts.shape))


def whole_percentage(count: int, base: int) -> int | None:
    """The share in per cent as it may be published: a whole number, halves up, from the exact counts; or
    ``None``.

    ``None`` where the count is from 1 to 4, where so few people are left over that the share gives them
    away, or where the base is below 10. ``ValueError`` when `count` is above `base`, or either is no count.

    Source: general practice of official statistics, as the content says.

    >>> whole_percentage(5, 16), whole_percentage(4, 16), whole_percentage(5, 9)
    (31, None, None)
    """
    read_counts([[count, base]])
    if count > base:
        raise ValueError(f"count is {count} of a base of {base}; it is from 0 to the base.")
    few = range(1, _RULES.percentage_numerator)
    if base < _RULES.percentage_denominator or count in few or base - count in few:
        return None
    return int((200 * count + base) // (2 * base))


def homogeneous_rows(table: ArrayLike, *, sensitive: Sequence[int] | None = None) -> list[Homogeneous]:
    """The rows in which everybody falls into one column, which :func:`protect` alone would show.

    `table` is 2-D, groups x answers. `sensitive` names the columns that matter (numbers from 0), by default
    all. Rows without people are left out. ``ValueError`` for a faulty table or a column that doesn't exist.

    Source: Government Statistical Service, guidance on disclosure control for tables from administrative
    sources (group disclosure).

    >>> homogeneous_rows([[0, 12], [6, 6]])
    [Homogeneous(row=0, column=1, people=12, rule_version='disclosure-default 1')]
    """
    counts = read_counts(table)
    columns = range(counts.shape[1]) if sensitive is None else sensitive
    for column in columns:
        whole("sensitive column", column, maximum=counts.shape[1] - 1)
    alike = np.argwhere((counts == counts.sum(axis=1)[:, None]) & (counts > 0)).tolist()
    return [
        Homogeneous(row, column, int(counts[row, column]), _RULES.version)
        for row, column in alike
        if column in columns
    ]


def differencing_risk(
    earlier: Table, later: Table, *, threshold: int = _RULES.differencing_change
) -> list[Difference]:
    """Entries whose change between two publications is a number of people below `threshold`, but not nobody.

    The tables are two months of one table, or one table under two filters of which the second holds a few
    people more (a team, and the team without one person). Each is a `Protected`, or rows of whole numbers
    with ``None`` where hidden; without `Protected`, totals are taken as published where no cell in them is
    hidden. Only entries shown in both are compared. Block or delay the later publication, or hide the
    entries in it. ``ValueError`` when the tables have different lines, and for a threshold below 1.

    Source: Government Statistical Service, guidance on intruder testing and disclosure control
    (differencing).

    >>> risks = differencing_risk([[20, 31]], [[19, 31]], threshold=5)
    >>> [(risk.where, risk.change) for risk in risks]
    [((0, 0), -1), ((0, 'total'), -1), (('total', 0), -1), (('total', 'total'), -1)]
    """
    whole("threshold", threshold, minimum=1)
    first, second = _as_published(earlier), _as_published(later)
    if (first.rows.labels, first.columns.labels) != (second.rows.labels, second.columns.labels):
        raise ValueError(
            f"The tables have different lines: {first.values.shape} and {second.values.shape} with totals; "
            "only like can be compared with like."
        )
    change = np.abs(second.values - first.values)
    small = (change > 0) & (change < threshold) & ~first.hidden & ~second.hidden
    return [
        Difference(
            (first.rows.labels[row], first.columns.labels[column]),
            int(first.values[row, column]),
            int(second.values[row, column]),
            _RULES.version,
        )
        for row, column in places_of(small)
    ]


def _as_published(table: Table) -> Protected:
    if isinstance(table, Protected):
        return table
    cells = [[None if cell is None else whole("A cell", cell) for cell in row] for row in table]
    rows = [_total(row) for row in cells]
    columns = [_total(list(column)) for column in zip(*cells, strict=True)]
    return published(cells, row_totals=rows, column_totals=columns, total=_total(rows))


def _total(parts: list[int | None]) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
