"""Propose a mapping for a file that nobody has mapped yet: from its headings, then from what its cells look like."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice
from typing import BinaryIO

from openoh.exchange.hr_feed.fields import Bad, read_date
from openoh.exchange.hr_feed.mapping import fields_of, shipped, shipped_names
from openoh.exchange.hr_feed.reading import Refused, Row, normal, open_sheet

SAMPLE = 200
ALIKE = 0.8
DATE_FORMATS = ("%d/%m/%Y", "%Y-%m-%d", "%d-%b-%Y", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%y")


@dataclass(frozen=True)
class Guess:
    """One column of the file: which of our fields it may be (empty when none), and two of its cells."""

    heading: str
    field: str
    words: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Proposal:
    """A mapping to be looked at and corrected. `ready` is the ready mapping that already fits, `lacking` what is
    still to be said before the mapping can be used."""

    kind: str
    text: str
    guesses: tuple[Guess, ...]
    lacking: tuple[str, ...]
    ready: str = ""
    notes: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()


def propose_mapping(file: BinaryIO, kind: str | None = None) -> Proposal:
    """Propose a mapping for the file; `kind` is guessed when it is not given. Raises Refused for an unreadable file."""
    known = frozenset().union(*(shipped(name).headings() for name in shipped_names()))
    sheet = open_sheet(file, headings=known)
    rows = [row.cells for row in islice(sheet.rows, SAMPLE) if isinstance(row, Row)]
    meant = kind or max(("people", "absence"), key=lambda one: len(_fields(sheet.header, one)))
    found = _fields(sheet.header, meant)
    guesses = tuple(
        Guess(heading, found.get(place, ""), _words(meant, found.get(place, "")), _examples(rows, place))
        for place, heading in enumerate(sheet.header)
    )
    dates = [place for place, ours in found.items() if ours.endswith(("_on", "_date"))]
    formats = _date_formats([row[place] for row in rows for place in dates if place < len(row)])
    text = text_of(meant, {ours: sheet.header[place] for place, ours in found.items()}, formats)
    return Proposal(
        meant, text, guesses, lacking(meant, found.values()), _ready(meant, sheet.header), tuple(sheet.notes),
        tuple(formats),
    )  # fmt: skip


def _fields(header: list[str], kind: str) -> dict[int, str]:
    """Our field by place: the best pairs first, each heading and each field once."""
    accepted: dict[str, set[str]] = {}
    for name in shipped_names():
        mapping = shipped(name)
        if mapping.kind == kind and not mapping.derive and not mapping.constants:
            for ours, theirs in mapping.columns.items():
                accepted.setdefault(ours, set()).update(map(_letters, theirs))
    scored = sorted(
        (
            (max(SequenceMatcher(None, _letters(heading), one).ratio() for one in theirs), place, ours)
            for place, heading in enumerate(header)
            for ours, theirs in accepted.items()
        ),
        key=lambda each: (-each[0], each[1]),
    )
    chosen: dict[int, str] = {}
    for score, place, ours in scored:
        if score >= ALIKE and place not in chosen and ours not in chosen.values():
            chosen[place] = ours
    return chosen


def _letters(heading: str) -> str:
    """Only what counts when headings are alike."""
    return "".join(sign for sign in normal(heading) if sign.isalnum())


def _words(kind: str, ours: str) -> str:
    return fields_of(kind)[ours].words if ours else "Not used"


def _examples(rows: list[list[str]], place: int) -> tuple[str, ...]:
    seen = dict.fromkeys(row[place] for row in rows if place < len(row) and row[place].strip())
    return tuple(islice(seen, 2))


def _date_formats(cells: list[str]) -> list[str]:
    """The formats that read the most of the cells, the best first; those that read nothing are left out."""

    def read(form: str) -> int:
        return sum(_reads(cell, form) for cell in cells)

    useful = [form for form in DATE_FORMATS if read(form)]
    return sorted(useful, key=read, reverse=True)[:2] or ["%d/%m/%Y"]


def _reads(cell: str, form: str) -> bool:
    try:
        return read_date(cell, (form,)) is not None and not (cell[:4].isdigit() and form != "%Y-%m-%d")
    except Bad:
        return False


def text_of(kind: str, columns: Mapping[str, str], formats: Sequence[str]) -> str:
    """The text of a mapping with these headings by our field and these formats of dates."""
    # A JSON string is a TOML string.
    lines = "\n".join(
        f"{ours} = {json.dumps(heading, ensure_ascii=False)}" for ours, heading in columns.items()
    )
    return (
        f'kind = "{kind}"\ntitle = "{kind.capitalize()}, as in our file"\n\n'
        f"[file]\ndate_formats = {json.dumps(list(formats))}\n\n[columns]\n{lines}\n"
    )


def lacking(kind: str, given: Collection[str]) -> tuple[str, ...]:
    """What a mapping of this kind must still say, when it says the fields `given`."""
    return tuple(
        field.words for field in fields_of(kind).values() if field.required and field.name not in given
    )


def _ready(kind: str, header: list[str]) -> str:
    """The ready mapping with whose headings the whole header agrees, if one does."""
    spelled = {normal(heading) for heading in header if heading}
    for name in shipped_names():
        mapping = shipped(name)
        if mapping.kind == kind and spelled <= mapping.headings() and _fits(name, header):
            return name
    return ""


def _fits(name: str, header: list[str]) -> bool:
    try:
        shipped(name).place(header)
    except Refused:
        return False
    return True
