"""Helpers to feed files: a CSV from rows, an import of it, and an engagement by its number."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from openoh.exchange.hr_feed import actions
from openoh.exchange.hr_feed.models import ImportRun, QuarantinedRow
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.models import Employer
from openoh.foundation.people.models import Engagement

PEOPLE = "number,person_number,given_name,family_name,birth_date,email,fte,manager_number,starts_on,ends_on"
ABSENCE = "number,reference,started_on,ended_on,hours,reason,retracted"


def table(header: str, *rows: str) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def csv_of(header: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def feed(
    by: Actor, employer: Employer, content: bytes, kind: str = "people", *, mapping: str = "", full: bool = False,
    name: str = "extract.csv",
) -> ImportRun:  # fmt: skip
    """Receive and run, as a page does; the finished run."""
    received = actions.receive(
        by=by, employer=employer, kind=kind, file=io.BytesIO(content), file_name=name,
        mapping=mapping or f"openoh-{kind}", full_extract=full,
    )  # fmt: skip
    return actions.run(by=by, run=received)


def quarantined(by: Actor, run: ImportRun) -> list[QuarantinedRow]:
    with within(by.scope):
        return list(QuarantinedRow.objects.filter(run=run).order_by("line"))


def engagement(by: Actor, number: str) -> Engagement:
    with within(by.scope):
        return Engagement.objects.get(number=number)
