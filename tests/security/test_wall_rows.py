"""Every table, as every audience, inside and outside its scope: read, changed, added to and deleted from.

A database of the test's own holds two rows of every table, one of this world and one of another: another employer,
another provider, another person, another post. The superuser puts them there past every constraint, so that no table
is left out because nobody has told a story in which it is filled.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction
from psycopg import sql

from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.launcher import SUPERUSER
from openoh.foundation.core.scope import within
from openoh.foundation.core.wall import classification_of, classified_models

HERE, THERE = UUID(int=1), UUID(int=2)
MODELS = {model._meta.db_table: model for model in classified_models()}
# Columns that say whose a row is, by the setting that they are compared with.
OWNERS = {
    "employers": ("employer_id",),
    "provider": ("provider_id", "provider"),
    "person": ("person_id", "owner", "person_ids"),
    "engagement": ("recipient_id", "manager_id", "engagement_id"),
}
TABLES_OF_OWNERS = {
    "organisations_employer": "employer_id", "organisations_provider": "provider_id",
    "people_person": "person_id", "people_engagement": "engagement_id",
}  # fmt: skip
# What an audience reads of everybody, each looked at by a human: places and services, published figures, content.
OPEN_TO_ALL = {
    "organisations_system", "organisations_employer", "organisations_provider", "services_service",
}  # fmt: skip

# What somebody did is written down whoever it concerned; a reading names the people of one page; a message goes to
# whoever must be told. Whoever writes these for others cannot read them back.
MAY_TELL_OF_OTHERS = {"audit_event", "audit_reading", "notifications_message"}
# A service enters whom it begins to serve (decision 0023): the register is nobody's, and a row in it opens nothing.
MAY_ENTER = {Audience.SERVICE: {"organisations_employer"}}
Columns = dict[str, list[tuple[str, str, bool]]]


def scope_of(audience: Audience, whose: UUID) -> Scope:
    return Scope(audience, employers=(whose,), provider=whose, person=whose, engagement=whose, account=whose)


@pytest.fixture(scope="module")
def columns(cluster, template_database) -> dict[str, list[tuple[str, str, bool]]]:
    """Of every table: its columns with their types, without those that the database computes."""
    found: dict[str, list[tuple[str, str, bool]]] = {}
    with psycopg.connect(cluster.url(SUPERUSER, template_database)) as superuser:
        rows = superuser.execute(
            "SELECT table_name, column_name, udt_name, is_nullable = 'YES' FROM information_schema.columns "
            "WHERE table_schema = 'public' AND is_generated = 'NEVER' ORDER BY table_name, ordinal_position"
        )
        for table, column, kind, nullable in rows:
            found.setdefault(table, []).append((column, kind, nullable))
    return found


def value_for(column: str, kind: str, nullable: bool, whose: UUID) -> object:
    """A value for one column of the row that is `whose`."""
    if nullable and column.endswith("_at") and column != "sent_at":
        return None  # nothing is withdrawn, ended or closed, and everything was sent
    if column == "merged_into_id":
        return None  # nothing is written about somebody who was merged
    if column == "state":
        return "running"  # what is shown only while it runs is running
    if kind == "uuid":
        return whose  # whatever it points to is of the same world
    if kind == "_uuid":
        return [whose]
    plain: dict[str, object] = {
        "bool": True, "jsonb": "{}", "date": "2026-01-05", "timestamptz": "2026-01-05 09:00+00", "time": "09:00",
        "bytea": bytes([whose.int]), "int2": whose.int, "int4": whose.int, "int8": whose.int, "numeric": 0,
        "float8": 0.5, "tstzrange": "[2026-01-05 09:00+00,2026-01-05 10:00+00)",
    }  # fmt: skip
    return [] if kind.startswith("_") else plain.get(kind, f"{whose.int}")


@pytest.fixture
def two_worlds(cluster, committed_database, columns) -> Iterator[None]:
    """Two rows in every table, past every constraint."""
    name = connection.settings_dict["NAME"]
    with psycopg.connect(cluster.url(SUPERUSER, name), autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        checks = superuser.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype IN ('c', 'x') "
            "AND connamespace = 'public'::regnamespace"
        ).fetchall()
        for table, constraint in checks:
            superuser.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{constraint}"')
        for table in MODELS:
            for whose in (HERE, THERE):
                insert(superuser, table, columns[table], whose)
    yield


def insert(
    superuser: psycopg.Connection, table: str, described: list[tuple[str, str, bool]], whose: UUID
) -> None:
    names = [name for name, _, _ in described]
    superuser.execute(
        sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, names)),
            sql.SQL(", ").join([sql.Placeholder()] * len(names)),
        ),
        [value_for(*column, whose) for column in described],
    )


@contextmanager
def tried() -> Iterator[None]:
    """Whatever is tried is undone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def touched(statement: str, audience: Audience, whose: UUID) -> int | None:
    """How many rows the statement reads or changes; None when it is denied."""
    try:
        with within(scope_of(audience, whose)), tried(), connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.rowcount
    except ProgrammingError as error:
        assert "permission denied" in str(error) or "row-level security" in str(error), error
        return None


