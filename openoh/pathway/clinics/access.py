"""Who may see which appointments, and do what with them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from openoh.foundation.access.checks import provider_of
from openoh.foundation.access.own_record import of_own_care, outside_own_circle
from openoh.foundation.access.permissions import holds
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.composed import composed
from openoh.foundation.core.errors import NotAllowed
from openoh.pathway.clinics.models import Appointment, Clinician, Slot
from openoh.pathway.clinics.rules import Registration, may_act


def visible_to(actor: Actor) -> QuerySet[Appointment]:
    """A person's own appointments; a provider's, for clinicians and for those who run its diary."""
    if actor.audience is Audience.SERVICE and holds(actor, "diary.run"):
        ours = Q(provider_id=actor.provider, employer_id__in=actor.employers)
        return Appointment.objects.filter(ours & outside_own_circle(actor))
    return Appointment.objects.filter(of_own_care(actor))


def slots_visible_to(actor: Actor) -> QuerySet[Slot]:
    """Slots of the actor's provider. Who has taken them is another question."""
    return Slot.objects.filter(provider_id=provider_of(actor))


def may_run_diary(actor: Actor) -> bool:
    return holds(actor, "diary.run")


def may_book_for(actor: Actor, person_id: object) -> bool:
    """People book for themselves; those who run the diary book for anybody whose record is open to them."""
    return actor.person == person_id if actor.audience is Audience.PERSON else may_run_diary(actor)


def registered_clinician(actor: Actor) -> Clinician:
    """The actor as a clinician whose registration is in date; raises NotAllowed with what to do about it."""
    clinician = clinician_of(actor)
    if clinician is None:
        raise NotAllowed(
            "You are not entered as a clinician of this service yet. Whoever runs it does that under Administration, "
            "Clinicians."
        )
    decision = may_act(registration_of(clinician), clock.today())
    if not decision.allowed:
        raise NotAllowed(decision.reason)
    return clinician


def clinician_of(actor: Actor) -> Clinician | None:
    """The actor's entry among the clinicians of their provider."""
    if actor.user is None:
        return None
    return clinicians_with.first(provider_of(actor), actor.user)


@composed
def clinicians_with(provider: UUID, account: UUID) -> QuerySet[Clinician]:
    """The entry of an account among a provider's clinicians; there is at most one."""
    return Clinician.objects.filter(provider_id=provider, user_id=account)


def colleague(actor: Actor, clinician: UUID) -> Clinician:
    """A clinician of the actor's provider; raises DoesNotExist for anybody else."""
    return Clinician.objects.get(pk=clinician, provider_id=provider_of(actor))


def registration_of(clinician: Clinician) -> Registration:
    return Registration(
        profession=clinician.profession, body=clinician.registration_body,
        number=clinician.registration_number, until=clinician.registered_until,
    )  # fmt: skip
