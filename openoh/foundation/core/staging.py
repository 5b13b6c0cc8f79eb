"""Bulk rows on their way in: COPY into a temporary table of the worker, judged and moved by set-based SQL.

PostgreSQL cannot COPY into a table with row policies. A temporary table has none, is seen by its own transaction
only, is not logged, and is gone when the transaction ends or its process is killed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from openoh.foundation.core.postgresql.base import planned_anew

NULL = r"\N"
CHUNK_ROWS = 20_000


@dataclass(frozen=True)
class Problem:
    """A row that could not be taken: its line in the file, our name of the field, the value, and why."""

    line: int
    field: str
    value: str
    reason: str
    row: dict[str, str]


Parameters = Mapping[str, Any]


def execute(sql: str, parameters: Parameters | None = None) -> int:
    """Run one statement; returns the number of rows that it touched."""
    with planned_anew(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return max(int(cursor.rowcount), 0)


def fetch(sql: str, parameters: Parameters | None = None) -> list[tuple[object, ...]]:
    """The rows that one statement gives, planned for the rows that are there now."""
    with planned_anew(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def count(sql: str, parameters: Parameters | None = None) -> int:
    """The single number that a query gives."""
    return int(str(fetch(sql, parameters)[0][0]))


def make(table: str, definition: str) -> None:
    """A fresh temporary table; a second use in one transaction starts empty again."""
    execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
    execute(f"CREATE TEMPORARY TABLE {table} ({definition}) ON COMMIT DROP")


def make_problems() -> None:
    """The table in which set-based checks write the rows that they reject."""
    make("staged_problem", "line integer, field text, value text, reason text, row jsonb")


def copy_lines(table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """COPY lines in PostgreSQL's text format (`as_text` makes the values) into a staging table."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        copy.write("\n".join(lines) + "\n")


def as_text(value: object) -> str:
    """One value in the text format of COPY."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, bytes):
        return r"\\x" + value.hex()
    return str(value).replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")


def reject(condition: str, *, table: str, field: str, value: str, reason: str, hidden: str = "",
           parameters: Parameters | None = None) -> int:  # fmt: skip
    """Move the rows of a staging table for which `condition` holds to `staged_problem`.

    `value` and `reason` are SQL expressions over the alias `s`; `hidden` names columns that are not kept.
    """
    kept = f"to_jsonb(s) - ARRAY[{', '.join(repr(name) for name in ['line', *hidden.split()])}]"
    return execute(
        f"WITH gone AS (DELETE FROM {table} s WHERE {condition} RETURNING s.*) "
        f"INSERT INTO staged_problem SELECT s.line, '{field}', coalesce({value}, ''), {reason}, {kept} FROM gone s",
        parameters,
    )


@contextmanager
def many_rows() -> Iterator[None]:
    """Statements that join rows which this transaction has just written in bulk.

    The planner has no statistics of them, takes them for few and would go through them once for each row.
    """
    execute("SET LOCAL enable_nestloop = off")
    yield
    execute("SET LOCAL enable_nestloop = on")


def lock_employer(employer: UUID, what: str = "intake") -> None:
    """One intake, or another `what`, at a time for an employer, until the end of the transaction."""
    execute("SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", {"key": f"{what} {employer}"})
