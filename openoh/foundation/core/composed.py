"""Query sets that are put together once and asked many times.

    @composed
    def _on_day(actor: Actor, clinician: UUID, start: datetime, end: datetime) -> QuerySet[Appointment]:
        return visible_to(actor).filter(clinician=clinician, starts_at__gte=start, starts_at__lt=end)

    _on_day(actor, clinician, start, end)          # a list

The object-relational layer takes longer to compose such a query than PostgreSQL to answer it. Here it composes the
query once for each kind of actor and each choice of arguments that are None; later calls only bind their values.

Which parameter holds which value is found out by composing twice with stand-ins for the actor's identifiers, the
arguments and the time. A parameter that is the same both times is part of the query; one that changes must be exactly
one of the stand-ins. Whatever else depends on a value, such as a date calculated from today, is refused with TypeError
the first time, and so is a function that asks the database while it composes. So a composed query cannot silently
differ from the one that it is made from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain, count
from typing import Any, Generic, NoReturn, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable, get_related_populators

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.identifiers import new_id

Row = TypeVar("Row", bound=Model)
Values = list[Any]
STAND_INS: dict[type, Callable[[int], Any]] = {
    UUID: lambda n: new_id(),
    str: lambda n: f"stand-in-{n}-{new_id()}",
    int: lambda n: 1_000_000_000 + n,
    date: lambda n: date(1, 1, 1) + timedelta(days=n),
    datetime: lambda n: datetime(1, 1, 1, tzinfo=UTC) + timedelta(days=n),
}
PLACE = ("provider", "person", "engagement")
IDENTITY = ("name", "reason", "user", *PLACE)


class composed(Generic[Row]):  # noqa: N801  # a decorator
    """Make a function that composes a query set into one that is asked with values; see the module."""

    def __init__(self, build: Callable[..., QuerySet[Row]]) -> None:
        self.build = build
        self.__doc__, self.__name__ = build.__doc__, build.__name__
        self._known: dict[tuple[Any, ...], _Query[Row]] = {}

    def __call__(self, *arguments: Any) -> list[Row]:
        shape = tuple(map(_shape, arguments))
        query = self._known.get(shape)
        if query is None:
            query = self._known[shape] = _compose(self.build, arguments)
        return query.rows(_values(arguments))

    def first(self, *arguments: Any) -> Row | None:
        """The first row, or None."""
        return next(iter(self(*arguments)), None)

    def get(self, *arguments: Any) -> Row:
        """The first row. Raises the model's DoesNotExist when there is none."""
        found = self.first(*arguments)
        if found is None:
            model: Any = self.build(*arguments).model
            raise model.DoesNotExist
        return found


@dataclass(frozen=True)
class _Query(Generic[Row]):
    """`sql` is empty when nothing can ever be found; `slots` say which value goes where, or hold a constant."""

    sql: str
    slots: Sequence[tuple[int | None, Any]]
    read: Callable[[list[tuple[Any, ...]]], Iterator[Row]]

    def rows(self, values: Values) -> list[Row]:
        if not self.sql:
            return []
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [held if n is None else values[n] for n, held in self.slots])
            return list(self.read(cursor.fetchall()))


def _compose(build: Callable[..., QuerySet[Row]], arguments: Sequence[Any]) -> _Query[Row]:
    numbers = count(1)
    first, second = (_with_stand_ins(build, arguments, numbers) for _ in range(2))
    (sql, parameters, values), (sql_again, parameters_again, values_again) = first[:3], second[:3]
    if sql != sql_again or len(parameters) != len(parameters_again):
        raise TypeError(f"{build.__name__} composes another query for other values of the same kind")
    slots: list[tuple[int | None, Any]] = []
    for parameter, again in zip(parameters, parameters_again, strict=True):
        if parameter == again:
            slots.append((None, parameter))
        elif (n := _index(values, parameter)) is not None and n == _index(values_again, again):
            slots.append((n, None))
        else:
            raise TypeError(f"{build.__name__} calculates {parameter!r} from a value; pass it as an argument")
    return _Query(sql, slots, first[3])


def _with_stand_ins(
    build: Callable[..., QuerySet[Row]], arguments: Sequence[Any], numbers: Iterator[int]
) -> tuple[str, list[Any], Values, Callable[[Any], Iterator[Row]]]:
    changed = [_stand_in(argument, numbers) for argument in arguments]
    instant = clock.now() + timedelta(days=next(numbers))
    with clock.held_at(instant), connection.execute_wrapper(_refuse):
        rows: Any = build(*changed)
        if rows._iterable_class is not ModelIterable or rows._prefetch_related_lookups:
            raise TypeError(f"{build.__name__} must give rows of its model, without anything fetched beside")
        values = _values(changed)
        compiler = rows.query.get_compiler("default")
        try:
            sql, parameters = compiler.as_sql()
        except EmptyResultSet:
            sql, parameters = "", ()
    return sql, list(parameters), values, _reader(compiler) if sql else iter


def _reader(compiler: Any) -> Callable[[list[tuple[Any, ...]]], Iterator[Any]]:
    """What makes objects of rows, as Django's own ModelIterable does for each query anew."""
    info, select = compiler.klass_info, compiler.select
    start, end = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [column[0].target.attname for column in select[start:end]]
    related = get_related_populators(info, select, "default")  # type: ignore[call-arg]  # stubs of a later Django
    annotations = list((compiler.annotation_col_map or {}).items())
    converters = compiler.get_converters([column[0] for column in select])

    def read(rows: list[tuple[Any, ...]]) -> Iterator[Any]:
        compiler.connection = connection
        for row in compiler.apply_converters(rows, converters) if converters else rows:
            made = info["model"].from_db("default", names, row[start:end])
            for populator in related:
                populator.populate(row, made)
            for name, position in annotations:
                setattr(made, name, row[position])
            yield made

    return read


def _shape(argument: Any) -> Any:
    """What the text of the query may depend on."""
    if isinstance(argument, Actor):
        given = tuple(bool(getattr(argument, name)) for name in IDENTITY)
        return (argument.role, argument.audience, argument.permissions, len(argument.employers), *given)
    return argument if isinstance(argument, bool) or argument == "" else type(argument)


def _values(arguments: Sequence[Any]) -> Values:
    """Every value that may be bound, in an order that depends on the shape alone; the time comes last."""
    return [*chain.from_iterable(map(_values_of, arguments)), clock.now(), clock.today()]


def _values_of(argument: Any) -> Sequence[Any]:
    if isinstance(argument, Actor):
        return (*(getattr(argument, name) for name in IDENTITY), *argument.employers)
    return (argument,)


def _stand_in(argument: Any, numbers: Iterator[int]) -> Any:
    if isinstance(argument, Actor):
        scope = replace(
            argument.scope,
            employers=tuple(_stand_in(employer, numbers) for employer in argument.employers),
            **{name: _stand_in(getattr(argument, name), numbers) for name in PLACE},
        )
        others = {name: _stand_in(getattr(argument, name), numbers) for name in ("name", "reason", "user")}
        return replace(argument, scope=scope, **others)
    if argument is None or argument == "" or isinstance(argument, bool):
        return argument
    if type(argument) not in STAND_INS:
        raise TypeError(f"{argument!r} cannot be bound")
    return STAND_INS[type(argument)](next(numbers))


def _index(values: Values, wanted: Any) -> int | None:
    return next(
        (n for n, value in enumerate(values) if type(value) is type(wanted) and value == wanted), None
    )


def _refuse(*_: Any) -> NoReturn:
    raise TypeError("a composed query must not ask the database while it is composed")
