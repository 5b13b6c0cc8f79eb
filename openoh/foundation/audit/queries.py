"""Reading the audit: for the person whose record was opened, and for the service that must account for it."""

from __future__ import annotations

from openoh.foundation.audit.models import Reading
from openoh.foundation.core.actors import Actor

NEWEST = 100


def readings_of_own_record(actor: Actor, limit: int = NEWEST) -> list[Reading]:
    """Who opened the actor's own record, newest first; their own visits are left out."""
    return list(
        Reading.objects.filter(person_ids__contains=[actor.person])
        .exclude(user_id=actor.user)
        .order_by("-at")[:limit]
    )
