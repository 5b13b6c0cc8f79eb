"""Take in published figures."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from openoh.foundation.audit.actions import action
from openoh.foundation.core.actors import Actor, Audience, Scope
from openoh.foundation.core.errors import Invalid, NotAllowed
from openoh.foundation.core.scope import within
from openoh.population.measures import rules
from openoh.population.measures.access import may_import
from openoh.population.measures.models import PublishedAbsence, PublishedRate

MOST_BYTES = 200_000_000


@dataclass(frozen=True)
class RefusedRow:
    """A row that could not be taken: its line in the file, what stood there, and why."""

    line: int
    value: str
    reason: str


@dataclass(frozen=True)
class PublishedImport:
    """What a published file brought in."""

    rows: int
    refused: list[RefusedRow]
    audit_details: dict[str, object] = field(default_factory=dict)


@action("published.imported")
def import_published(*, by: Actor, path: Path) -> PublishedImport:
    """Take in a file of NHS England's sickness absence publication; the same file again changes nothing.

    Known layouts: organisations by month, and England's monthly series. UTF-8 with or without a byte-order mark.
    Raises NotAllowed, and Invalid for a file that is none of these.
    """
    if not may_import(by):
        raise NotAllowed("Only a service manager may take in published figures.")
    if path.stat().st_size > MOST_BYTES:
        raise Invalid(
            f"The file is larger than {MOST_BYTES // 1_000_000} MB; published files are much smaller."
        )
    refused: list[RefusedRow] = []
    months: list[PublishedAbsence] = []
    rates: list[PublishedRate] = []
    for row in _rows(path, refused):
        if isinstance(row, rules.OrganisationMonth):
            months.append(_stored(row, path.name))
        else:
            rates.append(PublishedRate(month=row.month, area=row.area, rate=row.rate, source=path.name))
    with within(Scope(Audience.WORKER)):
        _keep(months, rates)
    taken = len(months) + len(rates)
    return PublishedImport(taken, refused, {"file": path.name[:100], "rows": taken, "refused": len(refused)})


def _rows(path: Path, refused: list[RefusedRow]) -> Iterator[rules.OrganisationMonth | rules.AreaMonth]:
    """The rows that can be taken; the others are added to `refused`."""
    seen: dict[tuple[object, ...], int] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        layout = rules.layout_of(next(reader, []))
        if layout is None:
            raise Invalid(
                "The first line is not one that NHS England publishes. Expected: "
                f"{', '.join(rules.ORGANISATIONS[:3])}, …; or {', '.join(rules.MONTHLY)}."
            )
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            try:
                row = rules.read_row(layout, cells)
            except rules.UnreadableRowError as error:
                refused.append(RefusedRow(reader.line_num, error.value[:200], str(error)))
                continue
            key = (row.month, getattr(row, "code", rules.AREA))
            if key in seen:
                reason = f"Line {seen[key]} is about the same month already."
                refused.append(RefusedRow(reader.line_num, ",".join(cells)[:200], reason))
                continue
            seen[key] = reader.line_num
            yield row


def _stored(row: rules.OrganisationMonth, source: str) -> PublishedAbsence:
    return PublishedAbsence(
        month=row.month, code=row.code, name=row.name, kind=row.kind, region=row.region, system=row.system,
        lost=row.lost, available=row.available, published_rate=row.rate, source=source,
    )  # fmt: skip


def _keep(months: list[PublishedAbsence], rates: list[PublishedRate]) -> None:
    PublishedAbsence.objects.bulk_create(
        months, batch_size=2_000, update_conflicts=True, unique_fields=["code", "month"],
        update_fields=["name", "kind", "region", "system", "lost", "available", "published_rate", "source"],
    )  # fmt: skip
    PublishedRate.objects.bulk_create(
        rates, batch_size=2_000, update_conflicts=True, unique_fields=["area", "month"],
        update_fields=["rate", "source"],
    )  # fmt: skip
