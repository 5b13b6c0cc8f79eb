"""XmR charts against the published vectors, the reference's points and the bad-input table."""

import csv
import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import spc
from openoh.methods.spc import _rules
from tests.outside_data import outside_data

SEVEN = 7


def json_cases(name: str) -> Any:
    return json.loads(outside_data("spc", name).read_text())


def table(name: str) -> list[dict[str, str]]:
    with outside_data("spc", name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


# Rules

RULES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "seven_point_one_side_mean": lambda given: _rules.one_side_ends(
        np.array(given["v"], dtype=np.int8), SEVEN
    ),
    "part_of_seven_trend": lambda given: _rules.part_of_run(np.array(given["v"], dtype=np.int8), SEVEN),
    "seven_point_trend": lambda given: _rules.trend_ends(np.array(given["y"], dtype=float), SEVEN),
    "two_in_three": lambda given: _rules.two_in_three(
        np.array(given["v"], dtype=bool), np.array(given["rtm"], dtype=np.int8)
    ),
}


@pytest.mark.parametrize(
    "case", json_cases("plot_the_dots_rule_vectors.json"), ids=lambda case: case["fn"][0]
)
def test_published_rule_vectors(case: dict[str, Any]) -> None:
    found = RULES[case["fn"][0]](case["input"]).astype(int).tolist()
    # The published vectors of part_of_seven_trend say that a point belongs to a trend, without its direction.
    if case["fn"][0] == "part_of_seven_trend":
        found = [abs(mark) for mark in found]
    assert found == case["expected"]


# (values, expected special causes by index, why)
NAMED: list[tuple[list[float], dict[int, str], str]] = [
    ([5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 20], {13: "Above UCL"}, "outside"),
    ([5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, -20], {13: "Below LCL"}, "outside"),
    (
        [5, 9, 5, 9, 1, 2, 3, 4, 5, 6, 7, 6, 5, 9, 1],
        dict.fromkeys(range(4, 11), "7 Point Trend (Increasing)"),
        "all seven of a trend",
    ),
    (
        [9, 5, 9, 5, 7, 6, 5, 4, 3, 2, 1, 6, 5, 9, 1],
        dict.fromkeys(range(4, 11), "7 Point Trend (Decreasing)"),
        "all seven of a trend",
    ),
]


@pytest.mark.parametrize(("values", "expected", "why"), NAMED)
def test_special_causes_are_named(values: list[float], expected: dict[int, str], why: str) -> None:
    found = spc.xmr(values).special_cause
    for index, name in expected.items():
        assert found[index] == name, why


def test_the_first_rule_that_holds_names_the_point() -> None:
    rising = np.arange(1.0, 9.0)
    side = np.ones(8, dtype=np.int8)
    outside = np.array([False] * 7 + [True])
    close = np.array([True] * 7 + [False])
    causes = _rules.special_causes(rising, side, outside, close, trend_n=7, shift_n=7)
    assert causes.tolist() == [_rules.RISING] * 7 + [_rules.ABOVE]
    flat = np.ones(8)
    causes = _rules.special_causes(flat, side, outside, close, trend_n=7, shift_n=7)
    assert causes.tolist() == [_rules.NEAR_UPPER] * 7 + [_rules.ABOVE]
    nothing = np.zeros(8, dtype=bool)
    causes = _rules.special_causes(flat, -side, nothing, nothing, trend_n=7, shift_n=7)
    assert causes.tolist() == [_rules.LOW_RUN] * 8
    causes = _rules.special_causes(flat, -side, nothing, ~nothing, trend_n=7, shift_n=7)
    assert causes.tolist() == [_rules.NEAR_LOWER] * 8
    causes = _rules.special_causes(flat, side, nothing, nothing, trend_n=7, shift_n=7)
    assert causes.tolist() == [_rules.HIGH_RUN] * 8
    causes = _rules.special_causes(-rising, -side, ~nothing, nothing, trend_n=7, shift_n=7)
    assert causes.tolist() == [_rules.BELOW] * 8
    causes = _rules.special_causes(-rising, -side, nothing, nothing, trend_n=7, shift_n=7)
    assert causes.tolist() == [_rules.FALLING] * 8


