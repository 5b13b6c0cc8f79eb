"""Writing a consultation down, signing it once, adding to it afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db.models import QuerySet

from openoh.foundation.access.permissions import require
from openoh.foundation.audit.actions import action
from openoh.foundation.core import clock, facts, keys
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.foundation.core.errors import Conflict, Invalid
from openoh.foundation.core.postgresql.base import write, write_soon
from openoh.pathway.cases.access import visible_to as cases_visible_to
from openoh.pathway.cases.actions import open_for_held
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics.access import registered_clinician
from openoh.pathway.clinics.access import visible_to as appointments_visible_to
from openoh.pathway.clinics.actions import mark_attended
from openoh.pathway.clinics.models import Appointment
from openoh.pathway.consultations import rules
from openoh.pathway.consultations.access import may_write, visible_to
from openoh.pathway.consultations.models import Addendum, Consultation
from openoh.pathway.consultations.queries import ADDENDUM, NOTE

FIELDS = frozenset(
    [
        "mode",
        "where_now",
        "who_is_there",
        "problems",
        "functions",
        "work_related",
        "prognosis",
        "agreed_release",
        "risk_asked",
    ]
)
STILL_TO_COME = ("booked", "arrived")


@action("consultation.begun")
def begin(
    *, by: Actor, appointment_id: UUID | None = None, case_id: UUID | None = None, mode: str = "video"
) -> Consultation:
    """Begin for an appointment, or for a case without one. An appointment has one consultation: coming back finds it.

    Refused when the clinician's registration is not in date.
    """
    begun, consultation = _begun_or_new(by, appointment_id, case_id, mode)
    if not begun:
        write(consultation)
    return consultation


@action("consultation.recorded")
def record(
    *, by: Actor, appointment_id: UUID, values: Mapping[str, object], note: str | None = None
) -> Consultation:
    """Begin and save in one, for what was found elsewhere and is sent whole. What was begun before is saved over."""
    begun, consultation = _begun_or_new(by, appointment_id)
    if begun:
        saved: Consultation = save(
            by=by, consultation_id=consultation.pk, revision=consultation.revision, values=values, note=note
        )
        return saved
    _fill(consultation, values, note)
    write_soon(consultation)
    return consultation


@action("consultation.saved")
def save(
    *, by: Actor, consultation_id: UUID, revision: int, values: Mapping[str, object], note: str | None = None
) -> Consultation:
    """Save what was found so far. `revision` is the one that was on the screen: of two who write, the second is told.

    `values` are fields of `FIELDS`, codes of content/findings.toml. Returns the consultation with its new revision.
    """
    consultation = _open(by, consultation_id, revision)
    _fill(consultation, values, note)
    consultation.save(update_fields=[*values, "note_sealed", "revision"])
    return consultation


@action("consultation.signed")
def sign(*, by: Actor, consultation_id: UUID, revision: int) -> Consultation:
    """Sign what is on the screen, once. Raises Invalid naming the first thing that is missing."""
    registered_clinician(by)
    consultation = _open(by, consultation_id, revision)
    for field, words in rules.missing(_findings(consultation)):
        raise Invalid(words, field=field)
    consultation.signed_at, consultation.signed_by = clock.now(), by.user
    consultation.save(update_fields=["signed_at", "signed_by"])
    appointment = consultation.appointment
    if appointment and appointment.state in STILL_TO_COME:
        mark_attended(by=by, appointment_id=appointment.pk)
    facts.append(
        "consultation.signed", consultation.pk, employer=consultation.employer_id,
        provider=consultation.provider_id, person=consultation.person_id,
        data={"case": str(consultation.case_id), "appointment": str(consultation.appointment_id or "")},
    )  # fmt: skip
    return consultation


@action("consultation.added-to")
def add_addendum(*, by: Actor, consultation_id: UUID, text: str) -> Addendum:
    """Correct or complete a signed consultation. What was signed stays as it was."""
    require(by, "consultation.write")
    clinician = registered_clinician(by)
    consultation = visible_to(by).get(pk=consultation_id)
    if consultation.signed_at is None:
        raise Conflict("This consultation is not signed yet. Change it directly.")
    if not text.strip():
        raise Invalid("Write what you want to add.", field="text")
    addendum = Addendum(
        consultation=consultation, person_id=consultation.person_id, employer_id=consultation.employer_id,
        provider_id=consultation.provider_id, text_sealed=_sealed(consultation, text, ADDENDUM),
        written_by=clinician.user_id, written_by_name=clinician.name,
    )  # fmt: skip
    addendum.save(force_insert=True)
    return addendum


def _begun_or_new(
    by: Actor, appointment_id: UUID | None, case_id: UUID | None = None, mode: str = "video"
) -> tuple[bool, Consultation]:
    """Whether the appointment has a consultation, and that one or another that is not written yet."""
    require(by, "consultation.write")
    clinician = registered_clinician(by)
    appointment = _appointment(by, appointment_id) if appointment_id else None
    begun = _begun_for.first(by, appointment.pk) if appointment else None
    if begun:
        return True, begun
    case = _case(by, appointment, case_id)
    return False, Consultation(
        case=case, person_id=case.person_id, employer_id=case.employer_id, provider_id=case.provider_id,
        appointment=appointment, mode=appointment.mode if appointment else mode,
        clinician=clinician.user_id, clinician_name=clinician.name,
    )  # fmt: skip


def _fill(consultation: Consultation, values: Mapping[str, object], note: str | None) -> None:
    """Put what was found into the consultation, as its next revision; raises Invalid for a code that is not known."""
    if strange := set(values) - FIELDS:
        raise Invalid(f"A consultation has no field {sorted(strange)[0]!r}.", field=sorted(strange)[0])
    for field in rules.unknown_codes(values):
        raise Invalid("Choose from the list.", field=field)
    for field, value in values.items():
        setattr(consultation, field, value)
    if note is not None:
        consultation.note_sealed = _sealed(consultation, note, NOTE)
    consultation.revision += 1


def _open(by: Actor, consultation_id: UUID, revision: int) -> Consultation:
    """The consultation, locked, if it is the actor's, unsigned, and as it was on their screen."""
    consultation = visible_to(by).select_for_update(of=("self",)).get(pk=consultation_id)
    if consultation.signed_at:
        raise Conflict(
            f"{consultation.clinician_name} signed this on {consultation.signed_at:%d %B %Y}. Add an addendum instead."
        )
    if not may_write(by, consultation):
        raise Conflict(
            f"{consultation.clinician_name} is writing this consultation. Only they can change or sign it; "
            "once it is signed you can add to it."
        )
    if consultation.revision != revision:
        raise Conflict(
            "This was saved from another window since you opened it. Your text is still on this page: "
            "open the newer version beside it, and put them together."
        )
    return consultation


