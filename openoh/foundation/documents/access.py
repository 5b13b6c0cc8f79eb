"""Whose files an actor may open."""

from __future__ import annotations

from django.db.models import QuerySet

from openoh.foundation.access.own_record import outside_own_circle
from openoh.foundation.access.permissions import holds
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.documents.models import Document


def visible_to(actor: Actor) -> QuerySet[Document]:
    """The person's own shared files; for clinicians, all but those of records that are closed to them."""
    if actor.audience is Audience.PERSON and actor.person:
        return Document.objects.filter(person_id=actor.person, shared_with_person=True)
    if holds(actor, "record.clinical"):
        return Document.objects.filter(outside_own_circle(actor))
    return Document.objects.none()


def may_store(actor: Actor) -> bool:
    """The person for themselves, or a clinician."""
    return holds(actor, "own.record") or holds(actor, "record.clinical")
