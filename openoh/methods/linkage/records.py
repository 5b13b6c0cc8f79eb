"""Records as they are compared: one spelling for each value, and the kind of each field."""

import datetime as dt
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = tuple[str | None, ...]

_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_MOSTLY = 0.5
"""Share of the values of a field that must look like a date, or a number, for the field to be one."""


@dataclass(frozen=True)
class Records:
    """One side: the identifier of each record, and its values in the order of the fields."""

    ids: tuple[Hashable, ...]
    rows: tuple[Row, ...]

    def __len__(self) -> int:
        return len(self.ids)


def read_records(records: Iterable[Mapping[str, Any]], key: str, fields: Sequence[str], side: str) -> Records:
    """The records with values in one spelling; ``ValueError`` names a record without `key` or seen before."""
    ids: list[Hashable] = []
    rows: list[Row] = []
    seen: set[Hashable] = set()
    for number, record in enumerate(records):
        identifier = record.get(key)
        if identifier is None or identifier == "":
            raise ValueError(f"{side}: record {number} has no {key!r}.")
        if identifier in seen:
            raise ValueError(f"{side}: {key} {identifier!r} stands for two records; it must name one.")
        seen.add(identifier)
        ids.append(identifier)
        rows.append(tuple(spelling(record.get(field)) for field in fields))
    return Records(tuple(ids), tuple(rows))


def spelling(value: object) -> str | None:
    """One spelling: lower case, single spaces, dates as YYYYMMDD; ``None`` for what is missing.

    >>> spelling("  Anne-Marie  SMITH "), spelling("1971-06-24"), spelling(" ")
    ('anne-marie smith', '19710624', None)
    """
    if value is None or value != value:  # the second is a number that isn't one, as data frames mark gaps
        return None
    if isinstance(value, dt.date):
        return value.strftime("%Y%m%d")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = " ".join(str(value).casefold().split())
    date = _DATE.fullmatch(text)
    return "".join(date.groups()) if date else text or None


def field_kinds(fields: Sequence[str], sides: Sequence[Records]) -> tuple[str, ...]:
    """``"date"``, ``"number"`` or ``"text"`` for each field; ``ValueError`` for a field without any value."""
    kinds = []
    for place, field in enumerate(fields):
        values = [row[place] for side in sides for row in side.rows]
        filled = [value for value in values if value is not None]
        if not filled and values:
            raise ValueError(f"on: no record has a value for {field!r}.")
        dates = sum(_is_date(value) for value in filled)
        numbers = sum(value.isdecimal() for value in filled)
        enough = _MOSTLY * len(filled)
        kinds.append("date" if dates >= enough else "number" if numbers >= enough else "text")
    return tuple(kinds)


def _is_date(value: str) -> bool:
    if len(value) != 8 or not value.isdecimal():
        return False
    year, month, day = int(value[:4]), int(value[4:6]), int(value[6:])
    # Days are not held against the calendar: a mistyped date is still a date, and compared as one.
    return 1850 <= year <= 2150 and 1 <= month <= 12 and 1 <= day <= 31
