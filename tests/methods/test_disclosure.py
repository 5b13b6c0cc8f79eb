"""Disclosure control against published tables, stated rules and bad input."""

import csv
import json
from collections import Counter

import numpy as np
import pytest

from openoh.methods import disclosure
from openoh.methods.disclosure import attack, bounds, protect, published
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
    assert (bounds(table, 0, 0).lower, bounds(table, 0, 0).upper) == (0, 3)
    assert (bounds(table, 1, 0).lower, bounds(table, 1, 0).upper) == (2, 5)
    assert (bounds(table, 0, "total").lower, bounds(table, 0, "total").upper) == (3, 3)
    free = published([[None, 7]], row_totals=[None], column_totals=[None, 7])
    assert (bounds(free, 0, "total").lower, bounds(free, 0, "total").upper) == (7, None)


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
    assert (safe.threshold, safe.rule_version) == (3, "disclosure-default 1")


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


def test_homogeneous_rows_are_named() -> None:
    found = disclosure.homogeneous_rows([[0, 12], [6, 6], [0, 0], [7, 0]])
    assert [(row.row, row.column, row.people) for row in found] == [(0, 1, 12), (3, 0, 7)]
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
        ([[16, None]], 5, 2),
        ([[25, None]], 5, 0),
        ([[25, None]], 6, 2),
        ([[None, None]], 5, 0),
    ],
)
def test_differencing_threshold(later: list, threshold: int, found: int) -> None:
    risks = disclosure.differencing_risk([[20, None]], later, threshold=threshold)
    assert [risk.where for risk in risks] == [(0, 0), ("total", 0)][:found]


BAD_TABLES = [
    ([], "shape", "an empty table"),
    ([[]], "shape", "no columns"),
    ([1, 2], "shape", "one dimension"),
    ([[1, -2]], "column 1 is -2", "a negative count"),
    ([[1.5, 2]], "column 0 is 1.5", "a fractional count"),
    ([[float("nan"), 2]], "column 0 is nan", "a missing count"),
    ([["a", "b"]], "values", "words"),
]


@pytest.mark.parametrize(("table", "message", "why"), BAD_TABLES)
def test_faulty_tables_are_refused(table: list, message: str, why: str) -> None:
    with pytest.raises(ValueError, match=message):
        protect(table)


BAD_PARENTS = [
    (["a"], "1 groups for 2 rows"),
    ({5: "a"}, "5 is outside 0 to 1"),
    ({0: 1}, "names a single row"),
    ({0: "a", "a": "b", "b": "a"}, "stands above itself"),
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
    with pytest.raises(ValueError, match="Margins disagree: no table"):
        attack(published([[None, None], [None, None]], row_totals=[2, 3], column_totals=[4, 2]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: published([[1, 2]], row_totals=[3, 4]), "2 row totals for 1 rows"),
        (lambda: protect(REGIONS).value(9, 0), "no line 9"),
        (lambda: disclosure.round_to([-1]), "is -1"),
        (lambda: disclosure.round_to([1], 0), "base is 0"),
        (lambda: disclosure.whole_percentage(3, 2), "count is 3 of a base of 2"),
        (lambda: disclosure.meets_minimum_base([3], "team"), "kind is 'team'"),
        (lambda: disclosure.homogeneous_rows([[3]], sensitive=[1]), "sensitive column 1"),
        (lambda: disclosure.differencing_risk([[1]], [[1, 2]]), "different lines"),
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
