"""Reading consultations: the note, what was added, and their place on a timeline."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from openoh.foundation.core import clock, keys
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.foundation.core.identifiers import NOBODY
from openoh.pathway.cases.timeline import Event, Part, Row, part
from openoh.pathway.consultations.access import addenda_visible_to, visible_to
from openoh.pathway.consultations.models import Addendum, Consultation

NOTE, ADDENDUM = "consultations.note", "consultations.addendum"


def note_of(consultation: Consultation) -> str:
    """The note. `consultation` comes from `visible_to`."""
    return keys.unseal(
        consultation.note_sealed, owner=consultation.person_id, provider=consultation.provider_id, field=NOTE
    )


def text_of(addendum: Addendum) -> str:
    return keys.unseal(
        addendum.text_sealed, owner=addendum.person_id, provider=addendum.provider_id, field=ADDENDUM
    )


def addenda_of(actor: Actor, consultation: Consultation) -> list[Addendum]:
    return list(addenda_visible_to(actor).filter(consultation=consultation).order_by("written_at"))


def of_case(actor: Actor, case_id: UUID) -> list[Consultation]:
    """A case's consultations, newest first."""
    return list(visible_to(actor).filter(case=case_id).order_by("-began_at"))


def unsigned(actor: Actor) -> list[Consultation]:
    """What the actor began and has not signed, the oldest first."""
    if actor.user is None:
        return []
    rows = visible_to(actor).filter(clinician=actor.user, signed_at=None)
    return list(rows.select_related("person").order_by("began_at"))


def part_of_timeline(actor: Actor, case_id: UUID) -> Part:
    """The case's consultations, for its timeline."""
    found = visible_to(actor).filter(case=case_id)
    return part(found, "consultation", _said, at="began_at", code="signed_at", detail="clinician_name")


@composed
def beside(actor: Actor, appointments: list[UUID]) -> QuerySet[Consultation]:
    """Consultations of these appointments, and what the actor began and has not signed: the diary's one look."""
    own = Q(clinician=actor.user, signed_at=None)
    rows = visible_to(actor).filter(own | Q(appointment_id__any=appointments))
    return rows.select_related("person").order_by("began_at")


def begun_today(actor: Actor) -> list[UUID]:
    """Appointments whose consultation the actor began today."""
    rows = visible_to(actor).filter(
        clinician=actor.user or NOBODY, began_at__date=clock.today(), appointment__isnull=False
    )
    return [appointment for appointment in rows.values_list("appointment_id", flat=True) if appointment]


def _said(row: Row) -> Event:
    words = "Consultation" if row.code else "Consultation, not signed"
    return Event(row.at, "consultation", words, row.subject, row.detail, "signed" if row.code else "unsigned")
