"""CSV files with a heading line."""

import csv
import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Table:
    """The columns of a file as text, by heading."""

    columns: dict[str, list[str]]

    @property
    def names(self) -> tuple[str, ...]:
        """The headings."""
        return tuple(self.columns)

    @property
    def length(self) -> int:
        """The number of lines without the heading."""
        return len(next(iter(self.columns.values())))

    def texts(self, name: str) -> list[str]:
        """A column as text; raises `ValueError` naming the columns there are."""
        if name not in self.columns:
            raise ValueError(f"there is no column {name!r}; the file has {', '.join(self.columns)}")
        return self.columns[name]

    def numbers(self, name: str, *, gaps: bool = True) -> list[float | None]:
        """A column as numbers, `None` where it is blank; raises `ValueError` naming the line."""
        return [
            None if gaps and not text else as_number(text, f"line {number}, column {name!r}")
            for number, text in enumerate(self.texts(name), start=2)
        ]

    def grouped(self, by: str | None) -> Iterator[tuple[str | None, "Table"]]:
        """The lines by the value of a column, in the order in which the values first appear."""
        if by is None:
            yield None, self
            return
        keys = self.texts(by)
        for key in dict.fromkeys(keys):
            lines = [number for number, other in enumerate(keys) if other == key]
            yield key, Table({name: [texts[i] for i in lines] for name, texts in self.columns.items()})


def read(path: str) -> Table:
    """Read a file; raises `ValueError` for an empty file, doubled headings or a line of another length."""
    with Path(path).open(encoding="utf-8-sig", newline="") as lines:
        rows = [[text.strip() for text in row] for row in csv.reader(lines) if row]
    if len(rows) < 2:
        raise ValueError(f"{path} has no line below its heading")
    heading = rows[0]
    if len(set(heading)) < len(heading):
        raise ValueError(f"{path} has a heading twice: {', '.join(heading)}")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(heading):
            raise ValueError(f"{path}, line {number} has {len(row)} values; the heading has {len(heading)}")
    return Table({name: [row[place] for row in rows[1:]] for place, name in enumerate(heading)})


def as_number(text: str, where: str) -> float:
    """A number; raises `ValueError` naming where it was expected."""
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{where} is {text!r}; it must be a number") from None


def as_date(text: str, where: str) -> datetime.date | None:
    """A date such as 2026-11-22, `None` where blank."""
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError(f"the column {where!r} holds {text!r}; dates are written 2026-11-22") from None
