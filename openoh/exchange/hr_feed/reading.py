"""A file as rows of cells, one at a time: CSV of any delimiter and encoding, and XLSX, within limits.

`Refused` is raised for a file that cannot be read at all; a line that cannot be read is handed on as `BadLine`.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import BinaryIO, NamedTuple

from openoh.exchange.hr_feed.limits import whole
from openoh.foundation.core.errors import Invalid

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DELIMITERS = (";", ",", "\t", "|")
BLOCK = 1 << 20
BYTES_A_CHARACTER = 4
ZIP_MARK = b"PK\x03\x04"


class Refused(Invalid):
    """The file as a whole cannot be taken; the message says what to send instead."""


class Row(NamedTuple):
    line: int
    cells: list[str]


class BadLine(NamedTuple):
    """A line whose cells cannot be told apart."""

    line: int
    text: str
    reason: str


@dataclass
class Sheet:
    """A file's header and rows. `notes` say in words how it was read."""

    header: list[str]
    rows: Iterator[Row | BadLine]
    notes: list[str]


def open_sheet(
    file: BinaryIO, *, delimiter: str | None = None, encoding: str | None = None, headings: frozenset[str] = frozenset()
) -> Sheet:  # fmt: skip
    """Read a seekable binary file. `headings` (lower case) help to guess the delimiter."""
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    if not start:
        raise Refused("The file is empty. Export it again.")
    if start == ZIP_MARK:
        return _workbook(file)
    return _delimited(file, delimiter, encoding, headings)


class Guarded:
    """A file being received: refuses one endless line before it fills the disk. Workbooks have no lines."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._since_end = file, 0
        self._workbook: bool | None = None
        self._limit = whole("line_characters") * BYTES_A_CHARACTER

    def read(self, size: int) -> bytes:
        block = self._file.read(size)
        if self._workbook is None:
            self._workbook = block.startswith(ZIP_MARK)
        if not self._workbook:
            end = max(block.rfind(b"\n"), block.rfind(b"\r"))
            self._since_end = len(block) - end - 1 if end >= 0 else self._since_end + len(block)
            if self._since_end > self._limit:
                raise Refused(
                    f"A line of the file is longer than {whole('line_characters'):,} characters. It is not a table of "
                    "rows; export it again with one row on each line."
                )
        return block


def encoding_of(file: BinaryIO, stated: str | None) -> tuple[str, list[str]]:
    """The encoding of a text file, and a note when it had to be guessed."""
    file.seek(0)
    start = file.read(BLOCK)
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return encoding, []
    if b"\0" in start:
        raise Refused("This is not a text file, or it is UTF-16 without its mark. Save it as “CSV UTF-8”.")
    for encoding in (stated,) if stated else ("utf-8", "cp1252"):
        line = _first_undecodable(file, encoding)
        if line is None:
            notes = (
                ["The file is not UTF-8; it was read as Windows-1252."]
                if encoding == "cp1252" and not stated
                else []
            )
            return encoding, notes
    raise Refused(
        f"Line {line} has signs that are not {stated or 'UTF-8 or Windows-1252'}. Save the file as “CSV UTF-8”."
    )


def _first_undecodable(file: BinaryIO, encoding: str) -> int | None:
    """The line where decoding fails, or None when the whole file can be decoded."""
    file.seek(0)
    decoder, lines = codecs.getincrementaldecoder(encoding)(), 1
    while True:
        block = file.read(BLOCK)
        try:
            lines += decoder.decode(block, final=not block).count("\n")
        except UnicodeDecodeError as error:
            return lines + block[: error.start].count(b"\n")
        if not block:
            return None


class _Borrowed(io.TextIOWrapper):
    """Text of a file that somebody else opened and will close."""

    def close(self) -> None:
        with contextlib.suppress(ValueError):  # when it was given back before
            self.detach()


class _Lines:
    """Lines for the CSV reader, each within the limit, kept until their row is complete, so that a quotation mark
    that is never closed costs its own line only."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._limit = whole("line_characters")
        self._again: list[str] = []
        self.number = 0
        self.of_this_row: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else self._text.readline(self._limit + 1)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) > self._limit:
            raise Refused(
                f"Line {self.number} is longer than {self._limit:,} characters. The file is not a table of rows; "
                "export it again with one row on each line."
            )
        self.of_this_row.append(line)
        return line

    def only_the_first(self) -> str:
        """Give back the lines after the first of the row that failed."""
        first, *others = self.of_this_row
        self._again.extend(reversed(others))
        self.number -= len(others)
        self.of_this_row.clear()
        return first


