"""Who asks for an export, found by their address, in the role that lets them."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from openoh.exchange.export.access import may_export
from openoh.foundation.access.queries import grants_of
from openoh.foundation.accounts.models import User
from openoh.foundation.core.actors import Actor, Audience, Scope
from openoh.foundation.core.errors import Invalid
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.models import Employer, Provider


def asker(email: str, *, provider: str = "", employer: str = "") -> Actor:
    """Whoever has this address, in a role at the service or employer with this code that may export.

    Raises Invalid with what to do. For a service, employers are those that it ever served: what was recorded under a
    contract that has ended belongs to the service all the same.
    """
    place = _provider(provider) if provider else _employer(employer)
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    actors = [grant.actor for grant in grants_of(user.pk, user.name)] if user else []
    for actor in filter(may_export, actors):
        if provider and actor.provider == place.pk:
            return replace(actor, scope=replace(actor.scope, employers=_ever_served(place.pk)))
        if employer and actor.employers == (place.pk,):
            return actor
    needed = "the clinical lead of" if provider else "an HR officer of"
    raise Invalid(f"{email} is not {needed} {place.name} today. Name somebody who is, with --by.", field="by")


def _provider(code: str) -> Provider:
    with within(Scope(Audience.WORKER)):
        found = Provider.objects.filter(code=code).first()
    if found is None:
        raise Invalid(f"There is no service with the code {code}.", field="provider")
    return found


def _employer(code: str) -> Employer:
    with within(Scope(Audience.WORKER)):
        found = Employer.objects.filter(code=code).first()
    if found is None:
        raise Invalid(f"There is no employer with the code {code}.", field="employer")
    return found


def _ever_served(provider: UUID) -> tuple[UUID, ...]:
    with within(Scope(Audience.WORKER)):
        served = Employer.objects.filter(contracts__provider=provider).order_by("pk").distinct()
        return tuple(served.values_list("pk", flat=True))
