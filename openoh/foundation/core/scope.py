"""Enter a scope: one transaction, one audience's database role, one set of visible rows.

    with within(actor.scope):
        ...

Everything that touches a protected table runs inside this. Outside it, the login role has no grant on those
tables, so forgetting it fails with *permission denied*.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar

from django.db import connection, transaction

from openoh.foundation.core.actors import Scope
from openoh.foundation.core.postgresql.base import here

_current: ContextVar[Scope | None] = ContextVar("current_scope", default=None)
_whole: ContextVar[bool] = ContextVar("all_or_nothing", default=False)
_NOTHING = {"oh.employers": "", "oh.provider": "", "oh.person": "", "oh.engagement": "", "oh.account": ""}


def current_scope() -> Scope | None:
    """The scope that this code runs in, or None outside any."""
    return _current.get()


@contextmanager
def within(scope: Scope, *, whole: bool = False) -> Iterator[Scope]:
    """Run the block in a transaction, as the scope's database role, with its rows visible.

    Nested scopes restore the outer one when they end. An exception rolls the block back. With `whole` an exception
    anywhere inside ends all of it, even when somebody caught it; then no scope inside needs a savepoint.
    """
    outer, nested = _current.get(), connection.in_atomic_block
    same = nested and outer == scope
    with undone_on_error():
        if not same:
            _apply(scope)
        token, whole_token = _current.set(scope), _whole.set(whole or _whole.get())
        try:
            yield scope
            if not nested:
                here().write_what_waits()  # here, where an error still rolls back
        finally:
            _current.reset(token)
            _whole.reset(whole_token)
        # Not after an error: rolling back to the savepoint restores the outer role and settings by itself, as the
        # end of the transaction does for the outermost scope.
        if nested and not same:
            _apply(outer)


@contextmanager
def as_sign_in() -> Iterator[None]:
    """Touch the sign-in's own tables, which no audience may, within the scope's transaction: both happen or neither."""
    outer = _current.get()
    with undone_on_error():
        _apply(None)
        token = _current.set(None)
        try:
            yield
        finally:
            _current.reset(token)
        _apply(outer)


def undone_on_error() -> AbstractContextManager[None]:
    """A block that is undone by itself when it raises; with all that surrounds it where that is all or nothing."""
    return transaction.atomic(savepoint=not _whole.get())


def _apply(scope: Scope | None) -> None:
    """Set role and settings until the end of the transaction, in one round trip."""
    settings = scope.settings() if scope else _NOTHING
    role = scope.audience.value if scope else "none"
    columns = ", ".join(["set_config('role', %s, true)"] + ["set_config(%s, %s, true)"] * len(settings))
    parameters: list[str] = [role]
    for name, value in settings.items():
        parameters += [name, value]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", parameters)
