"""Queries that are composed once: composing SQL costs more than PostgreSQL takes to answer it.

    @composed
    def open_cases(actor: Actor, owner: UUID) -> QuerySet[Case]:
        return visible_to(actor).filter(owner=owner).exclude(state="closed")

    open_cases(actor, owner)  # a list
    open_cases.first(actor, owner)
    open_cases.get(actor, owner)

The first call with arguments of one shape composes the query from stand-ins for identifiers, words, days and instants,
and keeps its SQL; every later call binds the real values. All else in an argument (role, permissions, numbers, what is
None or empty, how long a tuple is) belongs to the shape, so what one rule allows is never asked with the SQL of
another. A list of identifiers is bound as a whole, for ``filter(person_id__any=people)``.

The function must not ask the database, must not compare identifiers or words, and uses them, days and the clock as
they come: what it works out from them, such as a week from today, is an argument of its own. What does otherwise is
refused: two sets of stand-ins have to come to the same SQL, and to parameters that are either the same or stand-ins.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache, update_wrapper
from operator import itemgetter
from threading import local
from types import NoneType
from typing import Any, Generic, NoReturn, ParamSpec, TypeVar
from uuid import UUID, uuid4

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

from openoh.foundation.core import clock, lookups  # noqa: F401  # `__any` is there once it is imported
from openoh.foundation.core.actors import Actor

Arguments = ParamSpec("Arguments")
Row = TypeVar("Row")
Values = Sequence[Any]  # the clock's instant and its day, then the leaves of the arguments in their order
Leaf = Callable[[Any], Any]
Whole = Callable[[type, list[Any]], Any]

MOST_SHAPES = 100  # of one query in one thread; the oldest makes room
LEAVES = (UUID, date, str, list)  # an instant is a date too
OF_THE_SHAPE = (Enum, int, frozenset, NoneType)


class CannotComposeOnce(TypeError):
    """The query depends on its arguments in a way that kept SQL could not follow."""


class Checks:
    """With `always`, every call is composed afresh as well and must come to the same SQL. The tests switch it on."""

    always = False


class composed(Generic[Arguments, Row]):  # noqa: N801  # a decorator
    """Answer with the rows of the query set that `build` returns, composed once for each shape of arguments."""

    def __init__(self, build: Callable[Arguments, QuerySet[Any, Row]]) -> None:
        self.build = build
        self._kept = local()  # a compiler holds the connection of its thread
        update_wrapper(self, build)

    def __call__(self, *given: Arguments.args, **named: Arguments.kwargs) -> list[Row]:
        values, call = _clock_values(clock.now()), _Call(self.build, given, named)
        shape = call.shape(values)
        shapes: dict[Hashable, _Kept] = self._kept.__dict__.setdefault("shapes", {})
        found = shapes.get(shape)
        if found is None:
            if len(shapes) == MOST_SHAPES:
                _make_room(shapes, call.name)
            found = shapes[shape] = _keep(call, values)
        if Checks.always:
            found.must_equal(call.composed(values), values)
        return found.rows(values)

    def first(self, *given: Arguments.args, **named: Arguments.kwargs) -> Row | None:
        """The first row, or None."""
        return next(iter(self(*given, **named)), None)

    def get(self, *given: Arguments.args, **named: Arguments.kwargs) -> Row:
        """The first row. Raises the model's DoesNotExist when there is none."""
        for row in self(*given, **named):
            return row
        model: Any = self.build(*given, **named).model
        raise model.DoesNotExist


@dataclass(frozen=True)
class _Composed:
    """A query set with its SQL, which is empty when there can be no rows."""

    queryset: QuerySet[Any]
    compiler: SQLCompiler
    sql: str
    parameters: Sequence[Any]


@dataclass(frozen=True)
class _Call:
    """A function that composes, and what it was called with."""

    compose: Callable[..., QuerySet[Any]]
    given: Sequence[Any]
    named: dict[str, Any]

    @property
    def name(self) -> str:
        return self.compose.__qualname__

    def shape(self, values: list[Any]) -> Hashable:
        """What decides the SQL; the leaves, which do not, are added to `values`."""

        def leaf(value: Any) -> type:
            values.append(value)
            return type(value)

        given, named = self._mapped(leaf, _described)
        return tuple(given), tuple(named.items())

    def composed(self, values: Values) -> _Composed:
        """The query for these values instead of the leaves and of the clock."""
        leaves = iter(values[2:])

        def leaf(_: Any) -> Any:
            return next(leaves)

        given, named = self._mapped(leaf, _made)
        with clock.held_at(values[0]), connection.execute_wrapper(_refused):
            queryset = self.compose(*given, **named)
            compiler = queryset.query.get_compiler(connection=connection)
            try:
                return _Composed(queryset, compiler, *compiler.as_sql())
            except EmptyResultSet:
                return _Composed(queryset, compiler, "", ())

    def _mapped(self, leaf: Leaf, whole: Whole) -> tuple[list[Any], dict[str, Any]]:
        given = [_mapped(each, leaf, whole) for each in self.given]
        return given, {name: _mapped(each, leaf, whole) for name, each in self.named.items()}


