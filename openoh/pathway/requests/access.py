"""A person's own request: seen by them and by clinicians in care of them. Never by a manager or an employer."""

from __future__ import annotations

from django.db.models import QuerySet

from openoh.foundation.access.own_record import of_own_care
from openoh.foundation.core.actors import Actor, Audience
from openoh.pathway.requests.models import HelpRequest


def visible_to(actor: Actor) -> QuerySet[HelpRequest]:
    return HelpRequest.objects.filter(of_own_care(actor))


def may_write(actor: Actor, request: HelpRequest) -> bool:
    """Only the person asks for help; a clinician who takes a call writes a case instead."""
    return actor.audience is Audience.PERSON and actor.person == request.person_id
