"""The decision table of hepatitis B."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import immunity

DAY = date(2024, 3, 1)
LAST = date(2024, 1, 31)

# (level, doses, other facts, state, part of the action, due, why)
TABLE: list[tuple[float | None, int, dict[str, Any], str, str, date | None, str]] = [
    (100, 3, {}, "immune", "No further primary doses", None, "100 is immune in the United Kingdom"),
    (99.9, 3, {}, "low responder", "one additional dose", DAY, "just below 100"),
    (10, 3, {}, "low responder", "one additional dose", DAY, "10 is a response"),
    (9.9, 3, {}, "non-responder pending", "repeat the course", DAY, "just below 10"),
    (0, 3, {}, "non-responder pending", "Test HBsAg", DAY, "no antibody"),
    (
        50,
        4,
        {"doses_since_test": 1},
        "low responder",
        "No further dose",
        None,
        "the additional dose was given",
    ),
    (
        5,
        4,
        {"doses_since_test": 1},
        "non-responder pending",
        "Continue the second course",
        None,
        "one of three",
    ),
    (
        5,
        5,
        {"doses_since_test": 2},
        "non-responder pending",
        "Continue the second course",
        None,
        "two of three",
    ),
    (5, 6, {"doses_since_test": 3}, "test due", "Test anti-HBs", date(2024, 3, 1), "second course complete"),
    (5, 6, {}, "non-responder", "HBIG", None, "tested after two courses"),
    (5, 5, {}, "non-responder pending", "repeat the course", DAY, "five doses are not two courses"),
    (50, 6, {}, "low responder", "one additional dose", DAY, "a response to the second course"),
    (None, 3, {}, "test due", "Test anti-HBs 1 to 2 months", date(2024, 3, 1), "a month after 31 January"),
    (
        None,
        3,
        {"last_dose_on": None},
        "test due",
        "Test anti-HBs",
        None,
        "the day of the last dose is unknown",
    ),
    (
        5,
        6,
        {"doses_since_test": 3, "last_dose_on": None},
        "test due",
        "Test anti-HBs",
        None,
        "unknown as well",
    ),
    (None, 2, {}, "course incomplete", "Complete the course", None, "two of three"),
    (None, 0, {}, "course incomplete", "Complete the course", None, "none of three"),
    (150, 2, {}, "course incomplete", "Complete the course", None, "a level before the end does not count"),
    (
        150,
        3,
        {"doses_since_test": 1},
        "test due",
        "Test anti-HBs",
        date(2024, 3, 1),
        "tested after two doses",
    ),
    (150, 2, {"course_doses": 2}, "immune", "No further", None, "a course of two doses"),
    (5, 4, {"course_doses": 2}, "non-responder", "HBIG", None, "two courses of two doses"),
    (150, 3, {"course_doses": 4}, "course incomplete", "Complete", None, "a course of four doses"),
    (150, 3, {"hbsag_positive": True}, "specialist", "Refer", DAY, "infection goes before immunity"),
    (None, 0, {"anti_hbc_positive": True}, "specialist", "Refer", DAY, "past infection"),
]


@pytest.mark.parametrize(("level", "doses", "facts", "state", "action", "due", "why"), TABLE)
def test_decision_table(
    level: float | None,
    doses: int,
    facts: dict[str, Any],
    state: str,
    action: str,
    due: date | None,
    why: str,
) -> None:
    known = {"tested_on": DAY, "last_dose_on": LAST} | facts
    decision = immunity.hepatitis_b(level, doses, **known)
    assert (decision.state, decision.due_on) == (state, due), why
    assert action in decision.action, why
    assert decision.rule_version == "immunity/hepatitis-b@1"
    assert decision.status == "general"


@pytest.mark.parametrize(
    ("level", "doses", "facts", "reason"),
    [
        (150, 3, {}, "anti-HBs 150 mIU/mL is 100 or more."),
        (50, 3, {}, "anti-HBs 50 mIU/mL is below 100."),
        (50, 4, {"doses_since_test": 1}, "anti-HBs 50 mIU/mL, and an additional dose was given."),
        (5, 3, {}, "anti-HBs 5 mIU/mL is below 10 after the first course."),
        (5, 4, {"doses_since_test": 1}, "below 10; 1 of 3 doses of the second course were given."),
        (5, 6, {"doses_since_test": 3}, "below 10; the second course is complete."),
        (5, 6, {}, "anti-HBs 5 mIU/mL is below 10 after two courses."),
        (None, 3, {}, "No anti-HBs was taken after the course."),
        (None, 2, {}, "2 of 3 doses were given."),
        (None, 2, {"hbsag_positive": True, "anti_hbc_positive": True}, "HBsAg is positive."),
        (None, 2, {"anti_hbc_positive": True}, "anti-HBc is positive."),
    ],
)
def test_reasons(level: float | None, doses: int, facts: dict[str, Any], reason: str) -> None:
    assert immunity.hepatitis_b(level, doses, **facts).reason.endswith(reason)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.integers(3, 8))
def test_a_higher_level_is_never_a_worse_answer(one: float, other: float, doses: int) -> None:
    order = ["non-responder", "non-responder pending", "low responder", "immune"]
    low, high = sorted((one, other))
    worse, better = (order.index(immunity.hepatitis_b(level, doses).state) for level in (low, high))
    assert worse <= better


@given(st.none() | st.floats(0, 1e6), st.integers(0, 12), st.integers(0, 12), st.integers(1, 4))
def test_there_is_always_an_answer(level: float | None, doses: int, since: int, course: int) -> None:
    decision = immunity.hepatitis_b(level, max(doses, since), doses_since_test=since, course_doses=course)
    assert decision.action
    assert decision.reason


@pytest.mark.parametrize(
    ("level", "doses", "facts", "message"),
    [
        (-1, 3, {}, "anti-HBs is -1 mIU/mL; allowed: 0 to 1,000,000"),
        (1e7, 3, {}, "anti-HBs is 10000000.0"),
        (float("nan"), 3, {}, "anti-HBs is nan"),
        (True, 3, {}, "anti-HBs is True"),
        ("100", 3, {}, "anti-HBs is '100'"),
        (100, -1, {}, "doses is -1"),
        (100, 3, {"doses_since_test": 4}, "doses_since_test is 4; allowed: 0 to 3"),
        (100, 3, {"doses_since_test": -1}, "doses_since_test is -1; allowed: 0 to 3"),
        (100, 3, {"course_doses": 0}, "course_doses is 0; allowed: 1 or more"),
    ],
)
def test_bad_input_is_refused(level: Any, doses: int, facts: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        immunity.hepatitis_b(level, doses, **facts)
    assert immunity.hepatitis_b(1_000_000, 3).state == "immune"