@dataclass(frozen=True)
class _Kept:
    """A composed query, and where among the values each of its parameters is taken from."""

    query: _Composed
    take: Sequence[Callable[[Values], Any]]

    def rows(self, values: Values) -> list[Any]:
        if not self.query.sql:
            return []
        bound, queryset = (self.query.sql, self._bound(values)), self.query.queryset
        self.query.compiler.as_sql = lambda *_, **__: bound  # type: ignore[method-assign]
        found: Any = queryset._iterable_class(queryset)
        return list(found)

    def must_equal(self, fresh: _Composed, values: Values) -> None:
        if (fresh.sql, tuple(fresh.parameters)) != (self.query.sql, self._bound(values)):
            raise CannotComposeOnce(
                f"Composed afresh: {fresh.sql} {fresh.parameters}; kept: {self.query.sql} {self._bound(values)}"
            )

    def _bound(self, values: Values) -> tuple[Any, ...]:
        return tuple(take(values) for take in self.take)


def _make_room(shapes: dict[Hashable, _Kept], name: str) -> None:
    """Let the oldest go: many employers and roles have many shapes, and nobody may be refused for that.

    In tests, which have few, so many mean that something that always differs was taken for a part of the shape.
    """
    if Checks.always:
        raise CannotComposeOnce(f"{name} is called with too many shapes of arguments.")
    del shapes[next(iter(shapes))]


def _keep(call: _Call, values: Values) -> _Kept:
    first, second = _stand_ins(values, 1), _stand_ins(values, 2)
    one, other = call.composed(first), call.composed(second)
    if one.sql != other.sql:
        raise CannotComposeOnce(f"{call.name} composes other SQL for other values.")
    pairs = list(zip(first, second, strict=True))
    one.queryset.query.get_compiler = lambda *_, **__: one.compiler  # type: ignore[method-assign]
    if one.sql:
        converters = one.compiler.get_converters([column[0] for column in one.compiler.select])
        one.compiler.get_converters = lambda expressions: converters  # type: ignore[method-assign]
    try:
        take = [_taker(*each, pairs) for each in zip(one.parameters, other.parameters, strict=True)]
    except LookupError as error:
        raise CannotComposeOnce(f"{call.name} works {error} out: make it an argument. {one.sql}") from None
    return _Kept(one, take)


def _taker(one: Any, other: Any, pairs: list[tuple[Any, Any]]) -> Callable[[Values], Any]:
    """How a parameter is taken from the values: as one of them, as a list of some, or always the same."""
    if (one, other) in pairs:
        return itemgetter(pairs.index((one, other)))
    if one == other:
        return lambda _: one
    if isinstance(one, list) and isinstance(other, list):
        each = [_taker(*pair, pairs) for pair in zip(one, other, strict=True)]
        return lambda values: [take(values) for take in each]
    raise LookupError(one)


def _clock_values(now: datetime) -> list[Any]:
    return [now, now.astimezone(clock.UK).date()]


def _stand_ins(values: Values, number: int) -> list[Any]:
    """As many values of the same kinds, each met nowhere else. The clock's are some days ahead."""
    leaves = [_stand_in(value, 1000 * place + number) for place, value in enumerate(values[2:], start=1)]
    return _clock_values(values[0] + timedelta(days=number)) + leaves


def _stand_in(value: Any, days: int) -> Any:
    if isinstance(value, list):
        return [uuid4()]
    if isinstance(value, date):
        return value - timedelta(days=days)
    return uuid4() if isinstance(value, UUID) else f"{uuid4()}"


def _refused(_execute: Any, sql: str, *_: Any) -> NoReturn:
    raise CannotComposeOnce(f"A query that is composed once asks the database nothing before: {sql}")


def _mapped(value: Any, leaf: Leaf, whole: Whole) -> Any:
    """`value` with `leaf` of each of its leaves, put together again by `whole`."""
    if isinstance(value, OF_THE_SHAPE) or value == "":
        return value
    if isinstance(value, LEAVES):
        return leaf(value)
    if isinstance(value, tuple):
        return whole(tuple, [_mapped(each, leaf, whole) for each in value])
    kind = type(value)
    if not is_dataclass(kind):
        raise CannotComposeOnce(f"A query cannot be composed once for {value!r}.")
    parts = [(name, getattr(value, name)) for name in _field_names(kind)]
    decides = {"role"} if kind is Actor else ()
    return whole(kind, [part if name in decides else _mapped(part, leaf, whole) for name, part in parts])


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _described(kind: type, parts: list[Any]) -> Hashable:
    return kind, *parts


def _made(kind: type, parts: list[Any]) -> Any:
    return tuple(parts) if kind is tuple else kind(*parts)
