"""A table as an outsider sees it: the values shown, and nothing of the values hidden."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openoh.methods._checks import floats, whole
from openoh.methods.disclosure.lines import Lines, Tree, build_lines

Entry = tuple[Hashable, Hashable]
"""A place in the table: (row, column), each a number from 0, the name of a group, or ``"total"``."""
BELOW_THRESHOLD, COMPLEMENTARY, NOT_PUBLISHED = "below threshold", "complementary", "not published"
LARGEST_CELL = 2**40
Parents = Tree | tuple[Tree | None, Tree | None] | None


@dataclass(frozen=True, eq=False)
class Protected:
    """A table with some entries hidden. It carries no hidden value, so it may be stored and sent as it is."""

    rows: Lines
    columns: Lines
    hidden: NDArray[np.bool_]
    """Every line of the rows by every line of the columns, groups and totals last; ``True`` = hidden."""
    values: NDArray[np.int64]
    """The same shape; 0 where hidden."""
    reasons: Mapping[Entry, str]
    """Why each entry is hidden: ``"below threshold"``, ``"complementary"`` or ``"not published"``.
    For the maker of the table only: publish one mark for all hidden entries."""
    loss: int
    """Entries hidden to protect others: cells, subtotals and totals that could have been of use."""
    threshold: int
    safe_zeros: bool
    rule_version: str

    @property
    def mask(self) -> NDArray[np.bool_]:
        """The cells of the table, ``True`` = hidden."""
        return self.hidden[: self.rows.leaves, : self.columns.leaves]

    @property
    def row_totals_shown(self) -> NDArray[np.bool_]:
        return ~self.hidden[: self.rows.leaves, -1]

    @property
    def column_totals_shown(self) -> NDArray[np.bool_]:
        return ~self.hidden[-1, : self.columns.leaves]

    @property
    def total_shown(self) -> bool:
        return not self.hidden[-1, -1]

    @property
    def shown(self) -> NDArray[np.object_]:
        """The cells as they may be published: whole numbers, and ``None`` where hidden."""
        cells = np.s_[: self.rows.leaves, : self.columns.leaves]
        shown = self.values[cells].astype(object)
        shown[self.hidden[cells]] = None
        return shown

    def value(self, row: Hashable, column: Hashable) -> int | None:
        """What is shown at one entry: ``value(0, "total")`` is the total of the first row; ``None`` =
        hidden."""
        line, other = _line(self.rows, row, "rows"), _line(self.columns, column, "columns")
        return None if self.hidden[line, other] else int(self.values[line, other])


def _line(lines: Lines, label: Hashable, side: str) -> int:
    if label not in lines.labels:
        raise ValueError(
            f"{side}: there is no line {label!r}; there are {', '.join(map(repr, lines.labels))}."
        )
    return lines.labels.index(label)


def split_parents(parents: Parents, shape: tuple[int, int]) -> tuple[Lines, Lines]:
    """The lines of both sides from the ``parents`` argument of the public functions."""
    of_rows: Tree | None = parents
    of_columns: Tree | None = None
    if isinstance(parents, tuple) and len(parents) == 2 and all(_is_tree(side) for side in parents):
        of_rows, of_columns = cast("tuple[Tree | None, Tree | None]", parents)
    return build_lines(shape[0], of_rows, "rows"), build_lines(shape[1], of_columns, "columns")


def places_of(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(row, column) wherever a mask is ``True``, in the order of the table."""
    return [(row, column) for row, column in np.argwhere(mask).tolist()]


def _is_tree(side: object) -> bool:
    return (
        side is None
        or isinstance(side, Mapping)
        or (isinstance(side, Sequence) and not isinstance(side, str))
    )


def read_counts(table: ArrayLike) -> NDArray[np.int64]:
    """A 2-D array of whole numbers from 0; ``ValueError`` names the first value that is none."""
    counts = np.asarray(table)
    if counts.ndim != 2 or 0 in counts.shape:
        raise ValueError(
            f"The table has shape {counts.shape}; two sides of at least one line each are needed."
        )
    if counts.dtype.kind not in "iufb":
        raise ValueError(f"The table holds {counts.dtype} values; whole numbers from 0 are needed.")
    faulty = ~np.isfinite(counts) | (counts < 0) | (counts != np.floor(counts)) | (counts > LARGEST_CELL)
    if faulty.any():
        row, column = (int(index) for index in np.argwhere(faulty)[0])
        raise ValueError(
            f"Row {row}, column {column} is {counts[row, column]}; counts are whole, from 0 to 2**40."
        )
    return counts.astype(np.int64)


def published(
    cells: Sequence[Sequence[int | None]],
    *,
    row_totals: Sequence[int | None] | None = None,
    column_totals: Sequence[int | None] | None = None,
    total: int | None = None,
    threshold: int = 5,
    safe_zeros: bool = True,
) -> Protected:
    """A table that somebody else has protected, or means to publish, ready for :func:`attack`.

    `cells` holds whole numbers, ``None`` where hidden; so do the totals, which may be left out.
    ``ValueError`` when the shapes differ, or when a line without hidden cells doesn't sum to its total.

    Source: as `protect`.

    >>> published([[None, 18], [19, 14]], row_totals=[20, 33], column_totals=[21, 32], total=53).total_shown
    True
    """
    whole("threshold", threshold, minimum=1)
    counts = read_counts([[0 if cell is None else cell for cell in row] for row in cells])
    rows, columns = split_parents(None, (counts.shape[0], counts.shape[1]))
    grid = np.full((counts.shape[0] + 1, counts.shape[1] + 1), None)
    grid[:-1, :-1] = [list(row) for row in cells]
    for place, totals, side in (
        (np.s_[:-1, -1], row_totals, "row"),
        (np.s_[-1, :-1], column_totals, "column"),
    ):
        if totals is not None:
            if len(totals) != grid[place].size:
                raise ValueError(f"{len(totals)} {side} totals for {grid[place].size} {side}s.")
            grid[place] = list(totals)
    grid[-1, -1] = total
    hidden = np.array([[value is None for value in line] for line in grid])
    values = read_counts(floats("totals", np.where(hidden, 0, grid)))
    _refuse_disagreement(grid, "row")
    _refuse_disagreement(grid.T, "column")
    left_out = np.zeros_like(hidden)
    left_out[:-1, -1], left_out[-1, :-1], left_out[-1, -1] = (
        row_totals is None,
        column_totals is None,
        total is None,
    )
    reasons = entry_reasons(rows, columns, hidden, np.where(left_out, NOT_PUBLISHED, COMPLEMENTARY))
    return Protected(rows, columns, hidden, values, reasons, 0, threshold, safe_zeros, "as published")


def _refuse_disagreement(grid: NDArray[np.object_], side: str) -> None:
    for number, line in enumerate(grid):
        parts: list[Any] = list(line[:-1])
        shown = sum(part for part in parts if part is not None)
        if line[-1] is not None and (shown > line[-1] or (None not in parts and shown != line[-1])):
            name = f"{side} {number}" if number < len(grid) - 1 else f"the {side} of totals"
            raise ValueError(
                f"Margins disagree: {name} shows {shown} in its cells and {line[-1]} as its total."
            )


def entry_reasons(
    rows: Lines, columns: Lines, hidden: NDArray[np.bool_], reasons: NDArray[np.str_]
) -> Mapping[Entry, str]:
    """The reason of each hidden entry, from a table of reasons for all."""
    return MappingProxyType(
        {
            (rows.labels[row], columns.labels[column]): str(reasons[row, column])
            for row, column in places_of(hidden)
        }
    )
