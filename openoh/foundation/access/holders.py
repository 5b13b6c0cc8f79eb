"""Who works for a service in which role: for those who keep its roles."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.access.permissions import require
from openoh.foundation.access.roles import ROLES, Role
from openoh.foundation.accounts.models import User
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.errors import Invalid
from openoh.foundation.core.identifiers import NOBODY

OF_A_SERVICE = (Audience.CLINICAL, Audience.SERVICE)


def service_roles() -> list[Role]:
    """The roles that a service gives to its own people, in their order."""
    return [role for role in ROLES.values() if role.audience in OF_A_SERVICE]


def holders(actor: Actor) -> QuerySet[RoleAssignment]:
    """Roles held in the actor's service today or later, by name; employees' own accounts are not among them."""
    require(actor, "service.run")
    return (
        RoleAssignment.objects.filter(
            Q(ends_on=None) | Q(ends_on__gte=clock.today()),
            provider_id=actor.provider or NOBODY,
            role__in=[role.name for role in service_roles()],
        )
        .select_related("user")
        .order_by("user__name", "starts_on", "id")
    )


def account(actor: Actor, email: str) -> UUID:
    """The account with this e-mail address. Raises Invalid with what to do."""
    require(actor, "service.run")
    found = User.objects.filter(email__iexact=email.strip()).values_list("id", flat=True).first()
    if found is None:
        raise Invalid(
            "Nobody has an account with this address. Check it, or ask them to sign in once.", field="email"
        )
    return found
