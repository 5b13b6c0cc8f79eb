"""Who reads which messages: the manager their own threads, the person all about them, clinicians in care of them."""

from __future__ import annotations

from django.db.models import QuerySet

from openoh.foundation.access.checks import provider_of
from openoh.foundation.access.own_record import outside_own_circle
from openoh.foundation.access.permissions import holds
from openoh.foundation.core.actors import Actor, Audience
from openoh.pathway.correspondence.models import ManagerMessage


def visible_to(actor: Actor) -> QuerySet[ManagerMessage]:
    match actor.audience:
        case Audience.EMPLOYER if actor.engagement and holds(actor, "referral.make"):
            return ManagerMessage.objects.filter(recipient_id=actor.engagement)
        case Audience.PERSON if actor.person:
            return ManagerMessage.objects.filter(person_id=actor.person)
        case Audience.CLINICAL if holds(actor, "record.clinical"):
            return ManagerMessage.objects.filter(outside_own_circle(actor), provider_id=provider_of(actor))
        case Audience.WORKER:
            return ManagerMessage.objects.all()
    return ManagerMessage.objects.none()
