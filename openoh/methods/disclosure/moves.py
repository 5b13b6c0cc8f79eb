"""Moves: changes of the hidden entries that leave everything shown as it is.

An entry can't be worked out exactly when some other table of counts shows the same and has another value
there. The difference between the two tables is a *move*. In a table of rows and columns with margins the
smallest moves are cycles: one cell goes up by one, the next of its row down by one, the next of that column
up by one, and so on; a total that is hidden may take up a change instead. Lines are the nodes of a
bipartite graph and entries its edges (L. H. Cox, "Suppression methodology and statistical disclosure
control", Journal of the American Statistical Association 75, 1980; M. Fischetti and J. J. Salazar, "Solving
the cell suppression problem on tabular data with linear constraints", Management Science 47, 2001).

Under a hierarchy the table falls into blocks: the lines directly below one row group by the lines directly
below one column group. A cycle in a block changes no line above it. Each group on the cycle is represented
by one of its leaves, and whatever lies between that leaf and the group changes too. In the block of both
totals the grand total itself can take up a change, so that a move always exists.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openoh.methods.disclosure.lines import Lines

Floats = NDArray[np.float64]
Places = frozenset[tuple[int, int]]

_HOP = 1e-6
"""Cost of passing an entry that is hidden already: breaks ties in favour of short cycles."""


@dataclass(frozen=True)
class Move:
    """The entries that a move changes, each by one, and what hiding those that are still shown costs."""

    places: Places
    cost: float


@dataclass(frozen=True, eq=False)
class _Side:
    """The lines of one side of a block; `chains` (line x depth) leads from the representing leaf up to the
    line, padded with the number after the last line, where all costs are 0."""

    lines: tuple[int, ...]
    leaves: NDArray[np.int64]
    chains: NDArray[np.int64]
    padding: int
    has_total: bool


class Board:
    """The counts of a table, ready for the search for moves."""

    def __init__(self, counts: NDArray[np.int64], rows: Lines, columns: Lines) -> None:
        self.counts, self.rows, self.columns = counts, rows, columns
        self.values = rows.members @ counts @ columns.members.T
        self._typical_row = [self._largest(rows, line, counts.sum(axis=1)) for line in range(rows.root)]
        self._typical_column = [
            self._largest(columns, line, counts.sum(axis=0)) for line in range(columns.root)
        ]
        self._sides: dict[tuple[int, int, int], _Side] = {}

    @staticmethod
    def _largest(lines: Lines, line: int, sizes: NDArray[np.int64]) -> int:
        """The leaf with most people, because only a cell with people can go down."""
        return int(np.where(lines.members[line] > 0, sizes, -1).argmax())

    def cheapest_move(self, place: tuple[int, int], costs: Floats) -> Move | None:
        """The cheapest move found that changes `place`.

        `costs` (lines + 1 by lines + 1, the last row and column 0) is what hiding each entry costs: 0 where
        it is hidden already, infinite where it must stay shown. ``None`` when no finite move exists among
        those tried.
        """
        best: Move | None = None
        for row in self._climb(self.rows, place[0]):
            for column in self._climb(self.columns, place[1]):
                found = self._cycle(place, (row, column), costs, best.cost if best else np.inf)
                best = found or best
                if best and best.cost < 1:  # nothing, or hardly anything, new is hidden
                    return best
        return best

    @staticmethod
    def _climb(lines: Lines, line: int) -> list[int]:
        """The lines that can stand for `line` in a block: itself and the groups above it, but the total
        only for itself (its block is that of its children)."""
        return [line] if line == lines.root else list(lines.upwards(line))[:-1]

    def _cycle(
        self, place: tuple[int, int], corner: tuple[int, int], costs: Floats, below: float
    ) -> Move | None:
        """The cheapest cycle through `corner` (a line above or at `place` on each side) that costs less
        than `below`."""
        side_r, at_r = self._side(self.rows, 0, place[0], corner[0])
        side_c, at_c = self._side(self.columns, 1, place[1], corner[1])
        weight = np.zeros((len(side_r.lines), len(side_c.lines)))
        for up in side_r.chains.T:
            for along in side_c.chains.T:
                weight += costs[np.ix_(up, along)]
        edge = weight[at_r, at_c]
        if not edge < below:
            return None
        rising = weight + _HOP
        falling = np.where(self._can_fall(side_r, side_c), rising, np.inf)
        may_fall = bool(np.isfinite(falling[at_r, at_c]))
        rising[at_r, at_c] = falling[at_r, at_c] = np.inf
        # A rising entry carries flow from its row to its column, a falling one back. The corner closes the
        # cycle.
        cost, path = cheapest_path(falling.T, rising.T, at_c, at_r)
        edges = [(r, c) for c, r in path]
        if may_fall:
            other_cost, other_edges = cheapest_path(rising, falling, at_r, at_c)
            if other_cost < cost:
                cost, edges = other_cost, other_edges
        if not cost + edge < below:
            return None
        return Move(_places(side_r, side_c, [*edges, (at_r, at_c)]), cost + edge)

    def _side(self, lines: Lines, axis: int, target: int, corner: int) -> tuple[_Side, int]:
        """The side of the block that `corner` lies in, `corner` being represented by a leaf of `target`."""
        key = (axis, target, corner)
        if key not in self._sides:
            typical = self._typical_column if axis else self._typical_row
            group = lines.root if corner == lines.root else lines.parent[corner]
            has_total = group == lines.root
            members = lines.children[group] + ((lines.root,) if has_total else ())
            leaves = [
                -1 if line == lines.root else typical[target if line == corner else line] for line in members
            ]
            chains = [
                [line] if leaf < 0 else self._chain(lines, leaf, line)
                for line, leaf in zip(members, leaves, strict=True)
            ]
            depth = max(map(len, chains))
            padded = np.array([chain + [lines.root + 1] * (depth - len(chain)) for chain in chains])
            self._sides[key] = _Side(members, np.array(leaves), padded, lines.root + 1, has_total)
        side = self._sides[key]
        return side, side.lines.index(corner)

    @staticmethod
    def _chain(lines: Lines, leaf: int, line: int) -> list[int]:
        chain = list(lines.upwards(leaf))
        return chain[: chain.index(line) + 1]

    def _can_fall(self, side_r: _Side, side_c: _Side) -> NDArray[np.bool_]:
        """Which entries of the block can go down by one: a cell that holds somebody, and every total."""
        able = self.counts[np.ix_(side_r.leaves, side_c.leaves)] > 0
        if side_r.has_total:
            able[-1, :] = True
        if side_c.has_total:
            able[:, -1] = True
        return able


def _places(side_r: _Side, side_c: _Side, edges: list[tuple[int, int]]) -> Places:
    return frozenset(
        (up, along)
        for r, c in edges
        for up in side_r.chains[r].tolist()
        if up != side_r.padding
        for along in side_c.chains[c].tolist()
        if along != side_c.padding
    )


def cheapest_path(there: Floats, back: Floats, start: int, end: int) -> tuple[float, list[tuple[int, int]]]:
    """The cheapest path in a bipartite graph from `start` on the first side to `end` on the second.

    `there` and `back` (first side x second side) are the positive costs of each edge in both directions,
    infinite where there is none. Returns the cost, infinite without a path, and the edges as (first,
    second). Bellman-Ford, a whole side at a time.
    """
    cost_1, cost_2 = np.full(there.shape[0], np.inf), np.full(there.shape[1], np.inf)
    from_2, from_1 = np.full(there.shape[0], -1), np.full(there.shape[1], -1)
    cost_1[start] = 0.0
    while True:
        through = cost_1[:, None] + there
        source = through.argmin(axis=0)
        cost = through[source, np.arange(source.size)]
        better = cost < cost_2
        cost_2, from_1 = np.where(better, cost, cost_2), np.where(better, source, from_1)
        if not (better & (cost < cost_2[end])).any():
            break
        through = cost_2[None, :] + back
        source = through.argmin(axis=1)
        cost = through[np.arange(source.size), source]
        better = cost < cost_1
        cost_1, from_2 = np.where(better, cost, cost_1), np.where(better, source, from_2)
        if not (better & (cost < cost_2[end])).any():
            break
    if not np.isfinite(cost_2[end]):
        return np.inf, []
    edges, second = [], end
    while True:
        first = int(from_1[second])
        edges.append((first, second))
        if first == start:
            return float(cost_2[end]), edges
        second = int(from_2[first])
        edges.append((first, second))
