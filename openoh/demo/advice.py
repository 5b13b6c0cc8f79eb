"""What the invented clinicians write: findings, notes and advice, with dates counted from the day they write it."""

from __future__ import annotations

from datetime import timedelta

from openoh.foundation.core import clock
from openoh.pathway.reports.rules import Advice, Recommendation, Step

NOTES = (
    "Lower back pain for five weeks after moving a bed. No red flags. Walks for half an hour, sits for twenty minutes.",
    "Knee settles with exercises. Stairs are possible again, kneeling is not.",
    "Sleeps four hours, worries about going back. No thought of self-harm. Would like to begin with half days.",
    "Long-term condition, stable on new treatment. Mornings are difficult.",
)
FINDINGS = (
    (["back-neck"], ["lifting", "standing-walking"], "worsened", "weeks"),
    (["lower-limb"], ["standing-walking"], "not-related", "weeks"),
    (["stress-reaction", "sleep"], ["concentrating", "pressure"], "caused", "months"),
    (["diabetes-endocrine"], ["stamina", "shifts-nights"], "not-related", "long-term"),
)


def findings_of(number: int) -> dict[str, object]:
    """What a consultation records, for the `number`-th story."""
    problems, functions, work_related, prognosis = FINDINGS[number % len(FINDINGS)]
    return {
        "where_now": "At home", "who_is_there": "Nobody else", "problems": problems, "functions": functions,
        "work_related": work_related, "prognosis": prognosis, "agreed_release": "see-first", "risk_asked": True,
    }  # fmt: skip


def advice_of(number: int) -> Advice:
    """A report: back with temporary adjustments, or not yet fit."""
    today = clock.today()
    if number % 2:
        return Advice(
            outcome="UNFIT_T", review_on=today + timedelta(days=28), prognosis="months",
            words="They are not yet ready for work. Please keep in touch as they agreed with you.",
        )  # fmt: skip
    return Advice(
        outcome="FIT_ADJ_T", review_on=today + timedelta(days=42), prognosis="weeks", work_related="made-worse",
        words="They can come back to most of their duties, in steps. I expect full duties in six weeks.",
        answers={
            "return-date": "Next Monday, in four steps.",
            "adjustments": "No lifting of people and no nights, for six weeks.",
        },
        recommendations=[
            Recommendation("no-people-handling", starts_on=today, ends_on=today + timedelta(days=42)),
            Recommendation("no-nights", starts_on=today, ends_on=today + timedelta(days=42)),
        ],
        phased_return=[Step(week, percent) for week, percent in ((1, 50), (2, 60), (3, 80), (4, 100))],
    )  # fmt: skip
