"""Who opens a released report and who takes it back wait for each other, without rights to write each other's rows."""

from __future__ import annotations

from uuid import UUID

from django.db import connection


def hold_together(report: UUID) -> None:
    """Until the end of the transaction nobody can hold the report alone; others may hold it together."""
    _hold("pg_advisory_xact_lock_shared", report)


def hold_alone(report: UUID) -> None:
    """Wait for everybody who holds the report, and keep them out until the end of the transaction."""
    _hold("pg_advisory_xact_lock", report)


def _hold(function: str, report: UUID) -> None:
    number = int.from_bytes(report.bytes[-8:], signed=True)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [number])
