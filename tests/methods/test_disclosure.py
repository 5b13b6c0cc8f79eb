"""Disclosure control against published tables, stated rules and bad input."""

import csv
import json
from collections import Counter
from typing import Any

import numpy as np
import pytest

from openoh.methods import disclosure
from openoh.methods.disclosure import Bounds, attack, bounds, protect, published
from openoh.methods.disclosure.moves import Board, cheapest_path
from openoh.methods.disclosure.protecting import entry_costs
from openoh.methods.disclosure.published import split_parents
from tests.outside_data import outside_data

REGIONS = [[2, 18], [19, 14], [10, 12], [14, 11]]  # region A-D x female, male


def microdata_counts() -> list[list[int]]:
    with outside_data("disclosure-control", "sdctable_microdata1.csv").open(encoding="utf-8") as file:
        counts = Counter((row["region"], row["gender"]) for row in csv.DictReader(file))
    return [[counts[region, sex] for sex in ("female", "male")] for region in "ABCD"]


def charity_counts() -> np.ndarray:
    with outside_data("disclosure-control", "acro_charity_grants.csv").open(encoding="utf-8") as file:
        counts = Counter((row["year"], row["grant_type"]) for row in csv.DictReader(file))
    years = sorted({year for year, _ in counts})
    return np.array([[counts[year, kind] for kind in ("G", "N", "R", "R/G")] for year in years])


def tau_argus_counts() -> tuple[np.ndarray, list[str]]:
    """The frequencies of size x region, and the part of the country that each region lies in."""
    text = outside_data("disclosure-control", "tauargus_region2.hrc").read_text(encoding="utf-8")
    part, parts = "", {}
    for line in text.split("\n"):
        if line.startswith("@"):
            parts[line[1:].strip()] = part
        elif line.strip():
            part = line.strip()
    table: dict[tuple[str, str], int] = {}
    with outside_data("disclosure-control", "tauargus_pp.tab").open(encoding="utf-8-sig") as file:
        for row in csv.reader(file, delimiter=";"):
            table[row[0].strip(), row[1].strip()] = int(row[3])
    sizes = sorted({size for size, _ in table} - {"Total"})
    regions = [*parts, "99"]
    counts = np.array([[table.get((size, region), 0) for region in regions] for size in sizes])
    assert counts.sum() == table["Total", "Total"] == 42723
    return counts, [parts.get(region, "unknown") for region in regions]


def test_the_published_example_of_sdctable_is_met() -> None:
    expected = json.loads(outside_data("disclosure-control", "sdctable_published_expected.json").read_text())
    outcome = expected["secondary_suppression_given_primary_A_female"]
    table = microdata_counts()
    assert table == REGIONS
    safe = protect(table, threshold=expected["freq_rule_maxN_2"]["n_primary"] + 2)
    assert Counter(safe.reasons.values()) == {"below threshold": 1, "complementary": outcome["n_secondary"]}
    assert safe.reasons[0, 0] == "below threshold"
    assert (~safe.hidden).sum() == outcome["n_publishable"]
    # Positions run total, male, female within total, A, B, C, D; the optimal solution hides the smallest sum.
    positions = [3 * (row + 1) + 3 - column for row, column in np.argwhere(safe.mask)]
    assert sorted(positions) == outcome["OPT_positions"]


def test_the_other_published_solution_can_be_attacked_no_more_than_ours() -> None:
    """The heuristic (GAUSS) solution hides A and D; it is safe too."""
    cells = [[None, None], [19, 14], [10, 12], [None, None]]
    gauss = published(cells, row_totals=[20, 33, 22, 25], column_totals=[45, 55], total=100)
    assert attack(gauss) == []


def test_one_hidden_cell_alone_is_derived() -> None:
    naive = published(
        [[None, 18], [19, 14], [10, 12], [14, 11]],
        row_totals=[20, 33, 22, 25],
        column_totals=[45, 55],
        total=100,
    )
    assert [(found.where, found.value) for found in attack(naive)] == [((0, 0), 2)]


