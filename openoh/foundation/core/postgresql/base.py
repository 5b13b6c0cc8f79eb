"""PostgreSQL as Django reaches it, with fewer trips and with statements that are planned once a connection.

A page's queries join few rows through many policies, so planning one takes longer than answering it. PostgreSQL plans
a prepared statement anew for another role (its plans know whose policies are in them), so the wall stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.db import DatabaseError, connections
from django.db.backends.postgresql import base
from django.db.models import Model

from openoh.foundation.core.errors import Conflict
from openoh.foundation.core.postgresql.soon import Soon

MERGED = "OH001"  # as the wall's trigger raises it
MERGED_MEANWHILE = (
    "This record was put together with another one a moment ago. Look the person up again, or sign in again if it "
    "is your own."
)
PREPARED_AT_MOST = 500  # statements a connection; those of all pages are fewer


class DatabaseWrapper(base.DatabaseWrapper):
    """Keeps as many prepared statements as there are (the settings say after how many times one is prepared), and
    writes what waits before it asks anything else."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.soon = Soon()
        self.execute_wrappers.append(self._after_what_waits)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        made = super().get_new_connection(conn_params)
        made.prepared_max = PREPARED_AT_MOST
        self.soon.discard()  # it belonged to a connection that is gone
        return made

    def write_what_waits(self) -> None:
        if self.soon:
            statement, parameters = self.soon.take(self)
            with self.cursor() as cursor:
                cursor.execute(statement, parameters)

    def _after_what_waits(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
    ) -> Any:
        self.write_what_waits()
        try:
            return execute(sql, params, many, context)
        except DatabaseError as error:
            if getattr(error.__cause__, "sqlstate", None) != MERGED:
                raise
            raise Conflict(MERGED_MEANWHILE) from None

    def _commit(self) -> None:
        self.write_what_waits()
        super()._commit()  # type: ignore[misc]  # the stubs leave out what backends override

    def _rollback(self) -> None:
        self.soon.discard()
        super()._rollback()  # type: ignore[misc]  # as above

    def _savepoint_rollback(self, sid: str) -> None:
        self.soon.discard()
        super()._savepoint_rollback(sid)  # type: ignore[misc]  # as above


def here() -> DatabaseWrapper:
    """The connection of this thread."""
    return cast(DatabaseWrapper, connections["default"])


def write(*rows: Model) -> None:
    """Add rows now, with what waits: for rows that a constraint may refuse."""
    write_soon(*rows)
    here().write_what_waits()


def write_soon(*rows: Model) -> None:
    """Add rows that nobody reads by the identifier the database gives: they go with the next statement.

    For rows without constraints that somebody could violate, since their error would come with that statement.
    """
    connection = here()
    for row in rows:
        connection.soon.add(row)
    _at_once_outside_a_transaction(connection)


def wake_on_commit(channel: str) -> None:
    """Wake who listens to `channel` once the transaction is committed."""
    connection = here()
    connection.soon.channels.add(channel)
    _at_once_outside_a_transaction(connection)


def _at_once_outside_a_transaction(connection: DatabaseWrapper) -> None:
    if not connection.in_atomic_block:
        connection.write_what_waits()


@contextmanager
def planned_anew() -> Iterator[None]:
    """Statements over rows that have just been written in bulk: a plan of before would be made for other rows."""
    connection = here()
    connection.ensure_connection()
    prepared_from, connection.connection.prepare_threshold = connection.connection.prepare_threshold, None
    try:
        yield
    finally:
        if connection.connection is not None:
            connection.connection.prepare_threshold = prepared_from
