"""Whose outcomes an actor may see. Managers: see answering_manager.py."""

from __future__ import annotations

from django.db.models import QuerySet

from openoh.foundation.access.own_record import outside_own_circle
from openoh.foundation.access.permissions import holds
from openoh.foundation.core.actors import Actor, Audience
from openoh.pathway.outcomes.models import PersonOutcome


def visible_to(actor: Actor) -> QuerySet[PersonOutcome]:
    """The person's own; those of people in care; all for the system."""
    match actor.audience:
        case Audience.PERSON if actor.person:
            return PersonOutcome.objects.filter(person_id=actor.person)
        case Audience.CLINICAL if holds(actor, "record.clinical"):
            return PersonOutcome.objects.filter(outside_own_circle(actor))
        case Audience.WORKER:
            return PersonOutcome.objects.all()
    return PersonOutcome.objects.none()
