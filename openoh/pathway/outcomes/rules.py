"""What is done next about a question of how it went. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Question:
    """Where a question stands: `state` is ``waiting`` or ``asked``; `chased` counts reminders sent."""

    state: str
    due_on: date
    next_chase_on: date | None
    chased: int


@dataclass(frozen=True)
class Next:
    """What to do today: ``ask``, ``chase``, ``lose`` or ``wait``; and when to look again."""

    step: str
    again_on: date | None = None


def next_step(question: Question, today: date, *, chase_after_days: int, chases: int) -> Next:
    """Ask when due; remind at most `chases` times, `chase_after_days` apart; then it is lost to follow-up."""
    again = today + timedelta(days=chase_after_days)
    if question.state == "waiting":
        return Next("ask", again) if question.due_on <= today else Next("wait", question.due_on)
    if question.next_chase_on is None or question.next_chase_on > today:
        return Next("wait", question.next_chase_on)
    return Next("chase", again) if question.chased < chases else Next("lose")
