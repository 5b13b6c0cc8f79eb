"""Reads of organisations, contracts, cover and confirmed content, always from `access`."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F, Q

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience, Scope
from openoh.foundation.core.identifiers import NOBODY
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.access import (
    confirmations_visible_to,
    contracts_visible_to,
    cover_visible_to,
)
from openoh.foundation.organisations.models import (
    ContentConfirmation,
    Contract,
    Employer,
    Provider,
    RiskCover,
)

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
    """Who answers a risk flag in the actor's service: for all employers first, then for each with cover of its own,
    in the order of the day."""
    by_employer = F("employer__name").asc(nulls_first=True)
    declared = cover_visible_to(actor).select_related("employer")
    return list(declared.order_by(by_employer, "employer_id", "starts_at", "name", "id"))


def served(actor: Actor) -> list[Employer]:
    """The employers that the actor's service serves today, by name."""
    return list(Employer.objects.filter(pk__in=actor.employers).order_by("name"))


def served_by(provider: UUID) -> list[UUID]:
    """The employers that a service serves today, for the worker, whose scope names none."""
    today = clock.today()
    running = Q(ends_on=None) | Q(ends_on__gte=today)
    return list(
        Contract.objects.filter(running, provider=provider, starts_on__lte=today).values_list(
            "employer_id", flat=True
        )
    )


def confirmations(actor: Actor) -> dict[tuple[str, str], ContentConfirmation]:
    """What the actor's service has confirmed, by key and version of the content."""
    return {(each.key, each.version): each for each in confirmations_visible_to(actor)}


def telephones() -> list[Provider]:
    """The services of this installation that can be called, by name: for somebody who cannot sign in."""
    with within(Scope(Audience.WORKER)):
        return list(Provider.objects.exclude(telephone="").order_by("name")[:MOST_CALLED])
