"""Records that a clinician must not open, although they belong to the same provider.

Their own, their colleagues', and those of people whom they declared as family or friends. An emergency opening lifts
all but the first.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from openoh.foundation.access.models import BreakGlass, DeclaredRelation, RoleAssignment
from openoh.foundation.access.roles import ROLES
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience

SERVICE_ROLES = [
    name for name, role in ROLES.items() if role.audience in (Audience.CLINICAL, Audience.SERVICE)
]


def people_closed_to(actor: Actor) -> set[UUID]:
    """The persons whose records the actor must not open now; none for other audiences.

    Runs inside the actor's scope.
    """
    if actor.audience is not Audience.CLINICAL or actor.user is None or actor.provider is None:
        return set()
    own = own_persons(actor)
    others = _colleagues(actor.provider) | set(
        DeclaredRelation.objects.filter(user_id=actor.user).values_list("person_id", flat=True)
    )
    return own | (others - _opened_by(actor))


def own_persons(actor: Actor) -> set[UUID]:
    """The persons that the actor's account is, as a patient of this provider."""
    if actor.user is None:
        return set()
    return set(
        RoleAssignment.objects.filter(user_id=actor.user, person__isnull=False).values_list(
            "person_id", flat=True
        )
    )


def is_open_in_emergency(actor: Actor, person: UUID) -> bool:
    """Whether the actor has an emergency opening of this record that still runs."""
    return person in _opened_by(actor)


def emergency_reason(actor: Actor, person: UUID) -> str:
    """Why the actor opened this record in an emergency that still runs; empty without one."""
    now = clock.now()
    running = BreakGlass.objects.filter(user=actor.user, person=person, from_at__lte=now, until_at__gt=now)
    return running.order_by("-from_at").values_list("reason", flat=True).first() or ""


def _colleagues(provider: UUID) -> set[UUID]:
    accounts = _today(RoleAssignment.objects.filter(role__in=SERVICE_ROLES, provider_id=provider))
    return set(
        RoleAssignment.objects.filter(user__in=accounts.values("user_id"), person__isnull=False).values_list(
            "person_id", flat=True
        )
    )


def _today(assignments: QuerySet[RoleAssignment]) -> QuerySet[RoleAssignment]:
    today = clock.today()
    return assignments.filter(Q(ends_on=None) | Q(ends_on__gte=today), starts_on__lte=today)


def _opened_by(actor: Actor) -> set[UUID]:
    if actor.user is None:
        return set()
    now = clock.now()
    return set(
        BreakGlass.objects.filter(user_id=actor.user, from_at__lte=now, until_at__gt=now).values_list(
            "person_id", flat=True
        )
    )
