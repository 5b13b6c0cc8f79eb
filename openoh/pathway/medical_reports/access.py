"""The person's own requests, and those of clinicians in care of them. Nobody at an employer, ever."""

from __future__ import annotations

from django.db.models import QuerySet

from openoh.foundation.access.own_record import of_own_care
from openoh.foundation.core.actors import Actor, Audience
from openoh.pathway.medical_reports.models import MedicalReport


def visible_to(actor: Actor) -> QuerySet[MedicalReport]:
    return MedicalReport.objects.filter(of_own_care(actor))


def is_own(actor: Actor, found: MedicalReport) -> bool:
    """Whether the actor is the person whom it is about."""
    return actor.audience is Audience.PERSON and actor.person == found.person_id
