"""Threads, and what waits for an answer."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from openoh.foundation.core.actors import Actor
from openoh.pathway.correspondence.access import visible_to
from openoh.pathway.correspondence.models import ManagerMessage

LIMIT = 50


def thread(
    actor: Actor, *, referral: UUID | None = None, released: UUID | None = None
) -> list[ManagerMessage]:
    """Messages about one referral or one released copy, the oldest first."""
    about = Q(referral=referral, referral__isnull=False) | Q(
        released_report=released, released_report__isnull=False
    )
    return list(visible_to(actor).filter(about).order_by("made_at", "id")[:LIMIT])


def of_case_or_report(actor: Actor, referral: UUID | None, case: UUID) -> list[ManagerMessage]:
    """Everything that managers wrote, and were answered, about a case: its referral and its released copies."""
    about = Q(released_report__case_id=case) | Q(referral=referral, referral__isnull=False)
    return list(visible_to(actor).filter(about).order_by("made_at", "id")[:LIMIT])


def unanswered(actor: Actor) -> QuerySet[ManagerMessage]:
    """What managers wrote and nobody has answered, the longest waiting first: the service's worklist."""
    waiting = visible_to(actor).filter(from_manager=True, handled_at=None)
    return waiting.select_related("person", "recipient", "employer").order_by("made_at", "id")


def about_me(actor: Actor) -> list[ManagerMessage]:
    """Everything that was written about the actor, both ways, the newest first."""
    return list(visible_to(actor).order_by("-made_at", "-id")[:LIMIT])
