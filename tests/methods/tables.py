"""Read the outside tables of expected numbers."""

import csv
import json
from typing import Any

from tests.outside_data import outside_data

Row = dict[str, str]


def rows(*parts: str) -> list[Row]:
    """The rows of an outside CSV file."""
    with outside_data(*parts).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def grouped(table: list[Row], *columns: str) -> dict[tuple[str, ...], list[Row]]:
    """The rows by the values of the columns, in the order in which they first appear."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in table:
        groups.setdefault(tuple(row[column] for column in columns), []).append(row)
    return groups


def column(table: list[Row], name: str) -> list[float]:
    """One column as numbers."""
    return [float(row[name]) for row in table]


def document(*parts: str) -> Any:
    """An outside JSON file."""
    return json.loads(outside_data(*parts).read_text(encoding="utf-8"))
