"""What is told is heard: every kind of fact has a consumer, or a reason why nobody needs one."""

from __future__ import annotations

import re
from pathlib import Path

import openoh
from openoh.foundation.core import facts

TOLD = re.compile(
    r'\b(?:_tell\w*|facts\.append|facts\.draft|append|draft|_fact)\(\s*"([a-z]+(?:-[a-z]+)*\.[a-z-]+)"'
)
# Read where they are shown, by whoever looks: nobody waits for them, and nobody was promised to be told.
FOR_THE_RECORD = {
    "adjustment.reviewed": "the manager's own page shows it",
    "adjustment.ended": "the passport shows it",
    "consultation.signed": "the case shows it",
    "delegation.ended": "the person was told of its last day when it began; it ends earlier, never later",
    "disclosure.decided": "what acts on a decision hears of the report, not of the decision",
    "document.stored": "the record shows it",
    "offer.answered": "the person's page shows it, and figures count it",
    "offer.sent": "the person's page shows it, and figures count it",
    "outcome.answered-by-manager": "figures count it",
    "report.recipient-needed": "the case has it as its next step already",
}


def told() -> set[str]:
    root = Path(openoh.__file__).parent
    return {kind for path in root.rglob("*.py") for kind in TOLD.findall(path.read_text())}


def test_every_fact_is_heard_or_says_why_not():
    unheard = {kind for kind in told() if not facts.consumers_of(kind)}
    assert unheard == set(FOR_THE_RECORD)


def test_this_would_notice():
    assert {"outcome.more-help-wanted", "report.released", "appointment.booked"} <= told()
