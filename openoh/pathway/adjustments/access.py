"""Whose adjustments an actor may see, and who may answer."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from openoh.foundation.access.own_record import outside_own_circle
from openoh.foundation.access.permissions import holds
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.people.models import Engagement
from openoh.pathway.adjustments.models import Adjustment


def visible_to(actor: Actor) -> QuerySet[Adjustment]:
    """A manager's own, while they work there and the advice stands; the person's; those of people in care."""
    match actor.audience:
        case Audience.EMPLOYER if actor.engagement and holds(actor, "advice.read"):
            today = clock.today()
            works_there = Engagement.objects.filter(
                Q(ends_on=None) | Q(ends_on__gte=today), pk=OuterRef("recipient_id"), starts_on__lte=today
            )
            return Adjustment.objects.filter(
                Exists(works_there), recipient_id=actor.engagement, released_report__withdrawn_at=None
            )
        case Audience.PERSON if actor.person:
            return Adjustment.objects.filter(person_id=actor.person)
        case Audience.CLINICAL if holds(actor, "record.clinical"):
            return Adjustment.objects.filter(outside_own_circle(actor))
        case Audience.WORKER:
            return Adjustment.objects.all()
    return Adjustment.objects.none()
