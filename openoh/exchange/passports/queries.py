"""To whom the person shows their passport, and who opened it."""

from __future__ import annotations

from openoh.exchange.passports.access import visible_to
from openoh.exchange.passports.models import PassportShare
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor

NEWEST = 20


def shares_of(actor: Actor) -> list[PassportShare]:
    """The newest shares of the actor's own passport, each with its openings. Two queries."""
    return list(visible_to(actor).prefetch_related("openings").order_by("-made_at", "-id")[:NEWEST])


def in_force(actor: Actor) -> int:
    """How many shares of the actor's own passport open today."""
    return visible_to(actor).filter(revoked_at=None, ends_at__gt=clock.now()).count()
