"""Whose referrals an actor may see, and whom a manager may refer."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from openoh.foundation.access.managing import nearest_to
from openoh.foundation.access.own_record import outside_own_circle
from openoh.foundation.access.permissions import holds
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.people.models import Engagement
from openoh.pathway.referrals.models import Referral


def visible_to(actor: Actor) -> QuerySet[Referral]:
    """A manager's own, while they work there; the person's and the clinicians' once sent; all for the system."""
    sent = Referral.objects.filter(sent_at__isnull=False)
    match actor.audience:
        case Audience.EMPLOYER if actor.engagement and holds(actor, "referral.make"):
            return Referral.objects.filter(still_working("recipient_id"), recipient_id=actor.engagement)
        case Audience.PERSON if actor.person:
            return sent.filter(person_id=actor.person)
        case Audience.CLINICAL if holds(actor, "record.clinical"):
            return sent.filter(outside_own_circle(actor))
        case Audience.WORKER:
            return Referral.objects.all()
    return Referral.objects.none()


def may_refer(actor: Actor, engagement: UUID) -> bool:
    """The person's line manager today, or their deputy; not somebody further up."""
    if not holds(actor, "referral.make"):
        return False
    return engagement in nearest_to(actor)


def still_working(engagement: str) -> Exists:
    """The engagement in this column has begun and has not ended."""
    today = clock.today()
    return Exists(
        Engagement.objects.filter(
            Q(ends_on=None) | Q(ends_on__gte=today), pk=OuterRef(engagement), starts_on__lte=today
        )
    )
