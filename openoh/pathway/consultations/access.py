"""Consultations are the innermost record: clinicians in care of the person only."""

from __future__ import annotations

from django.db.models import QuerySet

from openoh.foundation.access.own_record import of_own_care
from openoh.foundation.access.permissions import holds
from openoh.foundation.core.actors import Actor, Audience
from openoh.pathway.consultations.models import Addendum, Consultation


def visible_to(actor: Actor) -> QuerySet[Consultation]:
    """The person gets the record by a rights request, with a clinician's look, and not from this table."""
    if actor.audience is Audience.PERSON:
        return Consultation.objects.none()
    return Consultation.objects.filter(of_own_care(actor))


def addenda_visible_to(actor: Actor) -> QuerySet[Addendum]:
    if actor.audience is Audience.PERSON:
        return Addendum.objects.none()
    return Addendum.objects.filter(of_own_care(actor))


def may_write(actor: Actor, consultation: Consultation) -> bool:
    """Who began it writes and signs it; somebody else adds an addendum."""
    return holds(actor, "consultation.write") and consultation.clinician == actor.user
