"""From an account to the actors that it may be, before any scope exists; and whom an actor leads, inside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db import connection
from django.db.models import Q

from openoh.foundation.access.managing import Managed, led_by, people_of
from openoh.foundation.access.models import BreakGlass, RoleAssignment
from openoh.foundation.access.own_record import emergency_reasons, own_persons, people_closed_to
from openoh.foundation.access.permissions import holds, known
from openoh.foundation.access.roles import ROLES, role
from openoh.foundation.accounts.models import User
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience, Scope
from openoh.foundation.core.content import load

__all__ = [
    "Grant",
    "Managed",
    "accounts_at",
    "accounts_with",
    "choose",
    "emergency_reasons",
    "grants_of",
    "led_by",
    "openings_to_review",
    "own_persons",
    "people_closed_to",
    "people_of",
]

GRANT_COLUMNS = """a.id, a.role, a.employer_id, a.provider_id, a.person_id, a.engagement_id,
  ARRAY(SELECT c.employer_id FROM organisations_contract c
        WHERE c.provider_id = a.provider_id AND c.starts_on <= %(today)s
          AND (c.ends_on IS NULL OR c.ends_on >= %(today)s) ORDER BY c.employer_id)"""
HELD_TODAY = "a.starts_on <= %(today)s AND (a.ends_on IS NULL OR a.ends_on >= %(today)s)"
GRANTS = f"""
SELECT {GRANT_COLUMNS} FROM access_roleassignment a
WHERE a.user_id = %(user)s AND {HELD_TODAY} ORDER BY a.starts_on, a.id
"""


@dataclass(frozen=True)
class Grant:
    """One role that an account holds today, and the actor that it makes."""

    assignment: UUID
    actor: Actor

    @property
    def role_title(self) -> str:
        return role(self.actor.role).title


def grants_of(user_id: UUID, name: str) -> list[Grant]:
    """What the account may be today. `name` is shown to people who ask who opened their record."""
    with connection.cursor() as cursor:
        cursor.execute(GRANTS, {"user": user_id, "today": clock.today()})
        rows = cursor.fetchall()
    return [grant_from(user_id, name, row) for row in rows]


def accounts_with(permission: str, provider: UUID) -> list[User]:
    """Accounts that hold a role with this permission in the provider's service today."""
    return _accounts(permission, provider_id=provider)


def accounts_at(employer: UUID, permission: str) -> list[User]:
    """Accounts that hold a role with this permission at the employer today."""
    return _accounts(permission, employer_id=employer)


def _accounts(permission: str, **place: UUID) -> list[User]:
    known(permission)
    roles = [name for name, role in ROLES.items() if permission in role.permissions]
    today = clock.today()
    held = RoleAssignment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today), role__in=roles, starts_on__lte=today, **place
    )
    return list(User.objects.filter(pk__in=held.values("user_id"), is_active=True).order_by("email"))


def choose(grants: list[Grant], permission: str, preferred: str | None = None) -> Actor | None:
    """The actor for a page that needs `permission`: the preferred assignment when it will do, else the first."""
    known(permission)
    able = [grant for grant in grants if permission in grant.actor.permissions]
    chosen = next((grant for grant in able if str(grant.assignment) == preferred), able[0] if able else None)
    return chosen.actor if chosen else None


def openings_to_review(actor: Actor) -> list[BreakGlass]:
    """Emergency openings in the actor's service that nobody has looked at yet, the oldest first."""
    if not holds(actor, "glass.review") or actor.provider is None:
        return []
    waiting = BreakGlass.objects.filter(provider_id=actor.provider, reviewed_at=None)
    return list(waiting.select_related("person").order_by("from_at", "id"))


def open_minutes() -> int:
    """How long a record stays open that is opened in an emergency."""
    return cast(int, load("openoh.foundation.access", "break_glass")["open_minutes"])


def grant_from(user_id: UUID, name: str, row: Sequence[Any]) -> Grant:
    """The grant that a row of GRANT_COLUMNS says the account holds."""
    assignment, role_name, employer, provider, person, engagement, served = row
    held = role(role_name)
    employers = (employer,) if employer else tuple(served)
    scope = Scope(
        audience=held.audience,
        employers=employers if held.audience is not Audience.PERSON else tuple(filter(None, [employer])),
        provider=provider,
        person=person if held.audience is Audience.PERSON else None,
        engagement=engagement,
        account=user_id,
    )
    return Grant(
        assignment, Actor(name=name, role=role_name, scope=scope, user=user_id, permissions=held.permissions)
    )