def test_the_charity_table_of_acro() -> None:
    table = charity_counts()
    assert (table == [15, 59, 71, 8]).all()
    assert table.shape[0] == 6
    assert not protect(table, threshold=8).hidden.any()
    safe = protect(table, threshold=10)
    # Six primary cells; one more in each year, best in the column G (15), makes a safe table: the optimum.
    assert (safe.loss, safe.mask[:, 3].all(), safe.mask[:, 0].all()) == (6, True, True)
    assert attack(safe) == []


def test_the_tau_argus_table_under_its_hierarchy() -> None:
    counts, parts = tau_argus_counts()
    safe = protect(counts, parents=(None, parts))
    assert attack(safe) == []
    assert safe.reasons[0, "Nr"] == "complementary" or not safe.hidden[0, safe.columns.labels.index("Nr")]
    assert safe.value(0, "Nr") in (6, None)
    # The least number of complementary entries, from an exact solution by constraint programming, is 4 where
    # all entries count alike; ours counts subtotals and totals for more than cells.
    assert safe.loss <= 5


# Hierarchies of the tables below.
PAIRS = ["a", "a", "b", "b", "c", "c"]
TWO_BY_TWO = (["a", "a", "b", "b"], ["x", "x", "y", "y"])
TWO_LEVELS = {0: "a", 1: "a", 2: "b", 3: "b", 4: "b", "a": "site", "b": "site"}

# (table, hierarchy, the least cost of a safe hiding). The costs are the optima found by constraint programming
# (bench/optimal_hiding.py).
OPTIMA: list[tuple[list[list[int]], Any, float]] = [
    ([[3, 5, 24, 7], [4, 0, 2, 0], [5, 5, 3, 15]], None, 2.0042),
    ([[4, 6, 8, 15, 0], [0, 0, 0, 0, 0], [3, 0, 0, 6, 10], [5, 5, 3, 9, 0]], None, 3.0153),
    ([[10, 12, 9, 0], [6, 0, 16, 30], [11, 4, 24, 0], [8, 11, 0, 6]], None, 3.0101),
    (
        [[8, 5, 0, 0, 6], [2, 5, 0, 5, 0], [9, 1, 0, 6, 7], [5, 0, 4, 5, 9], [12, 15, 6, 0, 5]],
        None,
        3.0166,
    ),
    (
        [[8, 6, 4, 12], [5, 6, 4, 5], [5, 0, 13, 9], [5, 7, 10, 5], [0, 6, 10, 10], [5, 4, 10, 9]],
        None,
        3.0122,
    ),
    ([[12, 0, 7, 0], [8, 0, 0, 6], [6, 2, 12, 15], [6, 6, 7, 2], [0, 18, 3, 7], [8, 6, 3, 5]], None, 4.0138),
    ([[6, 3, 0, 2], [2, 0, 0, 2], [18, 8, 0, 4], [0, 24, 0, 0], [18, 5, 0, 7], [24, 2, 0, 0]], None, 3.0275),
    ([[5, 4, 0], [6, 18, 21], [6, 0, 7], [8, 3, 4], [3, 24, 3], [9, 6, 6]], PAIRS, 7.5501),
    ([[18, 0, 4], [0, 0, 0], [9, 12, 15], [0, 6, 3], [0, 12, 9], [6, 6, 4]], PAIRS, 9.5624),
    ([[5, 6, 9], [2, 4, 3], [9, 6, 24], [0, 0, 5], [5, 0, 0], [12, 2, 2]], PAIRS, 5.0183),
    ([[27, 5, 15, 5], [0, 0, 5, 15], [6, 8, 6, 5], [0, 3, 5, 0]], TWO_BY_TWO, 6.5352),
    ([[5, 0, 10, 18], [12, 3, 0, 0], [18, 0, 7, 0], [7, 39, 9, 9], [6, 0, 0, 11]], TWO_LEVELS, 7.5468),
    ([[4, 27, 5, 4], [7, 21, 0, 0], [8, 5, 18, 5], [2, 3, 24, 3], [13, 15, 7, 18]], TWO_LEVELS, 6.5371),
]


