"""Who may see persons: the provider's clinical and service staff, and the person. HR never opens a person,
only the engagements of its employer."""

from __future__ import annotations

from django.db.models import QuerySet

from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.identifiers import NOBODY
from openoh.foundation.people.models import Engagement, MatchCandidate, Person


def visible_to(actor: Actor) -> QuerySet[Person]:
    """The persons that the actor may see; those merged into another are not shown."""
    people = Person.objects.filter(merged_into=None)
    if actor.audience is Audience.PERSON:
        return people.filter(pk=actor.person or NOBODY)
    if actor.audience in (Audience.CLINICAL, Audience.SERVICE, Audience.WORKER) and actor.provider:
        return people.filter(provider_id=actor.provider or NOBODY)
    return people.none()


def engagements_visible_to(actor: Actor) -> QuerySet[Engagement]:
    """The engagements of the employer whose staff list the actor keeps. Managers: see access.managing."""
    if actor.audience is Audience.EMPLOYER and "people.maintain" in actor.permissions:
        return Engagement.objects.filter(employer_id__in=actor.employers)
    return Engagement.objects.none()


def candidates_visible_to(actor: Actor) -> QuerySet[MatchCandidate]:
    """The matches that wait for a human in the actor's provider."""
    if not may_match(actor):
        return MatchCandidate.objects.none()
    return MatchCandidate.objects.filter(provider_id=actor.provider or NOBODY)


def may_match(actor: Actor) -> bool:
    """Those who keep the service's matching, and the system."""
    return actor.audience is Audience.WORKER or "service.run" in actor.permissions
