"""Funnels against FunnelPlotR, an independent calculation and the bad-input table."""

import csv
import math
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import spc
from tests.outside_data import outside_data

# How each method of the reference is asked for here.
METHODS: dict[str, dict[str, Any]] = {
    "sr_shmi": {"kind": "ratio", "method": "shmi"},
    "sr_cqc": {"kind": "ratio", "method": "cqc"},
    "sr_cqc_05": {"kind": "ratio", "method": "cqc", "trim": 0.05},
    "pr": {"kind": "proportion"},
    "rc": {"kind": "ratio", "method": "counts"},
}


def table(name: str) -> list[dict[str, str]]:
    with outside_data("funnel-plots", name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def by_case(name: str) -> dict[tuple[str, str], list[dict[str, str]]]:
    found = defaultdict(list)
    for row in table(name):
        found[row["dataset"], row["method"]].append(row)
    return found


SUMMARIES = by_case("expected_funnel_summary.csv")
POINTS = by_case("expected_funnel_points.csv")
INDEPENDENT = by_case("expected_funnel_independent.csv")


def ours(dataset: str, method: str) -> spc.Funnel:
    units = [row for row in table("funnel_input.csv") if row["dataset"] == dataset]
    assert [row["group"] for row in units] == [row["group"] for row in INDEPENDENT[dataset, method]]
    return spc.funnel(
        [float(row["numerator"]) for row in units],
        # For this method the reference rounds denominators to 2 places before it calculates.
        [round(float(row["denominator"]), 2 if method == "sr_shmi" else 9) for row in units],
        **METHODS[method],
    )


@pytest.mark.parametrize(("dataset", "method"), SUMMARIES)
def test_dispersion_and_target(dataset: str, method: str) -> None:
    (expected,) = SUMMARIES[dataset, method]
    found = ours(dataset, method)
    assert found.phi == pytest.approx(float(expected["phi"]), rel=1e-9)
    assert found.tau2 == pytest.approx(float(expected["tau2"]), rel=1e-9, abs=1e-15)
    assert found.target == pytest.approx(float(expected["target"]), rel=1e-12)


@pytest.mark.parametrize(("dataset", "method"), INDEPENDENT)
def test_units_equal_the_independent_calculation(dataset: str, method: str) -> None:
    expected = INDEPENDENT[dataset, method]
    found = ours(dataset, method)
    for values, key in (
        (found.value, "rr"),
        (found.z, "zscore"),
        (found.adjusted_lower95, "od_ll95"),
        (found.adjusted_upper95, "od_ul95"),
        (found.adjusted_lower998, "od_ll998"),
        (found.adjusted_upper998, "od_ul998"),
    ):
        assert values == pytest.approx([float(row[key]) for row in expected], abs=1e-6), key
    assert found.outside == [int(row["outlier_998_adjusted"]) for row in expected]


@pytest.mark.parametrize(("dataset", "method"), [case for case in POINTS if case[1].startswith("sr")])
def test_exact_limits_equal_the_reference(dataset: str, method: str) -> None:
    expected = POINTS[dataset, method]
    found = ours(dataset, method)
    for values, key in (
        (found.lower95, "ll95"),
        (found.upper95, "ul95"),
        (found.lower998, "ll998"),
        (found.upper998, "ul998"),
    ):
        assert values == pytest.approx([float(row[key]) for row in expected], rel=1e-5), key


def test_published_poisson_limits() -> None:
    rows = table("expected_poisson_limits.csv")
    sizes = [float(row["number_seq"]) for row in rows]
    found = spc.funnel(sizes, sizes)
    for values, key in (
        (found.lower95, "ll95"),
        (found.upper95, "ul95"),
        (found.lower998, "ll998"),
        (found.upper998, "ul998"),
    ):
        assert values == pytest.approx([float(row[key]) for row in rows], rel=1e-12), key


def test_a_rate_is_a_ratio_to_the_pooled_rate() -> None:
    events, exposure = [12, 30, 95, 40], [100.0, 150.0, 700.0, 300.0]
    pooled = sum(events) / sum(exposure)
    rate = spc.funnel(events, exposure, kind="rate")
    ratio = spc.funnel(events, [size * pooled for size in exposure], kind="ratio", method="cqc")
    assert rate.target == pytest.approx(pooled)
    assert rate.z == pytest.approx(ratio.z)
    assert (rate.phi, rate.tau2) == pytest.approx((ratio.phi, ratio.tau2))
    assert rate.outside == ratio.outside
    for name in ("lower95", "upper998", "adjusted_lower95", "adjusted_upper998"):
        assert getattr(rate, name) == pytest.approx([pooled * limit for limit in getattr(ratio, name)])


def test_exact_limits_of_a_proportion_are_binomial() -> None:
    # Clopper-Pearson for 5 of 50 is 3.33 % to 21.81 %.
    found = spc.funnel([5], [50], kind="proportion")
    assert (round(found.lower95[0], 4), round(found.upper95[0], 4)) == (0.0333, 0.2181)


def test_a_target_can_be_given() -> None:
    assert spc.funnel([5, 9], [50, 60], kind="proportion", target=0.2).target == 0.2
    assert spc.funnel([5, 9], [50, 60], target=1.1).target == 1.1


def test_a_ratio_is_measured_from_its_target() -> None:
    found = spc.funnel([5, 9], [50.0, 60.0], target=1.1)
    assert found.z == pytest.approx(
        [math.log(5 / 55) * math.sqrt(55), math.log(9 / 66) * math.sqrt(66)]
    )  # ln(O / E) over 1 / sqrt(E), with E = 1.1 x expected
    assert (found.kind, found.method, found.rule_version) == ("ratio", "shmi", "funnel/1")


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ((110, 95), "more spread than chance"),
        ((105, 98), "less spread than chance"),
        ((150, 60), "far apart"),
    ],
)
def test_the_spread_between_two_units(events: tuple[int, int], why: str) -> None:
    """phi and tau2 as DerSimonian and Laird have them, with s = 1 / sqrt(100) for both units."""
    found = spc.funnel(events, [100, 100], trim=0)
    phi = sum((math.log(count / 100) * 10) ** 2 for count in events) / 2
    assert found.phi == pytest.approx(phi)
    assert found.tau2 == pytest.approx(max(0, (2 * phi - 1) / (200 - 20_000 / 200))), why


