"""Other programs that use the API: an account of their own, in one role, with a key that allows named things.

A program never reads clinical records: only the roles in ROLES_OF_PROGRAMS are for programs.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import cast
from uuid import UUID

from django.db.models import QuerySet

from openoh.foundation.access.actions import assign_role
from openoh.foundation.access.limits import Limit
from openoh.foundation.access.models import ApiKey
from openoh.foundation.access.permissions import require
from openoh.foundation.access.queries import choose, grants_of
from openoh.foundation.access.roles import ROLES
from openoh.foundation.accounts.models import NO_MAILBOX, User
from openoh.foundation.audit.actions import action
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.content import Content, load
from openoh.foundation.core.errors import Conflict, Invalid
from openoh.foundation.core.identifiers import NOBODY, new_id

ROLES_OF_PROGRAMS = ("hr", "oh-administrator")
SHOWN = 12  # letters of a key that are kept, to tell keys apart
NOTED_EVERY = timedelta(minutes=1)


def content() -> Content:
    return load(__package__ or "openoh.foundation.access", "programs")


def new_key() -> str:
    """256 random bits, with a beginning by which people and scanners recognise it."""
    return f"openoh_{secrets.token_urlsafe(32)}"


@action("key.made")
def make_key(
    *, by: Actor, key: str, name: str, role: str, permissions: Collection[str], expires_on: date,
    employer: UUID | None = None,
) -> ApiKey:  # fmt: skip
    """Let the program called `name` in with `key`, until `expires_on` ends. Raises Invalid with what to change.

    `permissions` are some of the role's; a role for an employer needs the employer.
    """
    require(by, "service.run")
    _check(name.strip(), role, permissions, expires_on)
    if keys(by).filter(user__name=name.strip(), revoked_at=None, expires_at__gt=clock.now()).exists():
        raise Conflict(
            "A program with this name has a key already. Revoke that one first, or choose another name."
        )
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    user = User.objects.create_user(f"{words[:40]}-{new_id().hex[-12:]}@{NO_MAILBOX}", name.strip())
    ends = datetime.combine(expires_on + timedelta(days=1), time.min, clock.UK)
    made = ApiKey.objects.create(
        user=user, provider_id=by.provider or NOBODY, permissions=sorted(permissions), digest=_digest(key),
        begins=key[:SHOWN], made_by=by.user, expires_at=ends,
    )  # fmt: skip
    assign_role(by=by, user=user.pk, role=role, employer=employer, provider=by.provider, ends_on=expires_on)
    return made


@action("key.revoked")
def revoke_key(*, by: Actor, key: UUID) -> ApiKey:
    """End a key at once, and the account that came with it."""
    require(by, "service.run")
    revoked = keys(by).select_for_update(of=("self",)).get(pk=key)
    if revoked.revoked_at:
        raise Conflict("This key has been revoked already.")
    revoked.revoked_at = clock.now()
    revoked.save(update_fields=["revoked_at"])
    User.objects.filter(pk=revoked.user_id).update(is_active=False)
    return revoked


def keys(actor: Actor) -> QuerySet[ApiKey]:
    """The keys of the actor's service, the newest first."""
    require(actor, "service.run")
    made = ApiKey.objects.filter(provider_id=actor.provider or NOBODY)
    return made.select_related("user").order_by("-made_at", "-pk")


def holder_of(key: str) -> ApiKey | None:
    """The key that was sent, if it may still be used; looked up before there is any scope."""
    found = ApiKey.objects.select_related("user").filter(digest=_digest(key)).first()
    now = clock.now()
    if found is None or found.revoked_at or found.expires_at <= now or not found.user.is_active:
        return None
    if found.last_used_at is None or now - found.last_used_at > NOTED_EVERY:
        found.last_used_at = now
        found.save(update_fields=["last_used_at"])
    return found


def actor_of(key: ApiKey, permission: str) -> Actor | None:
    """Who a program is when it asks for something that needs `permission`; None when its key does not allow it."""
    if permission not in key.permissions:
        return None
    actor = choose(grants_of(key.user_id, f"{key.user.name} (a program)"), permission)
    return replace(actor, permissions=actor.permissions & set(key.permissions)) if actor else None


def calls() -> Limit:
    """How often one key may call."""
    return Limit("calls", cast(int, content()["calls_a_minute"]), 60)


def wrong_keys() -> Limit:
    """How often one place may send keys that do not exist."""
    return Limit(
        "wrong-keys", cast(int, content()["wrong_keys_allowed"]), cast(int, content()["wrong_keys_within_seconds"])
    )  # fmt: skip


def _check(name: str, role: str, permissions: Collection[str], expires_on: date) -> None:
    longest = cast(int, content()["longest_days"])
    if not name or len(name) > 100:
        raise Invalid("Enter the name of the program, in at most 100 letters.", field="name")
    if role not in ROLES_OF_PROGRAMS:
        raise Invalid("Choose what the program does.", field="role")
    if not permissions or not set(permissions) <= ROLES[role].permissions:
        raise Invalid("Choose at least one thing that the program may do, and nothing beyond its role.",
                      field="permissions")  # fmt: skip
    if not clock.today() < expires_on <= clock.today() + timedelta(days=longest):
        raise Invalid(f"Choose a last day after today, and within {longest} days.", field="expires_on")


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
