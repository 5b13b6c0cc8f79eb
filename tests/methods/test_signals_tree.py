"""The tree scan and the circles against the outside numbers, with their false-alarm rates and bad input."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from openoh.methods import signals
from tests.methods.tables import column, document, grouped, rows

FOLDER = "scan-statistics"
CLUSTERS = document(FOLDER, "expected_kulldorff.json")


def near(p_value, known, permutations, known_permutations):
    """Whether two Monte Carlo p-values agree within five standard errors and the step of each."""
    spread = math.sqrt(known * (1 - known) * (1 / permutations + 1 / known_permutations))
    return abs(p_value - known) <= 5 * spread + 2 / permutations


def test_the_sample_tree_of_treescan():
    leaves = rows(FOLDER, "treescan_example_leaves.csv")
    found = signals.scan_tree(
        {row["leaf"]: int(row["cases"]) for row in leaves},
        {row["leaf"]: float(row["population"]) for row in leaves},
        {row["node"]: row["parent"] for row in rows(FOLDER, "treescan_example_tree.csv")},
        permutations=4999,
    )
    spots = {spot.where: spot for spot in found}
    expected = rows(FOLDER, "expected_treescan_example.csv")
    assert set(spots) == {row["node"] for row in expected}
    for row in expected:
        spot = spots[row["node"]]
        assert spot.observed == int(row["cases"])
        assert spot.expected == pytest.approx(float(row["expected"]), rel=1e-9)
        assert spot.relative_risk == pytest.approx(float(row["relative_risk"]), rel=1e-9)
        assert spot.llr == pytest.approx(float(row["llr_poisson_conditional"]), abs=1e-6)
        assert near(spot.p_value, float(row["p_poisson_conditional_mc99999"]), 4999, 99_999)
    assert [spot.llr for spot in found] == sorted((spot.llr for spot in found), reverse=True)


TRUTH = {row["org"]: row for row in rows(FOLDER, "planted_truth.csv")}
TREES = grouped(rows(FOLDER, "planted_trees.csv"), "org")


@pytest.mark.parametrize("org", TRUTH)
def test_planted_hot_spots(org):
    teams, truth = TREES[org,], TRUTH[org]
    parent = {row["team"]: row["department"] for row in teams}
    parent |= {row["department"]: row["directorate"] for row in teams} | {
        row["directorate"]: org for row in teams
    }
    found = signals.scan_tree(
        {row["team"]: int(row["cases"]) for row in teams},
        {row["team"]: int(row["headcount"]) * float(row["expected_rate"]) for row in teams},
        parent,
    )
    best = found[0]
    # A department of one team is the same cut twice: the first best cut or its twin is the reference's.
    assert truth["reference_node"] in {
        spot.where for spot in found if spot.llr == pytest.approx(best.llr, abs=1e-9)
    }
    assert best.llr == pytest.approx(float(truth["reference_llr"]), abs=1e-6)
    assert best.observed == int(truth["reference_cases"])
    assert best.expected == pytest.approx(float(truth["reference_expected"]), abs=1e-5)
    assert near(best.p_value, float(truth["reference_p"]), 999, 999)


@pytest.mark.parametrize("name", CLUSTERS)
def test_circles_around_places(name):
    case = CLUSTERS[name]
    york = name.startswith("ny")
    places = rows(FOLDER, "ny_leukaemia.csv" if york else "pennsylvania_lung_cancer.csv")
    strata = "strata" in name
    found = signals.scan_circles(
        # New York's cases are published as fractions.
        [round(cases) for cases in column(places, "cases")],
        column(places, "population"),
        column(places, "x_km"),
        column(places, "y_km"),
        expected=column(places, "expected_strata") if strata else None,
        names=[row["tract" if york else "county"] for row in places],
        model=case["type"],
        largest=case["population_upper_bound"],
    )
    known = [case["most_likely"], *case["secondary"]]
    assert sum(cluster.p_value <= 0.05 for cluster in found) == len(known)
    for cluster, expected in zip(found, known, strict=False):
        assert set(cluster.places) == set(expected["areas"])
        assert (cluster.cases, cluster.population) == (expected["cases"], expected["population"])
        assert cluster.expected == pytest.approx(expected["expected"], rel=1e-9)
        assert cluster.cases / cluster.expected == pytest.approx(expected["smr"], rel=1e-9)
        assert cluster.llr == pytest.approx(expected["llr"], abs=1e-6)
        assert near(cluster.p_value, expected["p_monte_carlo"], 999, 9999)


trees = st.integers(0, 10**6).map(np.random.default_rng)


@given(trees, st.floats(0.01, 1000))
def test_a_scan_ignores_the_scale_of_what_is_expected_and_the_names(generator, factor):
    size = int(generator.integers(2, 20))
    observed = generator.poisson(4, size)
    expected = generator.uniform(0.5, 5, size)
    parent = [-1 if node == size else size for node in range(size + 1)]
    plain = signals.scan_tree(observed, expected, parent, permutations=19)
    scaled = signals.scan_tree(observed, expected * factor, parent, permutations=19)
    for one, other in zip(plain, scaled, strict=True):
        assert one.llr == pytest.approx(other.llr, abs=1e-8)
        assert one.expected == pytest.approx(other.expected)
    named = signals.scan_tree(
        {f"n{i}": count for i, count in enumerate(observed)},
        {f"n{i}": mean for i, mean in enumerate(expected)},
        {f"n{i}": "all" for i in range(size)},
        permutations=19,
    )
    assert [spot.llr for spot in named] == [spot.llr for spot in plain]
    assert sum(spot.observed for spot in plain) == observed.sum()


def quiet_tree_alarms(seeds):
    expected = np.tile([3.0, 1.0, 5.0, 2.0], 5)
    parent = [20 + leaf // 4 for leaf in range(20)] + [25] * 5 + [-1]
    alarmed = 0
    for seed in range(seeds):
        observed = np.random.default_rng(10_000 + seed).poisson(expected)
        alarmed += bool(
            signals.alarms(signals.scan_tree(observed, expected, parent, permutations=99, seed=seed))
        )
    return alarmed


def quiet_circle_alarms(seeds):
    x, y = np.random.default_rng(1).uniform(0, 10, (2, 12))
    alarmed = 0
    for seed in range(seeds):
        cases = np.random.default_rng(20_000 + seed).poisson(4, 12)
        found = signals.scan_circles(cases, np.full(12, 100), x, y, permutations=99, seed=seed)
        alarmed += bool(signals.alarms(found))
    return alarmed


@pytest.mark.parametrize("scan", [quiet_tree_alarms, quiet_circle_alarms])
def test_quiet_data_raise_no_more_alarms_than_stated(scan):
    # At the stated 5 %, more than this number of 100 has a chance of one in ten thousand.
    assert scan(100) <= binom.ppf(0.9999, 100, 0.05)


@pytest.mark.long
@pytest.mark.parametrize("scan", [quiet_tree_alarms, quiet_circle_alarms])
def test_quiet_data_raise_no_more_alarms_than_stated_in_a_thousand(scan):
    assert scan(1000) <= binom.ppf(0.9999, 1000, 0.05)


def test_the_same_seed_gives_the_same_scan():
    arguments = ([9, 1, 1, 3], [3, 3, 3, 3], [4, 4, 5, 5, -1, -1])
    assert signals.scan_tree(*arguments, seed=3) == signals.scan_tree(*arguments, seed=3)


def test_without_permutations_there_are_no_p_values_and_no_alarms():
    found = signals.scan_tree([9, 1], [5, 5], [2, 2, -1], permutations=0)
    assert [spot.p_value for spot in found] == [None, None]
    with pytest.raises(ValueError, match="no p-value"):
        signals.alarms(found)


def test_nothing_happened():
    found = signals.scan_tree([0, 0], [5, 5], [2, 2, -1], permutations=19)
    assert [(spot.llr, spot.p_value) for spot in found] == [(0.0, 1.0), (0.0, 1.0)]


def test_inner_nodes_may_have_events_of_their_own():
    found = signals.scan_tree({"A": 3, "B": 4}, {"A": 2, "B": 5}, {"A": "B", "B": "all"}, permutations=0)
    assert {spot.where: spot.observed for spot in found} == {"A": 3, "B": 7}


def test_all_events_in_one_place_have_an_infinite_relative_risk():
    found = signals.scan_tree([9, 0], [5, 5], [2, 2, -1], permutations=0)
    assert (found[0].relative_risk, found[0].llr) == (math.inf, pytest.approx(9 * math.log(2)))


ROOT = {"A": None, "B": None}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: signals.scan_tree({}, {}, {}), "observed is empty"),
        (lambda: signals.scan_tree({"A": 1}, {"B": 1}, ROOT), "expected has no value for 'A'"),
        (lambda: signals.scan_tree({"A": 1}, {"A": 1, "B": 1}, ROOT), "observed has no value for 'B'"),
        (lambda: signals.scan_tree({"A": 1}, {"A": 1}, {"B": None}), "no entry for the leaf 'A'"),
        (lambda: signals.scan_tree({"A": -1}, {"A": 1}, ROOT), "is -1.0; allowed: 0 or more"),
        (lambda: signals.scan_tree({"A": 1.5}, {"A": 1}, ROOT), "allowed: whole numbers"),
        (lambda: signals.scan_tree({"A": 0}, {"A": 0}, ROOT), "expected sums to 0"),
        (lambda: signals.scan_tree({"A": 1, "B": 1}, {"A": 0, "B": 1}, ROOT), "'A' has events"),
        (lambda: signals.scan_tree({"A": 1}, {"A": 1}, {"A": "B", "B": "A"}), "form a cycle"),
        (lambda: signals.scan_tree({"A": 1}, {"A": 1}, ROOT, permutations=-1), "permutations is -1"),
        (lambda: signals.alarms([], level=5), "level is 5"),
        (lambda: signals.scan_circles([0, 0], [1, 1], [0, 1], [0, 0]), "there are no cases"),
        (lambda: signals.scan_circles([1, 0], [1, 0], [0, 1], [0, 0]), r"population\[1\] is 0.0"),
        (lambda: signals.scan_circles([1, 0], [1, 1], [0], [0, 0]), "x has 1 values"),
        (
            lambda: signals.scan_circles([2, 0], [1, 1], [0, 1], [0, 0], model="binomial"),
            "at most its population",
        ),
        (lambda: signals.scan_circles([1, 0], [1, 1], [0, 1], [0, 0], model="normal"), "model is 'normal'"),
        (lambda: signals.scan_circles([1, 0], [1, 1], [0, 1], [0, 0], names=["A"]), "names has 1 values"),
        (lambda: signals.scan_circles([1, 0], [1, 1], [0, 1], [0, 0], largest=2), "largest is 2"),
    ],
)
def test_bad_input_is_refused_with_the_value_and_the_range(call, words):
    with pytest.raises(ValueError, match=words):
        call()
