"""Risk flags are seen by clinicians in care of the person; a named clinician handles them."""

from __future__ import annotations

from django.db.models import QuerySet

from openoh.foundation.access.own_record import of_own_care
from openoh.foundation.core.actors import Actor
from openoh.pathway.risk.models import RiskFlag


def visible_to(actor: Actor) -> QuerySet[RiskFlag]:
    """A person may see that a flag was raised for them; the notes are opened for clinicians only."""
    return RiskFlag.objects.filter(of_own_care(actor))


def may_handle(actor: Actor) -> bool:
    """A signed-in person with the permission. No part of the system ever acknowledges or closes a risk."""
    return actor.user is not None and "risk.handle" in actor.permissions
