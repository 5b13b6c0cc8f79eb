"""Who may see messages and keep preferences."""

from __future__ import annotations

from django.db.models import QuerySet

from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.identifiers import NOBODY
from openoh.foundation.notifications.models import Message


def visible_to(actor: Actor) -> QuerySet[Message]:
    """A person's own messages; a provider's, for its staff; every message, for the system."""
    match actor.audience:
        case Audience.PERSON:
            return Message.objects.filter(person_id=actor.person or NOBODY)
        case Audience.CLINICAL | Audience.SERVICE:
            return Message.objects.filter(provider_id=actor.provider or NOBODY)
        case Audience.WORKER:
            return Message.objects.all()
        case _:
            return Message.objects.none()


def may_send_again(actor: Actor) -> bool:
    """Whoever may tell people by telephone, and whoever runs the service."""
    return may_telephone(actor)


def may_telephone(actor: Actor) -> bool:
    """Staff of the provider tell by telephone what nobody may write."""
    return actor.audience in (Audience.CLINICAL, Audience.SERVICE)
