"""Reads of organisations, contracts and cover, always from `access`."""

from __future__ import annotations

from openoh.foundation.core.actors import Actor
from openoh.foundation.organisations.access import contracts_visible_to, cover_visible_to
from openoh.foundation.organisations.models import Contract, RiskCover


def contracts(actor: Actor) -> list[Contract]:
    """The contracts of the actor's service, by employer and start."""
    return list(
        contracts_visible_to(actor).select_related("employer").order_by("employer__name", "starts_on")
    )


def cover(actor: Actor) -> list[RiskCover]:
    """Who answers a risk flag in the actor's service, in the order of the day."""
    return list(cover_visible_to(actor).order_by("starts_at", "name", "id"))
