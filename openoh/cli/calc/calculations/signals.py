"""Hot spots, clusters, emerging needs and change points."""

from itertools import pairwise
from typing import Any

from openoh.cli.calc.charts import Chart, Line
from openoh.cli.calc.specification import Arguments, Calculation, Result, needed, optional

HELP = "where and when something unusual happens"

PERMUTATIONS = optional("permutations", "whole", "permutations behind the p-values (999)")
SEED = optional("seed", "whole", "seed of the permutations (0)")


def _tree(arguments: Arguments) -> Arguments:
    """A file with a line for each node: its parent, and for leaves what was observed and expected."""
    nodes = arguments.pop("node")
    columns = {
        name: dict(zip(nodes, arguments.pop(name), strict=True))
        for name in ("parent", "observed", "expected")
    }
    if len(columns["parent"]) < len(nodes):
        raise ValueError("a node has two lines; every node must have one")
    leaves = [node for node in columns["parent"] if columns["observed"][node] is not None]
    for name in ("observed", "expected"):
        columns[name] = {leaf: columns[name][leaf] for leaf in leaves}
    return arguments | columns


def _periods(arguments: Arguments) -> Arguments:
    """Every column is a group, every line a period."""
    counts = arguments.pop("groups")
    return arguments | {"groups": list(counts), "counts_by_period": list(zip(*counts.values(), strict=True))}


def _levels(result: Result) -> Chart:
    values = result.arguments["values"]
    edges = [0, *(change.index for change in result.value), len(values)]
    level = [
        sum(values[first:last]) / (last - first)
        for first, last in pairwise(edges)
        for _ in range(first, last)
    ]
    return Chart(
        "Changes of level",
        (Line("value", values), Line("level", level)),
        tuple(str(place + 1) for place in range(len(values))),
    )


def _changes(found: list[Any]) -> list[dict[str, Any]]:
    return [
        {"line": change.index + 1, "before": change.before, "after": change.after, "p_value": change.p_value}
        for change in found
    ]


CALCULATIONS = (
    Calculation(
        "signals",
        "tree",
        "scan_tree",
        "hot spots in an organisation tree",
        (
            needed("node", "labels", "the column of node names"),
            needed("parent", "labels", "the column of their parents (blank = root)"),
            needed("observed", "series", "events of leaves (blank for inner nodes)"),
            needed("expected", "series", "expected events or headcount of leaves"),
            PERMUTATIONS,
            SEED,
        ),
        adapt=_tree,
    ),
    Calculation(
        "signals",
        "circles",
        "scan_circles",
        "clusters of places",
        (
            needed("names", "labels", "the column of place names"),
            needed("cases", "series", "cases"),
            needed("population", "series", "people"),
            needed("x", "series", "coordinate east"),
            needed("y", "series", "coordinate north, in the same unit"),
            optional("expected", "series", "expected cases"),
            optional("model", "text", "of the cases (poisson)", choices=("poisson", "binomial")),
            optional("largest", "number", "share of people that a circle may hold (0.5)"),
            PERMUTATIONS,
            SEED,
        ),
    ),
    Calculation(
        "signals",
        "emerging",
        "emerging",
        "needs that rise now; one line a period, the oldest first",
        (
            needed("groups", "columns", "the columns of counts, one for each group"),
            optional("exposure", "series", "people by period"),
            optional("window", "whole", "most recent periods to look at (6)"),
            optional("baseline", "text", "what a rise is compared with (own)", choices=("own", "everyone")),
            PERMUTATIONS,
            SEED,
        ),
        adapt=_periods,
    ),
    Calculation(
        "signals",
        "change-points",
        "change_points",
        "changes of level of a series; one line a period",
        (
            needed("values", "series", "the column of values"),
            optional("level", "number", "p-value of an alarm (0.05)"),
            PERMUTATIONS,
            SEED,
        ),
        rows=_changes,
        chart=_levels,
    ),
)
