"""Who works for a service in which role: for those who keep its roles."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.access.permissions import require
from openoh.foundation.access.roles import ROLES, Role
from openoh.foundation.accounts.models import NO_MAILBOX, User
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.identifiers import NOBODY

OF_A_SERVICE = (Audience.CLINICAL, Audience.SERVICE)


def service_roles() -> list[Role]:
    """The roles that a service gives to its own people, in their order."""
    return [role for role in ROLES.values() if role.audience in OF_A_SERVICE]


def employer_roles() -> list[Role]:
    """The roles that a service gives to people of an employer that it serves: those who supply data or read figures.

    Managers are not among them: who leads whom comes with the employer's own data.
    """
    return [ROLES["hr"], ROLES["board"]]


def holders(actor: Actor) -> QuerySet[RoleAssignment]:
    """Roles held in the actor's service today or later, by name; employees' own accounts are not among them."""
    return _held(actor).filter(
        provider_id=actor.provider or NOBODY, role__in=[role.name for role in service_roles()]
    )


def holders_at_employers(actor: Actor) -> QuerySet[RoleAssignment]:
    """Roles held today or later at the employers that the actor's service serves."""
    return (
        _held(actor)
        .filter(employer_id__in=actor.employers, role__in=[role.name for role in employer_roles()])
        .select_related("employer")
    )


def accounts_called(actor: Actor, text: str) -> tuple[UUID, ...]:
    """The accounts with a role in the actor's service, today or earlier, whose name holds every word of `text`."""
    require(actor, "audit.read")
    named = User.objects.filter(assignments__provider_id=actor.provider or NOBODY)
    for word in text.split():
        named = named.filter(name__icontains=word)
    return tuple(named.values_list("pk", flat=True).distinct())


def _held(actor: Actor) -> QuerySet[RoleAssignment]:
    require(actor, "service.run")
    return (
        RoleAssignment.objects.filter(Q(ends_on=None) | Q(ends_on__gte=clock.today()))
        .exclude(user__email__endswith=f"@{NO_MAILBOX}")
        .select_related("user")
        .order_by("user__name", "starts_on", "id")
    )