def cost_of_hiding(safe: disclosure.Protected, table: np.ndarray) -> float:
    """What the complementary entries cost by the content: 1 a cell, 1.5 a subtotal, 2 a total of one line, 3 the
    grand total, each up to 1 % more with the size of its count; a zero counts as large."""
    values = safe.rows.members @ table @ safe.columns.members.T
    cost = 0.0
    for (row, column), reason in safe.reasons.items():
        if reason == "complementary":
            at = safe.rows.labels.index(row), safe.columns.labels.index(column)
            totals = (row == "total") + (column == "total")
            kind = 1.0 if isinstance(row, int) and isinstance(column, int) else 1.5
            count = int(values[at])
            size = min(count / table.max(), 1) if count else 1
            cost += (kind if not totals else 1 + totals) * (1 + 0.01 * size)
    return cost


@pytest.mark.parametrize(("table", "parents", "optimum"), OPTIMA)
def test_small_tables_are_hidden_at_the_least_cost(table: list, parents: Any, optimum: float) -> None:
    safe = protect(table, parents=parents)
    assert attack(safe) == []
    assert cost_of_hiding(safe, np.array(table)) == pytest.approx(optimum, abs=6e-4)


# (table with zeros that are hidden too, least cost as above)
OPTIMA_WITH_ZEROS = [
    ([[0, 0, 9, 9], [0, 9, 9, 9], [9, 9, 9, 9]], 4.04),
    ([[0, 0, 9], [0, 0, 9], [9, 9, 9]], 5.05),
    ([[0, 7, 9, 6], [6, 0, 9, 8], [9, 9, 3, 9]], 3.0267),
    ([[0, 0, 9, 8], [0, 9, 9, 9], [6, 5, 9, 0], [4, 8, 8, 8]], 4.0334),
]


@pytest.mark.parametrize(("table", "optimum"), OPTIMA_WITH_ZEROS)
def test_a_hidden_zero_cannot_fall_and_needs_others_that_can(table: list, optimum: float) -> None:
    safe = protect(table, safe_zeros=False)
    assert attack(safe) == []
    assert safe.mask[np.array(table) == 0].all()
    assert cost_of_hiding(safe, np.array(table)) == pytest.approx(optimum, abs=6e-4)


def test_entries_cost_what_the_content_says() -> None:
    rows, columns = split_parents(["a", "a", "b"], (3, 2))
    board = Board(np.array([[0, 5], [10, 20], [1, 40]]), rows, columns)
    assert board.values.tolist() == [
        [0, 5, 5],
        [10, 20, 30],
        [1, 40, 41],
        [10, 25, 35],
        [1, 40, 41],
        [11, 65, 76],
    ]
    full = 1.01  # a zero, and every count as large as the largest cell
    expected = [
        [full, 1 + 0.01 / 8, 2 * (1 + 0.01 / 8), 0],
        [1 + 0.01 / 4, 1 + 0.01 / 2, 2 * (1 + 0.03 / 4), 0],
        [1 + 0.01 / 40, full, 2 * full, 0],
        [1.5 * (1 + 0.01 / 4), 1.5 * (1 + 0.01 * 25 / 40), 2 * (1 + 0.01 * 35 / 40), 0],
        [1.5 * (1 + 0.01 / 40), 1.5 * full, 2 * full, 0],
        [2 * (1 + 0.01 * 11 / 40), 2 * full, 3 * full, 0],
        [0, 0, 0, 0],
    ]
    assert entry_costs(board, disclosure.disclosure_rules()) == pytest.approx(np.array(expected))


NO_WAY = float("inf")