def test_a_point_on_two_trends_takes_the_later() -> None:
    up_and_down = np.array([1.0, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1])
    assert _rules.part_of_run(_rules.trend_ends(up_and_down, 7), 7).tolist() == [1] * 6 + [-1] * 7


def test_trend_and_shift_lengths_are_options() -> None:
    values = [5, 7, 5, 7, 1, 2, 3, 4, 5, 9, 5, 7, 5, 7]
    assert "5 Point Trend (Increasing)" not in spc.xmr(values, trend_n=7).special_cause
    assert spc.xmr(values, trend_n=6).special_cause[4:10] == ["6 Point Trend (Increasing)"] * 6
    low = [5, 7, 5, 7, 5, 4, 5, 4, 5, 7, 8, 7, 8, 7]
    assert spc.xmr(low, shift_n=5).special_cause[9:] == ["5 Points Above CL"] * 5
    assert spc.xmr(low, shift_n=6).special_cause[9:] == ["Common Cause"] * 5


# Limits


@pytest.mark.parametrize(
    "case", json_cases("plot_the_dots_snapshot_cases.json")["expected"], ids=lambda c: c["case"]
)
def test_published_snapshots(case: dict[str, Any]) -> None:
    values = [entry["y"] for entry in json_cases("plot_the_dots_snapshot_cases.json")["series"]]
    if "y[15]=10" in case["case"]:
        values[14] = 10
    group = spc.xmr(values, screen_outliers="TRUE" in case["case"]).summary[0]
    assert (group.mean, group.lower, group.upper) == pytest.approx(
        (case["mean"], case["lpl"], case["upl"]), rel=1e-6
    )


def test_two_in_three_needs_one_side() -> None:
    case = json_cases("plot_the_dots_snapshot_cases.json")["opposite_sides"]
    assert spc.xmr(case["y"]).point_type[-2:] == case["expected_last_two_point_type"]


def test_screening_is_an_option() -> None:
    values = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]
    screened, plain = spc.xmr(values).summary[0], spc.xmr(values, screen_outliers=False).summary[0]
    assert [round(x, 2) for x in (screened.mean, screened.upper, screened.lower)] == [1.94, 4.60, -0.72]
    assert [round(x, 2) for x in (plain.mean, plain.upper, plain.lower)] == [1.94, 6.95, -3.06]


def reference_charts() -> dict[str, tuple[list[dict[str, str]], list[dict[str, str]]]]:
    points, groups = defaultdict(list), defaultdict(list)
    for row in table("expected_plot_the_dots_points.csv"):
        points[row["case"]].append(row)
    for row in table("expected_plot_the_dots_summary.csv"):
        groups[row["case"]].append(row)
    return {case: (points[case], groups[case]) for case in points}


@pytest.mark.parametrize("case", reference_charts())
def test_charts_equal_the_reference(case: str) -> None:
    points, groups = reference_charts()[case]
    first = groups[0]
    rebase = [
        index
        for index in range(1, len(points))
        if points[index]["rebase_group"] != points[index - 1]["rebase_group"]
    ]
    chart = spc.xmr(
        [float(row["value"]) for row in points],
        improvement=first["improvement_direction"],
        target=None if first["target"] == "NA" else float(first["target"]),
        rebase=rebase,
        fix_after=None if first["fix_after_n_points"] == "NA" else int(first["fix_after_n_points"]),
        screen_outliers=first["screen_outliers"] == "TRUE",
    )
    for ours, column in ((chart.mean, "mean"), (chart.lower, "lpl"), (chart.upper, "upl")):
        assert ours == pytest.approx([float(row[column]) for row in points], rel=1e-8)
    assert chart.special_cause == [row["special_cause_type"] for row in points]
    assert chart.point_type == [row["point_type"] for row in points]
    assert len(chart.summary) == len(groups)
    for group, row in zip(chart.summary, groups, strict=True):
        assert group.n == int(row["n"])
        assert (group.mean, group.lower, group.upper) == pytest.approx(
            (float(row["mean"]), float(row["lpl"]), float(row["upl"])), rel=1e-8
        )
        counts = [int(row[name]) for name in ("common_cause", "improvement", "concern")]
        assert [group.common_cause, group.improvement, group.concern] == counts
        assert group.variation == row["variation_type"]
        assert group.assurance == (None if row["assurance"] == "NA" else row["assurance"])


