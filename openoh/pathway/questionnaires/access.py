"""Answers are read by the person and by clinicians in care of them, and by nobody else."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from openoh.foundation.access.own_record import of_own_care, open_person
from openoh.foundation.access.permissions import holds
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.identifiers import NOBODY
from openoh.foundation.people.models import Person
from openoh.pathway.questionnaires.models import AnswerSet


def visible_to(actor: Actor) -> QuerySet[AnswerSet]:
    return AnswerSet.objects.filter(of_own_care(actor))


def may_answer(actor: Actor, answers: AnswerSet) -> bool:
    """The person themselves, or a clinician who writes down what the person says."""
    if actor.audience is Audience.PERSON:
        return actor.person == answers.person_id
    return holds(actor, "record.clinical")


def person_in_reach(actor: Actor, person_id: UUID | None) -> Person:
    """The person whom the actor may ask; raises DoesNotExist for anybody else's record."""
    if actor.audience is Audience.PERSON:
        if person_id not in (None, actor.person):
            raise Person.DoesNotExist
        return Person.objects.get(pk=str(actor.person))
    if not holds(actor, "record.clinical"):
        raise Person.DoesNotExist
    return open_person.get(actor, person_id or NOBODY)