@pytest.mark.parametrize(
    (
        "there",
        "back",
        "start",
        "end",
        "cost",
        "edges",
        "why",
    ),  # the edges from the end of the path to its start
    [
        ([[5.0]], [[NO_WAY]], 0, 0, 5.0, [(0, 0)], "one edge"),
        ([[NO_WAY]], [[1.0]], 0, 0, NO_WAY, [], "no edge there"),
        (
            [[9.0, 1.0], [2.0, 9.0]],
            [[9.0, 9.0], [9.0, 3.0]],
            0,
            0,
            6.0,
            [(1, 0), (1, 1), (0, 1)],
            "there by the second column, back to the second row and there again",
        ),
        ([[6.0, 1.0], [2.0, 9.0]], [[9.0, 9.0], [9.0, 3.0]], 0, 0, 6.0, None, "as dear either way"),
        ([[5.0, 1.0], [2.0, 9.0]], [[9.0, 9.0], [9.0, 3.0]], 0, 0, 5.0, [(0, 0)], "straight is cheaper"),
        ([[NO_WAY, 1.0], [2.0, 9.0]], [[9.0, NO_WAY], [9.0, NO_WAY]], 0, 0, NO_WAY, [], "no way back"),
        (
            [[NO_WAY, 1.0, NO_WAY], [NO_WAY, NO_WAY, 1.0], [1.0, NO_WAY, NO_WAY]],
            [[NO_WAY] * 3, [NO_WAY, 2.0, NO_WAY], [NO_WAY, NO_WAY, 4.0]],
            0,
            0,
            9.0,
            [(2, 0), (2, 2), (1, 2), (1, 1), (0, 1)],
            "by every line",
        ),
        (
            [[1.0, 4.0], [NO_WAY, 1.0]],
            [[NO_WAY, 1.0], [1.0, NO_WAY]],
            0,
            1,
            3.0,
            [(1, 1), (1, 0), (0, 0)],
            "detour",
        ),
    ],
)
def test_cheapest_paths(
    there: list, back: list, start: int, end: int, cost: float, edges: list | None, why: str
) -> None:
    found, path = cheapest_path(np.array(there), np.array(back), start, end)
    assert found == cost, why
    assert edges is None or path == edges, why


@pytest.mark.parametrize(
    ("cells", "options", "found", "why"),
    [
        ([[5]], {}, {}, "totals of five, left out: enough people"),
        (
            [[5]],
            {"threshold": 6},
            {(0, "total"): 5, ("total", 0): 5, ("total", "total"): 5},
            "too few people",
        ),
        ([[1]], {}, {(0, "total"): 1, ("total", 0): 1, ("total", "total"): 1}, "too few people"),
        ([[0]], {}, {}, "zeros may be known"),
        (
            [[0]],
            {"safe_zeros": False},
            {(0, "total"): 0, ("total", 0): 0, ("total", "total"): 0},
            "zeros may not be known",
        ),
        ([[3, 4]], {}, {("total", 0): 3, ("total", 1): 4}, "the total of both is seven"),
    ],
)
def test_totals_left_out_give_away_too_few_people_only(
    cells: list, options: dict, found: dict, why: str
) -> None:
    assert {answer.where: answer.value for answer in attack(published(cells, **options))} == found, why


@pytest.mark.parametrize(
    ("cells", "totals", "found", "why"),
    [
        (
            [[None, None], [None, None]],
            ([1, 9], [1, 9]),
            {},
            "one person may be in either diagonal: two tables fit",
        ),
        (
            [[None, None], [None, None]],
            ([0, 9], [4, 5]),
            {(0, 0): 0, (0, 1): 0, (1, 0): 4, (1, 1): 5},
            "a total of zero gives away its cells, and they the rest",
        ),
        (
            [[None, None, 3], [None, None, 4]],
            ([3, 10], [2, 4, 7]),
            {(0, 0): 0, (0, 1): 0, (1, 0): 2, (1, 1): 4},
            "three of three are shown, so that the others are nobody",
        ),
        ([[None, 7]], ([8], [None, None]), {(0, 0): 1, ("total", 0): 1}, "one row: its total gives all away"),
        ([[None, 7]], ([None], [None, 7]), {}, "the cell and its totals grow together"),
    ],
)
def test_attack_finds_what_follows(cells: list, totals: tuple, found: dict, why: str) -> None:
    rows, columns = totals
    total = sum(rows) if None not in columns else None
    answers = attack(published(cells, row_totals=rows, column_totals=columns, total=total))
    derived = {answer.where: answer.value for answer in answers}
    assert {place: derived[place] for place in found} == found, why
    assert bool(derived) == bool(found), why