def test_a_denominator_may_be_below_one() -> None:
    assert spc.funnel([1, 2], [0.5, 2]).value == [2, 1]


def test_limits_of_a_small_unit_stop_at_nobody() -> None:
    small, large = spc.funnel([1, 10], [5, 100], kind="proportion").adjusted_lower998
    assert (small, large > 0) == (0, True)


def test_counts_of_nothing_and_of_everybody() -> None:
    nothing = spc.funnel([0, 20, 21, 19], [20, 20, 20, 20])
    assert nothing.value[0] == 0
    assert nothing.z[0] == pytest.approx(-16.497, abs=1e-3)  # ln(0.5 / 20) x sqrt(20)
    everybody = spc.funnel([10, 20], [10, 20], kind="proportion")
    assert (everybody.upper95, everybody.upper998) == ([1, 1], [1, 1])
    assert everybody.outside == [0, 0]


def test_one_unit_has_no_spread_between_units() -> None:
    found = spc.funnel([40], [20])
    assert found.tau2 == 0
    assert found.adjusted_upper95[0] == pytest.approx(1.55, abs=0.01)
    assert found.outside == [1]


units = st.lists(st.tuples(st.integers(1, 400), st.integers(50, 400)), min_size=3, max_size=30)


@given(units)
def test_adjusted_limits_are_nested_about_the_target(cases: list[tuple[int, int]]) -> None:
    events, sizes = zip(*cases, strict=True)
    for method in ("shmi", "cqc", "counts"):
        found = spc.funnel(events, sizes, method=method)
        assert found.tau2 >= 0
        rows = zip(
            found.adjusted_lower998,
            found.adjusted_lower95,
            found.adjusted_upper95,
            found.adjusted_upper998,
            strict=True,
        )
        for row in rows:
            assert list(row) == sorted(row)
            assert row[1] <= found.target * (1 + 1e-12)
            assert row[2] >= found.target * (1 - 1e-12)


