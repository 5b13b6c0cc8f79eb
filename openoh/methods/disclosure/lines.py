"""The lines of one side of a table: its rows (or columns), the groups above them, and the total of all."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TOTAL = "total"
Tree = Sequence[Hashable] | Mapping[Hashable, Hashable]
"""A hierarchy: one group name for each row, or a mapping from row number or group name to the group above
it."""


@dataclass(frozen=True, eq=False)
class Lines:
    """Leaves first (numbered as in the table), then groups, then the total, which is the root of the tree."""

    leaves: int
    labels: tuple[Hashable, ...]
    parent: tuple[int, ...]
    children: tuple[tuple[int, ...], ...]
    members: NDArray[np.int64]
    """1 where a leaf (second axis) belongs to a line (first axis)."""

    @property
    def root(self) -> int:
        return len(self.labels) - 1

    def upwards(self, line: int) -> Iterator[int]:
        """The line itself and what stands above it, the root last."""
        while line >= 0:
            yield line
            line = self.parent[line]


def build_lines(leaves: int, tree: Tree | None, side: str) -> Lines:
    """The lines for `leaves` rows under an optional hierarchy; `side` names the axis in messages."""
    above = _parent_labels(leaves, tree, side)
    labels: list[Hashable] = list(range(leaves))
    known = set(labels)
    for label in above.values():
        if label != TOTAL and label not in known:
            known.add(label)
            labels.append(label)
    strangers = set(above) - known
    if strangers:
        raise ValueError(f"{side}: {sorted(map(repr, strangers))} has a group above it but no rows below it.")
    labels.append(TOTAL)
    number = {label: index for index, label in enumerate(labels)}
    parent = [number[above.get(label, TOTAL)] for label in labels[:-1]] + [-1]
    return _assemble(leaves, tuple(labels), tuple(parent), side)


def _parent_labels(leaves: int, tree: Tree | None, side: str) -> dict[Hashable, Hashable]:
    if tree is None:
        return {}
    if isinstance(tree, Mapping):
        above = dict(tree)
    else:
        tree = tree.tolist() if isinstance(tree, np.ndarray) else tree
        if len(tree) != leaves:
            raise ValueError(f"{side}: {len(tree)} groups for {leaves} {side}; one for each is needed.")
        above = dict(enumerate(tree))
    for label, group in above.items():
        if isinstance(label, int) and not 0 <= label < leaves:
            raise ValueError(f"{side}: {label} is outside 0 to {leaves - 1}.")
        if isinstance(group, int) and not isinstance(tree, Mapping):
            above[label] = ("group", group)
        elif isinstance(group, int):
            raise ValueError(
                f"{side}: {group} stands above {label!r}, but a whole number names a single row."
            )
        if label == TOTAL or group is None:
            raise ValueError(
                f"{side}: {label!r} under {group!r}: the total is above all and needs no mention."
            )
    return above


def _assemble(leaves: int, labels: tuple[Hashable, ...], parent: tuple[int, ...], side: str) -> Lines:
    count = len(labels)
    members = np.zeros((count, leaves), dtype=np.int64)
    for line in range(count):
        steps, above = 0, line
        while above >= 0:
            if line < leaves:
                members[above, line] = 1
            above, steps = parent[above], steps + 1
            if steps > count:
                raise ValueError(f"{side}: {labels[line]!r} stands above itself.")
    children: list[list[int]] = [[] for _ in labels]
    for line in range(count - 1):
        children[parent[line]].append(line)
    return Lines(leaves, labels, parent, tuple(tuple(below) for below in children), members)
