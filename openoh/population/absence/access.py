"""Who may see spells, and who may write them. Managers see who is absent, never why; nobody sees a reason."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from openoh.foundation.access.managing import is_nearest_to
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.identifiers import NOBODY
from openoh.population.absence.models import Spell


def visible_to(actor: Actor) -> QuerySet[Spell]:
    """The spells that the actor may see; a manager sees those of their own reports and of people lent to them."""
    spells = Spell.objects.filter(employer_id__in=actor.employers)
    if actor.audience is Audience.PERSON:
        return spells.filter(engagement__person_id=actor.person or NOBODY)
    if "people.manage" in actor.permissions:
        return spells.filter(engagement_id__in=is_nearest_to(actor))
    if actor.audience is Audience.EMPLOYER and "people.maintain" not in actor.permissions:
        return spells.none()
    return spells


def may_record(actor: Actor, employer: UUID) -> bool:
    """HR of the employer, and the system."""
    if actor.audience is Audience.WORKER:
        return True
    return employer in actor.employers and "people.maintain" in actor.permissions