@given(units, st.randoms(use_true_random=False))
def test_the_order_of_units_does_not_matter(cases: list[tuple[int, int]], random: Any) -> None:
    shuffled = random.sample(range(len(cases)), len(cases))
    events, sizes = zip(*cases, strict=True)
    plain = spc.funnel(events, sizes)
    mixed = spc.funnel([events[index] for index in shuffled], [sizes[index] for index in shuffled])
    assert (mixed.phi, mixed.tau2) == pytest.approx((plain.phi, plain.tau2))
    assert mixed.z == pytest.approx([plain.z[index] for index in shuffled])


BAD_INPUT: list[tuple[Any, str, str]] = [
    (lambda: spc.funnel([], []), r"numerator has 0 values", "empty"),
    (lambda: spc.funnel([1, 2], [1]), r"numerator has 2, denominator has 1", "lengths"),
    (lambda: spc.funnel([-1], [1]), r"numerator\[0\] is -1.0; allowed: 0 or more", "negative"),
    (lambda: spc.funnel([1, 2], [1, 0]), r"denominator\[1\] is 0.0; allowed: above 0", "zero"),
    (lambda: spc.funnel([1, float("nan")], [1, 2]), r"numerator\[1\] is nan", "gap"),
    (lambda: spc.funnel([1, 2], [1, float("nan")]), r"denominator\[1\] is nan", "gap"),
    (lambda: spc.funnel([1, 2], [1, 2], version="0"), r"version of 'funnel' is '0'; allowed: 1", "version"),
    (
        lambda: spc.funnel([2, 3], [2, 2], kind="proportion"),
        r"numerator\[1\] is 3; allowed: 0 to 2",
        "above 1",
    ),
    (
        lambda: spc.funnel([0, 0], [2, 3], kind="proportion"),
        r"numerator is 0 in every unit",
        "a table of zeros",
    ),
    (lambda: spc.funnel([0, 0], [2, 3], kind="rate"), r"numerator is 0 in every unit", "a table of zeros"),
    (
        lambda: spc.funnel([1], [2], kind="odds"),
        r"kind is 'odds'; allowed: ratio, rate, proportion",
        "unknown",
    ),
    (lambda: spc.funnel([1], [2], method="dfci"), r"method is 'dfci'; allowed: shmi, cqc, counts", "unknown"),
    (
        lambda: spc.funnel([1], [2], kind="proportion", method="shmi"),
        r"'shmi'; allowed: arcsine",
        "wrong kind",
    ),
    (lambda: spc.funnel([1], [2], target=0), r"target is 0; allowed: above 0$", "target"),
    (
        lambda: spc.funnel([1], [2], kind="proportion", target=1.0),
        r"target is 1.0; allowed: above 0 and below 1$",
        "target",
    ),
    (lambda: spc.funnel([1], [2], trim="0.1"), r"^trim is '0.1'; allowed: a number", "text"),
    (lambda: spc.funnel([1], [2], target="1"), r"^target is '1'; allowed: a number", "text"),
    (
        lambda: spc.funnel([2**54], [2]),
        r"^numerator\[0\] is 1.8014398509481984e\+16",
        "more than can be counted",
    ),
    (
        lambda: spc.funnel([2], [2**54]),
        r"^denominator\[0\] is 1.8014398509481984e\+16",
        "more than can be counted",
    ),
    (lambda: spc.funnel([1], [2], trim=0.5), r"trim is 0.5; allowed: 0 to below 0.5", "trim"),
    (lambda: spc.funnel([1], [2], trim=-0.1), r"trim is -0.1; allowed: 0 to below 0.5", "trim"),
]


@pytest.mark.parametrize(("call", "message", "why"), BAD_INPUT)
def test_bad_input_is_refused_by_value_and_range(call: Any, message: str, why: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