# (improvement, target, expected, why); limits are 5 -/+ 2.66
ASSURANCE = [
    ("increase", 8, "consistent_fail", "above the upper limit, higher is better"),
    ("increase", 2, "consistent_pass", "below the lower limit, higher is better"),
    ("increase", 5, "inconsistent", "within the limits"),
    ("decrease", 8, "consistent_pass", "above the upper limit, lower is better"),
    ("decrease", 2, "consistent_fail", "below the lower limit, lower is better"),
    ("neutral", 8, None, "no direction"),
    ("increase", None, None, "no target"),
    ("increase", [8, 8, 8, 8, 8, 5], "inconsistent", "the last target counts"),
]


@pytest.mark.parametrize(("improvement", "target", "expected", "why"), ASSURANCE)
def test_assurance(improvement: str, target: Any, expected: str | None, why: str) -> None:
    chart = spc.xmr([4.5, 5.5, 4.5, 5.5, 4.5, 5.5], improvement=improvement, target=target)
    assert (chart.summary[0].lower, chart.summary[0].upper) == pytest.approx((2.34, 7.66))
    assert chart.summary[0].assurance == expected, why


@pytest.mark.parametrize(
    ("improvement", "last", "expected"),
    [
        ("increase", 20, "special_cause_improvement"),
        ("increase", -20, "special_cause_concern"),
        ("decrease", 20, "special_cause_concern"),
        ("decrease", -20, "special_cause_improvement"),
        ("neutral", 20, "special_cause_neutral_high"),
        ("neutral", -20, "special_cause_neutral_low"),
        ("neutral", 5, "common_cause"),
    ],
)
def test_variation_is_the_type_of_the_last_point(improvement: str, last: float, expected: str) -> None:
    chart = spc.xmr([5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, last], improvement=improvement)
    assert chart.summary[-1].variation == chart.point_type[-1] == expected


def test_few_points_make_provisional_limits() -> None:
    assert spc.xmr([1, 2] * 6).summary[0].provisional is True
    assert spc.xmr([1, 2] * 6 + [1]).summary[0].provisional is False
    both = spc.xmr([1, 2] * 9, rebase=[13]).summary
    assert [(group.start, group.n, group.provisional) for group in both] == [(0, 13, False), (13, 5, True)]


def test_all_equal_points_are_common() -> None:
    for value in (0.0, 5.0, 0.1, 1 / 3, 1e9 + 0.1):
        chart = spc.xmr([value] * 30)
        assert set(chart.special_cause) == {"Common Cause"}
        assert chart.upper[0] == pytest.approx(value)
        assert chart.summary[0].assurance is None


def test_a_fixed_baseline_takes_the_first_points_of_each_group() -> None:
    values = [1.0, 2.0] * 6 + [9.0, 9.0] + [5.0, 6.0] * 7
    chart = spc.xmr(values, fix_after=12, rebase=[14])
    assert chart.mean[0] == 1.5
    assert chart.special_cause[12] == "Above UCL"
    assert chart.mean[14] == 5.5


# Baseline of the tests of edges: mean 1.5, average moving range 1, so limits 1.5 -/+ 2.66.
BASELINE = [1.0, 2.0] * 6
UPPER, LOWER = 1.5 + 2.66, 1.5 - 2.66
NEAR_UPPER, NEAR_LOWER = 1.5 + 2.66 * 2 / 3, 1.5 - 2.66 * 2 / 3

