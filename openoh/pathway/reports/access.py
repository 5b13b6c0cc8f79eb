"""Whose reports an actor may see, and who may write and sign them. Managers: see opening.py."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from openoh.foundation.access.own_record import outside_own_circle
from openoh.foundation.access.permissions import holds
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.errors import NotAllowed
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics.models import Clinician
from openoh.pathway.reports.models import Report


def visible_to(actor: Actor) -> QuerySet[Report]:
    """The person's own once signed; those of the clinician's provider and employers; all for the system."""
    match actor.audience:
        case Audience.PERSON if actor.person:
            return Report.objects.filter(person_id=actor.person).exclude(state="draft")
        case Audience.CLINICAL if holds(actor, "record.clinical"):
            return Report.objects.filter(outside_own_circle(actor))
        case Audience.WORKER:
            return Report.objects.all()
    return Report.objects.none()


def case_to_advise_on(actor: Actor, case: UUID) -> Case:
    """Raises DoesNotExist for a case that is not the actor's to open."""
    return Case.objects.filter(outside_own_circle(actor)).get(pk=case)


def registered_clinician(actor: Actor) -> Clinician:
    """The clinician that the actor is; raises NotAllowed without a registration in date."""
    found = None
    if actor.user and actor.provider:
        found = Clinician.objects.filter(provider_id=actor.provider, user_id=actor.user).first()
    if found is None:
        raise NotAllowed("You are not set up as a clinician here. Ask your service manager.")
    if found.registered_until is None or found.registered_until < clock.today():
        raise NotAllowed(
            "Your registration is not in date here, so you cannot sign. Ask your service manager."
        )
    return found
