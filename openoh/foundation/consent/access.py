"""Who may see purposes, objections and decisions, and who may write them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from openoh.foundation.consent.models import Decision, Objection, Purpose
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.identifiers import NOBODY

EVERYTHING = "*"


def visible_purposes(actor: Actor) -> QuerySet[Purpose]:
    """Purposes of the employers in the actor's scope."""
    return Purpose.objects.filter(employer_id__in=actor.employers)


def visible_objections(actor: Actor) -> QuerySet[Objection]:
    """A person's own objections; a provider's, for those who run or give its care."""
    if actor.audience is Audience.PERSON:
        return Objection.objects.filter(person_id=actor.person or NOBODY)
    return Objection.objects.filter(employer_id__in=actor.employers, provider_id=actor.provider or NOBODY)


def visible_to(actor: Actor) -> QuerySet[Decision]:
    """A person's own decisions; a provider's, for clinicians."""
    if actor.audience is Audience.PERSON:
        return Decision.objects.filter(person_id=actor.person or NOBODY)
    return Decision.objects.filter(employer_id__in=actor.employers, provider_id=actor.provider or NOBODY)


def may_declare(actor: Actor, employer_id: UUID) -> bool:
    """HR keeps the purposes of its own employer."""
    return employer_id in actor.employers and bool({"purpose.maintain", EVERYTHING} & actor.permissions)


def may_object_for(actor: Actor, person_id: UUID | None) -> bool:
    """The person themselves, or the service for somebody who telephones or writes. Never an employer."""
    if actor.audience is Audience.PERSON:
        return person_id is not None and person_id == actor.person
    return actor.audience in (Audience.CLINICAL, Audience.SERVICE, Audience.WORKER)


def may_decide_for(actor: Actor, person_id: UUID) -> bool:
    """The person themselves, or a clinician who writes down what the person said."""
    if actor.audience is Audience.PERSON:
        return person_id == actor.person
    return bool({"record.clinical", EVERYTHING} & actor.permissions)
