"""Reads of organisations, contracts, cover and confirmed content, always from `access`."""

from __future__ import annotations

from openoh.foundation.core.actors import Actor, Audience, Scope
from openoh.foundation.core.identifiers import NOBODY
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.access import (
    confirmations_visible_to,
    contracts_visible_to,
    cover_visible_to,
)
from openoh.foundation.organisations.models import ContentConfirmation, Contract, Provider, RiskCover

MOST_CALLED = 6  # a page can show so many; where there are more, people know theirs


def contracts(actor: Actor) -> list[Contract]:
    """The contracts of the actor's service, by employer and start."""
    return list(
        contracts_visible_to(actor).select_related("employer").order_by("employer__name", "starts_on")
    )


def provider(actor: Actor) -> Provider:
    """The actor's own service."""
    return Provider.objects.get(pk=actor.provider or NOBODY)


def cover(actor: Actor) -> list[RiskCover]:
    """Who answers a risk flag in the actor's service, in the order of the day."""
    return list(cover_visible_to(actor).order_by("starts_at", "name", "id"))


def confirmations(actor: Actor) -> dict[tuple[str, str], ContentConfirmation]:
    """What the actor's service has confirmed, by key and version of the content."""
    return {(each.key, each.version): each for each in confirmations_visible_to(actor)}


def telephones() -> list[Provider]:
    """The services of this installation that can be called, by name: for somebody who cannot sign in."""
    with within(Scope(Audience.WORKER)):
        return list(Provider.objects.exclude(telephone="").order_by("name")[:MOST_CALLED])