# (points after the baseline, special cause of the last, why)
EDGES: list[tuple[list[float], str, str]] = [
    ([UPPER], "Common Cause", "on the upper limit"),
    ([UPPER + 0.001], "Above UCL", "beyond it"),
    ([LOWER], "Common Cause", "on the lower limit"),
    ([LOWER - 0.001], "Below LCL", "beyond it"),
    ([NEAR_UPPER, NEAR_UPPER], "Common Cause", "on two thirds of the way, twice"),
    ([NEAR_UPPER + 0.001] * 2, "2 in 3 Above CL", "beyond two thirds of the way, twice"),
    ([NEAR_LOWER, NEAR_LOWER], "Common Cause", "on two thirds of the way, twice"),
    ([NEAR_LOWER - 0.001] * 2, "2 in 3 Below CL", "beyond two thirds of the way, twice"),
    ([1.6] * 6, "7 Points Above CL", "a shift, with the last point of the baseline"),
    ([1.6] * 5, "Common Cause", "six are none"),
    ([1.6] * 3 + [1.5] + [1.6] * 6, "Common Cause", "a point on the mean breaks it"),
    ([1.6] * 3 + [1.5 + 1e-14] + [1.6] * 6, "Common Cause", "a point on the mean to within rounding, too"),
]


@pytest.mark.parametrize(("points", "cause", "why"), EDGES)
def test_a_point_on_a_line_is_not_beyond_it(points: list[float], cause: str, why: str) -> None:
    # The three low points keep the last high ones of the baseline apart from what follows.
    before = BASELINE if points[0] > 1.5 else BASELINE[::-1]
    assert spc.xmr([*before, *points], fix_after=12).special_cause[-1] == cause, why


@pytest.mark.parametrize("improvement", ["increase", "decrease"])
def test_a_target_on_a_limit_may_be_met_or_missed(improvement: str) -> None:
    values = [4.5, 5.5, 4.5, 5.5, 4.5, 5.5]
    group = spc.xmr(values).summary[0]
    for limit in (group.lower, group.upper):
        found = spc.xmr(values, improvement=improvement, target=limit).summary[0].assurance
        assert found == "inconsistent"


# Series that need different limits: one high point, a shift, ranges of which one is screened out, and a trend.
SERIES = [
    [5, 6] * 14 + [20, 5],
    [8, 9] * 7 + [1, 2] * 8,
    [100, 140, 100, 140, 900, *[100, 140, 120] * 8, 150],
    [9, 5] * 11 + [1, 2, 3, 4, 5, 6, 7, 6],
]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"improvement": "decrease", "target": 5, "rebase": [14], "fix_after": 12, "screen_outliers": False},
        {"improvement": "neutral", "trend_n": 5, "shift_n": 6},
    ],
)
def test_a_table_of_series_is_charted_as_one_by_one(options: dict[str, Any]) -> None:
    table = spc.xmr_many(SERIES, **options)
    charts = [spc.xmr(values, **options) for values in SERIES]
    assert [table.chart(index) for index in range(len(table))] == charts
    assert {chart.rule_version for chart in charts} == {table.rule_version} == {"plot-the-dots/1"}
    assert {chart.improvement for chart in charts} == {options.get("improvement", "increase")}


# Words


USUAL = [5, 6] * 7
BEYOND = "than chance alone would explain"