def owned(table: str, columns: list[tuple[str, str, bool]]) -> set[str]:
    """By which settings a row of this table is somebody's."""
    names = {name for name, _, _ in columns} | {TABLES_OF_OWNERS.get(table, "")}
    return {setting for setting, whose in OWNERS.items() if names & set(whose)}


def condition(table: str, audience: Audience) -> str:
    return classification_of(MODELS[table]).readers().get(audience, "false")


AUDIENCES = [audience for audience in Audience if audience is not Audience.WORKER]


def read_wrongly(columns: Columns, audience: Audience) -> list[tuple[object, ...]]:
    """Whatever the classification says, a row of another world comes through only where everybody may read all."""
    leaks, missing = [], []
    for table in MODELS:
        mine = touched(f'SELECT 1 FROM "{table}"', audience, HERE)
        wanted = condition(table, audience)
        granted = audience in classification_of(MODELS[table]).readers()
        if (mine is not None) is not granted:
            leaks.append((table, "granted" if mine is not None else "denied"))
        if mine == 2 and wanted != "true":
            leaks.append((table, wanted))
        if granted and wanted not in ("false", "true") and mine != 1:
            missing.append((table, wanted, mine))
        if wanted == "true" and owned(table, columns[table]) and table not in OPEN_TO_ALL:
            leaks.append((table, f"{audience} reads everybody's rows of a table that has owners"))
    return leaks + missing


def read_without_a_scope(audience: Audience) -> list[str]:
    """Tables that are not everybody's and show rows to whoever has entered no scope."""
    seen = []
    for table in MODELS:
        if condition(table, audience) == "true":
            continue
        try:
            with within(Scope(audience)), tried(), connection.cursor() as cursor:
                cursor.execute(f'SELECT 1 FROM "{table}"')
                if cursor.rowcount:
                    seen.append(table)
        except ProgrammingError as error:
            assert "permission denied" in str(error)
    return seen


def written_wrongly(audience: Audience) -> list[tuple[object, ...]]:
    """Updates and deletes that touch more or fewer rows than those of the scope."""
    wrong = []
    for table, model in MODELS.items():
        may = classification_of(model).privileges(audience)
        reads, key = condition(table, audience), model._meta.pk.column
        own = {"false": 0, "true": 2}.get(reads, 1)
        for privilege, statement in (
            ("UPDATE", f'UPDATE "{table}" SET "{key}" = "{key}"'), ("DELETE", f'DELETE FROM "{table}"'),
        ):  # fmt: skip
            expected = own if privilege in may else None
            found = touched(statement, audience, HERE)
            narrower = (
                found is None and audience.value.removeprefix("oh_") in classification_of(model).write_rows
            )
            if found != expected and not narrower:
                wrong.append((table, privilege, found, expected))
    return wrong


def added_elsewhere(columns: Columns, audience: Audience) -> set[str]:
    """Tables into which somebody of this world can write a row of the other one."""
    passed = []
    for table, model in MODELS.items():
        if not owned(table, columns[table]) or "INSERT" not in classification_of(model).privileges(audience):
            continue
        key = model._meta.pk.column
        fresh = {name: uuid4() if kind == "uuid" else 77 for name, kind, _ in columns[table] if name == key}
        values = {column[0]: fresh.get(column[0], value_for(*column, THERE)) for column in columns[table]}
        try:
            with within(scope_of(audience, HERE)), tried(), connection.cursor() as cursor:
                marks = ", ".join(["%s"] * len(values))
                named = ", ".join(f'"{name}"' for name in values)
                cursor.execute(
                    f'INSERT INTO "{table}" ({named}) OVERRIDING SYSTEM VALUE VALUES ({marks}) ON CONFLICT DO NOTHING',
                    list(values.values()),
                )
                passed.append(table)
        except ProgrammingError as error:
            assert "row-level security" in str(error), (table, error)
    return set(passed)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_an_audience_reads_and_writes_the_rows_of_its_scope_and_no_others(two_worlds, columns, audience):
    assert read_wrongly(columns, audience) == []
    assert read_without_a_scope(audience) == []
    assert written_wrongly(audience) == []
    allowed = MAY_TELL_OF_OTHERS | MAY_ENTER.get(audience, set())
    assert added_elsewhere(columns, audience) - allowed == set()
