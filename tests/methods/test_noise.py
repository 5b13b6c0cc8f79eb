"""Noise exposure against independent calculations and its own invariants."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import noise
from tests.outside_data import outside_data


def _json(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(outside_data("exposure", name).read_text(encoding="utf-8"))
    return found


def test_independent_days() -> None:
    for case in _json("noise_cases.json"):
        day = noise.assess([(task["laeq_db"], task["minutes"]) for task in case["tasks"]])
        assert day.lep_d == pytest.approx(case["lep_d"], abs=0.01), case["case"]
        assert day.points == pytest.approx(case["points"], rel=1e-9)
        assert day.at_or_above_lower_action == case["at_or_above_lower_action_80"]
        assert day.at_or_above_upper_action == case["at_or_above_upper_action_85"]
        assert day.above_limit == case["above_limit_87"]


def test_independent_weeks() -> None:
    for case in _json("noise_weekly_cases.json"):
        assert noise.lep_w(case["daily_lep_d"]) == pytest.approx(case["lep_w"], abs=0.01), case["case"]


# (level over 8 hours, peak, protection, lower action, upper action, above the limit, why)
VALUES = [
    (79.9, None, 0, False, False, False, "below everything"),
    (80, None, 0, True, False, False, "the lower action value counts at 80"),
    (85, None, 0, True, True, False, "the upper action value counts at 85"),
    (87, None, 0, True, True, False, "the limit counts above 87"),
    (87.1, None, 0, True, True, True, "above the limit"),
    (97, None, 10, True, True, False, "protection counts for the limit alone"),
    (97.1, None, 10, True, True, True, "not enough protection"),
    (70, 134.9, 0, False, False, False, "a peak below everything"),
    (70, 135, 0, True, False, False, "a peak at the lower action value"),
    (70, 137, 0, True, True, False, "a peak at the upper action value"),
    (70, 140, 0, True, True, False, "a peak at the limit"),
    (70, 141, 0, True, True, True, "a peak above the limit"),
    (70, 150, 10, True, True, False, "a peak that protection brings to the limit"),
]


@pytest.mark.parametrize(("level", "peak", "protection", "lower", "upper", "limit", "why"), VALUES)
def test_values_of_the_regulations(
    level: float, peak: float | None, protection: float, lower: bool, upper: bool, limit: bool, why: str
) -> None:
    day = noise.assess([(level, 480)], peak_db=peak, protection_db=protection)
    found = (day.at_or_above_lower_action, day.at_or_above_upper_action, day.above_limit)
    assert found == (lower, upper, limit), why
    assert day.at_ear_db == pytest.approx(day.lep_d - protection)
    assert (day.rule_version, day.status) == ("noise/regulations-2005@1", "sourced")


days = st.lists(st.tuples(st.floats(0, 140), st.floats(0.5, 140)), min_size=1, max_size=10)


@given(days, st.floats(0, 40))
def test_louder_by_some_decibels_is_exposed_by_as_many_more(
    day: list[tuple[float, float]], more: float
) -> None:
    louder = [(level + more, minutes) for level, minutes in day]
    assert noise.lep_d(louder) == pytest.approx(noise.lep_d(day) + more, abs=1e-9)


@given(days)
def test_points_and_level_say_the_same(day: list[tuple[float, float]]) -> None:
    assert noise.points(day) == pytest.approx(100 * 10 ** ((noise.lep_d(day) - 85) / 10), rel=1e-9)


@given(st.floats(0, 140))
def test_five_equal_days_make_that_week(level: float) -> None:
    assert noise.lep_w([level] * 5) == pytest.approx(level, abs=1e-9)


@given(st.floats(0, 140), st.floats(1, 1440), st.floats(0.01, 0.99))
def test_splitting_a_task_changes_nothing(level: float, minutes: float, share: float) -> None:
    parts = [(level, minutes * share), (level, minutes * (1 - share))]
    assert noise.lep_d(parts) == pytest.approx(noise.lep_d([(level, minutes)]), abs=1e-9)


@pytest.mark.parametrize(
    ("day", "message"),
    [
        ([], "add up to 0 minutes; they must be above 0"),
        ([(85, 0)], "add up to 0 minutes"),
        ([(85, -1)], "A time is -1 minutes"),
        ([(85, 1441)], "add up to 1441 minutes"),
        ([(201, 60)], "A level is 201 dB; allowed: 0 to 200"),
        ([(-1, 60)], "A level is -1 dB"),
        ([(float("nan"), 60)], "A level is nan dB"),
    ],
)
def test_impossible_days_are_refused(day: list[tuple[float, float]], message: str) -> None:
    for function in (noise.lep_d, noise.points, noise.assess):
        with pytest.raises(ValueError, match=message):
            function(day)


def test_other_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="There are 0 days; a week has 1 to 7"):
        noise.lep_w([])
    with pytest.raises(ValueError, match="There are 8 days"):
        noise.lep_w([85] * 8)
    with pytest.raises(ValueError, match="A level is 300 dB"):
        noise.lep_w([300])
    with pytest.raises(ValueError, match="protection_db is 51; allowed: 0 to 50"):
        noise.assess([(85, 480)], protection_db=51)
    with pytest.raises(ValueError, match="A level is -5 dB"):
        noise.assess([(85, 480)], peak_db=-5)
