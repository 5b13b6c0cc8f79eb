"""A case's timeline: everything that happened, put together from every package, and drawn as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from openoh.foundation.codes import catalogue
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.clock import UK
from openoh.pages.clinic.presenters import service_words
from openoh.pathway.adjustments.access import visible_to as adjustments_visible_to
from openoh.pathway.adjustments.states import ADJUSTMENT
from openoh.pathway.cases.models import Case
from openoh.pathway.cases.timeline import Event, Row, part, timeline
from openoh.pathway.consultations.queries import part_of_timeline
from openoh.pathway.medical_reports.access import visible_to as medical_reports_visible_to
from openoh.pathway.medical_reports.states import MEDICAL_REPORT, OPEN
from openoh.pathway.outcomes.access import visible_to as outcomes_visible_to
from openoh.pathway.reports.access import visible_to as reports_visible_to
from openoh.pathway.reports.states import REPORT
from openoh.population.absence.queries import spells

LANES = (
    ("Absence", ("absence",)),
    ("Referrals", ("request", "referral", "triage", "case")),
    ("Visits", ("appointment", "consultation")),
    ("Scores", ("score",)),
    ("Risk", ("risk",)),
    ("Reports", ("report", "medical-report")),
    ("Adjustments", ("adjustment",)),
    ("How it went", ("outcome",)),
)
COLOURS = {
    "Absence": "#4c6272", "Referrals": "#005eb8", "Visits": "#007f3b", "Scores": "#7c2855", "Risk": "#d5281b",
    "Reports": "#0b3d5c", "Adjustments": "#8a5a00", "How it went": "#4c6272",
}  # fmt: skip
LEFT, RIGHT, TOP, LANE, TICKS = 104, 16, 28, 34, 5
WIDTH = 720
HISTORY = timedelta(days=365)


@dataclass(frozen=True)
class Mark:
    """Something in the picture, in its units. `width` is 0 for a moment, else the length of what lasted."""

    x: float
    y: float
    width: float
    colour: str
    words: str


@dataclass(frozen=True)
class Picture:
    """The timeline as a picture: lanes with their names, days along the bottom, and the marks."""

    width: int
    height: int
    left: int
    right: int
    lanes: Sequence[tuple[str, float]]
    ticks: Sequence[tuple[float, date]]
    marks: Sequence[Mark]
    today_x: float


def events_of(actor: Actor, case: Case) -> list[Event]:
    """Everything around the case, oldest first; one query. Absence of the year before it began and since."""
    since = case.opened_at.astimezone(UK).date() - HISTORY
    absence = spells(actor, engagement=case.engagement_id).filter(started_on__gte=since)
    parts = [
        part_of_timeline(actor, case.pk),
        part(reports_visible_to(actor).filter(case=case), "report", _report, at="made_at", code="state"),
        part(medical_reports_visible_to(actor).filter(case=case), "medical-report", _medical_report, at="asked_at",
             code="state"),
        part(
            adjustments_visible_to(actor).filter(released_report__case_id=case.pk), "adjustment", _adjustment,
            at="made_at", code="state", detail="code", number="ends_on",
        ),
        part(
            outcomes_visible_to(actor).filter(case=case, answered_at__isnull=False), "outcome", _outcome,
            at="answered_at", code="work",
        ),
    ]  # fmt: skip
    if case.engagement_id:
        parts.append(part(absence, "absence", _absence, at="started_on", code="ended_on"))
    return [_in_words(event) for event in timeline(actor, case, parts=parts)]


def picture(events: Sequence[Event]) -> Picture:
    """Draw the events. Every one is in its lane; the newest day is today or later."""
    today = clock.today()
    days = [_day(event.at) for event in events] + [event.until for event in events if event.until]
    first, last = min(days, default=today), max([*days, today])
    lanes = [(name, TOP + LANE * number) for number, (name, _) in enumerate(LANES)]
    span = max((last - first).days, 1)

    def across(day: date) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (day - first).days / span, 1)

    marks = []
    for (name, kinds), (_, y) in zip(LANES, lanes, strict=True):
        for event in (each for each in events if each.kind in kinds):
            begin = across(_day(event.at))
            lasted = max(across(event.until) - begin, 4) if event.until else 0
            marks.append(Mark(begin, y, lasted, COLOURS[name], event.words))
    steps = range(TICKS) if span >= TICKS else range(2)
    ticks = [first + timedelta(days=round(span * step / (len(steps) - 1))) for step in steps]
    return Picture(
        width=WIDTH, height=TOP + LANE * len(LANES) + 16, left=LEFT, right=WIDTH - RIGHT, lanes=lanes,
        ticks=[(across(day), day) for day in ticks], marks=marks, today_x=across(today),
    )  # fmt: skip


def open_actions(events: Sequence[Event]) -> Iterator[Event]:
    """What somebody has still to do about the case, oldest first."""
    waiting = {
        "risk": ("raised", "acknowledged", "contact-tried", "contacted"), "appointment": ("booked", "arrived"),
        "consultation": ("unsigned",), "report": ("draft", "with-person", "correction-asked", "to-release"),
        "adjustment": ("recommended", "planned", "partly"), "medical-report": OPEN,
    }  # fmt: skip
    return (event for event in events if event.code in waiting.get(event.kind, ()))


def _day(at: datetime) -> date:
    return at.astimezone(UK).date()


def _in_words(event: Event) -> Event:
    if event.kind != "triage" or not event.detail:
        return event
    return Event(event.at, event.kind, event.words, event.subject, service_words(event.detail), event.code)


def _report(row: Row) -> Event:
    words = f"Report: {REPORT.states[row.code].words.lower()}"
    return Event(row.at, "report", words, row.subject, code=row.code)


def _medical_report(row: Row) -> Event:
    words = f"Report from their doctor: {MEDICAL_REPORT.states[row.code].words.lower()}"
    return Event(row.at, "medical-report", words, row.subject, code=row.code)


def _adjustment(row: Row) -> Event:
    words = f"{catalogue.words('adjustment', row.detail)}: {ADJUSTMENT.states[row.code].words.lower()}"
    until = date.fromisoformat(row.number) if row.number else None
    return Event(row.at, "adjustment", words, row.subject, code=row.code, until=until)


def _outcome(row: Row) -> Event:
    return Event(
        row.at, "outcome", f"The person: {catalogue.words('outcome-work', row.code).lower()}", row.subject
    )


def _absence(row: Row) -> Event:
    until = date.fromisoformat(row.code) if row.code else clock.today()
    words = "Absent" if row.code else "Absent, and still is"
    return Event(row.at, "absence", words, row.subject, code=row.code, until=until)
