"""Words and pictures for managers: of referrals, of advice, of a phased return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from openoh.foundation.codes import catalogue
from openoh.pages.jinja import day, short_day
from openoh.pathway.adjustments.models import Adjustment
from openoh.pathway.adjustments.queries import law_for
from openoh.pathway.adjustments.states import ADJUSTMENT
from openoh.pathway.referrals.models import Referral
from openoh.pathway.referrals.rules import Answers, progress_words
from openoh.pathway.referrals.states import REFERRAL
from openoh.pathway.reports.released import ReleasedReport

ANSWERS = (
    ("done", "Yes, it is done"),
    ("planned", "Yes, it is planned"),
    ("partly", "In part"),
    ("declined", "No, it cannot be done"),
)
URGENCY = (
    ("routine", "Routine"),
    ("soon", "Soon: it should not wait for long"),
    ("urgent", "Urgent: it cannot wait"),
)


@dataclass(frozen=True)
class ReferralLine:
    """One referral in the list."""

    id: UUID
    name: str
    made_on: str
    words: str
    colour: str


@dataclass(frozen=True)
class Week:
    """One week of a phased return: its days when the first is known, and how much of full hours."""

    number: int
    days: str
    percent: int
    hours: str


@dataclass(frozen=True)
class AdjustmentCard:
    """One recommended adjustment as the manager meets it."""

    id: UUID
    words: str
    details: str
    span: str
    law: str
    state: str
    colour: str
    answered: str
    waits: bool
    open: bool


def referral_line(found: Referral) -> ReferralLine:
    return ReferralLine(
        found.id, str(found.engagement), short_day(found.made_at), progress_words(found.state),
        REFERRAL.states[found.state].colour,
    )  # fmt: skip


def span(starts_on: date | str | None, ends_on: date | str | None, *, permanent: bool = False) -> str:
    """``From Tuesday 3 March until Friday 6 March``; empty when no day is known."""
    first, last = _date(starts_on), _date(ends_on)
    words = f"from {day(first)}" if first else ""
    if permanent:
        return f"{words}, for good".strip(", ").capitalize() if first else "For good"
    until = f"until {day(last)}" if last else ""
    joined = " ".join(part for part in (words, until) if part)
    return joined[:1].upper() + joined[1:]


def restriction_lines(copy: ReleasedReport) -> list[dict[str, str]]:
    return [
        {
            "words": each["words"], "details": each["details"],
            "span": span(each["starts_on"], each["ends_on"], permanent=each["permanent"]),
        }
        for each in cast(Sequence[dict[str, Any]], copy.restrictions)
    ]  # fmt: skip


def adjustment_card(found: Adjustment) -> AdjustmentCard:
    state = ADJUSTMENT.states[found.state]
    return AdjustmentCard(
        id=found.id, words=catalogue.words("adjustment", found.code), details=found.details,
        span=span(found.starts_on, found.ends_on, permanent=found.permanent), law=law_for(found.code),
        state=state.words, colour=state.colour, answered=_answered(found), waits=found.state == "recommended",
        open=found.state not in ADJUSTMENT.ends(),
    )  # fmt: skip


def weeks(copy: ReleasedReport) -> list[Week]:
    """The phased return week by week; with days when the day of return is known, with hours when the post's are."""
    first = copy.return_expected_on
    full = copy.engagement.weekly_hours
    found = []
    for step in cast(Sequence[dict[str, int]], copy.phased_return):
        begins = first + timedelta(weeks=step["week"] - 1) if first else None
        ends = begins + timedelta(days=6) if begins else None
        hours = _hours(float(full), step["percent"]) if full else ""
        days = f"{_brief(begins)} to {_brief(ends)}" if begins and ends else ""
        found.append(Week(step["week"], days, step["percent"], hours))
    return found


def summary(answers: Answers) -> list[dict[str, str]]:
    """The referral as the person is shown it: part of the form, field, its name, and what is filled in."""
    formal = catalogue.words("formal-stage", answers.formal_stage) if answers.formal_stage else ""
    if answers.hearing_on:
        formal = f"{formal} ({day(answers.hearing_on)})".strip()
    urgency = dict(URGENCY).get(answers.urgency, "")
    rows = (
        ("why", "reasons", "Why", _listed("referral-reason", answers.reasons)),
        ("why", "absent_since", "Absent since", day(answers.absent_since)),
        ("why", "absences", "Absences", "; ".join(_absence(each.first, each.last) for each in answers.absences)),
        ("why", "urgency", "How urgent", urgency),
        ("why", "urgency_reason", "Why it cannot wait", answers.urgency_reason),
        ("job", "demands", "What the job asks for", _listed("role-demand", answers.demands)),
        ("job", "tried", "What you have tried", _listed("already-tried", answers.tried)),
        ("job", "formal_stage", "Formal stage", formal),
        ("job", "background", "In your words", answers.background),
        ("questions", "questions", "Your questions",
         "; ".join([*_each("referral-question", answers.questions), *answers.own_questions])),
    )  # fmt: skip
    return [
        {"part": part, "field": field, "name": name, "value": value or "Nothing yet"}
        for part, field, name, value in rows
        if value or field not in ("urgency_reason", "absences", "absent_since", "formal_stage")
    ]


def _answered(found: Adjustment) -> str:
    why = catalogue.words("answer-reason", found.answer_reason) if found.answer_reason else ""
    parts = {
        "recommended": f"Please answer by {day(found.due_on)}.",
        "planned": f"Planned for {day(found.due_on)}.",
        "done": f"Done on {day(found.done_on)}.",
        "partly": f"Done in part on {day(found.done_on)}.",
        "declined": "You said that it cannot be done.",
        "ended": f"Ended on {day(found.ends_on)}.",
    }
    said = [parts.get(found.state, ""), f"{why}." if why else "", found.answer_words]
    return " ".join(each for each in said if each)


def _absence(first: date, last: date | None) -> str:
    return f"{short_day(first)} to {short_day(last)}" if last else f"since {short_day(first)}"


def _listed(name: str, codes: Sequence[str]) -> str:
    return "; ".join(_each(name, codes))


def _each(name: str, codes: Sequence[str]) -> list[str]:
    return [catalogue.words(name, code) for code in codes]


def _hours(full: float, percent: int) -> str:
    """``15 of 37.5 hours``, to the nearest half hour."""
    return f"{round(full * percent / 50) / 2:g} of {full:g} hours"


def _brief(value: date) -> str:
    return f"{value.day} {value:%b}"


def _date(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