def test_bounds_are_exact_and_may_be_open() -> None:
    table = published([[None, None], [None, None]], row_totals=[3, 10], column_totals=[5, 8], total=13)
    assert bounds(table, 0, 0) == Bounds((0, 0), 0, 3)
    assert bounds(table, 1, 0) == Bounds((1, 0), 2, 5)
    assert bounds(table, 0, "total") == Bounds((0, "total"), 3, 3)
    free = published([[None, 7]], row_totals=[None], column_totals=[None, 7])
    assert bounds(free, 0, "total") == Bounds((0, "total"), 7, None)


@pytest.mark.parametrize(
    ("table", "options", "hidden", "why"),
    [
        ([[5, 6], [7, 8]], {}, [], "nothing is below 5"),
        ([[0, 6], [7, 8]], {}, [], "a zero is shown"),
        ([[0, 0], [0, 0]], {}, [], "a table of zeros is shown as it is"),
        (
            [[0, 0], [0, 0]],
            {"safe_zeros": False},
            "all",
            "zeros protected: not even the total of nobody is shown",
        ),
        ([[3]], {}, "all", "one cell is all its totals"),
        ([[4, 6], [7, 8]], {"threshold": 4}, [], "4 is not below 4"),
        ([[3, 6], [7, 8]], {"totals": False}, [(0, 0)], "without totals nothing can be subtracted"),
        ([[3, 6], [7, 8], [9, 9]], {"totals": False}, [(0, 0)], "whatever the shape"),
        ([[6, 7, 8], [1, 9, 9]], {"totals": False}, [(1, 0)], "whatever the shape"),
        ([[1, 0], [2, 3]], {"threshold": 1}, [], "nobody is below 1"),
        (
            [[1, 2, 9], [3, 4, 9], [9, 9, 9]],
            {},
            [(0, 0), (0, 1), (1, 0), (1, 1)],
            "the small cells protect one another: one person may be in either diagonal",
        ),
        (
            [[4, 4, 9], [4, 9, 4], [9, 4, 4]],
            {},
            [(0, 0), (0, 1), (1, 0), (1, 2), (2, 1), (2, 2)],
            "so do six in a ring",
        ),
        ([[3, 60, 9], [70, 80, 90]], {}, [(0, 0), (0, 2), (1, 0), (1, 2)], "the smallest rectangle"),
        (
            [[3, 60, 0], [70, 80, 0]],
            {},
            [(0, 0), (0, 1), (1, 0), (1, 1)],
            "cells with people go before zeros",
        ),
    ],
)
def test_which_cells_are_hidden(table: list, options: dict, hidden: list | str, why: str) -> None:
    safe = protect(table, **options)
    expected = np.zeros_like(safe.mask)
    for place in np.ndindex(expected.shape) if hidden == "all" else hidden:
        expected[place] = True
    assert (safe.mask == expected).all(), why
    if hidden == "all":
        assert safe.hidden.all(), why
    elif options.get("totals", True):
        assert safe.total_shown and safe.row_totals_shown.all() and safe.column_totals_shown.all(), why
    else:
        assert not (safe.total_shown or safe.row_totals_shown.any() or safe.column_totals_shown.any()), why
    assert attack(safe) == []


def test_a_total_of_too_few_people_is_hidden_with_company() -> None:
    safe = protect([[1, 2, 0], [30, 40, 50], [25, 35, 45]])
    assert not safe.row_totals_shown[0]
    assert attack(safe) == []
    assert safe.reasons[0, "total"] == "below threshold"


def test_a_subtotal_of_too_few_people_is_hidden_with_company() -> None:
    table = [[1, 30], [1, 40], [20, 50], [30, 60]]
    safe = protect(table, parents=["north", "north", "south", "south"])
    assert safe.value("north", 0) is None
    assert safe.value("north", "total") in (72, None)
    assert attack(safe) == []
    flat = protect(table)
    assert flat.loss <= safe.loss


