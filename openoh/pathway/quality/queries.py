"""What waits for the clinical lead: reports to read, incidents to close, supervision to hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Max

from openoh.foundation.core import clock, keys
from openoh.foundation.core.actors import Actor
from openoh.pathway.clinics.models import Clinician
from openoh.pathway.clinics.queries import clinicians
from openoh.pathway.quality.access import (
    incidents_visible_to,
    reports_to_review,
    reviews_visible_to,
    supervision_visible_to,
)
from openoh.pathway.quality.models import Incident, PeerReview
from openoh.pathway.quality.rules import is_sampled, sampled_days
from openoh.pathway.reports.models import Report

WHAT, LEARNING = "quality.what", "quality.learning"


@dataclass(frozen=True)
class Due:
    """A clinician and the day by which they meet their supervisor; None when they never did."""

    clinician: Clinician
    on: date | None


def sampled(actor: Actor) -> list[Report]:
    """The reports in the sample that nobody has read yet, the oldest first, without the actor's own."""
    since = clock.now() - timedelta(days=sampled_days())
    waiting = reports_to_review(actor).filter(signed_at__gte=since)
    chosen = [pk for pk in waiting.values_list("pk", flat=True) if is_sampled(pk)]
    return (
        list(waiting.filter(pk__in=chosen).select_related("person").order_by("signed_at")) if chosen else []
    )


def review_of(actor: Actor, report: UUID) -> PeerReview | None:
    """What a colleague said of this report, for the lead and for whoever wrote it."""
    return reviews_visible_to(actor).filter(report=report).first()


def open_incidents(actor: Actor) -> list[Incident]:
    """Incidents that are not closed, the oldest first."""
    waiting = incidents_visible_to(actor).filter(closed_at=None)
    return list(waiting.select_related("person").order_by("happened_on", "id"))


def supervision_due(actor: Actor) -> list[Due]:
    """Clinicians whose supervision is due today or was never held, the longest waiting first."""
    held = dict(supervision_visible_to(actor).values_list("clinician").annotate(Max("next_on")))
    due = [Due(each, held.get(each.pk)) for each in clinicians(actor)]
    waiting = [each for each in due if each.on is None or each.on <= clock.today()]
    return sorted(waiting, key=lambda each: (each.on or date.min, each.clinician.name))


def what_of(incident: Incident) -> str:
    """What happened. `incident` comes from `access`."""
    return _open(incident, incident.what_sealed, WHAT)


def learning_of(incident: Incident) -> str:
    """What was learned; empty while it is open."""
    return _open(incident, incident.learning_sealed, LEARNING)


def _open(incident: Incident, sealed: bytes | memoryview | None, field: str) -> str:
    return keys.unseal(
        sealed, owner=incident.person_id or incident.pk, provider=incident.provider_id, field=field
    )