# (values, improvement, rebase, sentence, why)
READINGS: list[tuple[list[Any], str, list[int], str, str]] = [
    (USUAL, "increase", [], "Use shows no change beyond chance in point 14.", "common"),
    (
        [5, 6] * 4,
        "increase",
        [],
        "Use shows no change beyond chance in point 8; with only 8 points the limits are provisional.",
        "few points",
    ),
    ([*USUAL, 20], "increase", [], f"Use was higher {BEYOND} in point 15, an improvement.", "one high point"),
    ([*USUAL, 20], "decrease", [], f"Use was higher {BEYOND} in point 15, a concern.", "direction decides"),
    ([*USUAL, -20], "neutral", [], f"Use was lower {BEYOND} in point 15.", "neutral"),
    ([*USUAL, 20, 5], "increase", [], "Use shows no change beyond chance in point 16.", "back to normal"),
    (
        [9, 5, 9, 5, 9, 5, 9, 5, 1, 2, 3, 4, 5, 6, 7],
        "decrease",
        [],
        "Use rose more steadily than chance alone would explain from point 9 to point 15, a concern.",
        "a rising trend is not yet a high level",
    ),
    (
        [5, 9, 5, 9, 5, 9, 5, 9, 9, 8, 7, 6, 5, 4, 3],
        "decrease",
        [],
        "Use fell more steadily than chance alone would explain from point 9 to point 15, an improvement.",
        "a falling trend",
    ),
    (
        [9, 5, 9, 5, 9, 5, 9, 1, 2, 3, 4, 5, 6, 7, 8],
        "increase",
        [],
        "Use rose more steadily than chance alone would explain from point 8 to point 15, an improvement.",
        "a trend of eight points",
    ),
    (
        [5, 9] * 4 + [1, 2, 3, 4, 5, 6, 7, 20],
        "increase",
        [],
        f"Use was higher {BEYOND} from point 15 to point 16, an improvement.",
        "a level begins where the points pass the mean (6.5), not where their trend began",
    ),
    (
        [8, 9] * 7 + [1, 2] * 4,
        "decrease",
        [],
        f"Use was lower {BEYOND} from point 15 to point 22, an improvement.",
        "a shift",
    ),
    (
        [*USUAL, 20, *[20, 21] * 7],
        "increase",
        [15],
        "Use shows no change beyond chance in point 29.",
        "rebased",
    ),
]


@pytest.mark.parametrize(("values", "improvement", "rebase", "sentence", "why"), READINGS)
def test_reading(values: list[float], improvement: str, rebase: list[int], sentence: str, why: str) -> None:
    chart = spc.xmr(values, improvement=improvement, rebase=rebase)
    assert spc.reading(chart, measure="Use") == sentence, why


def test_reading_names_the_periods() -> None:
    chart = spc.xmr([5, 6] * 7 + [20], improvement="decrease")
    labels = [f"2024-{number:02}" for number in range(1, 16)]
    assert "in 2024-15, a concern" in spc.reading(chart, measure="Absence", labels=labels)
    with pytest.raises(ValueError, match="labels has 14, values has 15"):
        spc.reading(chart, measure="Absence", labels=labels[1:])


# Properties

series = st.lists(st.integers(-1_000, 1_000).map(float), min_size=2, max_size=40)


@given(series, st.sampled_from([0.5, 2.0, 4.0]), st.sampled_from([-8.0, 0.0, 16.0]))
def test_limits_scale_and_shift_with_the_data(values: list[float], factor: float, shift: float) -> None:
    plain = spc.xmr(values)
    scaled = spc.xmr([factor * value + shift for value in values])
    for name in ("mean", "lower", "upper"):
        expected = [factor * value + shift for value in getattr(plain, name)]
        assert getattr(scaled, name) == pytest.approx(expected, abs=1e-6)


@given(series)
def test_a_mirrored_series_has_mirrored_causes(values: list[float]) -> None:
    plain, mirrored = spc.xmr_many([values]), spc.xmr_many([[-value for value in values]])
    assert mirrored.direction.tolist() == (-plain.direction).tolist()
    swapped = spc.xmr([-value for value in values], improvement="decrease").point_type
    assert swapped == spc.xmr(values, improvement="increase").point_type


