"""Services are not about a person: everybody may see what their provider offers."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from openoh.foundation.access.checks import provider_of
from openoh.foundation.access.permissions import holds
from openoh.foundation.core.actors import Actor
from openoh.pathway.services.models import Service


def visible_to(actor: Actor, *, provider: UUID | None = None) -> QuerySet[Service]:
    """The services of the actor's provider; managers and HR, who have none, name the `provider`."""
    return Service.objects.filter(provider_id=provider or provider_of(actor))


def may_change(actor: Actor) -> bool:
    return holds(actor, "service.run")
