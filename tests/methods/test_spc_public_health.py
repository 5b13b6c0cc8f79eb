"""Public-health funnels against PHEindicatormethods and the bad-input table."""

import csv
from typing import Any

import pytest

from openoh.methods import spc
from tests.outside_data import outside_data


def table(name: str) -> list[dict[str, str]]:
    with outside_data("phe-indicators", name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


# (file, kind, numerator, denominator, significance)
SIGNIFICANCE = [
    ("expected_funnel_ratio_significance.csv", "ratio", "observed", "expected", "significance"),
    ("published_funnel_ratio_input.csv", "ratio", "obs", "expected", "significance"),
    ("expected_funnel_crude_rate_significance.csv", "rate", "count", "pop", "significance"),
    ("published_funnel_rate_input.csv", "rate", "count", "pop", "crude_per_100000_with_0"),
    ("expected_funnel_proportion_significance.csv", "proportion", "numerator", "denominator", "significance"),
    ("published_funnel_proportion_input.csv", "proportion", "numerator", "denominator", "significance"),
]


@pytest.mark.parametrize(("file", "kind", "numerator", "denominator", "expected"), SIGNIFICANCE)
def test_significance_equals_the_reference(
    file: str, kind: str, numerator: str, denominator: str, expected: str
) -> None:
    rows = table(file)
    found = spc.significance(
        [float(row[numerator]) for row in rows], [float(row[denominator]) for row in rows], kind=kind
    )
    assert found.level == [row[expected] for row in rows]
    assert found.rule_version == "public-health-funnel/1"


# (file, kind, points, scale of the limits, part of the name of the sizes)
LIMITS = [
    ("expected_funnel_ratio_limits.csv", "ratio", "Observed_events", 100, "{}_exp_events", "{}_limit"),
    ("published_funnel_ratio_limits.csv", "ratio", "Observed_events", 100, "{}_exp_events", "{}_isr"),
    ("expected_funnel_crude_rate_limits.csv", "rate", "Events", 1e5, "{}_population_1_year", "{}_limit"),
    ("published_funnel_rate_limits.csv", "rate", "Events", 1e5, "{}_population_1_year", "{}_limit"),
    ("expected_funnel_proportion_limits.csv", "proportion", "Population", 100, "Population", "{}_limit"),
    ("published_funnel_proportion_limits.csv", "proportion", "Population", 100, "Population", "{}_limit"),
]


@pytest.mark.parametrize(("file", "kind", "points", "scale", "size", "limit"), LIMITS)
def test_curves_equal_the_reference(
    file: str, kind: str, points: str, scale: float, size: str, limit: str
) -> None:
    rows = table(file)
    # The published rates cover three years of people, and the file gives the people of one.
    years = 3 if file == "published_funnel_rate_limits.csv" else 1
    target = 1.0 if kind == "ratio" else float(rows[0]["baseline"]) / scale
    found = spc.control_limits([float(row[points]) for row in rows], kind=kind, target=target)
    for ours, theirs in (
        ("lower95", "lower_2s"),
        ("upper95", "upper_2s"),
        ("lower998", "lower_3s"),
        ("upper998", "upper_3s"),
    ):
        sizes = [years * float(row[size.format(theirs)]) for row in rows]
        limits = [float(row[limit.format(theirs)]) for row in rows]
        # The reference searches for its sizes, to about five figures; proportions it calculates.
        assert getattr(found, f"size_{ours}") == pytest.approx(sizes, rel=1e-4)
        assert [scale * value for value in getattr(found, ours)] == pytest.approx(limits, rel=1e-4, abs=1e-5)


def test_a_target_can_be_given() -> None:
    assert spc.significance([50, 50], [100, 100], kind="proportion", target=0.3).level == ["High (0.001)"] * 2
    assert spc.significance([50], [100], target=0.5).level == ["Not significant"]
    assert spc.significance([50], [100]).target == 1
    assert spc.control_limits([1]).rule_version == "public-health-funnel/1"


def test_no_events_can_be_low_but_never_high() -> None:
    assert spc.significance([0, 0, 0], [3.6, 3.7, 7.0]).level == [
        "Not significant",
        "Low (0.025)",
        "Low (0.001)",
    ]


def test_everybody_may_be_counted() -> None:
    assert spc.significance([10, 5], [10, 10], kind="proportion", target=0.5).level[0] == "High (0.001)"


LOW, NOT, HIGH = "Low (0.025)", "Not significant", "High (0.025)"

# (numerator, denominator, kind, targets on both sides of an end of the 95 % interval, levels, why)
INTERVALS = [
    (10, 50, "proportion", (0.1124, 0.1125), (HIGH, NOT), "Wilson, 11.24 % to 33.04 %"),
    (10, 50, "proportion", (0.3303, 0.3304), (NOT, LOW), "Wilson, 11.24 % to 33.04 %"),
    (1, 10, "proportion", (0.0178, 0.0179), (HIGH, NOT), "Wilson, 1.79 % to 40.42 %"),
    (1, 10, "proportion", (0.4041, 0.4042), (NOT, LOW), "Wilson, 1.79 % to 40.42 %"),
    (1, 1, "ratio", (0.0253, 0.0254), (HIGH, NOT), "exact for 1 event, 0.0253 to 5.572"),
    (1, 1, "ratio", (5.571, 5.572), (NOT, LOW), "exact for 1 event, 0.0253 to 5.572"),
    (9, 1, "ratio", (4.115, 4.116), (HIGH, NOT), "exact for 9 events, 4.115 to 17.085"),
    (9, 1, "ratio", (17.084, 17.085), (NOT, LOW), "exact for 9 events, 4.115 to 17.085"),
    (
        10,
        1,
        "ratio",
        (4.787, 4.788),
        (HIGH, NOT),
        "Byar for 10 events, 4.7874 to 18.3915 (exact: 4.7954 to 18.3904)",
    ),
    (
        10,
        1,
        "ratio",
        (18.391, 18.392),
        (NOT, LOW),
        "Byar for 10 events, 4.7874 to 18.3915 (exact: 4.7954 to 18.3904)",
    ),
    (0, 1, "ratio", (0.001, 3.688), (NOT, NOT), "exact for no events, 0 to 3.689"),
    (0, 1, "ratio", (3.688, 3.689), (NOT, LOW), "exact for no events, 0 to 3.689"),
]


@pytest.mark.parametrize(("numerator", "denominator", "kind", "targets", "levels", "why"), INTERVALS)
def test_a_unit_is_outside_when_its_interval_excludes_the_target(
    numerator: int, denominator: int, kind: str, targets: tuple[float, ...], levels: tuple[str, ...], why: str
) -> None:
    found = [
        spc.significance([numerator], [denominator], kind=kind, target=target).level[0] for target in targets
    ]
    assert found == list(levels), why


BAD_INPUT: list[tuple[Any, str, str]] = [
    (lambda: spc.significance([], []), r"numerator has 0 values", "empty"),
    (lambda: spc.significance([1], [0]), r"denominator\[0\] is 0.0; allowed: above 0", "zero"),
    (lambda: spc.significance([1], [float("nan")]), r"denominator\[0\] is nan", "gap"),
    (
        lambda: spc.significance([1], [2], version="0"),
        r"version of 'public-health-funnel' is '0'; allowed: 1",
        "version",
    ),
    (lambda: spc.control_limits([1], target="1"), r"^target is '1'; allowed: a number", "text"),
    (lambda: spc.control_limits([1], version="0"), r"is '0'; allowed: 1", "version"),
    (
        lambda: spc.significance([2, 3], [2, 2], kind="proportion"),
        r"numerator\[1\] is 3; allowed: 0 to 2",
        "above 1",
    ),
    (lambda: spc.significance([3], [1, 0.5, 0]), r"numerator has 1, denominator has 3", "lengths"),
    (lambda: spc.significance([3, 3, 3], [1, 0.5, 0]), r"denominator\[2\] is 0.0; allowed: above 0", "zero"),
    (lambda: spc.significance([3], [2], target=0), r"target is 0; allowed: above 0$", "target"),
    (
        lambda: spc.significance([1], [2], kind="proportion", target=1),
        r"target is 1; allowed: above 0 and below 1$",
        "target",
    ),
    (lambda: spc.significance([-1], [1]), r"numerator\[0\] is -1.0; allowed: 0 or more", "negative"),
    (lambda: spc.significance([1, 2], [1]), r"numerator has 2, denominator has 1", "lengths"),
    (
        lambda: spc.significance([3], [2], kind="proportion"),
        r"numerator\[0\] is 3; allowed: 0 to 2",
        "above 1",
    ),
    (
        lambda: spc.significance([1], [2], kind="odds"),
        r"kind is 'odds'; allowed: ratio, rate, proportion",
        "kind",
    ),
    (lambda: spc.significance([0], [2], kind="rate"), r"target is 0.0; allowed: above 0", "a table of zeros"),
    (lambda: spc.control_limits([0]), r"points\[0\] is 0.0; allowed: 1 or more", "no events"),
    (
        lambda: spc.control_limits([0], kind="proportion", target=0.5),
        r"points\[0\] is 0.0; allowed: above 0",
        "nobody",
    ),
    (lambda: spc.control_limits([5], kind="proportion"), r"target is 1.0; .* and below 1", "target"),
    (lambda: spc.control_limits([5], kind="odds"), r"kind is 'odds'", "kind"),
]


@pytest.mark.parametrize(("call", "message", "why"), BAD_INPUT)
def test_bad_input_is_refused_by_value_and_range(call: Any, message: str, why: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
