"""Making times, booking them, and saying what became of an appointment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from openoh.foundation.access.checks import provider_of
from openoh.foundation.access.own_record import open_person
from openoh.foundation.access.permissions import require
from openoh.foundation.audit.actions import action
from openoh.foundation.core import clock, facts, lifecycle
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.composed import composed
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.postgresql.base import write
from openoh.foundation.people.models import Engagement, Person
from openoh.pathway.clinics.access import clinician_of, slots_visible_to, visible_to
from openoh.pathway.clinics.models import Appointment, AppointmentStep, Clinician, Slot
from openoh.pathway.clinics.queries import still_to_come
from openoh.pathway.clinics.rules import choices, late_minutes, slot_times, worth_telling
from openoh.pathway.clinics.states import APPOINTMENT
from openoh.pathway.clinics.taken import or_conflict
from openoh.pathway.services.queries import service_kind


@dataclass(frozen=True)
class Delay:
    """The appointments of one clinician that begin later than planned."""

    pk: UUID
    provider_id: UUID
    minutes: int
    appointments: list[Appointment] = field(repr=False)

    @property
    def audit_details(self) -> dict[str, object]:
        return {"minutes": self.minutes, "appointments": len(self.appointments)}


@dataclass(frozen=True)
class Session:
    """The slots that one call made for one clinician."""

    pk: UUID
    provider_id: UUID
    slots: list[Slot] = field(repr=False)

    @property
    def audit_details(self) -> dict[str, object]:
        return {"slots": len(self.slots)}


@action("slots.made")
def make_slots(
    *, by: Actor, clinician_id: UUID, service: str, start: datetime, end: datetime, minutes: int,
    mode: str = "video", place: str = "",
) -> Session:  # fmt: skip
    """Fill a stretch of a clinician's time with slots of `minutes`, for one service.

    Raises Conflict when any of them would overlap with a slot that the clinician has; then none is made.
    """
    require(by, "diary.run")
    clinician = Clinician.objects.get(pk=clinician_id, provider_id=provider_of(by))
    if not service_kind(service).appointments:
        raise Invalid("This service has no appointments.", field="service")
    _must_be_known(mode, "modes", field="mode")
    made = new_slots(clinician, service, slot_times(start, end, minutes), mode=mode, place=place)
    if not made:
        raise Invalid("The end must be at least one appointment's length after the start.", field="end")
    with or_conflict():
        Slot.objects.bulk_create(made)
    return Session(pk=clinician.pk, provider_id=clinician.provider_id, slots=made)


def new_slots(
    clinician: Clinician, service: str, times: Iterable[tuple[datetime, datetime]], *, mode: str, place: str
) -> list[Slot]:
    """Slots that are not kept yet, one for each beginning and end."""
    return [
        Slot(
            provider_id=clinician.provider_id, clinician=clinician, service=service, starts_at=begin,
            ends_at=finish, during=(begin, finish), mode=mode, place=place,
        )
        for begin, finish in times
    ]  # fmt: skip


@action("slot.withdrawn")
def withdraw_slot(*, by: Actor, slot_id: UUID) -> Slot:
    """Take a free time back. A time that somebody holds is moved or cancelled first."""
    require(by, "diary.run")
    slot = slots_visible_to(by).select_for_update().get(pk=slot_id)
    if slot.appointments.exclude(state="cancelled").exists():
        raise Conflict("Somebody holds this time. Move or cancel their appointment first.")
    slot.withdrawn = True
    slot.save(update_fields=["withdrawn"])
    return slot


@action("slot.restored")
def restore_slot(*, by: Actor, slot_id: UUID) -> Slot:
    """Give a time back that was taken back: the clinician is there after all. Who holds it keeps it."""
    require(by, "diary.run")
    slot = slots_visible_to(by).select_for_update().get(pk=slot_id)
    if slot.starts_at <= clock.now():
        raise Conflict("This time has passed.")
    slot.withdrawn = False
    with or_conflict():
        slot.save(update_fields=["withdrawn"])
    return slot


@action("appointment.booked")
def book(
    *, by: Actor, slot_id: UUID, person_id: UUID | None = None, employer_id: UUID | None = None,
    request_id: UUID | None = None, case_id: UUID | None = None, service: str = "", call_back: str = "",
    needs: Sequence[str] = (),
) -> Appointment:  # fmt: skip
    """Take a slot for somebody: for oneself as a person, or for another as somebody who runs the diary.

    `needs` are codes of content/booking.toml; `call_back` is the number to ring when the line breaks. With `service`
    a time of another one is refused. Raises Conflict when somebody else was first.
    """
    for need in needs:
        _must_be_known(need, "needs", field="needs")
    person, employer = _for_whom(by, person_id, employer_id)
    slot = _open_slot(by, slot_id)
    if service and slot.service != service:
        raise Invalid("That time is for another service. Choose a time of the same service.", field="slot_id")
    appointment = Appointment(
        provider_id=slot.provider_id, employer_id=employer, person_id=person, slot=slot,
        clinician_id=slot.clinician_id, request_id=request_id, case_id=case_id, service=slot.service, mode=slot.mode,
        starts_at=slot.starts_at, ends_at=slot.ends_at, call_back=call_back, needs=list(needs),
    )  # fmt: skip
    with or_conflict():
        write(appointment)
    lifecycle.begin(appointment, step=AppointmentStep, by=by)
    _tell("appointment.booked", appointment)
    return appointment


@action("appointment.moved")
def move(*, by: Actor, appointment_id: UUID, slot_id: UUID) -> Appointment:
    """Give an appointment another time. The person keeps the old time if the new one has gone."""
    appointment = _held(by, appointment_id)
    slot = _open_slot(by, slot_id)
    if slot.service != appointment.service:
        raise Invalid("That time is for another service. Choose a time of the same service.", field="slot_id")
    lifecycle.move(appointment, "booked", lifecycle=APPOINTMENT, step=AppointmentStep, by=by, reason="moved")
    appointment.slot, appointment.clinician_id = slot, slot.clinician_id
    appointment.starts_at, appointment.ends_at, appointment.mode = slot.starts_at, slot.ends_at, slot.mode
    appointment.sequence += 1
    appointment.expected_at = None
    with or_conflict():
        appointment.save(
            update_fields=["slot", "clinician", "starts_at", "ends_at", "mode", "sequence", "expected_at"]
        )
    _tell("appointment.booked", appointment, moved=True)
    return appointment


@action("clinician.late")
def run_late(*, by: Actor, minutes: int, except_for: Collection[UUID] = ()) -> Delay:
    """Tell everybody who is still to be seen today by the actor that it begins `minutes` later than planned.

    `except_for` are appointments that have begun. Whoever knows about that time already is not told again; the answer
    holds those who are told. Raises Invalid when nobody waits.
    """
    require(by, "diary.run")
    clinician = clinician_of(by)
    if clinician is None:
        raise NotAllowed("Only a clinician of this service has a diary that can run late.")
    if minutes not in late_minutes():
        raise Invalid("Choose by how many minutes.", field="minutes")
    waiting = still_to_come(by, clinician.pk).exclude(pk__in=except_for)
    late = list(waiting.select_for_update(of=("self",)))
    if not late:
        raise Invalid("Nobody waits for you any more today.", field="minutes")
    later = timedelta(minutes=minutes)
    told = [each for each in late if worth_telling(each.expected_at, each.starts_at + later)]
    for appointment in told:
        appointment.expected_at = appointment.starts_at + later
        _tell("appointment.late", appointment, expected_at=appointment.expected_at.isoformat())
    Appointment.objects.bulk_update(told, ["expected_at"])
    return Delay(clinician.pk, clinician.provider_id, minutes, told)


@action("appointment.needs-stated")
def state_needs(*, by: Actor, appointment_id: UUID, needs: Sequence[str], call_back: str) -> Appointment:
    """Say what the person needs, also when somebody else booked the time for them."""
    appointment = _held(by, appointment_id)
    if appointment.state != "booked":
        raise Conflict("This appointment is over, or cancelled.")
    for need in needs:
        _must_be_known(need, "needs", field="needs")
    appointment.needs, appointment.call_back = list(needs), call_back.strip()
    appointment.save(update_fields=["needs", "call_back"])
    return appointment


@action("appointment.cancelled")
def cancel(*, by: Actor, appointment_id: UUID, reason: str = "") -> Appointment:
    """Give the time back. `reason` is a code such as ``person`` or ``service``."""
    appointment = _held(by, appointment_id)
    notice = appointment.starts_at - clock.now()
    return _end(appointment, "cancelled", by, reason=reason, hours_notice=int(notice.total_seconds() // 3600))


@action("appointment.arrived")
def mark_arrived(*, by: Actor, appointment_id: UUID) -> Appointment:
    require(by, "diary.run")
    appointment = _held(by, appointment_id)
    lifecycle.move(appointment, "arrived", lifecycle=APPOINTMENT, step=AppointmentStep, by=by)
    return appointment


@action("appointment.attended")
def mark_attended(*, by: Actor, appointment_id: UUID) -> Appointment:
    require(by, "diary.run")
    return _end(_begun(by, appointment_id), "attended", by)


@action("appointment.not-attended")
def mark_did_not_attend(*, by: Actor, appointment_id: UUID) -> Appointment:
    """Record that the person did not come. It closes nothing: what follows is decided by a clinician."""
    require(by, "diary.run")
    return _end(_begun(by, appointment_id), "did-not-attend", by)


def _end(
    appointment: Appointment, outcome: str, by: Actor, *, reason: str = "", **data: object
) -> Appointment:
    lifecycle.move(appointment, outcome, lifecycle=APPOINTMENT, step=AppointmentStep, by=by, reason=reason)
    _tell("appointment.ended", appointment, outcome=outcome, **data)
    return appointment


def _held(by: Actor, appointment_id: UUID) -> Appointment:
    return visible_to(by).select_for_update(of=("self",)).get(pk=appointment_id)


def _begun(by: Actor, appointment_id: UUID) -> Appointment:
    appointment = _held(by, appointment_id)
    if appointment.starts_at > clock.now():
        raise Invalid("This appointment has not begun yet. Record attendance when its time has come.")
    return appointment


def _open_slot(by: Actor, slot_id: UUID) -> Slot:
    slot = _slots.get(by, slot_id)
    if slot.withdrawn:
        raise Conflict("The service has taken this time back. Choose another one.")
    if slot.starts_at <= clock.now():
        raise Invalid("This time has passed. Choose a later one.", field="slot_id")
    return slot


def _for_whom(by: Actor, person_id: UUID | None, employer_id: UUID | None) -> tuple[UUID, UUID]:
    """The person and the employer that the appointment is about; raises DoesNotExist for a closed record."""
    if by.audience is Audience.PERSON:
        if by.person is None or person_id not in (None, by.person):
            raise Person.DoesNotExist
        return by.person, employer_id or by.employers[0]
    require(by, "diary.run")
    if person_id is None:
        raise Invalid("Say whom the appointment is for.", field="person_id")
    person = open_person.get(by, person_id)
    engagement = _served_engagements.first(by, person.pk, employer_id)
    if engagement is None:
        raise Invalid("This person has no engagement with an employer that you serve.", field="employer_id")
    return person.pk, engagement.employer_id


@composed
def _slots(by: Actor, slot_id: UUID) -> QuerySet[Slot]:
    return slots_visible_to(by).filter(pk=slot_id)


@composed
def _served_engagements(by: Actor, person_id: UUID, employer_id: UUID | None) -> QuerySet[Engagement]:
    served = Engagement.objects.filter(person_id=person_id, employer_id__in=by.employers)
    return (served.filter(employer_id=employer_id) if employer_id else served).order_by("-starts_on")[:1]


def _must_be_known(code: str, table: str, *, field: str) -> None:
    if code not in choices(table):
        raise Invalid(f"“{code}” is not one of the choices.", field=field)


def _tell(kind: str, appointment: Appointment, **data: object) -> None:
    facts.append(
        kind, appointment.pk, employer=appointment.employer_id, provider=appointment.provider_id,
        person=appointment.person_id,
        data={
            "service": appointment.service, "case": str(appointment.case_id or ""),
            "request": str(appointment.request_id or ""),
            "starts_at": appointment.starts_at.isoformat(), **data,
        },
    )  # fmt: skip
