"""What a manager's answer to a recommendation must say. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

NEEDS_REASON = ("partly", "declined")


@dataclass(frozen=True)
class Answer:
    """`state` is one of ``planned done partly declined``; `on` the day it was done, or is planned for."""

    state: str
    on: date | None = None
    reason: str = ""
    words: str = ""


@dataclass(frozen=True)
class Problem:
    """What keeps the answer from being taken; `sentence` says what to do."""

    field: str
    sentence: str


def problem(answer: Answer, today: date) -> Problem | None:
    """The first thing that is missing or wrong; None when the answer can be taken."""
    checks = (
        (answer.state not in ("planned", "done", "partly", "declined"), "state", "Choose an answer."),
        (answer.state in ("planned", "done") and answer.on is None, "on", "Give the day."),
        (answer.state == "planned" and answer.on is not None and answer.on < today, "on",
         "Plan it for today or a later day. If it is done, say so."),
        (answer.state in ("done", "partly") and answer.on is not None and answer.on > today, "on",
         "This day is still to come. Choose “planned” for now."),
        (answer.state in NEEDS_REASON and not answer.reason, "reason", "Choose the reason."),
        (answer.reason == "other" and not answer.words.strip(), "words", "Say what the reason is."),
    )  # fmt: skip
    return next((Problem(where, sentence) for found, where, sentence in checks if found), None)