def test_hierarchies_of_both_sides_to_any_depth() -> None:
    rows = {
        0: "team a",
        1: "team a",
        2: "team b",
        3: "team b",
        "team a": "site",
        "team b": "site",
        4: "other",
    }
    table = np.array([[1, 9, 20, 8], [12, 11, 30, 7], [2, 9, 9, 40], [10, 20, 30, 3], [50, 60, 70, 80]])
    safe = protect(table, parents=(rows, ["x", "x", "y", "y"]))
    assert attack(safe) == []
    for label, members in {"team a": [0, 1], "team b": [2, 3], "site": [0, 1, 2, 3], "other": [4]}.items():
        for column, cells in {0: [0], "x": [0, 1], "total": [0, 1, 2, 3]}.items():
            assert safe.value(label, column) in (table[np.ix_(members, cells)].sum(), None)


def test_what_is_protected_holds_no_hidden_value() -> None:
    safe = protect(REGIONS, threshold=3)
    assert (safe.values[safe.hidden] == 0).all()
    assert safe.shown.tolist()[0] == [None, None]
    assert safe.shown.tolist()[1] == [19, 14]
    assert (safe.threshold, safe.safe_zeros, safe.rule_version) == (3, True, "disclosure-default 1")
    assert protect(REGIONS, safe_zeros=False).safe_zeros is False
    assert safe.values.dtype == np.int64


def test_the_same_table_gives_the_same_hiding() -> None:
    table = np.random.default_rng(3).poisson(6, (12, 9))
    assert (protect(table).hidden == protect(table).hidden).all()


@pytest.mark.parametrize(
    ("values", "base", "rounded"),
    [([0, 1, 2, 3, 4, 5, 7, 8], 5, [0, 0, 0, 5, 5, 5, 5, 10]), ([1, 5, 15], 10, [0, 10, 20]), ([7], 1, [7])],
)
def test_round_to(values: list[int], base: int, rounded: list[int]) -> None:
    assert disclosure.round_to(values, base).tolist() == rounded


def test_round_to_keeps_the_shape() -> None:
    assert disclosure.round_to(np.arange(8).reshape(2, 2, 2)).shape == (2, 2, 2)
    assert disclosure.round_to([]).tolist() == []
    assert disclosure.round_to([]).dtype == disclosure.round_to([1]).dtype == np.int64


@pytest.mark.parametrize(
    ("count", "base", "shown"),
    [
        (5, 10, 50), (4, 10, None), (5, 9, None), (0, 10, 0), (10, 10, 100), (1, 200, None),
        (6, 10, None), (5, 40, 13), (7, 40, 18), (33, 100, 33),
    ],
)  # fmt: skip
def test_whole_percentage(count: int, base: int, shown: int | None) -> None:
    assert disclosure.whole_percentage(count, base) == shown


@pytest.mark.parametrize(
    ("kind", "enough"),
    [
        ("breakdown", [False, True, True]),
        ("survey", [False, False, True]),
        ("sensitive_reason", [False, True, True]),
    ],
)
def test_minimum_bases(kind: str, enough: list[bool]) -> None:
    assert disclosure.meets_minimum_base([9, 10, 11], kind).tolist() == enough
    assert disclosure.meets_minimum_base([], kind).tolist() == []
    assert disclosure.meets_minimum_base([], kind).dtype == np.bool_


def test_a_base_is_that_of_a_breakdown_unless_told() -> None:
    assert disclosure.meets_minimum_base([[9, 10], [11, 0]]).tolist() == [[False, True], [True, False]]


def test_homogeneous_rows_are_named() -> None:
    found = disclosure.homogeneous_rows([[0, 12], [6, 6], [0, 0], [7, 0], [1, 0]])
    rules = "disclosure-default 1"
    assert found == [
        disclosure.Homogeneous(row, column, people, rules)
        for row, column, people in [(0, 1, 12), (3, 0, 7), (4, 0, 1)]
    ]
    assert [row.row for row in disclosure.homogeneous_rows([[0, 12], [7, 0]], sensitive=[0])] == [1]


def test_differencing_between_protected_tables_compares_only_what_both_show() -> None:
    earlier, later = protect([[3, 20, 30], [12, 15, 18]]), protect([[3, 20, 30], [12, 15, 22]])
    risks = disclosure.differencing_risk(earlier, later)
    assert {risk.where for risk in risks} <= {(1, 2), (1, "total"), ("total", 2), ("total", "total")}
    assert ("total", "total") in {risk.where for risk in risks}
    assert all(risk.change == 4 for risk in risks)
    assert disclosure.differencing_risk(earlier, earlier) == []


