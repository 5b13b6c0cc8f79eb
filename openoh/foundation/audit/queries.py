"""Reading the audit: for the person whose record was opened, and for the service that must account for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from openoh.foundation.audit.actions import record
from openoh.foundation.audit.models import Event, Reading, Seal
from openoh.foundation.core import clock
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


@dataclass(frozen=True)
class Sought:
    """Which changes are looked for: about a person, by accounts, of a kind, from a day to a day. None is any."""

    person: UUID | None = None
    colleagues: tuple[UUID, ...] | None = None
    verb: str = ""
    first: date | None = None
    last: date | None = None

    def conditions(self) -> Q:
        conditions = Q()
        if self.person:
            conditions &= Q(person_id=self.person)
        if self.colleagues is not None:
            conditions &= Q(user_id__in=self.colleagues)
        if self.verb:
            conditions &= Q(verb=self.verb)
        if self.first:
            conditions &= Q(at__gte=_begin_of(self.first))
        if self.last:
            conditions &= Q(at__lt=_begin_of(self.last + timedelta(days=1)))
        return conditions

    def said(self) -> dict[str, object]:
        """What is looked for, for the audit of the looking itself."""
        return {
            name: list(map(str, value)) if isinstance(value, tuple) else str(value)
            for name, value in vars(self).items() if value is not None and value != ""
        }  # fmt: skip


ANYTHING = Sought()


def events(
    actor: Actor, *, sought: Sought = ANYTHING, before: UUID | None = None, limit: int = PAGE
) -> list[Event]:
    """Changes in the actor's service, newest first, from after the event `before`; one more than `limit` when
    there are more. Looking for something is itself written down. Raises NotAllowed."""
    _must_read_audit(actor)
    if sought.said():
        record(by=actor, verb="audit.searched", details=sought.said())
    ours = Event.objects.filter(provider_id=actor.provider)
    found = ours.filter(sought.conditions())
    if before:
        last = ours.get(pk=before)
        found = found.filter(Q(at__lt=last.at) | Q(at=last.at, id__lt=last.id))
    return list(found.order_by("-at", "-id")[: limit + 1])


def seal_state(actor: Actor) -> SealState:
    """The newest seal, and how many of the service's changes wait for the next. Raises NotAllowed."""
    _must_read_audit(actor)
    waiting = Event.objects.filter(provider_id=actor.provider, batch_id=None)[:MOST_COUNTED].count()
    return SealState(Seal.objects.defer("leaves").order_by("-id").first(), waiting)


def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time.min, clock.UK)


def _must_read_audit(actor: Actor) -> None:
    if "audit.read" not in actor.permissions:
        raise NotAllowed("Only those who account for the service may read its audit.")
