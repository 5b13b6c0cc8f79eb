"""Who may see clocks and who may change the calendar. No employer ever sees a clock."""

from __future__ import annotations

from django.db.models import QuerySet

from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.identifiers import NOBODY
from openoh.pathway.clocks.models import Clock


def visible_to(actor: Actor) -> QuerySet[Clock]:
    """A person's own clocks; a provider's for the employers that it serves."""
    match actor.audience:
        case Audience.PERSON:
            return Clock.objects.filter(person_id=actor.person or NOBODY)
        case Audience.CLINICAL | Audience.SERVICE:
            return Clock.objects.filter(provider_id=actor.provider or NOBODY, employer_id__in=actor.employers)
        case Audience.WORKER:
            return Clock.objects.all()
        case _:
            return Clock.objects.none()


def may_add_holiday(actor: Actor) -> bool:
    """The service manager keeps the calendar of their provider."""
    return "service.run" in actor.permissions
