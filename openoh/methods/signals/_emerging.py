"""Needs that rise now: recent events of each group and reason against their own past, over everything
looked at."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openoh.methods._checks import (
    LARGEST_COUNT,
    SMALLEST,
    Floats,
    Ints,
    floats,
    generator,
    measurable,
    one_of,
    repeats,
    whole,
)
from openoh.methods.signals._statistics import excess_likelihood_ratio, p_values, scan_rules
from openoh.methods.signals._tree import Tree, ordered_tree

BASELINES = ("own", "everyone")
# Above this many events for each count drawn, drawing counts is quicker than drawing every event.
EVENTS_FOR_COUNTS = 4


@dataclass(frozen=True)
class Emerging:
    """More events of one group (and reason) in the last `periods` periods than its whole series leads to
    expect.

    `p_value` holds over all groups, reasons and lengths together; `None` without permutations.
    """

    where: Hashable
    reason: Hashable | None
    periods: int
    observed: int
    expected: float
    total: int
    ratio: float
    llr: float
    p_value: float | None
    baseline: str
    permutations: int
    seed: int
    rule_version: str


@dataclass(frozen=True)
class _Null:
    """What quiet data look like: each event of a series falls into the last k periods with probability
    recent[k - 1]."""

    totals: Ints  # events of each leaf series: (groups, reasons)
    recent: Floats  # (window, groups, reasons)


def emerging(
    counts_by_period: Any,
    exposure: Any = None,
    *,
    groups: Sequence[Hashable] | None = None,
    reasons: Sequence[Hashable] | None = None,
    parent: Mapping[Hashable, Hashable | None] | None = None,
    window: int | None = None,
    baseline: str = "own",
    permutations: int = 999,
    seed: int = 0,
    limit: int = 50,
) -> list[Emerging]:
    """Rising series, best first (at most `limit`), with a p-value over everything looked at.

    `counts_by_period` are whole numbers >= 0 of shape (periods, groups) or (periods, groups, reasons),
    oldest period first; `exposure` (people, FTE) > 0 of shape (periods, groups) or (periods,), constant
    unless given. Every length of 1 to `window` last periods (6 unless given, fewer than the periods) is
    looked at. Given its total, each series has its events in proportion to its exposure (`baseline="own"`),
    or to its exposure times the rate of all groups in that period for that reason (`everyone`: a rise that
    all share, such as winter, is no finding). `groups` and `reasons` name the columns; with `parent` (by
    node, as in `scan_tree`) the groups are leaves of a tree and the inner nodes are looked at too. p-values
    compare with the best of each permutation (seeded), so that at most 5 % of quiet data sets have a
    p-value of 0.05 or less anywhere. Raises `ValueError` outside these ranges, and with fewer than two
    periods. Source: Kulldorff (2001), Journal of the Royal Statistical Society A 164:61; Kulldorff et al.
    (2005), PLoS Medicine 2:e59 (prospective scans).

    >>> counts = [[4, 4], [5, 4], [3, 5], [4, 3], [5, 4], [4, 14]]
    >>> need = emerging(counts, groups=["Ward A", "Ward B"], window=2)[0]
    >>> need.where, need.periods, need.observed, round(need.expected, 1), need.p_value < 0.05
    ('Ward B', 1, 14, 5.7, True)
    """
    counts = _counts(counts_by_period)
    periods, width, kinds = counts.shape
    looked_at = _window(window, periods)
    null = _null(
        counts, _exposure(exposure, periods, width), looked_at, one_of("baseline", baseline, BASELINES)
    )
    names = _labels("groups", groups, width)
    tree, places = _tree(names, parent)
    kind_names = _labels("reasons", reasons, kinds)
    observed = np.cumsum(counts[::-1][:looked_at], axis=0)
    seen = _by_node(tree, places, observed)
    means = _by_node(tree, places, null.recent * null.totals)
    totals = _by_node(tree, places, null.totals[None])
    llr = excess_likelihood_ratio(seen, means, totals)
    chosen = _best_lengths(llr)[: whole("limit", limit, minimum=1)]
    found = np.array([llr[at] for at in chosen])
    fewest = _fewest(means, np.broadcast_to(totals, means.shape), float(found.min()) if chosen else np.inf)
    drawn = repeats("permutations", permutations) if chosen else 0
    best = _best_of_permutations(null, tree, places, means, totals, fewest, drawn, seed)
    values = p_values(found, best)
    return [
        Emerging(
            tree.nodes[node],
            None if np.ndim(counts_by_period) == 2 else kind_names[kind],
            length + 1,
            int(seen[length, node, kind]),
            float(means[length, node, kind]),
            int(totals[0, node, kind]),
            float(seen[length, node, kind] / means[length, node, kind]),
            float(llr[length, node, kind]),
            p_value,
            baseline,
            permutations,
            seed,
            scan_rules().rule_version,
        )
        for (length, node, kind), p_value in zip(chosen, values, strict=True)
    ]


def _counts(counts_by_period: Any) -> Ints:
    table = floats("counts_by_period", counts_by_period)
    if table.ndim not in (2, 3) or table.size == 0:
        raise ValueError(
            f"counts_by_period has shape {table.shape}; it must be (periods, groups) or with reasons"
        )
    wrong = ~(table <= LARGEST_COUNT) | (table < 0) | (table != np.floor(table))
    if wrong.any():
        raise ValueError(
            f"counts_by_period holds {table[wrong][0]}; every count must be a whole number of at least 0"
        )
    if table.shape[0] < 2:
        raise ValueError(f"there are {table.shape[0]} periods; a rise needs at least 2")
    return table.astype(np.int64).reshape(*table.shape[:2], -1)


def _exposure(exposure: Any, periods: int, groups: int) -> Floats:
    if exposure is None:
        return np.ones((periods, groups))
    people = floats("exposure", exposure)
    people = people[:, None] if people.ndim == 1 else people
    if people.shape not in ((periods, groups), (periods, 1)):
        raise ValueError(
            f"exposure has shape {people.shape}; it must be ({periods}, {groups}) or ({periods},)"
        )
    if not (measurable(people) & (people >= SMALLEST)).all():
        raise ValueError(
            "exposure holds a value that is not above 0; every group needs exposure in every period"
        )
    return np.broadcast_to(people, (periods, groups))


def _window(window: int | None, periods: int) -> int:
    longest = periods - 1
    if window is None:
        return min(int(scan_rules().values["emerging_window"]), longest)
    if whole("window", window, minimum=1) > longest:
        raise ValueError(f"window is {window!r}; it must be at most {longest}, one less than the periods")
    return int(window)


def _null(counts: Ints, exposure: Floats, window: int, baseline: str) -> _Null:
    chance = exposure[:, :, None]
    if baseline == "everyone":
        # One event added for each reason and period keeps a quiet past from making anything impossible.
        rate = (counts.sum(axis=1) + 1) / exposure.sum(axis=1)[:, None]
        chance = chance * rate[:, None, :]
    recent = np.cumsum(chance[::-1][:window], axis=0) / chance.sum(axis=0)
    totals = counts.sum(axis=0)
    return _Null(totals, np.broadcast_to(recent, (window, *totals.shape)))


def _labels(name: str, labels: Sequence[Hashable] | None, width: int) -> tuple[Hashable, ...]:
    chosen = tuple(range(width)) if labels is None else tuple(labels)
    if len(chosen) != width or len(set(chosen)) != width:
        raise ValueError(f"{name} has {len(set(chosen))} different names; it must have {width}")
    return chosen


def _tree(
    groups: tuple[Hashable, ...], parent: Mapping[Hashable, Hashable | None] | None
) -> tuple[Tree, Ints]:
    """The tree over the groups (flat without `parent`), and the position of each group in it."""
    parents = dict.fromkeys(groups) if parent is None else {node: up or None for node, up in parent.items()}
    unknown = [group for group in groups if group not in parents]
    if unknown:
        raise ValueError(f"parent has no entry for the group {unknown[0]!r}")
    tree = ordered_tree(parents)
    place = {node: i for i, node in enumerate(tree.nodes)}
    return tree, np.array([place[group] for group in groups])


def _by_node(tree: Tree, places: Ints, by_group: NDArray[Any]) -> NDArray[Any]:
    """Sums of (lengths, groups, reasons) over each node and its descendants."""
    if tree.ends.size == places.size and (places == np.arange(places.size)).all() and _flat(tree):
        return by_group
    running = np.zeros((by_group.shape[0], tree.ends.size + 1, by_group.shape[2]), dtype=by_group.dtype)
    running[:, places + 1] = by_group
    np.cumsum(running, axis=1, out=running)
    return np.asarray(running[:, tree.ends] - running[:, :-1])


def _flat(tree: Tree) -> bool:
    return bool((tree.ends == np.arange(tree.ends.size) + 1).all())


def _best_lengths(llr: Floats) -> list[tuple[int, int, int]]:
    """(length, node, reason) of each series' best length, best series first; only what is above its
    expectation."""
    lengths = llr.argmax(axis=0)
    best = llr.max(axis=0)
    order = np.argsort(-best, axis=None, kind="stable")
    order = order[best.ravel()[order] > 0]
    nodes, kinds = np.unravel_index(order, best.shape)
    return [(int(lengths[node, kind]), int(node), int(kind)) for node, kind in zip(nodes, kinds, strict=True)]


def _fewest(means: Floats, totals: Ints, least: float) -> Ints:
    """The fewest events, by bisection, with which each series and length reaches the ratio `least`.

    A permutation matters only where it does as well as the last finding that is told.
    """
    low, high = np.floor(means).astype(np.int64), totals + 1
    while (high - low > 1).any():
        middle = (low + high) // 2
        reached = excess_likelihood_ratio(middle, means, totals) >= least - 1e-9 * (1 + least)
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return np.asarray(high)


def _best_of_permutations(
    null: _Null,
    tree: Tree,
    places: Ints,
    means: Floats,
    totals: Ints,
    fewest: Ints,
    permutations: int,
    seed: int,
) -> Floats:
    """The best ratio of each quiet data set with the same totals, 0 where it is below every finding told."""
    chance = generator(seed)
    draw = _drawn_counts if null.totals.sum() > EVENTS_FOR_COUNTS * null.recent.size else _drawn_events
    recent = draw(null, chance)
    flat_means, flat_totals = means.ravel(), np.broadcast_to(totals, means.shape).ravel()
    best = np.zeros(permutations)
    for turn in range(permutations):
        seen = _by_node(tree, places, next(recent))
        matters = np.flatnonzero(seen >= fewest)
        if matters.size:
            counts = seen.ravel()[matters]
            best[turn] = excess_likelihood_ratio(counts, flat_means[matters], flat_totals[matters]).max()
    return best


def _drawn_events(null: _Null, chance: np.random.Generator) -> Any:
    """Recent counts by length, drawing the period of every single event."""
    window, groups, kinds = null.recent.shape
    series_of = np.repeat(np.arange(groups * kinds), null.totals.ravel())
    flat = np.ascontiguousarray(null.recent.reshape(window, -1))
    in_window = flat[-1][series_of].astype(np.float32)
    while True:
        luck = chance.random(series_of.size, dtype=np.float32)
        inside = np.flatnonzero(luck < in_window)
        of, at = series_of[inside], luck[inside]
        lag = np.zeros(inside.size, dtype=np.int64)
        for length in range(window - 1):
            lag += at >= flat[length][of]
        counts = np.bincount(lag * flat.shape[1] + of, minlength=flat.size)
        yield np.cumsum(counts.reshape(window, groups, kinds), axis=0)


def _drawn_counts(null: _Null, chance: np.random.Generator) -> Any:
    """Recent counts by length, drawing the counts of each series at once."""
    window = null.recent.shape[0]
    edges = np.concatenate([np.zeros((1, *null.totals.shape)), null.recent, np.ones((1, *null.totals.shape))])
    shares = np.moveaxis(np.diff(edges, axis=0), 0, -1)
    while True:
        drawn = chance.multinomial(null.totals, shares)
        yield np.cumsum(np.moveaxis(drawn, -1, 0)[:window], axis=0)
