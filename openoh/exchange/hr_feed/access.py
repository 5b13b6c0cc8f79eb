"""Who may see imports and run them: HR of the employer; the service sees how runs went, never their rows."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from openoh.exchange.hr_feed.models import ImportRun, QuarantinedRow
from openoh.foundation.core.actors import Actor, Audience


def runs_visible_to(actor: Actor) -> QuerySet[ImportRun]:
    """The runs of the actor's employers."""
    runs = ImportRun.objects.filter(employer_id__in=actor.employers)
    if actor.audience is Audience.EMPLOYER and "feed.run" not in actor.permissions:
        return runs.none()
    return runs


def every_run() -> QuerySet[ImportRun]:
    """The runs of every employer, for the worker, which takes what any of them left to it."""
    return ImportRun.objects.all()


def rows_visible_to(actor: Actor) -> QuerySet[QuarantinedRow]:
    """The rows that could not be taken; they hold what HR sent, so only HR sees them."""
    if actor.audience is not Audience.WORKER and "feed.run" not in actor.permissions:
        return QuarantinedRow.objects.none()
    return QuarantinedRow.objects.filter(employer_id__in=actor.employers)


def may_run(actor: Actor, employer: UUID) -> bool:
    """HR for their own employer, and the system."""
    return employer in actor.employers and (
        actor.audience is Audience.WORKER or "feed.run" in actor.permissions
    )