@pytest.mark.parametrize(
    ("later", "threshold", "found"),
    [
        ([[15, None]], 5, 0),
        ([[19, None]], 5, 2),
        ([[19, None]], 1, 0),
        ([[19, None]], 2, 2),
        ([[16, None]], 5, 2),
        ([[25, None]], 5, 0),
        ([[25, None]], 6, 2),
        ([[None, None]], 5, 0),
    ],
)
def test_differencing_threshold(later: list, threshold: int, found: int) -> None:
    risks = disclosure.differencing_risk([[20, None]], later, threshold=threshold)
    assert [risk.where for risk in risks] == [(0, 0), ("total", 0)][:found]


def test_differencing_of_plain_rows_takes_their_totals_as_published() -> None:
    risks = disclosure.differencing_risk([[20, 31], [15, 25]], [[19, 31], [15, 25]])
    rules = "disclosure-default 1"
    assert risks == [
        disclosure.Difference((0, 0), 20, 19, rules),
        disclosure.Difference((0, "total"), 51, 50, rules),
        disclosure.Difference(("total", 0), 35, 34, rules),
        disclosure.Difference(("total", "total"), 91, 90, rules),
    ]
    with pytest.raises(ValueError, match=r"is shorter than|shape"):
        disclosure.differencing_risk([[20, 31], [15]], [[19, 31], [15]])


def test_two_names_in_a_tuple_are_the_groups_of_two_rows() -> None:
    safe = protect([[7, 8, 9], [9, 10, 11]], parents=("north", "south"))
    assert safe.rows.labels == (0, 1, "north", "south", "total")
    assert safe.columns.labels == (0, 1, 2, "total")


@pytest.mark.parametrize(
    ("parents", "names"),
    [
        ([1, 1, 2], (("group", 1), ("group", 2))),  # a whole number alone names a row
        (np.array([1, 1, 2]), (("group", 1), ("group", 2))),
        (np.array(["north", "north", "south"]), ("north", "south")),
        ({0: "north", 1: "north", "north": "all"}, ("north", "all")),
    ],
)
def test_groups_may_be_numbered_or_come_as_an_array(parents: Any, names: tuple) -> None:
    safe = protect([[7, 8], [9, 10], [11, 12]], parents=parents)
    assert safe.rows.labels == (0, 1, 2, *names, "total")
    assert safe.value(names[0], 0) == 16


def test_the_least_threshold_is_taken() -> None:
    assert published([[1, 2]], threshold=1).threshold == 1


def test_the_largest_count_is_taken() -> None:
    assert protect([[2**40, 9]]).value(0, "total") == 2**40 + 9


BAD_TABLES = [
    ([], "shape", "an empty table"),
    ([[]], "shape", "no columns"),
    ([1, 2], "shape", "one dimension"),
    ([[1, -2]], "column 1 is -2", "a negative count"),
    ([[1.5, 2]], "column 0 is 1.5", "a fractional count"),
    ([[float("nan"), 2]], "column 0 is nan", "a missing count"),
    ([["a", "b"]], "values", "words"),
    ([[2**40 + 1, 2]], "column 0 is 1099511627777", "more people than there are"),
]


@pytest.mark.parametrize(("table", "message", "why"), BAD_TABLES)
def test_faulty_tables_are_refused(table: list, message: str, why: str) -> None:
    with pytest.raises(ValueError, match=message):
        protect(table)


BAD_PARENTS = [
    (["a"], "1 groups for 2 rows"),
    ({5: "a"}, "5 is outside 0 to 1"),
    ({2: "a"}, "2 is outside 0 to 1"),
    ({0: 1}, "names a single row"),
    ({0: "a", "a": "b", "b": "a"}, "rows: .* stands above itself"),
    ({"ghost": "a"}, "no rows below"),
    (["total", "total"], ""),
    ((None, ["a"]), "1 groups for 2 columns"),
    (["a", None], "needs no mention"),
]


