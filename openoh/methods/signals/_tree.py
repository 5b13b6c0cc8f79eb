"""Hot spots in a tree of organisations: the conditional Poisson tree scan."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openoh.methods._checks import SMALLEST, Floats, Ints, generator, repeats, vector, whole_vector
from openoh.methods.signals._statistics import excess_likelihood_ratio, p_values, relative_risk, scan_rules

# Memory for the permutations of one batch, in counts.
BATCH = 4_000_000

ByNode = Mapping[Any, Any] | Sequence[Any] | NDArray[Any]


@dataclass(frozen=True)
class HotSpot:
    """One node of the tree with all its descendants: observed and expected events, and how surprising they
    are.

    `expected` is scaled to the total observed. `relative_risk` compares with the rest of the tree (`None`
    where that is undefined). `p_value` holds over all nodes together; `None` without permutations.
    """

    where: Hashable
    observed: int
    expected: float
    relative_risk: float | None
    llr: float
    p_value: float | None
    permutations: int
    seed: int
    rule_version: str


@dataclass(frozen=True)
class Tree:
    """Nodes in depth-first order: the descendants of node i are the positions i to ends[i] - 1."""

    nodes: tuple[Hashable, ...]
    ends: Ints
    roots: frozenset[Hashable]


def scan_tree(
    observed: ByNode, expected: ByNode, parent: ByNode, *, permutations: int = 999, seed: int = 0
) -> list[HotSpot]:
    """Every cut of the tree (each node but the roots), best first, with a p-value over all of them.

    `observed` (whole, >= 0) and `expected` (>= 0, in any scale: only its shape counts) by leaf, over the
    same leaves; inner nodes may have events of their own. `parent` by node; a root has the parent `None` or
    `""`, or is not a key. All three are mappings, or arrays where the first nodes are the leaves and
    `parent` holds positions, -1 for roots. Given the total, events fall on leaves in proportion to
    `expected`; only more events than expected count. The p-value compares with the best cut of each
    permutation, so that at most 5 % of quiet trees have a p-value of 0.05 or less anywhere. Two nodes with
    the same leaves have the same ratio; the deeper one comes first. Raises `ValueError` for other leaves in
    one than in the other, an unknown leaf, a cycle, nothing expected in all, and events where none are
    expected. Source: Kulldorff, Fang, Walsh (2003), Biometrics 59:323.

    >>> spots = scan_tree({"A": 14, "B": 7, "C": 3}, {"A": 200, "B": 200, "C": 800},
    ...                   {"A": "North", "B": "North", "C": "South", "North": None, "South": None})
    >>> spots[0].where, spots[0].observed, spots[0].expected, round(spots[0].llr, 2)
    ('A', 14, 4.0, 10.61)
    """
    parents = _by_name(parent)
    tree = ordered_tree({node: _parent_or_none(up) for node, up in parents.items()})
    counts, means = leaf_values(tree, _by_name(observed), _by_name(expected))
    total = int(counts.sum())
    means = means * (total / means.sum())
    inside, inside_means = _within(tree, counts), _within(tree, means)
    llr = excess_likelihood_ratio(inside, inside_means, total)
    cuts = np.array([node not in tree.roots for node in tree.nodes], dtype=bool)
    best = _best_of_permutations(tree, means, total, cuts, repeats("permutations", permutations), seed)
    values = p_values(llr, best)
    order = sorted(np.flatnonzero(cuts).tolist(), key=lambda i: (-round(float(llr[i]), 9), tree.ends[i] - i))
    return [
        HotSpot(
            tree.nodes[i],
            int(inside[i]),
            float(inside_means[i]),
            relative_risk(float(inside[i]), float(inside_means[i]), total),
            float(llr[i]),
            values[i],
            permutations,
            seed,
            scan_rules().rule_version,
        )
        for i in order
    ]


def ordered_tree(parents: Mapping[Hashable, Hashable | None]) -> Tree:
    """The nodes in depth-first order; raises `ValueError` for a cycle."""
    children: dict[Hashable, list[Hashable]] = {}
    for node, up in parents.items():
        if up is not None:
            children.setdefault(up, []).append(node)
    roots = [node for node in (*parents, *children) if parents.get(node) is None]
    roots = list(dict.fromkeys(roots))
    nodes: list[Hashable] = []
    ends: dict[Hashable, int] = {}
    stack: list[tuple[Hashable, bool]] = [(root, False) for root in reversed(roots)]
    while stack:
        node, seen = stack.pop()
        if seen:
            ends[node] = len(nodes)
            continue
        nodes.append(node)
        stack.append((node, True))
        stack.extend((child, False) for child in reversed(children.get(node, ())))
    lost = [node for node in parents if node not in ends]
    if lost:
        raise ValueError(f"the parents of {lost[0]!r} form a cycle; a tree leads every node to a root")
    return Tree(tuple(nodes), np.array([ends[node] for node in nodes]), frozenset(roots))


def leaf_values(
    tree: Tree, observed: Mapping[Hashable, Any], expected: Mapping[Hashable, Any]
) -> tuple[Ints, Floats]:
    """Counts and expected numbers in the order of the tree's nodes, checked; 0 for nodes of which nothing
    is said."""
    if not observed:
        raise ValueError("observed is empty; there must be at least one leaf")
    for name, one, other in (("expected", observed, expected), ("observed", expected, observed)):
        gap = [leaf for leaf in one if leaf not in other]
        if gap:
            raise ValueError(f"{name} has no value for {gap[0]!r}; both must name the same leaves")
    place = {node: i for i, node in enumerate(tree.nodes)}
    unknown = [leaf for leaf in observed if leaf not in place]
    if unknown:
        raise ValueError(f"parent has no entry for the leaf {unknown[0]!r}")
    leaves = list(observed)
    positions = [place[leaf] for leaf in leaves]
    counts, means = np.zeros(len(tree.nodes), dtype=np.int64), np.zeros(len(tree.nodes))
    counts[positions] = whole_vector("observed", [observed[leaf] for leaf in leaves])
    means[positions] = vector("expected", [expected[leaf] for leaf in leaves], minimum=0)
    if means.sum() <= 0:
        raise ValueError("expected sums to 0; something must be expected somewhere")
    impossible = (counts > 0) & (means < SMALLEST)
    if impossible.any():
        node = tree.nodes[int(np.argmax(impossible))]
        raise ValueError(f"{node!r} has events and expected is 0 there; it must be above 0")
    return counts, means


def _by_name(values: ByNode) -> dict[Hashable, Any]:
    return dict(values) if isinstance(values, Mapping) else dict(enumerate(np.asarray(values).tolist()))


def _parent_or_none(up: Any) -> Hashable | None:
    # A blank is how a table writes a root, and -1 how an array does.
    return None if up is None or up == "" or (isinstance(up, int | float) and up < 0) else up


def _within(tree: Tree, by_node: NDArray[Any]) -> NDArray[Any]:
    """Sums over each node and its descendants, along the last axis."""
    running = np.zeros((*by_node.shape[:-1], by_node.shape[-1] + 1), dtype=by_node.dtype)
    np.cumsum(by_node, axis=-1, out=running[..., 1:])
    return np.asarray(running[..., tree.ends] - running[..., :-1])


def _best_of_permutations(
    tree: Tree, means: Floats, total: int, cuts: NDArray[np.bool_], permutations: int, seed: int
) -> Floats:
    """The best ratio of each quiet tree with the same total."""
    best = np.zeros(permutations)
    if not total or not cuts.any():
        return best
    chance = generator(seed)
    possible = np.flatnonzero(means > 0)
    share = means[possible] / means[possible].sum()
    inside_means = _within(tree, means)[cuts]
    batch = max(1, BATCH // means.size)
    for first in range(0, permutations, batch):
        rows = min(batch, permutations - first)
        counts = np.zeros((rows, means.size), dtype=np.int64)
        counts[:, possible] = chance.multinomial(total, share, size=rows)
        inside = _within(tree, counts)[:, cuts]
        best[first : first + rows] = excess_likelihood_ratio(inside, inside_means, total).max(axis=1)
    return best
