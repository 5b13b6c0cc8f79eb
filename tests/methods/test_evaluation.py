"""Difference in differences, matching, before-after, the chooser: outside numbers, properties, bad input."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import evaluation
from tests.methods.tables import column, document, rows

FOLDER = "evaluation"
KRUEGER = document(FOLDER, "expected_card_krueger.json")
LALONDE = document(FOLDER, "expected_lalonde.json")


def restaurants(*extra):
    """The rows with an outcome, and the named columns as covariates."""
    table = [row for row in rows(FOLDER, "card_krueger_njmin3.csv") if row["fte"]]
    arguments = {
        "y": column(table, "fte"),
        "unit": list(range(len(table))),
        "period": column(table, "d"),
        "treated": column(table, "nj"),
        "post": column(table, "d"),
    }
    if extra:
        arguments["covariates"] = np.array([column(table, name) for name in extra]).T
    return arguments


@pytest.mark.parametrize(
    ("errors", "name", "extra"),
    [
        ("classical", "ols_classical", ()),
        ("robust", "ols_hc1", ()),
        ("classical", "with_brand_ownership", ("kfc", "roys", "wendys", "co_owned")),
        (
            "classical",
            "with_brand_ownership_region",
            ("kfc", "roys", "wendys", "co_owned", "southj", "centralj", "pa1"),
        ),
    ],
)
def test_minimum_wages_in_new_jersey(errors, name, extra):
    effect = evaluation.difference_in_differences(**restaurants(*extra), errors=errors)
    expected = KRUEGER["did"][name]["d_nj"]
    assert effect.diagnostics["rows"] == KRUEGER["did"]["n"]
    assert effect.estimate == pytest.approx(expected["estimate"], rel=1e-9)
    assert effect.se == pytest.approx(expected["se"], rel=1e-8)


def test_clusters_of_one_row_give_the_robust_error():
    clustered = evaluation.difference_in_differences(**restaurants())
    assert clustered.se == pytest.approx(KRUEGER["did"]["ols_hc1"]["d_nj"]["se"], rel=1e-8)
    assert any("Too few periods" in warning for warning in clustered.warnings)


def test_california_by_difference_in_differences():
    table = rows(FOLDER, "california_prop99.csv")
    effect = evaluation.difference_in_differences(
        column(table, "cigsale"),
        unit=[row["state"] for row in table],
        period=[row["year"] for row in table],
        treated=[row["state"] == "California" for row in table],
        post=[int(row["year"]) >= 1989 for row in table],
    )
    expected = document(FOLDER, "expected_synthetic_control.json")["prop99_did"]
    assert effect.estimate == pytest.approx(expected, rel=1e-9)
    assert "Few units: 1 treated units make the clustered interval too narrow." in effect.warnings
    assert any("not parallel" in warning for warning in effect.warnings)


def trained(**options):
    table = rows(FOLDER, "lalonde_matchit.csv")
    races = {
        f"race{race}": [float(row["race"] == race) for row in table] for race in ("black", "hispan", "white")
    }
    names = ("age", "educ", "married", "nodegree", "re74", "re75")
    shown = {**{name: column(table, name) for name in names}, **races}
    used = {name: values for name, values in shown.items() if name != "raceblack"}
    return evaluation.matched(
        column(table, "re78"), treated=column(table, "treat"), covariates=used, balance=shown, **options
    ), table


def test_job_training_by_propensity_weights():
    effect, table = trained()
    treated = np.array(column(table, "treat")) == 1
    propensity = np.array(effect.propensity)
    assert propensity[:5] == pytest.approx(LALONDE["propensity_first5"], rel=1e-6)
    assert propensity[treated].mean() == pytest.approx(LALONDE["propensity_mean_treated"], rel=1e-8)
    assert propensity[~treated].mean() == pytest.approx(LALONDE["propensity_mean_control"], rel=1e-8)
    assert effect.estimate == pytest.approx(LALONDE["att_ipw_hajek"], rel=1e-6)
    assert effect.effective_comparison == pytest.approx(LALONDE["ess_control_ipw"], rel=1e-6)
    for name, expected in LALONDE["smd_raw"].items():
        assert effect.balance_before[name] == pytest.approx(expected, rel=1e-8), name
    for name, expected in LALONDE["smd_ipw"].items():
        assert effect.balance_after[name] == pytest.approx(expected, abs=1e-6), name
    assert "Still out of balance: age." in effect.warnings
    raw = np.array(column(table, "re78"))
    assert raw[treated].mean() - raw[~treated].mean() == pytest.approx(LALONDE["raw_difference"])


def test_job_training_by_nearest_neighbours():
    """As the article and manual of MatchIt show it; the pairs of the outside file are others (see below)."""
    effect, _ = trained(method="nearest")
    published = {"age": 0.0718, "educ": -0.1290, "re74": -0.0505, "re75": -0.0257}
    for covariate, difference in published.items():
        assert effect.balance_after[covariate] == pytest.approx(difference, abs=5e-5), covariate
    expected = LALONDE["nearest_ps_noreplace_largest"]
    assert effect.diagnostics["treated_used"] == expected["matched_treated"]
    assert effect.diagnostics["comparison_used"] == expected["matched_control"]
    assert effect.balance_after["raceblack"] == pytest.approx(expected["smd"]["raceblack"], rel=1e-9)
    assert effect.warnings[0].startswith("Regression to the mean")
    assert any(warning.startswith("Still out of balance") for warning in effect.warnings)


@pytest.mark.parametrize("replace", [False, True])
def test_every_treated_person_has_the_nearest_partner_that_is_left(replace):
    """The outside file has partners farther away than others that were free: it is not followed there."""
    effect, table = trained(method="nearest", replace=replace)
    propensity, treated = np.array(effect.propensity), np.array(column(table, "treat")) == 1
    serves = dict.fromkeys(np.flatnonzero(~treated).tolist(), 0)
    for person in sorted(np.flatnonzero(treated).tolist(), key=lambda row: -propensity[row]):
        free = [row for row in serves if replace or not serves[row]]
        serves[min(free, key=lambda row: abs(propensity[row] - propensity[person]))] += 1
    assert {row: effect.weights[row] for row in serves} == serves


def test_a_caliper_leaves_out_whoever_has_no_near_partner():
    everybody, _ = trained(method="nearest")
    near, _ = trained(method="nearest", caliper=0.2)
    assert near.diagnostics["treated_used"] < everybody.diagnostics["treated_used"]
    assert abs(near.balance_after["raceblack"]) < abs(everybody.balance_after["raceblack"])
    assert any("have no partner" in warning for warning in near.warnings)


def test_the_error_of_pairs_is_that_of_two_means_when_nobody_serves_twice():
    outcome, treated = [5.0, 6, 7, 3, 4, 6], [1, 1, 1, 0, 0, 0]
    effect = evaluation.matched(
        outcome, treated=treated, covariates={"age": [40, 50, 45, 41, 51, 46]}, method="nearest"
    )
    assert effect.se == pytest.approx(
        math.sqrt(np.var([5, 6, 7], ddof=1) / 3 + np.var([3, 4, 6], ddof=1) / 3)
    )


def test_the_error_of_the_matched_effect_is_what_repeated_samples_show():
    generator = np.random.default_rng(4)
    estimates, errors = [], []
    for _ in range(200):
        age = generator.normal(0, 1, 400)
        treated = generator.uniform(size=400) < 1 / (1 + np.exp(0.5 - 0.8 * age))
        outcome = 2 * age + treated + generator.normal(0, 1, 400)
        effect = evaluation.matched(outcome, treated=treated, covariates={"age": age})
        estimates.append(effect.estimate)
        errors.append(effect.se)
    assert np.mean(estimates) == pytest.approx(1, abs=0.05)
    assert np.mean(errors) == pytest.approx(np.std(estimates), rel=0.2)


panels = st.integers(0, 10**6).map(np.random.default_rng)


@given(panels, st.floats(-50, 50), st.floats(0.1, 20), st.floats(-5, 5))
def test_a_difference_in_differences_ignores_shared_changes_and_finds_what_is_added(
    generator, shift, factor, added
):
    units, periods = 8, 4
    unit, period = (axis.ravel() for axis in np.meshgrid(range(units), range(periods), indexing="ij"))
    treated, post = unit < 4, period >= 2
    y = generator.normal(0, 1, unit.size)
    where = {"unit": unit, "period": period, "treated": treated, "post": post}
    base = evaluation.difference_in_differences(y, **where)
    moved = evaluation.difference_in_differences(factor * (y + shift * post + 3 * treated + 1), **where)
    assert moved.estimate == pytest.approx(factor * base.estimate, abs=1e-6)
    assert moved.se == pytest.approx(factor * base.se, rel=1e-6)
    more = evaluation.difference_in_differences(y + added * (treated & post), **where)
    assert more.estimate == pytest.approx(base.estimate + added, abs=1e-8)


@given(panels)
def test_before_after_turns_its_sign_and_is_always_weak(generator):
    before, after = generator.normal(5, 1, 12), generator.normal(4, 2, 12)
    for paired in (False, True):
        forth = evaluation.before_after(before, after, paired=paired)
        back = evaluation.before_after(after, before, paired=paired)
        assert forth.estimate == pytest.approx(-back.estimate)
        assert forth.upper == pytest.approx(-back.lower)
        assert forth.strength == "weak"
        assert forth.warnings[0].startswith("Regression to the mean")


def test_equal_values_before_and_after_have_no_width():
    effect = evaluation.before_after([4, 4, 4], [3, 3])
    assert (effect.estimate, effect.lower, effect.upper) == (-1, -1, -1)


@pytest.mark.parametrize(
    ("facts", "function"),
    [
        ({"periods_before": 1, "periods_after": 1}, "before_after"),
        ({"periods_before": 12, "periods_after": 3}, "interrupted_time_series"),
        ({"periods_before": 11, "periods_after": 3}, "before_after"),
        ({"periods_before": 36, "periods_after": 12, "comparison_units": 20}, "synthetic_control"),
        ({"periods_before": 7, "periods_after": 12, "comparison_units": 20}, "before_after"),
        (
            {"periods_before": 2, "periods_after": 1, "treated_units": 5, "comparison_units": 5},
            "difference_in_differences",
        ),
        (
            {"periods_before": 1, "periods_after": 1, "treated_units": 5, "comparison_units": 5},
            "before_after",
        ),
        (
            {
                "periods_before": 1,
                "periods_after": 1,
                "treated_units": 5,
                "comparison_units": 5,
                "chosen_by_lot": True,
            },
            "difference_in_differences",
        ),
        (
            {
                "periods_before": 1,
                "periods_after": 1,
                "treated_people": 40,
                "comparison_people": 90,
                "covariates_before": True,
            },
            "matched",
        ),
    ],
)
def test_the_chooser_takes_the_strongest_design_and_says_why_not_the_others(facts, function):
    choice = evaluation.choose(**facts)
    assert choice.function == function
    assert function not in choice.not_chosen
    assert callable(getattr(evaluation, choice.function))
    assert choice.why.endswith(".")


FOUR = {"unit": [1, 2, 3, 4], "period": [0, 1, 0, 1], "treated": [0, 0, 1, 1], "post": [0, 1, 0, 1]}


def did(y, **changed):
    return lambda: evaluation.difference_in_differences(y, **{**FOUR, **changed})


def matching(**options):
    outcome, ages = [5, 6, 7, 3, 4, 5, 6, 9], [40, 50, 45, 35, 44, 47, 52, 60]
    return lambda: evaluation.matched(outcome, treated=[1] * 3 + [0] * 5, covariates={"age": ages}, **options)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (did([1, 2, 3]), "y has 3 values"),
        (did([1, 2, 3, None]), r"y\[3\] is nan"),
        (did([1, 2, 3, 4], treated=[0, 0, 2, 1]), "treated holds 2"),
        (did([1, 2, 3, 4], post=[0, 0, 0, 0]), "there is no treated row after"),
        (did([1, 2, 3, 4], unit=[1, 1, 1, 2]), "treated changes within a unit"),
        (did([1, 2, 3, 4], unit=[1, 1, 2, 2]), "there are 2 units"),
        (did([1, 2, 3, 4], unit=[1]), "unit has shape"),
        (did([1, 2, 3, 4], covariates=[[1], [2], [3], [4]]), "cannot tell 5 coefficients apart"),
        (did([1, 2, 3, 4], covariates=[[1], [2], [3], [math.nan]]), "covariates hold a gap"),
        (did([1, 2, 3, 4], errors="exact"), "errors is 'exact'"),
        (lambda: evaluation.before_after([1], [1, 2]), "before has 1 values"),
        (
            lambda: evaluation.before_after([1, 2], [1, 2, 3], paired=True),
            "after has 3 values; allowed: 2, one",
        ),
        (
            lambda: evaluation.matched([1, 2, 3, 4], treated=[1, 0, 0, 0], covariates={"a": [1] * 4}),
            "at least two",
        ),
        (
            lambda: evaluation.matched([1, 2, 3, 4], treated=[1, 1, 0, 0], covariates={}),
            "covariates is empty",
        ),
        (
            lambda: evaluation.matched([1, 2, 3, 4], treated=[1, 1, 0, 0], covariates={"a": [9, 8, 1, 2]}),
            "no finite answer",
        ),
        (
            lambda: evaluation.matched([1, 2, 3, 4], treated=[1, 1, 0, 0], covariates={"a": [1, 1, 1, 1]}),
            "cannot tell 2 coefficients apart",
        ),
        (matching(method="optimal"), "method is 'optimal'"),
        (matching(caliper=0.2), "caliper are of the method"),
        (matching(method="nearest", caliper=0), "caliper is 0; allowed: above 0"),
        (matching(method="nearest", caliper=1e-9), "0 treated and 0 comparison people are paired"),
        (lambda: evaluation.choose(periods_before=0, periods_after=1), "at least one period before"),
        (lambda: evaluation.choose(periods_before=1, periods_after=-1), "periods_after is -1"),
    ],
)
def test_bad_input_is_refused_with_the_value_and_the_range(call, words):
    with pytest.raises(ValueError, match=words):
        call()
