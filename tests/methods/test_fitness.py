"""Fitness standards against the published numbers."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import fitness
from openoh.methods.fitness import Vision

GROUP_1 = Vision(binocular="6/12", reads_plate_at_20_m=True, field_horizontal=120, clear_centre=20)
GROUP_2 = Vision(
    better_eye="6/7.5",
    worse_eye="6/60",
    correction_dioptres=8,
    field_horizontal=160,
    field_left=70,
    field_right=70,
    field_up=30,
    field_down=30,
    clear_centre=30,
)
RECRUIT = Vision(
    better_eye="6/12",
    binocular="6/6",
    near_binocular="6/9",
    field_horizontal=120,
    field_vertical=100,
    colour="dichromat",
)


def _outcome(standard: str, vision: Vision) -> fitness.VisionOutcome:
    if standard == "recruit":
        return fitness.police_recruit_vision(vision)
    return fitness.driver_vision(vision, group=int(standard))


@pytest.mark.parametrize(("standard", "vision"), [("1", GROUP_1), ("2", GROUP_2), ("recruit", RECRUIT)])
def test_exactly_the_standard_is_enough(standard: str, vision: Vision) -> None:
    result = _outcome(standard, vision)
    assert (result.outcome, result.reasons, result.missing) == ("meets", (), ())
    assert (result.rule_version, result.status) == ("fitness/vision@1", "general")


# (standard, measurements at the standard, one that is just worse)
WORSE: list[tuple[str, Vision, dict[str, Any]]] = [
    ("1", GROUP_1, {"binocular": "6/18"}),
    ("1", GROUP_1, {"reads_plate_at_20_m": False}),
    ("1", GROUP_1, {"field_horizontal": 119}),
    ("1", GROUP_1, {"clear_centre": 19}),
    ("2", GROUP_2, {"better_eye": "6/9"}),
    ("2", GROUP_2, {"worse_eye": "3/60"}),
    ("2", GROUP_2, {"correction_dioptres": 8.25}),
    ("2", GROUP_2, {"field_horizontal": 159}),
    ("2", GROUP_2, {"field_left": 69}),
    ("2", GROUP_2, {"field_right": 69}),
    ("2", GROUP_2, {"field_up": 29}),
    ("2", GROUP_2, {"field_down": 29}),
    ("2", GROUP_2, {"clear_centre": 29}),
    ("recruit", RECRUIT, {"better_eye": "6/18"}),
    ("recruit", RECRUIT, {"binocular": "6/7.5"}),
    ("recruit", RECRUIT, {"near_binocular": "6/12"}),
    ("recruit", RECRUIT, {"field_horizontal": 119}),
    ("recruit", RECRUIT, {"field_vertical": 99}),
    ("recruit", RECRUIT, {"colour": "monochromat"}),
]


@pytest.mark.parametrize(("standard", "vision", "worse"), WORSE)
def test_each_measurement_counts(standard: str, vision: Vision, worse: dict[str, Any]) -> None:
    (name,) = worse
    failed = _outcome(standard, replace(vision, **worse))
    assert failed.outcome == "does not meet"
    assert failed.reasons[0].startswith(f"{name} is")
    unknown = _outcome(standard, replace(vision, **{name: None}))
    assert (unknown.outcome, unknown.missing) == ("incomplete", (name,))


def test_a_failure_decides_even_where_something_is_missing() -> None:
    result = fitness.driver_vision(Vision(binocular="6/60"), group=1)
    assert result.outcome == "does not meet"
    assert "field_horizontal" in result.missing


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"binocular": "six"}, "An acuity is 'six'; it must be a Snellen fraction such as 6/12"),
        ({"binocular": "6/0"}, "An acuity is '6/0'"),
        ({"binocular": "0.5"}, "An acuity is '0.5'"),
        ({"binocular": "-6/12"}, "An acuity is '-6/12'"),
        ({"field_left": -1}, "field_left is -1 degrees; allowed: 0 to 360"),
        ({"field_left": float("nan")}, "field_left is nan"),
        ({"colour": "red"}, "colour is 'red'; it must be normal"),
        ({"better_eye": "6/60", "worse_eye": "6/6"}, "better_eye is 6/60, worse than worse_eye 6/6"),
    ],
)
def test_impossible_measurements_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Vision(**changes)


def test_another_group_is_refused() -> None:
    with pytest.raises(ValueError, match="group is 3; it must be 1 or 2"):
        fitness.driver_vision(GROUP_1, group=3)


BORN = date(1960, 6, 15)
# (last examination, due, why)
MEDICALS = [
    (None, date(2030, 1, 1), "entry: at once"),
    (date(1990, 1, 1), date(2005, 6, 15), "before 45: at 45"),
    (date(2005, 6, 14), date(2005, 6, 15), "the day before 45 does not count as the one at 45"),
    (date(2005, 6, 15), date(2010, 6, 15), "every five years"),
    (date(2021, 6, 15), date(2025, 6, 15), "five years would pass 65"),
    (date(2025, 6, 15), date(2026, 6, 15), "every year from 65"),
]


@pytest.mark.parametrize(("last", "due", "why"), MEDICALS)
def test_driver_medicals(last: date | None, due: date, why: str) -> None:
    result = fitness.driver_medical(born=BORN, last=last, on=date(2030, 1, 1))
    assert result.due_on == due, why
    assert result.reason


def test_a_leap_day_birthday_moves_to_march() -> None:
    due = fitness.driver_medical(born=date(1980, 2, 29), last=date(2020, 1, 1), on=date(2021, 1, 1)).due_on
    assert due == date(2025, 3, 1)


@given(st.dates(date(1940, 1, 1), date(2000, 1, 1)), st.integers(18 * 365, 80 * 365))
def test_the_next_medical_lies_ahead_of_the_last(born: date, days: int) -> None:
    last = born + timedelta(days)
    due = fitness.driver_medical(born=born, last=last, on=last).due_on
    assert due > last
    if days >= 45 * 366:
        assert (due - last).days <= 5 * 365 + 2


@pytest.mark.parametrize(
    ("last", "on"), [(date(2031, 1, 1), date(2030, 1, 1)), (date(1950, 1, 1), date(2030, 1, 1)), (None, BORN)]
)
def test_impossible_dates_are_refused(last: date | None, on: date) -> None:
    with pytest.raises(ValueError, match="must follow each other"):
        fitness.driver_medical(born=BORN, last=last, on=on)


# (result, post, meets, why)
RUNS = [
    ("5:4", "officer", True, "exactly"),
    ("5:3", "officer", False, "one shuttle short"),
    ("6:1", "officer", True, "a level above"),
    ("5:7", "dog-handler", True, "exactly"),
    ("5:7", "cyclist", False, "cyclists need 5:8"),
    ("6:3", "police-support-unit", True, "exactly"),
    ("10:5", "armed-response-vehicle", True, "levels compare as numbers, not as text"),
    ("9:3", "armed-response-vehicle", False, "one short"),
]


@pytest.mark.parametrize(("result", "post", "meets", "why"), RUNS)
def test_shuttle_run(result: str, post: str, meets: bool, why: str) -> None:
    assert fitness.shuttle_run(result, post=post).meets == meets, why


@pytest.mark.parametrize(
    ("result", "shuttles"), [("1:1", 1), ("1:7", 7), ("2:1", 8), ("4:8", 31), ("5:4", 35), ("6:1", None)]
)
def test_shuttles_are_counted_as_far_as_levels_are_known(result: str, shuttles: int | None) -> None:
    run = fitness.shuttle_run(result)
    assert run.shuttles == shuttles
    assert run.distance_m == (None if shuttles is None else 15 * shuttles)


def test_the_standing_of_a_standard_is_shown() -> None:
    assert fitness.shuttle_run("5:4").status == "sourced"
    assert fitness.shuttle_run("9:4", post="armed-response-vehicle").status == "general"
    assert fitness.shuttle_run("3:7", post="officer-alternative").status == "unsure"


@pytest.mark.parametrize(
    ("result", "post", "message"),
    [
        ("5.4", "officer", "A shuttle run is '5.4'; it must be level:shuttle"),
        ("", "officer", "A shuttle run is ''"),
        ("0:1", "officer", "The level of 0:1 is 0; it must be from 1 to 21"),
        ("22:1", "officer", "The level of 22:1 is 22"),
        ("1:8", "officer", "The shuttle of 1:8 is 8; it must be from 1 to 7"),
        ("5:0", "officer", "The shuttle of 5:0 is 0"),
        ("5:17", "officer", "must be from 1 to 16"),
        ("5:4", "astronaut", "has no 'astronaut'; choose from air-support"),
    ],
)
def test_impossible_runs_are_refused(result: str, post: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fitness.shuttle_run(result, post=post)
