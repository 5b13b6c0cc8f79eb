"""The clinical lead sees what waits in the service; a clinician sees the incidents that they wrote down."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from openoh.foundation.access.own_record import outside_own_circle
from openoh.foundation.access.permissions import holds
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.identifiers import NOBODY
from openoh.pathway.quality.models import Incident, PeerReview, Supervision
from openoh.pathway.reports.access import visible_to as reports_visible_to
from openoh.pathway.reports.models import Report


def incidents_visible_to(actor: Actor) -> QuerySet[Incident]:
    """All of the service for its lead, one's own for others; never one about somebody of one's own circle."""
    if actor.audience is not Audience.CLINICAL:
        return Incident.objects.none()
    reach = Q(provider_id=actor.provider or NOBODY) & (Q(person=None) | outside_own_circle(actor))
    return Incident.objects.filter(reach if leads(actor) else reach & Q(raised_by=actor.user or NOBODY))


def reports_to_review(actor: Actor) -> QuerySet[Report]:
    """Signed reports that the lead may read as a colleague: never one that they wrote or signed, none twice."""
    if not leads(actor):
        return Report.objects.none()
    signed = reports_visible_to(actor).filter(provider_id=actor.provider or NOBODY, signed_at__isnull=False)
    return signed.exclude(Q(written_by=actor.user) | Q(signed_by=actor.user)).filter(peer_review=None)


def reviews_visible_to(actor: Actor) -> QuerySet[PeerReview]:
    """The lead's, and those of reports that the actor wrote or signed."""
    if actor.audience is not Audience.CLINICAL:
        return PeerReview.objects.none()
    reach = Q(provider_id=actor.provider or NOBODY) & outside_own_circle(actor)
    own = Q(report__written_by=actor.user) | Q(report__signed_by=actor.user)
    return PeerReview.objects.filter(reach if leads(actor) else reach & own)


def supervision_visible_to(actor: Actor) -> QuerySet[Supervision]:
    if not leads(actor):
        return Supervision.objects.none()
    return Supervision.objects.filter(provider_id=actor.provider or NOBODY)


def leads(actor: Actor) -> bool:
    return actor.user is not None and holds(actor, "quality.lead")
