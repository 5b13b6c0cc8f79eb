"""Words for a report: its content, its state, its days left, and what stays private."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openoh.foundation.codes import catalogue
from openoh.foundation.core import clock
from openoh.foundation.core.calendars import WorkingDays
from openoh.pathway.reports import record
from openoh.pathway.reports.models import Report
from openoh.pathway.reports.queries import OPINIONS, ManagerCopy
from openoh.pathway.reports.rules import AGREED_BEFORE
from openoh.pathway.reports.states import REPORT

# Opinions that a manager is told only when they asked for them.
PRIVATE_OPINIONS = {
    "equality-act": "The Equality Act",
    "work-related": "Whether work plays a part",
    "return-date": "How long it may last",
}


@dataclass(frozen=True)
class Item:
    """One restriction or adjustment: what, and from when to when."""

    words: str
    details: str
    span: str


@dataclass(frozen=True)
class CopyInWords:
    """The manager's copy, ready to be read."""

    outcome: str
    restrictions: list[Item]
    recommendations: list[Item]
    phased_return: list[dict[str, int]]
    answers: list[dict[str, str]]
    words: str
    comment: str
    return_expected_on: date | None
    review_on: date | None


@dataclass(frozen=True)
class Window:
    """The person's time to decide. `days_left` counts working days; `silence` says what no answer does."""

    until: datetime
    days_left: int
    silence: str


def in_words(copy: ManagerCopy) -> CopyInWords:
    return CopyInWords(
        outcome=catalogue.words("fitness-outcome", copy.outcome),
        restrictions=[_item(each) for each in copy.restrictions],
        recommendations=[_item(each) for each in copy.recommendations],
        phased_return=copy.phased_return, answers=copy.answers, words=copy.words, comment=copy.comment,
        return_expected_on=copy.return_expected_on, review_on=copy.review_on,
    )  # fmt: skip


def private(report: Report, copy: ManagerCopy) -> list[tuple[str, str]]:
    """What the clinician concluded and no manager is told: opinions that nobody asked for, and why we cannot advise."""
    asked = {each["code"] for each in copy.answers}
    found = [
        (PRIVATE_OPINIONS[question], catalogue.words(opinions, getattr(report, name)))
        for question, (name, opinions) in OPINIONS.items()
        if question not in asked and getattr(report, name)
    ]
    if report.unable_reason:
        found.append(("Why we cannot advise", catalogue.words("unable-reason", report.unable_reason)))
    return found


def correction_of(report: Report) -> str:
    """What the person said was wrong."""
    return record.unseal(report, "correction")


def comment_of(report: Report) -> str:
    return record.unseal(report, "person_comment")


def state_of(report: Report) -> tuple[str, str]:
    """The state as the person reads it, and the colour of its tag."""
    state = REPORT.states[report.state]
    return state.person_words or state.words, state.colour


def window_of(report: Report) -> Window | None:
    """The time left to decide; None when there is nothing to decide."""
    if report.state not in ("with-person", "correction-asked") or report.decide_by is None:
        return None
    calendar = WorkingDays(report.employer.nation)
    last = report.decide_by.astimezone(clock.UK).date()
    return Window(report.decide_by, calendar.between(clock.today(), last), _silence(report))


def _silence(report: Report) -> str:
    """By the rule of release: silence counts only after an agreement in writing, and never beside treatment."""
    agreed = report.consent_at_consultation in AGREED_BEFORE
    if report.state == "correction-asked":
        return "Nothing is sent while the clinician looks at the correction that you asked for."
    if agreed and not report.case.treating_relationship:
        return (
            "If you do nothing, it is sent then, because you agreed to this in writing at your appointment."
        )
    return "If you do nothing, nobody gets it."


def _item(each: dict[str, Any]) -> Item:
    return Item(each["words"], each.get("details") or "", span(
        _day(each.get("starts_on")), _day(each.get("ends_on")), permanent=bool(each.get("permanent"))
    ))  # fmt: skip


def span(starts_on: date | None, ends_on: date | None, *, permanent: bool) -> str:
    """``from 3 March to 31 March``, ``from 3 March, to stay``; empty when nothing is known."""
    parts = []
    if starts_on:
        parts.append(f"from {short(starts_on)}")
    if ends_on:
        parts.append(f"until {short(ends_on)}")
    return " ".join(parts) + (", to stay" if permanent and parts else "to stay" if permanent else "")


def short(day: date) -> str:
    """``3 March 2026``: for spans, where the day of the week is in the way."""
    return f"{day.day} {day:%B} {day.year}"


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
