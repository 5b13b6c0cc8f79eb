"""Reliable change and paired tests against the outside numbers, properties and bad input."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import change
from tests.methods.tables import column, document, grouped, rows

FOLDER = "paired-change"
RELIABLE = document(FOLDER, "expected_rci.json")
TESTS = document(FOLDER, "expected_paired_tests.json")


def check(result, expected, *names):
    for name in names:
        known = expected[f"{name}95" if name in ("lower", "upper") else name]
        assert getattr(result, name) == pytest.approx(known, rel=1e-9), name


def test_the_worked_example_of_the_article():
    case = RELIABLE["jacobson_truax_1991_worked"]
    result = change.reliable(
        case["pre"],
        case["post"],
        reliability=case["reliability"],
        higher_is_better=True,
        norm=(case["norm_mean"], case["norm_sd"]),
        before_mean=case["pre_mean"],
        before_sd=case["pre_sd"],
    )
    assert result.se_measurement == pytest.approx(case["se_measurement"], rel=1e-12)
    assert result.s_diff == pytest.approx(case["s_diff"], rel=1e-12)
    assert result.rci == (pytest.approx(case["rci"], rel=1e-12),)
    assert (result.cutoff_a, result.cutoff_b, result.cutoff_c) == (55, 45, 50)
    # 47.5 is reliably better but has not reached the cut-off of 50.
    assert (result.category, result.cutoff_used) == (("improved",), "c")


def test_the_published_counts_of_a_trial_with_missing_ends():
    case = RELIABLE["claus_2020_hamd"]
    scores = {(row["id"], int(row["time"])): row["hamd"] for row in rows(FOLDER, "claus_2020.csv")}
    people = sorted({person for person, _ in scores})
    ends = [
        [
            float(text) if (text := scores.get((person, case[time]), "")) not in ("", "NA") else None
            for person in people
        ]
        for time in ("pre_time", "post_time")
    ]
    result = change.reliable(
        *ends, reliability=0.8, higher_is_better=False, norm=(case["norm_mean"], case["norm_sd"])
    )
    assert (result.n, result.missing) == (40, 3)
    assert result.s_diff == pytest.approx(case["s_diff"], rel=1e-9)
    assert result.cutoff_c == pytest.approx(case["cutoff_c"], rel=1e-9)
    assert result.before_mean == pytest.approx(case["pre_mean"])
    expected = {name: number for name, number in case["published_counts_jt"].items() if name != "harmed"}
    assert dict(result.counts) == {**expected, "missing": 3}


def test_the_couples_of_1989():
    case = RELIABLE["jacobson_1989_das"]
    table = rows(FOLDER, "jacobson_1989_couples.csv")
    result = change.reliable(
        column(table, "das_pre"), column(table, "das_post"), reliability=0.88, higher_is_better=True
    )
    assert result.s_diff == pytest.approx(case["s_diff"], rel=1e-9)
    assert result.counts["recovered"] + result.counts["improved"] == case["reliably_improved"]
    assert result.counts["deteriorated"] == case["reliably_worse"]
    assert (result.cutoff_used, result.cutoff_b, result.cutoff_c) == ("a", None, None)


def test_students_sleep():
    table, expected = rows(FOLDER, "student_sleep.csv"), TESTS["sleep"]
    result = change.paired(column(table, "drug2"), column(table, "drug1"))
    assert result.mean_difference == pytest.approx(expected["mean_difference"])
    check(result, expected, "t", "p", "lower", "upper", "wilcoxon_p", "cohen_dz")
    assert (result.df, result.wilcoxon_v) == (expected["df"], expected["wilcoxon_v"])


@pytest.mark.parametrize("arm", TESTS["anorexia"])
def test_a_trial_of_three_treatments(arm):
    table, expected = grouped(rows(FOLDER, "anorexia.csv"), "Treat")[arm,], TESTS["anorexia"][arm]
    result = change.paired(column(table, "Prewt"), column(table, "Postwt"))
    assert (result.n, result.mean_difference) == (expected["n"], pytest.approx(expected["mean_change"]))
    assert result.sd_difference == pytest.approx(expected["sd_change"])
    assert result.standardised_by_before_sd == pytest.approx(expected["standardised_by_pre_sd"])
    check(result, expected, "t", "p", "lower", "upper", "cohen_dz", "cohen_dav")


def test_mcnemar_on_approval_ratings():
    expected = TESTS["mcnemar_approval"]
    cells = expected["table"]
    result = change.mcnemar(cells["yes_yes"], cells["yes_no"], cells["no_yes"], cells["no_no"])
    for name in ("chi2", "p", "chi2_corrected", "p_corrected"):
        assert getattr(result, name) == pytest.approx(expected[name], rel=1e-9), name
    assert result.difference == pytest.approx((86 - 150) / 1600)
    assert result.lower < result.difference < result.upper < 0


scores = st.lists(
    st.tuples(st.integers(0, 60), st.one_of(st.none(), st.integers(0, 60))), min_size=3, max_size=40
).filter(lambda pairs: len({first for first, second in pairs if second is not None}) > 1)


@given(scores, st.floats(0.1, 0.95))
def test_turning_the_scale_keeps_every_category(pairs, reliability):
    before, after = zip(*pairs, strict=True)
    up = change.reliable(before, after, reliability=reliability, higher_is_better=True)
    turned = [[None if score is None else -score for score in end] for end in (before, after)]
    down = change.reliable(*turned, reliability=reliability, higher_is_better=False)
    assert up.category == down.category
    assert sum(up.counts.values()) == len(pairs)
    assert up.counts["missing"] == up.missing == after.count(None)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=30), st.integers(1, 9)
)
def test_swapping_before_and_after_turns_the_sign(pairs, factor):
    before, after = zip(*pairs, strict=True)
    forth, back = change.paired(before, after), change.paired(after, before)
    assert forth.mean_difference == pytest.approx(-back.mean_difference)
    assert forth.p == pytest.approx(back.p)
    assert forth.wilcoxon_p == pytest.approx(back.wilcoxon_p)
    scaled = change.paired([factor * score for score in before], [factor * score for score in after])
    assert scaled.mean_difference == pytest.approx(factor * forth.mean_difference)
    assert scaled.cohen_dz == pytest.approx(forth.cohen_dz)


@given(*[st.integers(0, 200)] * 4)
def test_mcnemar_ignores_who_stayed_and_the_direction(both, lost, gained, neither):
    if not both + lost + gained + neither:
        return
    result, turned = change.mcnemar(both, lost, gained, neither), change.mcnemar(neither, gained, lost, both)
    assert result.chi2 == turned.chi2
    assert 0 <= result.p_exact <= 1
    assert result.difference == pytest.approx(-turned.difference)
    assert (result.chi2 is None) == (lost + gained == 0)


def test_equal_differences_have_no_test():
    result = change.paired([1, 2, 3], [2, 3, 4])
    assert (result.mean_difference, result.lower, result.upper) == (1, 1, 1)
    assert (result.t, result.p, result.cohen_dz, result.wilcoxon_p) == (None, None, None, None)


def test_missing_ends_are_counted_not_carried():
    result = change.paired([1, None, 3, math.nan, 5], [2, 2, 5, 1, 9])
    assert (result.n, result.missing) == (3, 2)
    assert result.mean_difference == pytest.approx(7 / 3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: change.paired([], []), "there are 0 complete pairs"),
        (lambda: change.paired([1], [2]), "there are 1 complete pairs"),
        (lambda: change.paired([1, 2], [1]), "both must be of the same people"),
        (lambda: change.paired([1, math.inf], [1, 2]), "before holds an infinite score"),
        (
            lambda: change.reliable(1, 2, reliability=0.8, higher_is_better=True),
            "give before_mean and before_sd",
        ),
        (lambda: change.reliable([1, 1], [2, 3], reliability=0.8, higher_is_better=True), "all equal"),
        (
            lambda: change.reliable([1, 2], [2, 3], reliability=1.2, higher_is_better=True),
            "reliability is 1.2",
        ),
        (lambda: change.reliable([1, 2], [2, 3], reliability=1, higher_is_better=True), "must be below 1"),
        (
            lambda: change.reliable([1, 2], [2, 3], reliability=0.8, higher_is_better=True, norm=(1, 1)),
            "not better than the mean before",
        ),
        (
            lambda: change.reliable([1, 2], [2, 3], reliability=0.8, higher_is_better=True, cutoff="c"),
            "allowed: a",
        ),
        (
            lambda: change.reliable([1, 2], [2, 3], reliability=0.8, higher_is_better=True, before_sd=1),
            "must be given together",
        ),
        (lambda: change.mcnemar(0, 0, 0, 0), "at least one person"),
        (lambda: change.mcnemar(1, -1, 0, 0), "before_only is -1"),
        (lambda: change.mcnemar(1, 1.5, 0, 0), "allowed: whole numbers"),
    ],
)
def test_bad_input_is_refused_with_the_value_and_the_range(call, words):
    with pytest.raises(ValueError, match=words):
        call()