@pytest.mark.parametrize(("parents", "message"), [case for case in BAD_PARENTS if case[1]])
def test_faulty_hierarchies_are_refused(parents: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        protect([[7, 8], [9, 10]], parents=parents)  # type: ignore[arg-type]  # some are wrong on purpose


@pytest.mark.parametrize("threshold", [0, -1, 2.5, None])
def test_faulty_thresholds_are_refused(threshold: object) -> None:
    with pytest.raises(ValueError, match="threshold is"):
        protect([[7, 8]], threshold=threshold)  # type: ignore[arg-type]  # wrong on purpose


def test_margins_that_disagree_are_named() -> None:
    with pytest.raises(ValueError, match=r"Margins disagree: row 0 shows 9 in its cells and 10 as its total"):
        published([[4, 5], [None, 6]], row_totals=[10, 9])
    with pytest.raises(ValueError, match=r"Margins disagree: column 1 shows 11"):
        published([[4, 5], [None, 6]], column_totals=[9, 12])
    with pytest.raises(ValueError, match=r"Margins disagree: row 1 shows 6 in its cells and 5"):
        published([[4, 5], [None, 6]], row_totals=[9, 5])
    with pytest.raises(ValueError, match="Margins disagree: the row of totals"):
        published([[None, None]], column_totals=[3, 4], total=8)
    with pytest.raises(ValueError, match=r"^Margins disagree: no table"):
        attack(published([[None, None], [None, None]], row_totals=[2, 3], column_totals=[4, 2]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: published([[1, 2]], row_totals=[3, 4]), "2 row totals for 1 rows"),
        (lambda: published([[1, 2]], threshold=0), r"^threshold is 0; allowed: 1 or more"),
        (lambda: published([[1, 2]], row_totals=["a"]), r"^totals\["),
        (lambda: disclosure.differencing_risk([["a"]], [[1]]), r"^A cell is 'a'; allowed: a number"),
        (lambda: published([[1, 2]], column_totals=[3]), "1 column totals for 2 columns"),
        (lambda: protect(REGIONS).value(9, 0), "no line 9"),
        (lambda: disclosure.round_to([-1]), "is -1"),
        (lambda: disclosure.round_to([1], 0), "base is 0"),
        (lambda: disclosure.whole_percentage(3, 2), "count is 3 of a base of 2"),
        (
            lambda: disclosure.meets_minimum_base([3], "team"),
            "'team'; there are breakdown, survey, sensitive_reason",
        ),
        (lambda: disclosure.homogeneous_rows([[3]], sensitive=[1]), "sensitive column is 1; allowed: 0 to 0"),
        (
            lambda: disclosure.differencing_risk([[1]], [[1, 2]]),
            r"different lines: \(2, 2\) and \(2, 3\) with totals; only like",
        ),
        (lambda: disclosure.differencing_risk([[1]], [[2]], threshold=0), "threshold is 0"),
        (lambda: disclosure.disclosure_rules("0"), "version of 'default' is '0'; allowed: 1"),
    ],
)
def test_other_faulty_arguments_are_refused(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()  # type: ignore[operator]  # a lambda


def test_a_table_published_without_margins_tells_what_was_left_out() -> None:
    seen = disclosure.published([[12, None, 20], [15, 22, 18]])
    assert (seen.threshold, seen.safe_zeros, seen.loss, seen.rule_version) == (5, True, 0, "as published")
    assert seen.value(0, 1) is None
    assert seen.value(0, 0) == 12
    assert seen.value(1, 2) == 18
    assert seen.hidden.tolist() == [[False, True, False, True], [False] * 3 + [True], [True] * 4]
    assert seen.values[0, 1] == 0
    assert seen.reasons[0, 1] == "complementary"
    assert len(seen.reasons) == 7
    assert [reason for where, reason in seen.reasons.items() if where != (0, 1)] == ["not published"] * 6


def test_a_line_that_is_not_there_is_named_with_its_side() -> None:
    seen = disclosure.published([[12, 3], [15, 22]])
    with pytest.raises(ValueError, match=r"rows: there is no line 7; there are 0, 1"):
        seen.value(7, 0)
    with pytest.raises(ValueError, match=r"columns: there is no line 9; there are 0, 1"):
        seen.value(0, 9)
