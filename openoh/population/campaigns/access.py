"""HR sees and keeps the campaigns of its employer; a person those that run where they work."""

from __future__ import annotations

from django.db.models import QuerySet

from openoh.foundation.access.permissions import holds
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.identifiers import NOBODY
from openoh.population.campaigns.models import Campaign, Dismissal


def visible_to(actor: Actor) -> QuerySet[Campaign]:
    match actor.audience:
        case Audience.PERSON:
            return Campaign.objects.filter(employer_id__in=actor.employers, state="running")
        case Audience.EMPLOYER if holds(actor, "campaign.run"):
            return Campaign.objects.filter(employer_id__in=actor.employers)
        case Audience.WORKER:
            return Campaign.objects.all()
    return Campaign.objects.none()


def own_dismissals(actor: Actor) -> QuerySet[Dismissal]:
    """What the person closed themselves."""
    return Dismissal.objects.filter(person_id=actor.person or NOBODY)
