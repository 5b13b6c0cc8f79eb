"""Rows that may wait for the next statement, and then go together in one.

An action writes its step, its fact, the deliveries of the fact and its audit event one after another, and reads none
of them. Each would be a trip to the database; together they are one. Nothing can tell the difference: whatever is
asked next, a savepoint included, is asked after they are written, in the same transaction and as the same role.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from django.db.models import Field, Model

Shape = tuple[tuple[type[Model], int], ...]


class Soon:
    """What waits on one connection: rows by their table, and the channels whose listeners are to be woken."""

    def __init__(self) -> None:
        self.rows: dict[type[Model], list[Model]] = {}
        self.channels: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self.rows or self.channels)

    def add(self, row: Model) -> None:
        self.rows.setdefault(type(row), []).append(row)

    def discard(self) -> None:
        self.rows, self.channels = {}, set()

    def take(self, connection: Any) -> tuple[str, list[Any]]:
        """The one statement that writes everything, with its parameters; nothing waits any more."""
        rows, channels = self.rows, sorted(self.channels)
        self.discard()
        shape = tuple((model, len(of_model)) for model, of_model in rows.items())
        values = [
            field.get_db_prep_save(field.pre_save(row, True), connection)
            for model, of_model in rows.items()
            for row in _written(of_model)
            for field in _fields(model)
        ]
        return _statement(shape, len(channels), connection), values + channels


def _written(rows: Iterable[Model]) -> Iterable[Model]:
    for row in rows:
        row._state.adding, row._state.db = False, "default"
        yield row


@cache
def _fields(model: type[Model]) -> list[Field[Any, Any]]:
    return list(model._meta.local_concrete_fields)


@lru_cache(maxsize=500)
def _statement(shape: Shape, channels: int, connection: Any) -> str:
    inserts = [_insert(model, number, connection) for model, number in shape]
    if channels:
        inserts.append("SELECT " + ", ".join(["pg_notify(%s, '')"] * channels))
    *before, last = inserts
    if not before:
        return last
    return "WITH " + ", ".join(f"w{n} AS ({insert})" for n, insert in enumerate(before)) + " " + last


def _insert(model: type[Model], number: int, connection: Any) -> str:
    quote, fields = connection.ops.quote_name, _fields(model)
    columns = ", ".join(quote(field.column) for field in fields)
    row = "(" + ", ".join(_placeholder(field, connection) for field in fields) + ")"
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES {', '.join([row] * number)}"


def _placeholder(field: Field[Any, Any], connection: Any) -> str:
    own = getattr(field, "get_placeholder", None)  # arrays name their type
    return str(own(None, None, connection)) if own else "%s"
