"""Which entries of a table to hide, so that nobody can work out what is hidden."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openoh.methods._checks import whole
from openoh.methods.disclosure.moves import Board, Floats, Move, Places
from openoh.methods.disclosure.published import (
    BELOW_THRESHOLD,
    COMPLEMENTARY,
    NOT_PUBLISHED,
    Parents,
    Protected,
    entry_reasons,
    places_of,
    read_counts,
    split_parents,
)
from openoh.methods.disclosure.rules import DisclosureRules, disclosure_rules

Bools = NDArray[np.bool_]
Place = tuple[int, int]

_DEFAULT_THRESHOLD = disclosure_rules().threshold
_TRIES = 20
_SEARCHES = 2_000
"""The hiding is tried again in other orders and with perturbed costs, at most so often, and with at most so
many entries to protect in all: small tables come out at or next to the optimum, large ones in good time."""
_PERTURBATION = 0.4
"""Standard deviation of the logarithm of the perturbed costs; 0.2 to 0.8 did equally well against optima."""


def protect(
    table: ArrayLike,
    *,
    threshold: int = _DEFAULT_THRESHOLD,
    safe_zeros: bool = True,
    totals: bool = True,
    parents: Parents = None,
) -> Protected:
    """Hide small counts, and as few other entries as are needed so that no small count can be worked out.

    `table` is 2-D, rows x columns, counts of people without margins. Every count from 1 to ``threshold -
    1`` is hidden (from 0 with ``safe_zeros=False``), be it a cell, a subtotal or a total. Other entries are
    hidden until each hidden entry keeps at least two possible values for somebody who knows that counts are
    whole numbers from 0 and sees everything shown. Cells are hidden before subtotals and totals, small
    counts before large ones, zeros last among cells.

    ``parents`` gives a hierarchy of the rows, or ``(of the rows, of the columns)`` as a tuple. Each is a
    sequence with one group name per row, or a mapping from row number or group name to the group above it,
    to any depth; the subtotals of groups are then published and protected as well. With ``totals=False``
    neither totals nor subtotals are published, so that only the small cells are hidden.

    ``ValueError`` for an empty table, negative, fractional or missing counts, a threshold below 1, and a
    hierarchy that doesn't fit. Rule: threshold and complementary suppression as in the Government
    Statistical Service's guidance on tabular outputs; the defaults are the content file
    ``disclosure/default-1.toml``.

    Source: Hundepool et al. 2012, Statistical disclosure control, chapter 4; Government Statistical
    Service guidance on tables from administrative sources.

    >>> hidden = protect([[2, 18], [19, 14], [10, 12], [14, 11]], threshold=3)
    >>> hidden.shown.tolist()
    [[None, None], [19, 14], [None, None], [14, 11]]
    >>> hidden.total_shown, hidden.loss
    (True, 3)
    """
    whole("threshold", threshold, minimum=1)
    counts = read_counts(table)
    rows, columns = split_parents(parents, (counts.shape[0], counts.shape[1]))
    rules = disclosure_rules()
    board = Board(counts, rows, columns)
    primary = (board.values < threshold) & ((board.values > 0) | (not safe_zeros))
    if totals:
        hidden = _best_hiding(board, primary, entry_costs(board, rules))
    else:
        hidden = primary.copy()
        hidden[counts.shape[0] :, :] = hidden[:, counts.shape[1] :] = True
    otherwise = COMPLEMENTARY if totals else NOT_PUBLISHED
    reasons = entry_reasons(rows, columns, hidden, np.where(primary, BELOW_THRESHOLD, otherwise))
    return Protected(
        rows=rows,
        columns=columns,
        hidden=hidden,
        values=np.where(hidden, 0, board.values),
        reasons=reasons,
        loss=sum(reason == COMPLEMENTARY for reason in reasons.values()),
        threshold=int(threshold),
        safe_zeros=safe_zeros,
        rule_version=rules.version,
    )


def entry_costs(board: Board, rules: DisclosureRules) -> Floats:
    """What hiding each entry costs, in cells; one row and one column of zeros stand after the last."""
    rows, columns, values = board.rows, board.columns, board.values
    kind = np.full(values.shape, rules.cost_subtotal)
    kind[: rows.leaves, : columns.leaves] = rules.cost_cell
    kind[-1, :] = kind[:, -1] = rules.cost_margin
    kind[-1, -1] = rules.cost_grand_total
    largest = max(int(values[: rows.leaves, : columns.leaves].max()), 1)
    size = np.where(values == 0, 1.0, np.minimum(values / largest, 1.0))
    costs = np.zeros((values.shape[0] + 1, values.shape[1] + 1))
    costs[:-1, :-1] = kind * (1 + rules.cost_size * size)
    return costs


def _best_hiding(board: Board, primary: Bools, costs: Floats) -> Bools:
    """The cheapest hiding of several tries; the same table always gives the same hiding."""
    unsafe = places_of(primary & ~_safe_by_rectangle(board, primary))
    if not unsafe:
        return primary.copy()
    unsafe.sort(key=lambda place: (-int(board.values[place]), place))
    best = _Hiding(board, primary, costs).complete(unsafe)
    chance = np.random.default_rng(0)
    for _ in range(min(_TRIES, _SEARCHES // len(unsafe)) - 1):
        order = [unsafe[index] for index in chance.permutation(len(unsafe))]
        tried = _Hiding(board, primary, costs)
        tried.open_costs *= np.exp(_PERTURBATION * chance.standard_normal(costs.shape))
        best = min(best, tried.complete(order), key=lambda hiding: hiding.cost)
    return best.hidden


def _safe_by_rectangle(board: Board, primary: Bools) -> Bools:
    """Primary cells that are one corner of a rectangle of hidden cells that can move: up here, down in the
    same row and in the same column, up in the fourth corner. All in one block, so that no subtotal
    changes."""
    safe = np.zeros_like(primary)
    for below_r in board.rows.children:
        leaves_r = [line for line in below_r if line < board.rows.leaves]
        for below_c in board.columns.children:
            leaves_c = [line for line in below_c if line < board.columns.leaves]
            if len(leaves_r) < 2 or len(leaves_c) < 2:
                continue
            block = np.ix_(leaves_r, leaves_c)
            hidden = primary[block]
            down = (hidden & (board.counts[block] > 0)).astype(float)
            up = hidden.astype(float)
            # Ways round with any two other lines, less those that use the same row or the same column again.
            ways = (
                down @ up.T @ down - down * (up * down).sum(axis=0) - down * (up * down).sum(axis=1)[:, None]
            )
            safe[block] = hidden & (ways + down * up * down > 0)
    return safe


class _Hiding:
    """A set of hidden entries that grows by moves and is then trimmed."""

    def __init__(self, board: Board, primary: Bools, costs: Floats) -> None:
        self.board, self.primary, self.costs = board, primary, costs
        self.hidden = primary.copy()
        self.open_costs = costs.copy()
        self.open_costs[:-1, :-1][primary] = 0.0
        self.moves: dict[Place, Places] = {}

    @property
    def cost(self) -> float:
        return float(self.costs[:-1, :-1][self.hidden & ~self.primary].sum())

    def complete(self, order: list[Place]) -> "_Hiding":
        for place in order:
            if place not in self.moves:
                move = self.board.cheapest_move(place, self.open_costs)
                if move is None:
                    raise RuntimeError(f"No move for entry {place}: the block of both totals always has one.")
                self._accept(move, set(order))
        self._trim()
        return self

    def _accept(self, move: Move, wanted: set[Place]) -> None:
        for place in move.places:
            self.hidden[place] = True
            self.open_costs[place] = 0.0
            if place in wanted:
                self.moves[place] = move.places

    def _trim(self) -> None:
        """Show again, dearest first, each entry without which every primary entry still has a move."""
        extra = places_of(self.hidden & ~self.primary)
        for place in sorted(extra, key=lambda place: (-self.costs[place], place)):
            self._show_if_safe(place)
        # Moves found late may have left entries that no move needs any more.
        self.hidden = self.primary.copy()
        for places in self.moves.values():
            self.hidden[tuple(zip(*places, strict=True))] = True

    def _show_if_safe(self, place: Place) -> None:
        closed = np.where(self._padded_hidden(), 0.0, np.inf)
        closed[place] = np.inf
        renewed: dict[Place, Places] = {}
        for target, places in self.moves.items():
            if place in places and target not in renewed:
                move = self.board.cheapest_move(target, closed)
                if move is None:
                    return
                renewed.update({other: move.places for other in move.places if other in self.moves})
        self.moves.update(renewed)
        self.hidden[place] = False

    def _padded_hidden(self) -> Bools:
        padded = np.ones(self.costs.shape, dtype=bool)
        padded[:-1, :-1] = self.hidden
        return padded
