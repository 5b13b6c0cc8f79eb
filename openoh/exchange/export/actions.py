"""Write everything that an audience may read into one ZIP file."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet

from openoh.exchange.export.access import may_export
from openoh.exchange.export.openers import OPENERS
from openoh.exchange.export.tables import Column, Table, tables_for
from openoh.foundation.audit.actions import record, record_reading
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.errors import Invalid, NotAllowed
from openoh.foundation.core.keys import Unreadable
from openoh.foundation.core.scope import within
from openoh.foundation.core.spreadsheets import neutral

AT_A_TIME = 2_000  # rows that are held at once
READ_AT_A_TIME = 5_000  # people in one row of the record of readings
DOCUMENT = "content_sealed"  # a column whose content becomes a file of its own
DISPOSED = "(this record was disposed of)"
ABOUT = """Everything that this installation held of one organisation, at one moment.

manifest.json says which table each CSV file is, what each column means and how many rows there are. Text is UTF-8,
dates are ISO 8601, lists and structures are JSON. A cell that begins with = + - @ has an apostrophe in front, so that
no spreadsheet runs it. Documents are in the folder "documents", named by their identifier.

This file is not encrypted. It may hold health records: keep it as you would keep them.
"""


@dataclass(frozen=True)
class Exported:
    """What was written: rows by table, and how many people's records."""

    rows: dict[str, int]
    people: int


def export(*, by: Actor, file: Path, reason: str, told: Callable[[str], None]) -> Exported:
    """Everything of the actor's service, or of the actor's employer, as `file`. `told` hears each table's name.

    The file appears only when it is whole. Raises NotAllowed, Invalid, and OSError when it cannot be written.
    """
    if not may_export(by):
        raise NotAllowed(
            "Only a clinical lead takes a service’s records along, and an HR officer an employer’s data."
        )
    if not reason.strip() or len(reason.strip()) > 200:
        raise Invalid("Say why, in at most 200 letters: everybody concerned can read it.", field="reason")
    if file.exists():
        raise Invalid(f"{file} is there already. Choose another name.", field="file")
    audiences = (Audience.CLINICAL, Audience.SERVICE) if by.provider else (Audience.EMPLOYER,)
    with _whole_or_nothing(file) as partial, _one_moment():
        return _write(by, partial, reason.strip(), list(tables_for(*audiences)), told)


@contextmanager
def _one_moment() -> Iterator[None]:
    """One transaction that sees one moment, however long it reads; what it writes down of itself is kept with it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


@contextmanager
def _whole_or_nothing(file: Path) -> Iterator[Path]:
    partial = file.with_name(f"{file.name}.partial")
    partial.touch(mode=0o600)
    try:
        yield partial
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def _write(by: Actor, file: Path, reason: str, tables: list[Table], told: Callable[[str], None]) -> Exported:
    rows: dict[str, int] = {}
    people: set[UUID] = set()
    described = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in tables:
            told(table.label)
            with within(replace(by.scope, audience=table.audience, engagement=None)):
                count, digest = _write_table(archive, table, by, people)
            rows[table.label] = count
            described.append(table.described() | {"rows": count, "sha256": digest})
        manifest = {
            "format": "openoh-export", "version": 1, "made_at": clock.now().isoformat(), "asked_by": by.name,
            "role": by.role, "reason": reason, "people": len(people), "tables": described,
        }  # fmt: skip
        archive.writestr("manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False))
        archive.writestr("README.txt", ABOUT)
    _write_down(replace(by, reason=reason), rows, people)
    return Exported(rows, len(people))


def _write_table(archive: zipfile.ZipFile, table: Table, by: Actor, people: set[UUID]) -> tuple[int, str]:
    """Write one table; returns its rows and the digest of the file. Documents follow it: an archive takes one file at
    a time."""
    digest, count = hashlib.sha256(), 0
    with archive.open(table.file, "w", force_zip64=True) as raw:
        for line in _lines(table, by, people):
            digest.update(line)
            raw.write(line)
            count += 1
    for identifier, content in _documents(table, by):
        archive.writestr(f"documents/{identifier}", content)
    return count - 1, digest.hexdigest()


def _lines(table: Table, by: Actor, people: set[UUID]) -> Iterator[bytes]:
    yield _line([column.name for column in table.columns])
    for row in _rows(table, by).iterator(chunk_size=AT_A_TIME):
        person = getattr(row, "person_id", None)
        if person:
            people.add(person)
        yield _line([_cell(table, column, row) for column in table.columns])


def _rows(table: Table, by: Actor) -> QuerySet[Model]:
    """What the audience may see, without what is open to everybody about other services and employers."""
    rows = table.model._default_manager.order_by("pk")
    names = {column.field.attname for column in table.columns}
    if by.provider and "provider_id" in names:
        return rows.filter(Q(provider_id=by.provider) | Q(provider_id=None))
    return rows.filter(employer_id__in=by.employers) if "employer_id" in names else rows


def _line(cells: list[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(map(neutral, cells))
    return line.getvalue().encode()


def _cell(table: Table, column: Column, row: Model) -> str:
    if column.sealed:
        return (
            f"documents/{row.pk}" if column.field.name == DOCUMENT else _opened(table, column, row).decode()
        )
    return _plain(getattr(row, column.field.attname))


def _opened(table: Table, column: Column, row: Model) -> bytes:
    try:
        return OPENERS[table.label][column.field.name](row)
    except Unreadable:
        return DISPOSED.encode()


def _plain(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
        case dict() | list() | tuple():
            return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
        case _:
            return str(value)


def _documents(table: Table, by: Actor) -> Iterator[tuple[UUID, bytes]]:
    column = next((each for each in table.columns if each.field.name == DOCUMENT), None)
    if column:
        for row in _rows(table, by).iterator(chunk_size=1):
            yield cast(Any, row).pk, _opened(table, column, row)


def _write_down(by: Actor, rows: dict[str, int], people: set[UUID]) -> None:
    """The export, and that everybody's record in it was read, in the audience of whoever asked."""
    with within(by.scope):
        record(
            by=by, verb="data.exported", details={"reason": by.reason, "rows": rows, "people": len(people)}
        )
        everybody = sorted(people, key=str)
        for start in range(0, len(everybody), READ_AT_A_TIME):
            record_reading(by=by, page="export", people=everybody[start : start + READ_AT_A_TIME])
