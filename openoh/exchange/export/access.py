"""Who may take everything along."""

from __future__ import annotations

from openoh.foundation.core.actors import Actor


def may_export(actor: Actor) -> bool:
    """A named clinical lead for their service; a named HR officer for their employer."""
    if actor.user is None:
        return False
    return "quality.lead" in actor.permissions if actor.provider else "feed.run" in actor.permissions
