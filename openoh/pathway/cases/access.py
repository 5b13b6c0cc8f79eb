"""Cases: the person's own, and those of clinicians in care of them."""

from __future__ import annotations

from django.db.models import QuerySet

from openoh.foundation.access.own_record import of_own_care
from openoh.foundation.access.permissions import holds
from openoh.foundation.core.actors import Actor, Audience
from openoh.pathway.cases.models import Case, Recipient


def visible_to(actor: Actor) -> QuerySet[Case]:
    return Case.objects.filter(of_own_care(actor))


def recipients_visible_to(actor: Actor) -> QuerySet[Recipient]:
    return Recipient.objects.filter(of_own_care(actor))


def may_work_on(actor: Actor) -> bool:
    """Clinicians, and the system when it opens a case for a time that a person booked themselves."""
    return actor.audience is not Audience.PERSON and holds(actor, "record.clinical")
