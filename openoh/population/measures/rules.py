"""What a published file says, and rates. Pure: text in, rows or a reason out."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

MONTHLY = ("Month", "England")
SERIES = ("date", "sickness_absence_rate_percent")
ORGANISATIONS = (
    "DATE", "NHSE_REGION_CODE", "NHSE_REGION_NAME", "ICS_CODE", "ICS_NAME", "ORG_CODE", "ORG_NAME", "ORG_TYPE",
    "FTE_DAYS_LOST", "FTE_DAYS_AVAILABLE", "SICKNESS_ABSENCE_RATE_PERCENT",
)  # fmt: skip
AREA = "England"


class UnreadableRowError(ValueError):
    """A row cannot be taken; the message says why, `value` is what stood there."""

    def __init__(self, message: str, value: str) -> None:
        super().__init__(message)
        self.value = value


@dataclass(frozen=True)
class OrganisationMonth:
    """One organisation in one month; `lost` and `available` are full-time-equivalent days, `rate` per cent."""

    month: date
    code: str
    name: str
    kind: str
    region: str
    system: str
    lost: Decimal
    available: Decimal
    rate: Decimal


@dataclass(frozen=True)
class AreaMonth:
    """One area in one month, in per cent."""

    month: date
    area: str
    rate: Decimal


def rate(lost: Decimal | float, available: Decimal | float) -> float | None:
    """Days lost per hundred available; None when none were available."""
    return 100 * float(lost) / float(available) if available else None


def layout_of(header: Sequence[str]) -> tuple[str, ...] | None:
    """The layout that a header belongs to, or None. Spaces around names do not matter."""
    named = tuple(" ".join(name.split()) for name in header)
    return next((layout for layout in (MONTHLY, SERIES, ORGANISATIONS) if named == layout), None)


def read_row(layout: tuple[str, ...], cells: Sequence[str]) -> OrganisationMonth | AreaMonth:
    """One row of a published file. Raises UnreadableRowError."""
    if len(cells) != len(layout):
        raise UnreadableRowError(
            f"It has {len(cells)} columns instead of {len(layout)}; perhaps a decimal comma.", ",".join(cells)
        )
    values = [" ".join(cell.split()) for cell in cells]
    if layout != ORGANISATIONS:
        return AreaMonth(_month(values[0]), AREA, _percent(values[1]))
    row = dict(zip(layout, values, strict=True))
    lost, available = _days(row["FTE_DAYS_LOST"]), _days(row["FTE_DAYS_AVAILABLE"])
    if lost > available:
        raise UnreadableRowError("More days were lost than there were.", row["FTE_DAYS_LOST"])
    return OrganisationMonth(
        month=_month(row["DATE"]), code=_filled(row["ORG_CODE"]), name=_filled(row["ORG_NAME"]),
        kind=row["ORG_TYPE"], region=row["NHSE_REGION_NAME"], system=row["ICS_NAME"], lost=lost,
        available=available, rate=_percent(row["SICKNESS_ABSENCE_RATE_PERCENT"]),
    )  # fmt: skip


def months_before(last: date, count: int) -> date:
    """The first day of the month that lies `count - 1` months before the month of `last`."""
    number = last.year * 12 + last.month - count
    return date(number // 12, number % 12 + 1, 1)


def last_day(month: date) -> date:
    """The last day of a month."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def _month(text: str) -> date:
    for form in ("%d/%m/%Y", "%Y-%m-%d", "%B %Y"):
        try:
            return datetime.strptime(text, form).date().replace(day=1)  # noqa: DTZ007  # a month has no zone
        except ValueError:
            continue
    raise UnreadableRowError("The month cannot be read.", text)


def _percent(text: str) -> Decimal:
    value = _number(text)
    if not 0 <= value <= 100:
        raise UnreadableRowError("A rate lies between 0 and 100 per cent.", text)
    return value


def _days(text: str) -> Decimal:
    value = _number(text)
    if value < 0:
        raise UnreadableRowError("Days cannot be negative.", text)
    return value


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise UnreadableRowError("It is not a number.", text) from None
    if not value.is_finite():
        raise UnreadableRowError("It is not a number.", text)
    return value


def _filled(text: str) -> str:
    if not text:
        raise UnreadableRowError("The organisation's code or name is missing.", text)
    return text