def _delimited(
    file: BinaryIO, delimiter: str | None, encoding: str | None, headings: frozenset[str]
) -> Sheet:
    chosen, notes = encoding_of(file, encoding)
    file.seek(0)
    lines = _Lines(_Borrowed(file, encoding=chosen, newline=""))
    csv.field_size_limit(whole("field_characters"))
    try:
        first = next(lines)
    except StopIteration:
        raise Refused("The file is empty. Export it again.") from None
    sign = delimiter or _guess(first, headings)
    header = next(csv.reader([first], delimiter=sign), [])
    lines.of_this_row.clear()
    return Sheet(_checked(header), _rows(lines, sign), notes)


def _rows(lines: _Lines, delimiter: str) -> Iterator[Row | BadLine]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    kept = lines.of_this_row
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            first = lines.only_the_first()
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            yield BadLine(
                lines.number, first[:300].strip(),
                "The quotation marks in this line do not come in pairs, or a cell is too long. Correct the line.",
            )  # fmt: skip
            continue
        line = lines.number - len(kept) + 1
        kept.clear()
        if cells:
            yield Row(line, cells)


def _guess(header: str, headings: frozenset[str]) -> str:
    def known(sign: str) -> tuple[int, int]:
        cells = next(csv.reader([header], delimiter=sign), [])
        return sum(normal(cell) in headings for cell in cells), len(cells)

    return max(DELIMITERS, key=known)


def normal(heading: str) -> str:
    """A heading as headings are compared: lower case, single spaces, without quotation marks."""
    return " ".join(heading.replace("_", " ").split()).strip('"').lower()


def _checked(header: list[str]) -> list[str]:
    if len(header) > whole("columns"):
        raise Refused(
            f"The first line has {len(header):,} columns. It is not a header; export the file again."
        )
    return [heading.strip() for heading in header]


def _workbook(file: BinaryIO) -> Sheet:
    _refuse_bombs(file)
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    file.seek(0)
    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except (InvalidFileException, KeyError, ValueError, OSError, zipfile.BadZipFile):
        raise Refused("The workbook cannot be opened. Save it again as XLSX or as CSV.") from None
    names, sheet = book.sheetnames, book.worksheets[0]
    rows = sheet.iter_rows(values_only=True)
    header = [_cell(value) for value in next(rows, ())]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise Refused("The first sheet of the workbook is empty. Put the table on the first sheet.")
    notes = [f"Only the first sheet, “{names[0]}”, was read."] if len(names) > 1 else []
    return Sheet(_checked(header), _workbook_rows(rows), notes)


def _workbook_rows(rows: Iterator[tuple[object, ...]]) -> Iterator[Row | BadLine]:
    for line, values in enumerate(rows, start=2):
        cells = [_cell(value) for value in values]
        if any(cells):
            yield Row(line, cells)


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ", "seconds")
        case date():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)


def _refuse_bombs(file: BinaryIO) -> None:
    """A workbook is a zip archive; unpacked it must stay within limits before anything of it is read."""
    try:
        parts = zipfile.ZipFile(file).infolist()
    except zipfile.BadZipFile:
        raise Refused("The workbook is damaged. Save it again as XLSX or as CSV.") from None
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts) or 1
    strings = sum(part.file_size for part in parts if part.filename.endswith("sharedStrings.xml"))
    if (
        len(parts) > whole("parts")
        or unpacked > whole("unpacked_bytes")
        or strings > whole("strings_bytes")
        or (unpacked > whole("ratio_from_bytes") and unpacked / packed > whole("unpacked_ratio"))
    ):
        raise Refused("Unpacked, this workbook is far larger than it looks. Save the table as CSV instead.")
