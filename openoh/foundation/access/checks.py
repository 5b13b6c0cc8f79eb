"""What actions ask of an actor, besides permissions."""

from __future__ import annotations

from uuid import UUID

from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import NotAllowed


def provider_of(actor: Actor) -> UUID:
    """The provider that `actor` works for or is served by; raises NotAllowed for those who have none."""
    if actor.provider is None:
        raise NotAllowed("This belongs to an occupational health service, and your role is in none.")
    return actor.provider
