"""Shewhart charts and runs against qicharts2, the textbook and the bad-input table."""

import csv
import math
from collections import defaultdict
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import spc
from tests.outside_data import outside_data


def table(name: str) -> list[dict[str, str]]:
    with outside_data("spc", name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def column(name: str, key: str) -> list[float]:
    return [float(row[key]) for row in table(name)]


def subgroups(name: str) -> list[list[float]]:
    groups = defaultdict(list)
    for row in table(name):
        groups[row["sample"]].append(float(row["obs"]))
    return list(groups.values())


CHARTS = {
    "i chart, cost, freeze=20": lambda: spc.shewhart(
        "i", column("montgomery_6_7_cost.csv", "cost"), freeze=20
    ),
    "mr chart, cost, freeze=20": lambda: spc.shewhart(
        "mr", column("montgomery_6_7_cost.csv", "cost"), freeze=20
    ),
    "p chart, exclude 15,23, part at 30": lambda: spc.shewhart(
        "p",
        column("montgomery_7_3.csv", "count"),
        column("montgomery_7_3.csv", "size"),
        parts=[30],
        exclude=[14, 22],
    ),
    "c chart, exclude 6,20, freeze=26": lambda: spc.shewhart(
        "c", column("montgomery_7_8.csv", "count"), exclude=[5, 19], freeze=26
    ),
    "xbar": lambda: spc.shewhart("xbar", subgroups("montgomery_6_3.csv")),
    "s": lambda: spc.shewhart("s", subgroups("montgomery_6_3.csv")),
}


@pytest.mark.parametrize("case", CHARTS)
def test_charts_equal_the_reference(case: str) -> None:
    expected = [row for row in table("expected_qicharts2_shewhart.csv") if row["case"] == case]
    chart = CHARTS[case]()
    assert len(chart.cl) == len(expected)
    for ours, key in ((chart.values, "y"), (chart.cl, "cl"), (chart.lcl, "lcl"), (chart.ucl, "ucl")):
        gaps = [row[key] == "NA" for row in expected]
        assert [value is None for value in ours] == gaps
        theirs = [float(row[key]) for row in expected if row[key] != "NA"]
        assert [value for value in ours if value is not None] == pytest.approx(theirs, rel=1e-8)
    signals = [row["sigma.signal"] == "TRUE" for row in expected if row["include"] == "TRUE"]
    included = [row["include"] == "TRUE" for row in expected]
    assert [out for out, used in zip(chart.outside, included, strict=True) if used] == signals
    for number, part in enumerate(chart.runs, start=1):
        row = next(row for row in expected if row["part"] == str(number))
        assert part.useful == int(row["n.useful"])
        assert (part.longest_run, part.longest_run_max) == (
            int(row["longest.run"]),
            int(row["longest.run.max"]),
        )
        assert (part.crossings, part.crossings_min) == (int(row["n.crossings"]), int(row["n.crossings.min"]))
        assert part.signal is (row["runs.signal"] == "TRUE")
    assert chart.rule_version == "shewhart/1"


@pytest.mark.parametrize("infection", ["BAC", "CDI", "UTI"])
def test_rates_of_hospital_infections(infection: str) -> None:
    counts: dict[str, float] = defaultdict(float)
    days: dict[str, float] = defaultdict(float)
    for row in table("qic_hospital_infections.csv"):
        if row["infection"] == infection:
            counts[row["month"]] += float(row["n"])
            days[row["month"]] += float(row["days"])
    months = sorted(counts)
    chart = spc.shewhart("u", [counts[month] for month in months], [days[month] for month in months])
    (expected,) = (
        row for row in table("expected_hospital_infections_u_by_infection.csv") if row["facet1"] == infection
    )
    assert chart.cl[-1] == pytest.approx(float(expected["CL"]), rel=1e-10)
    # The summary gives the average of each limit, as the days differ by month.
    assert sum(chart.lcl) / len(chart.lcl) == pytest.approx(float(expected["aLCL"]), rel=1e-10)
    assert sum(chart.ucl) / len(chart.ucl) == pytest.approx(float(expected["aUCL"]), rel=1e-10)
    assert chart.longest_run == int(expected["longest.run"])
    assert chart.longest_run_max == int(expected["longest.run.max"])
    assert chart.crossings == int(expected["n.crossings"])
    assert chart.crossings_min == int(expected["n.crossings.min"])
    assert (chart.runs_signal, any(chart.outside)) == (False, expected["sigma.signal"] != "0")


def test_subgroups_of_several_sizes_pool_their_spread() -> None:
    groups = subgroups("montgomery_6_4.csv")
    means, spreads = spc.shewhart("xbar", groups), spc.shewhart("s", groups)
    # Montgomery, example 6.4: grand mean 74.001, pooled standard deviation 0.0103.
    assert round(means.cl[0], 3) == 74.001
    assert round(spreads.cl[0], 4) == 0.0103
    size = len(groups[0])
    c4 = math.sqrt(2 / (size - 1)) * math.gamma(size / 2) / math.gamma((size - 1) / 2)
    assert means.ucl[0] == pytest.approx(means.cl[0] + 3 * spreads.cl[0] / c4 / math.sqrt(size))
    assert spreads.ucl[0] == pytest.approx(spreads.cl[0] * (1 + 3 * math.sqrt(1 - c4**2) / c4))


# Montgomery, appendix VI, by size of the subgroups: A3 and B4 (limits of means and of standard deviations).
FACTORS = [(2, 2.659, 3.267), (3, 1.954, 2.568), (4, 1.628, 2.266), (5, 1.427, 2.089), (10, 0.975, 1.716)]


@pytest.mark.parametrize(("size", "a3", "b4"), FACTORS)
def test_limits_have_the_factors_of_the_textbook(size: int, a3: float, b4: float) -> None:
    groups = [[float(7 * place % 5 + shift) for place in range(size)] for shift in range(6)]
    means, spreads = spc.shewhart("xbar", groups), spc.shewhart("s", groups)
    assert (means.ucl[0] - means.cl[0]) / spreads.cl[0] == pytest.approx(a3, abs=6e-4)
    assert spreads.ucl[0] / spreads.cl[0] == pytest.approx(b4, abs=6e-4)


SIZES = [40, 55, 38, 61, 47, 52, 44, 58, 49, 50, 120, 31]
COUNTS = [4, 9, 2, 7, 3, 9, 1, 8, 5, 6, 55, 3]
GROUPS = [[count, count + size / 50, count + size % 7] for count, size in zip(COUNTS, SIZES, strict=True)]


@pytest.mark.parametrize("kind", ["i", "mr", "p", "pp", "u", "up", "c", "xbar", "s"])
def test_frozen_limits_are_those_of_the_first_points_alone(kind: str) -> None:
    numerator: Any = GROUPS if kind in ("xbar", "s") else COUNTS
    denominator = SIZES if kind in ("p", "pp", "u", "up") else None
    frozen = spc.shewhart(kind, numerator, denominator, freeze=9)
    alone = spc.shewhart(kind, numerator[:9], denominator and denominator[:9])
    for name in ("cl", "lcl", "ucl"):
        assert getattr(frozen, name)[:9] == pytest.approx(getattr(alone, name)), name
    assert frozen.kind == kind


def test_single_values_may_be_negative_and_fractional() -> None:
    chart = spc.shewhart("i", [-1.5, 0.5, -0.5, 1.5])
    assert (chart.values, chart.cl[0]) == ([-1.5, 0.5, -0.5, 1.5], 0)
    assert spc.shewhart("mr", [-1.5, 0.5, -0.5, 1.5]).values == [None, 2, 1, 2]


def test_a_denominator_may_be_below_one() -> None:
    assert spc.shewhart("u", [1, 2], [0.5, 2]).values == [2, 1]


def test_textbook_individuals() -> None:
    # Montgomery, table 6.7: mean 300.5, limits 279.78 and 321.22 from the first twenty.
    chart = spc.shewhart("i", column("montgomery_6_7_cost.csv", "cost"), freeze=20)
    assert (chart.cl[0], round(chart.lcl[0], 2), round(chart.ucl[0], 2)) == (300.5, 279.78, 321.22)


def test_a_moving_range_beyond_its_limit_is_left_out() -> None:
    values = [10.0, 11, 10, 11, 10, 30, 10, 11, 10, 11, 10, 11, 10, 11, 10, 11]
    chart = spc.shewhart("i", values)
    assert chart.ucl[0] - chart.cl[0] == pytest.approx(3 * 1 / 1.128)
    assert chart.outside == [value == 30 for value in values]


def test_accidents_at_hospitals_vary_more_than_their_size_explains() -> None:
    rates = column("qic_nhs_accidents.csv", "r"), column("qic_nhs_accidents.csv", "n")
    plain, laney = spc.shewhart("p", *rates), spc.shewhart("pp", *rates)
    assert plain.cl == laney.cl
    assert sum(plain.outside) > sum(laney.outside) == 0
    factors = [
        (wide - centre) / (narrow - centre)
        for wide, narrow, centre in zip(laney.ucl, plain.ucl, plain.cl, strict=True)
    ]
    assert factors == pytest.approx([factors[0]] * len(factors))
    sizes = rates[1]
    deviations = [
        (count / size - plain.cl[0]) / math.sqrt(plain.cl[0] * (1 - plain.cl[0]) / size)
        for count, size in zip(rates[0], sizes, strict=True)
    ]
    steps = [abs(later - earlier) for earlier, later in pairwise(deviations)]
    assert factors[0] == pytest.approx(sum(steps) / len(steps) / 1.128)


def test_laney_rates_widen_the_limits_alike() -> None:
    counts, days = column("qic_cdi.csv", "n"), column("qic_cdi.csv", "days")
    plain, laney = spc.shewhart("u", counts, days), spc.shewhart("up", counts, days)
    assert plain.cl == laney.cl
    factor = (laney.ucl[0] - laney.cl[0]) / (plain.ucl[0] - plain.cl[0])
    assert [(u - c) for u, c in zip(laney.ucl, laney.cl, strict=True)] == pytest.approx(
        [(u - c) * factor for u, c in zip(plain.ucl, plain.cl, strict=True)]
    )
    assert factor > 1


# (values, longest run, its maximum, crossings, their minimum, signal, why)
RUNS: list[tuple[list[Any], int, int | None, int, int | None, bool, str]] = [
    ([1, 2] * 10, 1, 7, 19, 6, False, "crosses every time"),
    ([1] * 10 + [2] * 10, 10, 7, 1, 6, True, "one shift"),
    ([1, 1, 2, 2] * 5, 2, 7, 9, 6, False, "pairs"),
    ([1] * 4 + [2] * 4 + [1] * 4 + [2] * 4, 4, 7, 3, 4, True, "too few crossings alone"),
    ([1] * 6 + [2, 1] * 7, 6, 7, 14, 6, False, "the longest run comes first"),
    ([1] * 7 + [2, 1] * 6 + [2], 7, 7, 13, 6, False, "as long as chance explains"),
    ([1] * 8 + [2, 1] * 6, 8, 7, 12, 6, True, "one longer than chance explains"),
    ([1, 2] * 3, 1, 6, 5, 1, False, "no crossing of five has a probability of 3 %, one or none of 19 %"),
    ([1, 2], 1, 4, 1, 0, False, "two points"),
    ([3] * 20, 0, None, 0, None, False, "all on the centre line"),
]


@pytest.mark.parametrize(("values", "longest", "longest_max", "crossings", "fewest", "signal", "why"), RUNS)
def test_runs(
    values: list[float],
    longest: int,
    longest_max: int | None,
    crossings: int,
    fewest: int | None,
    signal: bool,
    why: str,
) -> None:
    chart = spc.shewhart("i", values)
    found = (
        chart.longest_run,
        chart.longest_run_max,
        chart.crossings,
        chart.crossings_min,
        chart.runs_signal,
    )
    assert found == (longest, longest_max, crossings, fewest, signal), why


def test_no_useful_point_gives_no_runs() -> None:
    assert spc.shewhart("i", [3] * 20).runs == (spc.Runs(0, 0, None, 0, None, False),)


def test_a_signal_in_an_earlier_part_is_told() -> None:
    values = [1.0] * 10 + [2.0] * 10 + [1.0, 2.0] * 10
    chart = spc.shewhart("i", values, parts=[20])
    assert [part.signal for part in chart.runs] == [True, False]
    assert chart.runs_signal
    assert chart.longest_run == 1


def test_limits_stay_where_a_measure_can_be() -> None:
    chart = spc.shewhart("p", [5, 4, 5, 5], [5, 5, 5, 5])
    assert set(chart.ucl) == {1.0}
    assert max(spc.shewhart("pp", [9, 5, 10, 4], [10] * 4).ucl) == 1
    assert min(spc.shewhart("c", [1, 0, 2, 1]).lcl) == 0
    zeros = spc.shewhart("pp", [0, 0, 0], [10, 20, 30])
    assert (zeros.cl, zeros.ucl, zeros.outside) == ([0] * 3, [0] * 3, [False] * 3)


@given(st.lists(st.integers(0, 500), min_size=4, max_size=30), st.sampled_from([2, 10]))
def test_rates_scale_with_their_exposure(counts: list[int], factor: int) -> None:
    exposure = [100.0] * len(counts)
    one = spc.shewhart("u", counts, exposure)
    other = spc.shewhart("u", counts, [size * factor for size in exposure])
    assert [limit / factor for limit in one.ucl] == pytest.approx(other.ucl)
    assert one.outside == other.outside
    assert one.runs == other.runs


def test_equal_rates_lie_on_the_centre_line_whatever_binary_fractions_say() -> None:
    chart = spc.shewhart("u", [3] * 12, [10] * 12)
    assert (chart.runs[0].useful, chart.runs_signal) == (0, False)
    assert spc.shewhart("i", [0.1] * 14).runs[0].useful == 0


BAD_INPUT: list[tuple[Any, str, str]] = [
    (lambda: spc.shewhart("g", [1, 2]), r"kind is 'g'; allowed: i, mr, p, pp, u, up, c, xbar, s", "unknown"),
    (lambda: spc.shewhart("i", []), r"numerator has 0 values; allowed: 1 or more", "empty"),
    (lambda: spc.shewhart("i", [1]), r"part from 0 has 1 points to count; allowed: 2 or more", "one point"),
    (lambda: spc.shewhart("i", [1, float("nan")]), r"numerator\[1\] is nan", "gap"),
    (lambda: spc.shewhart("c", [1, -2]), r"numerator\[1\] is -2.0; allowed: 0 or more", "negative"),
    (lambda: spc.shewhart("c", [1, 2.5]), r"numerator\[1\] is 2.5; allowed: whole numbers", "fraction"),
    (lambda: spc.shewhart("p", [1, 2]), r"denominator is None; allowed: one per point", "missing"),
    (lambda: spc.shewhart("i", [1, 2], [1, 2]), r"allowed: None with a i chart", "unwanted"),
    (lambda: spc.shewhart("p", [1, 2], [1]), r"numerator has 2, denominator has 1", "lengths"),
    (lambda: spc.shewhart("u", [1, 2], [1, 0]), r"denominator is 0; allowed: more than 0", "zero"),
    (lambda: spc.shewhart("p", [2, 3], [2, 2]), r"numerator\[1\] is 3; allowed: 0 to 2", "above 1"),
    (lambda: spc.shewhart("pp", [2, 3], [2, 2]), r"numerator\[1\] is 3; allowed: 0 to 2", "above 1"),
    (lambda: spc.shewhart("p", [2, 3], [2, float("nan")]), r"denominator\[1\] is nan", "gap"),
    (lambda: spc.shewhart("i", [2, 3], version="0"), r"version of 'shewhart' is '0'; allowed: 1", "version"),
    (
        lambda: spc.shewhart("xbar", [[1, 2], [3]]),
        r"subgroup 1 has 1 values; allowed: 2 or more",
        "no spread",
    ),
    (lambda: spc.shewhart("i", [1, 2, 3], freeze=1), r"freeze is 1; allowed: 2 to 3", "too few"),
    (lambda: spc.shewhart("i", [1, 2, 3], freeze=4), r"freeze is 4; allowed: 2 to 3", "too many"),
    (lambda: spc.shewhart("i", [1, 2, 3, 4], freeze=2, parts=[2]), r"freeze is 2 with parts \[2\]", "both"),
    (lambda: spc.shewhart("i", [1, 2, 3], parts=[3]), r"parts is 3; allowed: 1 to 2", "past the end"),
    (lambda: spc.shewhart("i", [1, 2, 3], parts=[2]), r"part from 2 has 1 points to count", "short part"),
    (lambda: spc.shewhart("i", [1, 2, 3], exclude=[3]), r"exclude is 3; allowed: 0 to 2", "past the end"),
    (lambda: spc.shewhart("i", [1, 2, 3], exclude=[0, 1]), r"has 1 points to count", "too little left"),
]


@pytest.mark.parametrize(("call", "message", "why"), BAD_INPUT)
def test_bad_input_is_refused_by_value_and_range(call: Any, message: str, why: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
