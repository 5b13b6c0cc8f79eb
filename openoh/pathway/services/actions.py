"""Changing what a provider offers."""

from __future__ import annotations

from openoh.foundation.access.checks import provider_of
from openoh.foundation.access.permissions import require
from openoh.foundation.audit.actions import action
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import Invalid
from openoh.pathway.services.models import Service
from openoh.pathway.services.queries import service_kind

SHORTEST, LONGEST = 5, 240  # minutes; an appointment outside this is a slip of the keyboard


@action("service.set")
def set_service(
    *, by: Actor, code: str, direct_book: bool = False, first_minutes: int = 45, review_minutes: int = 30,
    active: bool = True,
) -> Service:  # fmt: skip
    """Offer a service of the catalogue, change its terms, or stop offering it (`active=False`)."""
    require(by, "service.run")
    kind = service_kind(code)
    if direct_book and not kind.appointments:
        raise Invalid(f"{kind.title} has no appointments, so nobody can book it.", field="direct_book")
    for field, minutes in (("first_minutes", first_minutes), ("review_minutes", review_minutes)):
        if not SHORTEST <= minutes <= LONGEST:
            raise Invalid(f"Give a length between {SHORTEST} and {LONGEST} minutes.", field=field)
    service, _ = Service.objects.update_or_create(
        provider_id=provider_of(by), code=code,
        defaults={
            "direct_book": direct_book, "first_minutes": first_minutes, "review_minutes": review_minutes,
            "active": active,
        },
    )  # fmt: skip
    return service
