"""A mapping as data: from the columns and codes of an employer's file to ours, in TOML.

kind = "absence"                        # or "people"
title = "…"                             # what the page calls it
assumptions = ["…"]                     # what it takes for granted, shown before anything is imported
[file]      delimiter, encoding, date_formats, decimal_comma
[columns]   ours = "their heading" or a list of headings that are accepted
[constants] ours = "the same value for every row"
[codes.X]   "their code" = "ours", for our field X
[only]      column, values: other rows are left out, and counted
[rules]     reference = "number+start" or "line"; zero_hours = "refuse" or "keep"
[derive]    method and what it needs, for files that say dates in their own way
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from uuid import UUID

from openoh.exchange.hr_feed import models
from openoh.exchange.hr_feed.fields import PEOPLE, Field, absence_fields
from openoh.exchange.hr_feed.reading import Refused, normal
from openoh.foundation.codes.catalogue import codes
from openoh.foundation.core.errors import Invalid

PACKAGE = "openoh.exchange.hr_feed"
KINDS = ("people", "absence")


@dataclass(frozen=True)
class Mapping:
    """A mapping that was read and found complete. `columns` gives the accepted headings by our field."""

    name: str
    kind: str
    title: str
    text: str
    columns: dict[str, tuple[str, ...]]
    assumptions: tuple[str, ...] = ()
    delimiter: str | None = None
    encoding: str | None = None
    date_formats: tuple[str, ...] = ()
    decimal_comma: bool = False
    constants: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    only_column: str = ""
    only_values: frozenset[str] = frozenset()
    reference: str = "number+start"
    zero_hours: str = "refuse"
    derive: dict[str, str] = field(default_factory=dict)
    people_first: str = ""

    def headings(self) -> frozenset[str]:
        """All headings that it knows, as `normal` spells them."""
        named = {normal(heading) for accepted in self.columns.values() for heading in accepted}
        derived = {normal(value) for name, value in self.derive.items() if name.endswith("_column")}
        return frozenset(named | derived | ({normal(self.only_column)} if self.only_column else set()))

    def place(self, header: list[str]) -> dict[str, int]:
        """Where each of our fields stands in a file with this header. Raises Refused for a header that will not do."""
        places: dict[str, int] = {}
        for ours, accepted in self.columns.items():
            found = self._find(header, accepted)
            if found is not None:
                places[ours] = found
        given = places.keys() | self.constants.keys() | (DERIVED if self.derive else frozenset())
        missing = [
            known for known in fields_of(self.kind).values() if known.required and known.name not in given
        ]
        if missing:
            raise Refused(_lacking(missing[0], self.columns.get(missing[0].name, ()), header))
        return places

    def column(self, header: list[str], heading: str) -> int:
        """Where the column stands that the mapping needs for more than one field."""
        found = self._find(header, (heading,))
        if found is None:
            raise Refused(f"The file has no column “{heading}”. {_has(header)}")
        return found

    def _find(self, header: list[str], accepted: tuple[str, ...]) -> int | None:
        spelled = [normal(heading) for heading in header]
        for heading in accepted:
            standing = [place for place, found in enumerate(spelled) if found == normal(heading)]
            if len(standing) > 1:
                raise Refused(
                    f"The column “{heading}” stands {len(standing)} times in the first line. Leave only one of them."
                )
            if standing:
                return standing[0]
        return None


DERIVED = frozenset({"started_on", "ended_on"})


def fields_of(kind: str) -> dict[str, Field]:
    """Our fields for a kind of file."""
    return PEOPLE if kind == "people" else absence_fields(codes("absence-reason"))


def _lacking(missing: Field, accepted: tuple[str, ...], header: list[str]) -> str:
    wanted = accepted[0] if accepted else missing.words
    close = get_close_matches(normal(wanted), [normal(heading) for heading in header], n=1, cutoff=0.6)
    also = f" (also accepted: {', '.join(accepted[1:6])})" if len(accepted) > 1 else ""
    hint = f" Was “{close[0]}” meant? Add it to the mapping." if close else ""
    return f"The file has no column “{wanted}”{also}, for: {missing.words}. {_has(header)}{hint}"


def _has(header: list[str]) -> str:
    return f"Its first line says: {', '.join(header[:30])[:400] or 'nothing'}."


def read(name: str, text: str) -> Mapping:
    """Read a mapping. Raises Invalid with what to correct in it."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"The mapping “{name}” is not TOML: {error}.", field="mapping") from None
    kind = str(data.get("kind", ""))
    if kind not in KINDS:
        raise Invalid(f'The mapping “{name}” must say kind = "people" or kind = "absence".', field="mapping")
    known, columns, file = fields_of(kind), _table(data, "columns"), _table(data, "file")
    constants, rules, only = _table(data, "constants"), _table(data, "rules"), _table(data, "only")
    if unknown := sorted({*columns, *constants, *_table(data, "codes")} - set(known)):
        raise Invalid(
            f"The mapping “{name}” names a field that we do not have: {unknown[0]}. Ours are: {', '.join(known)}.",
            field="mapping",
        )
    return Mapping(
        name=name,
        kind=kind,
        title=str(data.get("title", name)),
        text=text,
        columns={ours: (theirs,) if isinstance(theirs, str) else tuple(map(str, _list(theirs)))
                 for ours, theirs in columns.items()},
        assumptions=tuple(map(str, _list(data.get("assumptions", [])))),
        delimiter=str(file["delimiter"]) if "delimiter" in file else None,
        encoding=str(file["encoding"]) if "encoding" in file else None,
        date_formats=tuple(map(str, _list(file.get("date_formats", ["%d/%m/%Y", "%d-%b-%Y"])))),
        decimal_comma=bool(file.get("decimal_comma", False)),
        constants={ours: str(value) for ours, value in constants.items()},
        codes={ours: {str(theirs): str(code) for theirs, code in _dict(codes).items()}
               for ours, codes in _table(data, "codes").items()},
        only_column=str(only.get("column", "")),
        only_values=frozenset(normal(str(value)) for value in _list(only.get("values", []))),
        reference=str(rules.get("reference", "number+start")),
        zero_hours=str(rules.get("zero_hours", "refuse")),
        derive={name: str(value) for name, value in _table(data, "derive").items()},
        people_first=str(data.get("people_first", "")),
    )  # fmt: skip


def _table(data: dict[str, object], name: str) -> dict[str, object]:
    return _dict(data.get(name, {}))


def _dict(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Invalid("A mapping's tables are written like [columns].", field="mapping")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise Invalid('A mapping\'s lists are written like ["a", "b"].', field="mapping")
    return value


def shipped_names() -> list[str]:
    """Names of the ready mappings."""
    folder = files(PACKAGE).joinpath("content", "mappings")
    return sorted(
        entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")
    )


@lru_cache(maxsize=32)
def shipped(name: str) -> Mapping:
    """A ready mapping."""
    return read(
        name, files(PACKAGE).joinpath("content", "mappings", f"{name}.toml").read_text(encoding="utf-8")
    )


def find(name: str, employer: UUID) -> Mapping:
    """The employer's newest mapping of this name, or the ready one. `name/3` asks for the third version."""
    plain, _, version = name.partition("/")
    own = models.Mapping.objects.filter(employer=employer, name=plain)
    chosen = (own.filter(version=int(version)) if version.isdigit() else own).order_by("-version").first()
    if chosen:
        return read(f"{plain}/{chosen.version}", chosen.text)
    if plain in shipped_names():
        return shipped(plain)
    raise Invalid(
        f"There is no mapping “{name}”. Ready ones are: {', '.join(shipped_names())}.", field="mapping"
    )
