"""Asking for help: begin, save and come back, send, take back."""

from __future__ import annotations

from uuid import UUID

from openoh.foundation.access.checks import provider_of
from openoh.foundation.audit.actions import action
from openoh.foundation.core import clock, facts, keys, lifecycle
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.pathway.clinics.actions import book, cancel
from openoh.pathway.clinics.models import Appointment, Slot
from openoh.pathway.questionnaires.definitions import definition
from openoh.pathway.questionnaires.rules import Answers, checked
from openoh.pathway.requests import rules
from openoh.pathway.requests.access import may_write, visible_to
from openoh.pathway.requests.models import HelpRequest, RequestStep
from openoh.pathway.requests.queries import WORDS, asked
from openoh.pathway.requests.states import REQUEST
from openoh.pathway.risk.actions import raise_flag
from openoh.pathway.risk.queries import must_be_open
from openoh.pathway.risk.rules import signals
from openoh.pathway.services.queries import books_directly, service_kind

FORM = "needs-assessment"
LISTS = {"needs": "needs", "effects": "effects", "wishes": "wishes"}
REACH = ("reach-by", "reach-when", "voicemail")


@action("request.started")
def start(*, by: Actor, offer_id: UUID | None = None, service: str = "") -> HelpRequest:
    """Begin to ask for help, in answer to an offer or without one. The same offer leads back to the same request.

    Raises NotAllowed (with crisis help in its words) while nobody would read the first question's answer.
    """
    if by.audience is not Audience.PERSON or by.person is None or not by.employers:
        raise NotAllowed("Ask for help from your own account.")
    if service:
        service_kind(service)
    begun = (
        visible_to(by).filter(offer_id=offer_id, offer_id__isnull=False).exclude(state="withdrawn").first()
    )
    if begun:
        return begun
    must_be_open(FORM, provider_of(by), by.employers[0])
    request = HelpRequest(
        person_id=by.person, employer_id=by.employers[0], provider_id=provider_of(by),
        engagement_id=by.engagement, offer_id=offer_id, source="offer" if offer_id else "self", service=service,
    )  # fmt: skip
    request.save(force_insert=True)
    lifecycle.begin(request, step=RequestStep, by=by)
    return request


@action("request.saved")
def save(*, by: Actor, request_id: UUID, answers: Answers, service: str | None = None) -> HelpRequest:
    """Keep the answers of one step of the needs assessment. "Not safe" raises its flag in this transaction."""
    request = _own(by, request_id)
    if request.state not in ("started", "asked"):
        raise Conflict("You have sent this already. You can take it back, or ask for something else.")
    given = checked(definition(FORM), answers)
    _watch(request, given, by)
    _write(request, given)
    if service is not None:
        request.service = service_kind(service).code if service else ""
    request.save(update_fields=["needs", "effects", "wishes", "service", "safe_now", "reach", "words_sealed"])
    return request


@action("request.sent")
def send(
    *,
    by: Actor,
    request_id: UUID,
    slot_id: UUID | None = None,
    call_back: str = "",
    needs: tuple[str, ...] = (),
) -> HelpRequest:
    """Send to triage; or, for a service that is booked directly, take the time `slot_id` without triage.

    Raises Invalid naming the first question that is still open, and Conflict when the time has gone.
    """
    request = _own(by, request_id)
    known = asked(request)
    for item in rules.missing(known):
        raise Invalid(f"Answer this first, please: {definition(FORM).item(item).text}", field=item)
    request.urgency, request.sent_at = rules.urgency(known).outcome, request.sent_at or clock.now()
    appointment = _book_directly(request, known, slot_id, call_back, needs, by) if slot_id else None
    lifecycle.move(
        request, "booked" if appointment else "sent", lifecycle=REQUEST, step=RequestStep, by=by,
        changes={"urgency": request.urgency, "sent_at": request.sent_at},
    )  # fmt: skip
    _tell("request.sent", request, appointment=str(appointment.pk) if appointment else "")
    return request


@action("request.withdrawn")
def withdraw(*, by: Actor, request_id: UUID) -> HelpRequest:
    """Take a request back. A time booked with it is given back; a risk flag stays until a clinician closes it."""
    request = _own(by, request_id)
    lifecycle.move(request, "withdrawn", lifecycle=REQUEST, step=RequestStep, by=by)
    if request.sent_at:
        for appointment in Appointment.objects.filter(
            person=request.person_id, state="booked", request_id=request.pk
        ):
            cancel(by=by, appointment_id=appointment.pk, reason="person")
        _tell("request.withdrawn", request)
    return request


def _own(by: Actor, request_id: UUID) -> HelpRequest:
    request = visible_to(by).select_for_update(of=("self",)).get(pk=request_id)
    if not may_write(by, request):
        raise NotAllowed("Only the person who asked can change this request.")
    return request


def _watch(request: HelpRequest, given: Answers, by: Actor) -> None:
    """Risk first: before anything else of the step is written."""
    for signal in signals(FORM, given, finished=False):
        raise_flag(
            by=by, person_id=request.person_id, employer_id=request.employer_id,
            provider_id=request.provider_id, signal=signal, request_id=request.pk,
        )  # fmt: skip


def _write(request: HelpRequest, given: Answers) -> None:
    for item, answer in given.items():
        if item in LISTS:
            setattr(request, LISTS[item], answer or [])
        elif item == "safe-now":
            request.safe_now = str(answer or "")
        elif item in REACH:
            request.reach = {**request.reach, item: answer}
        elif item == "words":
            request.words_sealed = keys.seal(
                str(answer or ""), owner=request.person_id, provider=request.provider_id, field=WORDS
            )


def _book_directly(
    request: HelpRequest, known: rules.Asked, slot_id: UUID, call_back: str, needs: tuple[str, ...], by: Actor
) -> Appointment:
    slot = Slot.objects.get(pk=slot_id, provider_id=request.provider_id)
    request.service = request.service or slot.service
    if slot.service != request.service:
        raise Invalid("That time is for another service.", field="slot_id")
    decision = rules.may_book_directly(
        known, direct_book=books_directly(request.service, provider=request.provider_id)
    )
    if not decision.allowed:
        raise NotAllowed(decision.reason)
    request.save(update_fields=["service"])
    appointment: Appointment = book(
        by=by, slot_id=slot_id, request_id=request.pk, call_back=call_back, needs=needs
    )
    return appointment


def _tell(kind: str, request: HelpRequest, **data: object) -> None:
    facts.append(
        kind, request.pk, employer=request.employer_id, provider=request.provider_id, person=request.person_id,
        data={
            "service": request.service, "urgency": request.urgency, "offer": str(request.offer_id or ""), **data,
        },
    )  # fmt: skip