def _appointment(by: Actor, appointment_id: UUID) -> Appointment:
    appointment = _locked_appointments.get(by, appointment_id)
    if appointment.state == "cancelled":
        raise Conflict("This appointment was cancelled.")
    return appointment


@composed
def _locked_appointments(by: Actor, appointment_id: UUID) -> QuerySet[Appointment]:
    held = appointments_visible_to(by).select_for_update(of=("self",))
    return held.select_related("clinician").filter(pk=appointment_id)


@composed
def _begun_for(by: Actor, appointment_id: UUID) -> QuerySet[Consultation]:
    return visible_to(by).filter(appointment_id=appointment_id)


def _case(by: Actor, appointment: Appointment | None, case_id: UUID | None) -> Case:
    if appointment:
        return open_for_held(by=by, appointment=appointment)
    if case_id is None:
        raise Invalid("Name the appointment or the case that this consultation belongs to.")
    return cases_visible_to(by).get(pk=case_id)


def _findings(consultation: Consultation) -> rules.Findings:
    return rules.Findings(
        mode=consultation.mode, where_now=consultation.where_now, who_is_there=consultation.who_is_there,
        problems=tuple(consultation.problems), work_related=consultation.work_related,
        prognosis=consultation.prognosis, risk_asked=consultation.risk_asked, note=bool(consultation.note_sealed),
    )  # fmt: skip


def _sealed(consultation: Consultation, text: str, field: str) -> bytes:
    return keys.seal(text, owner=consultation.person_id, provider=consultation.provider_id, field=field)
