"""Who a signed-in request comes from, in one question: the account, what it may be today, whether it was stopped.

Every page and operation asks this first, so it is written as SQL and not put together from three query sets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from openoh.foundation.access.queries import GRANT_COLUMNS, HELD_TODAY, Grant, grant_from, grants_of
from openoh.foundation.accounts.models import User
from openoh.foundation.core import clock

ACCOUNT = [field.attname for field in User._meta.concrete_fields]
ARRIVAL = f"""
SELECT EXISTS (SELECT 1 FROM {settings.CACHES["default"]["LOCATION"]} WHERE cache_key = %(stop)s AND expires > now()),
  {", ".join(f'u."{name}"' for name in ACCOUNT)}, {GRANT_COLUMNS}
FROM accounts_user u LEFT JOIN access_roleassignment a ON a.user_id = u.id AND {HELD_TODAY}
WHERE u.id = %(user)s ORDER BY a.starts_on, a.id
"""
STOPPED_FOR = 300  # seconds


@dataclass(frozen=True)
class Arrival:
    """An account as it comes in: the roles it holds today, and whether it guessed too many addresses of late."""

    user: User
    grants: list[Grant]
    stopped: bool


class SignedIn:
    """In the place of Django's own middleware: `request.user` comes with `request.arrival`.

    What is not the plain case (a session without an account, a changed secret, an account that was closed) is left to
    Django's own look, which also ends the session when it must.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(lambda: _user(request))  # type: ignore[assignment]  # as Django does
        return self.get_response(request)


def arrival_of(request: HttpRequest) -> Arrival:
    """Who the signed-in request comes from; asks the database once a request."""
    user: Any = request.user
    account = user.id  # evaluates the lazy user, which makes the arrival
    found: Arrival | None = getattr(request, "arrival", None)
    if found is None or found.user.id != account:  # somebody may have signed in during this request
        found = Arrival(user, grants_of(account, user.name), was_stopped(account))
        request.arrival = found  # type: ignore[attr-defined]  # kept for the rest of the request
    return found


def stop(account: UUID) -> None:
    """Show this account nothing for five minutes."""
    cache.set(_stop(account), True, STOPPED_FOR)


def was_stopped(account: UUID) -> bool:
    return bool(cache.get(_stop(account)))


def _stop(account: UUID) -> str:
    return f"stopped-{account}"


def _user(request: HttpRequest) -> User | AnonymousUser:
    session = request.session
    named, backend = session.get(auth.SESSION_KEY), session.get(auth.BACKEND_SESSION_KEY)
    if named and backend in settings.AUTHENTICATION_BACKENDS:
        found = _arrival(UUID(named))
        if found and found.user.is_active:
            proven = session.get(auth.HASH_SESSION_KEY) or ""
            if constant_time_compare(proven, found.user.get_session_auth_hash()):
                request.arrival = found  # type: ignore[attr-defined]  # read by `arrival_of`
                return found.user
    return auth.get_user(request)


def _arrival(account: UUID) -> Arrival | None:
    asked: dict[str, Any] = {"user": account, "today": clock.today(), "stop": cache.make_key(_stop(account))}
    with connection.cursor() as cursor:
        cursor.execute(ARRIVAL, asked)
        rows = cursor.fetchall()
    if not rows:
        return None
    user = User.from_db(connection.alias, ACCOUNT, rows[0][1 : len(ACCOUNT) + 1])
    held = [row[len(ACCOUNT) + 1 :] for row in rows]
    return Arrival(
        user, [grant_from(user.id, user.name, grant) for grant in held if grant[0]], bool(rows[0][0])
    )
