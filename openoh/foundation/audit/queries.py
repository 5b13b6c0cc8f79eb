"""Reading the audit: for the person whose record was opened, and for the service that must account for it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from openoh.foundation.audit.models import Event, Reading, Seal
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.foundation.core.errors import NotAllowed

NEWEST = 100
PAGE = 50
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class SealState:
    """How far the audit is sealed. `waiting` is what was written since, counted to 10,000 at most."""

    newest: Seal | None
    waiting: int


@composed
def readings_of_own_record(actor: Actor, limit: int = NEWEST) -> QuerySet[Reading]:
    """Who opened the actor's own record, newest first; their own visits are left out."""
    opened = Reading.objects.filter(person_ids__contains=[actor.person]).exclude(user_id=actor.user)
    return opened.order_by("-at")[:limit]


def events(actor: Actor, *, before: UUID | None = None, limit: int = PAGE) -> list[Event]:
    """Changes in the actor's service, newest first, from after the event `before`; one more than `limit` when
    there are more. Raises NotAllowed."""
    _must_read_audit(actor)
    found = Event.objects.filter(provider_id=actor.provider)
    if before:
        last = found.get(pk=before)
        found = found.filter(Q(at__lt=last.at) | Q(at=last.at, id__lt=last.id))
    return list(found.order_by("-at", "-id")[: limit + 1])


def seal_state(actor: Actor) -> SealState:
    """The newest seal, and how many of the service's changes wait for the next. Raises NotAllowed."""
    _must_read_audit(actor)
    waiting = Event.objects.filter(provider_id=actor.provider, batch_id=None)[:MOST_COUNTED].count()
    return SealState(Seal.objects.defer("leaves").order_by("-id").first(), waiting)


def _must_read_audit(actor: Actor) -> None:
    if "audit.read" not in actor.permissions:
        raise NotAllowed("Only those who account for the service may read its audit.")
