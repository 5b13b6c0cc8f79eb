"""What an outsider can work out from a published table: exact bounds by integer linear programming.

The unknowns are the hidden cells, whole numbers from 0. Each subtotal or total that is shown gives one
equation between them. An entry is derivable when its least and its greatest possible value are the same.
See M. Fischetti and J. J. Salazar, "Solving the cell suppression problem on tabular data with linear
constraints", Management Science 47, 2001 (the attacker's problem).
"""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from openoh.methods.disclosure.published import NOT_PUBLISHED, Entry, Protected, places_of

Floats = NDArray[np.float64]

_FRUITLESS_PROBES = 2
"""So many searches in random directions without a new result, then the entries left are tried one by one."""


@dataclass(frozen=True)
class Derivable:
    """A hidden entry with one possible value. `where` is (row, column) as in `Protected.reasons`."""

    where: Entry
    value: int


@dataclass(frozen=True)
class Bounds:
    """The least and the greatest value of a hidden entry that fit what is shown; `upper` None = without
    limit."""

    where: Entry
    lower: int
    upper: int | None


def attack(protected: Protected) -> list[Derivable]:
    """The hidden entries that an outsider can work out exactly, in the order of the table.

    The outsider knows that counts are whole numbers from 0 and sees every cell, subtotal and total shown. A
    total that was left out of the publication counts only when it is of too few people. Empty for whatever
    `protect` returns. ``ValueError`` when no table of counts fits what is shown.

    Source: Hundepool et al. 2012, Statistical disclosure control, chapter 4 (intervals of hidden cells
    by linear programming).

    >>> from openoh.methods.disclosure import published
    >>> naive = published([[None, 18], [19, 14]], row_totals=[20, 33], column_totals=[21, 32], total=53)
    >>> attack(naive)
    [Derivable(where=(0, 0), value=2)]
    """
    view = _View(protected)
    found = [Derivable(view.label(place), value) for place, value in view.fixed_entries().items()]
    return [answer for answer in found if not _harmless(answer, protected)]


def _harmless(answer: Derivable, protected: Protected) -> bool:
    """Whether it is a total that was merely left out and isn't of too few people."""
    enough = answer.value >= protected.threshold or (answer.value == 0 and protected.safe_zeros)
    return enough and protected.reasons.get(answer.where) == NOT_PUBLISHED


def bounds(protected: Protected, row: Hashable, column: Hashable) -> Bounds:
    """The range that an outsider can put on one entry; the value itself on both ends where it is shown.

    Source: Hundepool et al. 2012, Statistical disclosure control, chapter 4.

    >>> from openoh.methods.disclosure import published
    >>> table = published([[None, None], [None, None]], row_totals=[20, 22], column_totals=[12, 30], total=42)
    >>> bounds(table, 0, 0)
    Bounds(where=(0, 0), lower=0, upper=12)
    """
    value = protected.value(row, column)
    if value is not None:
        return Bounds((row, column), value, value)
    view = _View(protected)
    place = (protected.rows.labels.index(row), protected.columns.labels.index(column))
    sums = view.sums([place])
    known = int(view.known[place])
    lower = known + round(float((sums @ view.solve(sums.toarray()[0]))[0]))
    if (sums @ view.unbounded())[0] > 0:
        return Bounds((row, column), lower, None)
    upper = known + round(float((sums @ view.solve(-sums.toarray()[0]))[0]))
    return Bounds((row, column), lower, upper)


class _View:
    """The equations that a published table gives away about its hidden cells."""

    def __init__(self, protected: Protected) -> None:
        self.protected = protected
        rows, columns, hidden = protected.rows, protected.columns, protected.hidden
        cells = np.s_[: rows.leaves, : columns.leaves]
        # Hidden entries hold 0, so that each entry's known part is the sum of its shown cells.
        self.known = rows.members @ protected.values[cells] @ columns.members.T
        self.unknown = places_of(hidden[cells])
        self.total_of = self._lines_above()
        totals = np.ones_like(hidden)
        totals[cells] = False
        self.left = self.sums(places_of(totals & ~hidden))
        self.right = (protected.values - self.known)[totals & ~hidden].astype(float)

    def _lines_above(self) -> sparse.csr_array:
        """1 where an unknown cell (column) is part of an entry (row, numbered along the lines of the
        table)."""
        rows, columns = self.protected.rows, self.protected.columns
        width = len(columns.labels)
        at = [
            (up * width + along, index)
            for index, (row, column) in enumerate(self.unknown)
            for up in rows.upwards(row)
            for along in columns.upwards(column)
        ]
        entries, cells = (np.array(at, dtype=np.int64).reshape(-1, 2)).T
        shape = (self.protected.hidden.size, len(self.unknown))
        return sparse.csr_array((np.ones(len(at)), (entries, cells)), shape=shape)

    def sums(self, places: list[tuple[int, int]]) -> sparse.csr_array:
        """The rows of `total_of` for some entries."""
        width = self.protected.hidden.shape[1]
        return self.total_of[np.array([row * width + column for row, column in places], dtype=np.int64), :]

    def label(self, place: tuple[int, int]) -> Entry:
        return self.protected.rows.labels[place[0]], self.protected.columns.labels[place[1]]

    def solve(self, objective: Floats) -> Floats:
        """Whole numbers that fit what is shown and make `objective` least; it must have a least value."""
        if not objective.size:
            return objective
        answer = optimize.milp(
            objective,
            integrality=np.ones(objective.size),
            constraints=optimize.LinearConstraint(self.left, self.right, self.right),
        )
        if answer.x is None:
            raise ValueError("Margins disagree: no table of whole numbers from 0 fits what is shown.")
        return np.asarray(np.round(answer.x))

    def unbounded(self) -> Floats:
        """1 for each unknown cell that can grow without limit: none of its totals is shown."""
        return np.asarray(self.left.sum(axis=0) == 0, dtype=float)

    def fixed_entries(self) -> dict[tuple[int, int], int]:
        """The hidden entries with one possible value, and the value."""
        places = places_of(self.protected.hidden)
        first = self.solve(np.zeros(len(self.unknown)))
        sums = self.sums(places)
        open_ended = sums @ self.unbounded() > 0
        value = sums @ first
        undecided = np.flatnonzero(~open_ended)

        def unmoved(objective: Floats) -> NDArray[np.int64]:
            """The undecided entries that have the same value as before where `objective` is least."""
            same = sums[undecided, :] @ self.solve(objective) == value[undecided]
            return np.asarray(undecided[same])

        directions = np.random.default_rng(0)
        fruitless = 0
        while undecided.size and fruitless < _FRUITLESS_PROBES:
            left = unmoved(directions.standard_normal(undecided.size) @ sums[undecided, :])
            fruitless = fruitless + 1 if left.size == undecided.size else 0
            undecided = left
        fixed: dict[tuple[int, int], int] = {}
        while undecided.size:
            index = undecided[0]
            objective = sums[[index], :].toarray()[0]
            for way in (1.0, -1.0):
                undecided = unmoved(way * objective)
            if index in undecided:
                fixed[places[index]] = int(self.known[places[index]]) + round(float(value[index]))
                undecided = undecided[undecided != index]
        return fixed
