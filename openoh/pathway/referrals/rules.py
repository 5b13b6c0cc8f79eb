"""When a referral is complete enough to send, and what a manager reads while it is on its way.

Source: the minimum data set of a management referral as UK occupational health services ask for it; the person must
have been shown it (Faculty of Occupational Medicine, Ethics Guidance for Occupational Health Practice).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WITH_OCCUPATIONAL_HEALTH = "With occupational health"
WAITING_FOR_YOU = "Waiting for you"
NO_ADVICE = "Occupational health cannot give advice; manage on what you know"


@dataclass(frozen=True)
class Absence:
    """One absence, both days included; `last` is None while it goes on. Never a reason."""

    first: date
    last: date | None = None


@dataclass(frozen=True)
class Answers:
    """What the manager filled in; every field may be empty in a draft.

    `reasons`, `demands`, `questions`, `tried` and `formal_stage` are codes; `person_agrees` is None until asked.
    """

    reasons: Sequence[str] = ()
    demands: Sequence[str] = ()
    questions: Sequence[str] = ()
    own_questions: Sequence[str] = ()
    tried: Sequence[str] = ()
    background: str = ""
    absent_since: date | None = None
    absences: Sequence[Absence] = ()
    hearing_on: date | None = None
    formal_stage: str = ""
    urgency: str = "routine"
    urgency_reason: str = ""
    shown_on: date | None = None
    person_agrees: bool | None = None


@dataclass(frozen=True)
class Missing:
    """What still keeps a referral from being sent; `sentence` says what to do."""

    field: str
    sentence: str


def missing(answers: Answers, today: date) -> list[Missing]:
    """Everything that must still be filled in or mended, in the order of the form; empty when complete."""
    shown, asked_for_reason = answers.shown_on, answers.urgency != "routine"
    checks = (
        ("reasons", "Choose at least one reason.", not answers.reasons),
        ("questions", "Ask at least one question.", not (answers.questions or answers.own_questions)),
        ("absent_since", "Give the first day of the absence.", _needs_first_day(answers)),
        ("absent_since", "The first day of the absence cannot be in the future.",
         answers.absent_since is not None and answers.absent_since > today),
        ("absences", "An absence cannot end before it begins.",
         any(absence.last is not None and absence.last < absence.first for absence in answers.absences)),
        ("hearing_on", "Give the date of the hearing.",
         answers.formal_stage == "hearing" and answers.hearing_on is None),
        ("urgency_reason", "Say why it cannot wait.", asked_for_reason and not answers.urgency_reason.strip()),
        ("shown_on", "Show this referral to the person, then give the date on which you did.", shown is None),
        ("shown_on", "The date on which you showed it cannot be in the future.",
         shown is not None and shown > today),
        ("person_agrees", "Say whether the person agrees to be referred.", answers.person_agrees is None),
    )  # fmt: skip
    return [Missing(field, sentence) for field, sentence, found in checks if found]


def progress_words(state: str) -> str:
    """What the manager reads in this state; never who is holding it back, and one sentence for every "no"."""
    return {
        "draft": WAITING_FOR_YOU,
        "sent": WITH_OCCUPATIONAL_HEALTH,
        "returned": WAITING_FOR_YOU,
        "accepted": WITH_OCCUPATIONAL_HEALTH,
        "advised": "Advice given",
        "no-advice": NO_ADVICE,
        "rejected": "Not for occupational health",
        "withdrawn": "You took it back",
    }[state]


def _needs_first_day(answers: Answers) -> bool:
    return "long-term-absence" in answers.reasons and answers.absent_since is None
