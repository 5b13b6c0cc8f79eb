"""Hepatitis B: what an antibody level after vaccination means, and what comes next."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from openoh.methods._checks import day, whole
from openoh.methods._content import Content, Status, load
from openoh.methods._dates import after
from openoh.methods.immunity.facts import check_anti_hbs

HepatitisBState: TypeAlias = Literal[
    "course incomplete",
    "test due",
    "immune",
    "low responder",
    "non-responder pending",
    "non-responder",
    "specialist",
]


@dataclass(frozen=True)
class HepatitisB:
    """A decision. ``due_on`` is the day from which the action is due; ``None`` where none is, or no day
    is known.
    """

    state: HepatitisBState
    action: str
    reason: str
    due_on: date | None
    rule_version: str
    status: Status


def hepatitis_b(
    anti_hbs: float | None,
    doses: int,
    *,
    doses_since_test: int = 0,
    course_doses: int | None = None,
    hbsag_positive: bool = False,
    anti_hbc_positive: bool = False,
    tested_on: date | None = None,
    last_dose_on: date | None = None,
) -> HepatitisB:
    """What an anti-HBs level (mIU/mL, ``None`` where not tested) after ``doses`` valid doses in all means.

    A course has 3 doses (``course_doses`` for another number). A level counts when it was taken after a
    complete course; ``doses_since_test`` are those of ``doses`` that came after it. From 100: immune.
    From 10: low responder, one additional dose. Below 10: non-responder pending, HBsAg and anti-HBc,
    second course; below 10 again after two courses: non-responder. Infection markers go before
    everything. The booster after five years is no longer given.
    ``ValueError`` for a level outside 0 to 1,000,000, negative counts, or more doses since the test than
    doses.

    Source: UKHSA, The Green Book, chapter 18.

    >>> hepatitis_b(150, 3).state, hepatitis_b(50, 3).state, hepatitis_b(5, 3).state, hepatitis_b(5, 6).state
    ('immune', 'low responder', 'non-responder pending', 'non-responder')
    """
    rules = load("immunity", "hepatitis-b")
    course = rules.values["course_doses"] if course_doses is None else course_doses
    if anti_hbs is not None:
        check_anti_hbs(anti_hbs)
    whole("course_doses", course, minimum=1)
    whole("doses_since_test", doses_since_test, maximum=whole("doses", doses))
    for name, value in (("tested_on", tested_on), ("last_dose_on", last_dose_on)):
        if value is not None:
            day(name, value)
    if hbsag_positive or anti_hbc_positive:
        marker = "HBsAg" if hbsag_positive else "anti-HBc"
        return _decide("specialist", "specialist", f"{marker} is positive.", tested_on, rules)
    doses_at_test = doses - doses_since_test
    if anti_hbs is None or doses_at_test < course:
        return _without_level(doses, course, last_dose_on, rules)
    if anti_hbs < rules.values["responder_from_miu"]:
        return _no_response(anti_hbs, doses_at_test, doses_since_test, course, tested_on, last_dose_on, rules)
    level = f"anti-HBs {anti_hbs:g} mIU/mL"
    if anti_hbs >= rules.values["immune_from_miu"]:
        return _decide(
            "immune", "immune", f"{level} is {rules.values['immune_from_miu']} or more.", None, rules
        )
    if doses_since_test:
        reason = f"{level}, and an additional dose was given."
        return _decide("low responder", "low responder complete", reason, None, rules)
    reason = f"{level} is below {rules.values['immune_from_miu']}."
    return _decide("low responder", "low responder", reason, tested_on, rules)


def _without_level(doses: int, course: int, last_dose_on: date | None, rules: Content) -> HepatitisB:
    if doses < course:
        reason = f"{doses} of {course} doses were given."
        return _decide("course incomplete", "course incomplete", reason, None, rules)
    due = after(last_dose_on, rules.values["test_after"]) if last_dose_on else None
    return _decide("test due", "test due", "No anti-HBs was taken after the course.", due, rules)


def _no_response(
    anti_hbs: float,
    doses_at_test: int,
    doses_since_test: int,
    course: int,
    tested_on: date | None,
    last_dose_on: date | None,
    rules: Content,
) -> HepatitisB:
    level = f"anti-HBs {anti_hbs:g} mIU/mL is below {rules.values['responder_from_miu']}"
    if doses_at_test >= 2 * course:
        return _decide("non-responder", "non-responder", f"{level} after two courses.", None, rules)
    if doses_since_test >= course:
        due = after(last_dose_on, rules.values["repeat_test_after"]) if last_dose_on else None
        return _decide("test due", "test due", f"{level}; the second course is complete.", due, rules)
    if doses_since_test:
        reason = f"{level}; {doses_since_test} of {course} doses of the second course were given."
        return _decide("non-responder pending", "second course", reason, None, rules)
    reason = f"{level} after the first course."
    return _decide("non-responder pending", "non-responder pending", reason, tested_on, rules)


def _decide(
    state: HepatitisBState, action: str, reason: str, due_on: date | None, rules: Content
) -> HepatitisB:
    return HepatitisB(
        state, rules.values["actions"][action], reason, due_on, rules.rule_version, rules.status
    )
