"""Words for what the person sees: lines of the record, times, answers. Nothing here is a code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Protocol
from uuid import UUID

from django.urls import reverse

from openoh.foundation.consent.models import Objection
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import NotAllowed
from openoh.pages.employee import advice
from openoh.pathway.clinics.models import Appointment, Slot
from openoh.pathway.clinics.rules import choices
from openoh.pathway.clinics.states import APPOINTMENT
from openoh.pathway.medical_reports.models import MedicalReport
from openoh.pathway.medical_reports.states import MEDICAL_REPORT
from openoh.pathway.outcomes.models import PersonOutcome
from openoh.pathway.questionnaires.definitions import definition
from openoh.pathway.questionnaires.models import AnswerSet
from openoh.pathway.questionnaires.queries import title_for_people
from openoh.pathway.questionnaires.rules import Answer
from openoh.pathway.referrals.models import Referral
from openoh.pathway.reports.models import Report
from openoh.pathway.requests.actions import FORM
from openoh.pathway.requests.models import HelpRequest
from openoh.pathway.requests.states import REQUEST
from openoh.pathway.services.queries import catalogue
from openoh.population.offers.models import Offer
from openoh.population.offers.queries import OfferInWords
from openoh.population.offers.rules import rule_set
from openoh.population.offers.states import OFFER

OFFER_WORDS = {"ready": OFFER.states["sent"].person_words, "lapsed": "You did not answer. You still can."}


class StepOfForm(Protocol):
    """A page of the form, as the check page links to it."""

    @property
    def slug(self) -> str: ...
    @property
    def items(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Line:
    """Something with a time, words, a state and an address; `detail` is a second line."""

    at: datetime
    words: str
    href: str = ""
    detail: str = ""
    state: str = ""
    colour: str = "grey"


@dataclass(frozen=True)
class AnswerRow:
    """A question, its answers in words, and where to change them."""

    question: str
    answers: list[str]
    change: str


def own(actor: Actor) -> UUID:
    """The person that the actor is; the gate lets nobody else in here."""
    if actor.person is None:
        raise NotAllowed("Sign in for yourself.")
    return actor.person


def request_title(found: HelpRequest) -> str:
    """What the page about a request is called, by what happened to it."""
    return {
        "sent": "We have what you told us",
        "asked": "We have a question for you",
        "booked": "Your appointment is booked",
    }.get(found.state, "What you asked for")


def request_line(found: HelpRequest) -> Line:
    state = REQUEST.states[found.state]
    return Line(
        found.sent_at or found.started_at, "You asked for help", reverse("employee:request", args=[found.pk]),
        detail=_needs(found), state=state.person_words or state.words, colour=state.colour,
    )  # fmt: skip


def appointment_line(found: Appointment) -> Line:
    state = APPOINTMENT.states[found.state]
    needs = choices("needs")
    place = found.slot.place if found.mode == "in-person" and found.slot.place else ""
    return Line(
        found.starts_at, f"{service_title(found.service)} with {found.clinician.name}",
        reverse("employee:appointment", args=[found.pk]),
        detail="; ".join([
            choices("modes").get(found.mode, found.mode) + (f", {place}" if place else ""),
            *(needs[code] for code in found.needs if code in needs),
        ]),
        state=state.words, colour=state.colour,
    )  # fmt: skip


def slot_line(slot: Slot) -> Line:
    """A free time: when, with whom and how."""
    place = f", {slot.place}" if slot.mode == "in-person" and slot.place else ""
    return Line(slot.starts_at, slot.clinician.name, str(slot.pk), choices("modes")[slot.mode] + place)


def by_day(slots: Iterable[Slot]) -> list[tuple[datetime, list[Line]]]:
    """Free times under the day on which they are, in the order in which they came."""
    lines = [slot_line(slot) for slot in slots]
    grouped = groupby(lines, key=lambda line: line.at.astimezone(clock.UK).date())
    return [(group[0].at, group) for group in (list(each) for _, each in grouped)]


def service_title(code: str) -> str:
    return catalogue()[code].title if code in catalogue() else "Occupational health"


def offer_state(found: Offer) -> str:
    state = OFFER.states[found.state]
    return OFFER_WORDS.get(found.state) or state.person_words or state.words


def offer_line(words: OfferInWords) -> Line:
    found = words.offer
    return Line(
        found.sent_at or found.ready_at, words.title, reverse("employee:offer", args=[found.pk]),
        state=offer_state(found), colour=OFFER.states[found.state].colour,
    )  # fmt: skip


def report_line(found: Report) -> Line:
    words, colour = advice.state_of(found)
    return Line(
        found.signed_at or found.made_at, "A report about you", reverse("employee:report", args=[found.pk]),
        detail=found.written_by_name, state=words, colour=colour,
    )  # fmt: skip


def doctors_report_line(found: MedicalReport) -> Line:
    state = MEDICAL_REPORT.states[found.state]
    return Line(
        found.asked_at, "A report from your own doctor", reverse("employee:doctors-report", args=[found.pk]),
        detail=f"Asked for by {found.asked_by}", state=state.person_words, colour=state.colour,
    )  # fmt: skip


def answers_line(found: AnswerSet) -> Line:
    return Line(
        found.completed_at or found.started_at, title_for_people(found), reverse("employee:questions", args=[found.pk]),
        state="Answered" if found.completed_at else "Not finished",
        colour="green" if found.completed_at else "grey",
    )  # fmt: skip


def outcome_line(found: PersonOutcome) -> Line:
    answered = found.state == "answered"
    return Line(
        found.answered_at or found.asked_at or clock.now(), "How did it go?",
        reverse("employee:how-it-went", args=[found.pk]),
        state="Answered" if answered else "Two minutes, when you like", colour="green" if answered else "blue",
    )  # fmt: skip


def referral_line(found: Referral) -> Line:
    return Line(found.sent_at or found.made_at, "Your manager asked us for advice about your work")


def newest_first(lines: Iterable[Line], *, before: datetime | None, limit: int) -> tuple[list[Line], str]:
    """One page of a record, and the instant from which the next page goes on; empty on the last one."""
    rows = sorted(lines, key=lambda line: line.at, reverse=True)
    rows = [line for line in rows if before is None or line.at < before]
    return rows[:limit], rows[limit - 1].at.isoformat() if len(rows) > limit else ""


def answer_rows(found: HelpRequest, known: dict[str, Answer], steps: Sequence[StepOfForm]) -> list[AnswerRow]:
    """Every question of the form with its answers in words, for the check page."""
    asked = definition(FORM)
    rows = []
    for step in steps:
        for code in step.items:
            item, given = asked.item(code), known.get(code)
            chosen = given if isinstance(given, list) else [given] if given else []
            words = {option.code: option.words for option in item.options}
            change = reverse("employee:step", args=[found.pk, step.slug]) + "?change"
            rows.append(AnswerRow(item.text, [words.get(each, str(each)) for each in chosen], change))
    return rows


def objection_line(found: Objection) -> Line:
    titles = {rule.topic: rule.title for rule in rule_set().rules}
    words = (
        titles.get(found.topic, "One kind of offer") if found.topic else "All offers from your absence record"
    )
    return Line(found.made_at, words, str(found.pk))


def _needs(found: HelpRequest) -> str:
    item = definition(FORM).item("needs")
    return ", ".join(option.words for option in item.options if option.code in found.needs)
