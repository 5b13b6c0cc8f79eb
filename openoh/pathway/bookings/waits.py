"""Two waits that an appointment ends: from asking to the first contact, from acceptance to the first time offered."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from openoh.foundation.core import facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.models import Fact
from openoh.pathway.bookings.models import BookingInvitation
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics.models import AppointmentStep
from openoh.pathway.clocks.actions import follow
from openoh.pathway.clocks.rules import SERVICE, Handover, levels_content
from openoh.pathway.requests.models import HelpRequest

CONTACT_CLOCK = "self-referral-contact"
ANSWERED = (
    "asked",
    "closed",
    "withdrawn",
)  # states of a request in which the person has heard from the service
INVITATION_FACTS = ("booking.times-offered", "booking.not-chosen")
CONTACT_FACTS = (
    "request.sent",
    "request.withdrawn",
    "triage.decided",
    "appointment.booked",
    "booking.times-offered",
)
FIRST_FACTS = ("case.opened", "case.closed", "appointment.booked", *INVITATION_FACTS)


def register() -> None:
    facts.register("bookings: first contact", CONTACT_FACTS, follow_first_contact)
    facts.register("bookings: first appointment", FIRST_FACTS, follow_first_appointment)


def first_clock(service: str) -> str | None:
    """The kind of the clock to the first appointment of a service; None for one without a service level."""
    kind = f"first-{service}"
    levels = levels_content()["levels"]
    return kind if isinstance(levels, dict) and kind in levels else None


def follow_first_contact(fact: Fact, by: Actor) -> None:
    """Ends when triage or the booking writes to the person, or a time is booked with them."""
    asked = _request_of(fact)
    request = HelpRequest.objects.select_related("employer").get(pk=asked) if asked else None
    if request is None or request.sent_at is None:
        return
    of_request = Q(subject__request_id=request.pk)
    if request.case_id:
        of_request |= Q(subject__case_id=request.case_id)
    answered = request.steps.filter(state__in=ANSWERED).values_list("at", flat=True)
    invited = BookingInvitation.objects.filter(case__request=request).values_list("offered_at", flat=True)
    ends = [*_booked(of_request), *answered, *(at for at in invited if at)]
    _follow(CONTACT_CLOCK, request, request.sent_at, [], ends, by)


def follow_first_appointment(fact: Fact, by: Actor) -> None:
    """Ends when a time is booked, by whomever, or when the case is closed without one.

    While the person has times to choose from it is their turn; it is the service's again when it stops waiting.
    """
    case = _case_of(fact)
    kind = first_clock(case.service) if case else None
    if case is None or kind is None:
        return
    of_case = Q(subject__case_id=case.pk)
    if case.request_id:
        of_case |= Q(subject__request_id=case.request_id)
    closed = case.steps.filter(state="closed").values_list("at", flat=True)
    _follow(kind, case, case.opened_at, _turns(case), [*_booked(of_case), *closed], by)


def _follow(
    kind: str, thing: HelpRequest | Case, since: datetime, turns: list[Handover], ends: list[datetime], by: Actor
) -> None:  # fmt: skip
    history = [Handover(since, SERVICE), *turns]
    if ends:
        history = [turn for turn in history if turn.at < min(ends)] + [Handover(min(ends))]
    follow(
        by=by, kind=kind, subject_id=thing.pk, employer=thing.employer, provider_id=thing.provider_id,
        person_id=thing.person_id, history=history,
    )  # fmt: skip


def _turns(case: Case) -> list[Handover]:
    """The person's from the moment in which there was something to choose, the service's after their silence."""
    turns = []
    for offered_at, ended_at, ended_by in case.booking_invitations.order_by("made_at").values_list(
        "offered_at", "ended_at", "ended_by"
    ):
        if offered_at:
            turns.append(Handover(offered_at, "person", "awaiting-person"))
        if offered_at and ended_at and ended_by == BookingInvitation.End.SILENCE:
            turns.append(Handover(ended_at, SERVICE))
    return turns


def _booked(appointments: Q) -> list[datetime]:
    steps = AppointmentStep.objects.filter(appointments, state="booked")
    return list(steps.values_list("at", flat=True))


def _request_of(fact: Fact) -> UUID | None:
    if fact.kind.startswith("request."):
        return UUID(fact.subject)
    if request := fact.data.get("request"):
        return UUID(str(request))
    case = fact.data.get("case")
    return Case.objects.values_list("request_id", flat=True).get(pk=str(case)) if case else None


def _case_of(fact: Fact) -> Case | None:
    """None for a time that was booked before its case is open: the opening tells again."""
    cases = Case.objects.select_related("employer")
    if fact.kind.startswith("case."):
        return cases.get(pk=fact.subject)
    if case := fact.data.get("case"):
        return cases.get(pk=str(case))
    request = fact.data.get("request")
    return cases.filter(request=UUID(str(request))).first() if request else None
