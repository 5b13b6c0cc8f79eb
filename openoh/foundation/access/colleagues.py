"""Letting somebody in by their e-mail address: a role, and an account when they have none yet."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from openoh.foundation.access.actions import assign_role
from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.access.permissions import require
from openoh.foundation.accounts.models import User
from openoh.foundation.audit.actions import action
from openoh.foundation.core.actors import Actor, system_actor
from openoh.foundation.core.errors import Invalid
from openoh.foundation.core.scope import within

LONGEST_NAME = 200


@action("colleague.let-in")
def let_in(
    *, by: Actor, email: str, name: str, role: str, employer: UUID | None = None, provider: UUID | None = None,
    starts_on: date | None = None, ends_on: date | None = None,
) -> RoleAssignment:  # fmt: skip
    """Give whoever signs in with `email` a role; an account is opened under `name` when there is none.

    An account that is there keeps its name. Raises Invalid with what to change, and what `assign_role` raises.
    """
    require(by, "service.run")
    user = _account_of(email) or _open_account(email, name)
    if not user.is_active:
        raise Invalid("This account was closed. Use another address.", field="email")
    return assign_role(
        by=by,
        user=user.pk,
        role=role,
        employer=employer,
        provider=provider,
        starts_on=starts_on,
        ends_on=ends_on,
    )


def _account_of(email: str) -> User | None:
    """An account that works elsewhere so far is not the service's to see, but whoever has it can be let in."""
    with within(system_actor("letting in").scope):
        return User.objects.filter(email__iexact=email.strip()).first()


def _open_account(email: str, name: str) -> User:
    try:
        validate_email(email.strip())
    except ValidationError:
        raise Invalid("Enter an e-mail address like name@example.org.", field="email") from None
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise Invalid("Enter their name.", field="name")
    return User.objects.create_user(email.strip(), name.strip())