@given(
    st.lists(st.lists(st.floats(-100, 100), min_size=30, max_size=30), min_size=1, max_size=4), st.booleans()
)
def test_many_series_equal_one_by_one(rows: list[list[float]], screen: bool) -> None:
    options: dict[str, Any] = {
        "improvement": "decrease", "target": 5, "rebase": [14], "fix_after": 12, "screen_outliers": screen,
    }  # fmt: skip
    many = spc.xmr_many(rows, **options)
    assert len(many) == len(rows)
    assert [many.chart(index) for index in range(len(rows))] == [spc.xmr(row, **options) for row in rows]


@given(st.lists(st.floats(-100, 100), min_size=30, max_size=30), st.integers(2, 28))
def test_rebasing_is_charting_each_stretch(values: list[float], cut: int) -> None:
    together = spc.xmr(values, rebase=[cut])
    apart = [spc.xmr(values[:cut]), spc.xmr(values[cut:])]
    assert together.special_cause == apart[0].special_cause + apart[1].special_cause
    assert together.upper == apart[0].upper + apart[1].upper


# Bad input

BAD_INPUT: list[tuple[Any, str, str]] = [
    (lambda: spc.xmr([]), r"values has 0 values; allowed: 2 or more", "empty"),
    (lambda: spc.xmr([5]), r"values has 1 values; allowed: 2 or more", "one point has no range"),
    (
        lambda: spc.xmr([1, float("nan"), 2]),
        r"values\[1\] is nan; allowed: any finite number, without gaps",
        "gap",
    ),
    (lambda: spc.xmr([[1, 2], [3, 4]]), r"values has 2 dimensions; allowed: 1", "a table"),
    (
        lambda: spc.xmr([1, 2], improvement="up"),
        r"improvement is 'up'; allowed: increase, decrease, neutral",
        "word",
    ),
    (
        lambda: spc.xmr([1, 2, 3, 4], rebase=[0]),
        r"rebase is 0; allowed: 1 to 3",
        "the start is a group anyway",
    ),
    (lambda: spc.xmr([1, 2, 3, 4], rebase=[4]), r"rebase is 4; allowed: 1 to 3", "past the end"),
    (
        lambda: spc.xmr([1, 2, 3, 4], rebase=[3]),
        r"group from 3 has 1 points; allowed: 2 or more",
        "one point",
    ),
    (
        lambda: spc.xmr([1] * 9, rebase=[6, 3]),
        r"group from 6 has -3 points; allowed: 2 or more, in order",
        "order",
    ),
    (lambda: spc.xmr([1, 2] * 9, fix_after=11), r"fix_after is 11; allowed: 12 or more", "short baseline"),
    (lambda: spc.xmr([1, 2], trend_n=1), r"trend_n is 1; allowed: 2 or more", "no trend"),
    (lambda: spc.xmr([1, 2], shift_n=1), r"shift_n is 1; allowed: 2 or more", "no shift"),
    (lambda: spc.xmr_many([["a", "b"]]), r"^values\[.*\] is 'a'; allowed: a number", "text"),
    (lambda: spc.xmr([1, 2], target=["a", "b"]), r"^target\[0\] is 'a'; allowed: a number", "text"),
    (lambda: spc.xmr([1, 2], target=float("nan")), r"target\[0\] is nan", "nan"),
    (lambda: spc.xmr([1, 2], target=[1, 2, 3]), r"target has 3 values; allowed: 1 or 2", "length"),
    (lambda: spc.xmr([1, 2], version="0"), r"version of 'plot-the-dots' is '0'; allowed: 1", "version"),
    (lambda: spc.xmr_many([1, 2, 3]), r"values have shape \(3,\); allowed: series by points", "one series"),
    (lambda: spc.xmr_many(np.ones((2, 1))), r"values have shape \(2, 1\)", "one point"),
    (
        lambda: spc.xmr_many([[1.0, 2.0], [3.0, float("inf")]]),
        r"values\[1, 1\] is inf; allowed: finite",
        "infinite",
    ),
]


@pytest.mark.parametrize(("call", "message", "why"), BAD_INPUT)
def test_bad_input_is_refused_by_value_and_range(call: Any, message: str, why: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
