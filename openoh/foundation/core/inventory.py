"""Every content file of the installation, with what it says of itself and which of its values nobody is sure of."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import openoh
from openoh.foundation.core.content import STATUSES

MARKS = frozenset(["version", "valid_from", "source", "status", "review_on"])
"""What a file says of itself; the rest are its values."""


@dataclass(frozen=True)
class ContentFile:
    """What a file says of itself. `values` are those that a service must confirm: where they stand, and what they say.

    `key` is e.g. ``"pathway/risk/times"``; `slug` is the same for an address.
    """

    key: str
    name: str
    version: str
    valid_from: date | None
    source: str
    status: str
    review_on: date | None
    values: tuple[tuple[str, str], ...]

    @property
    def unsure(self) -> bool:
        return bool(self.values)

    @property
    def slug(self) -> str:
        return re.sub(r"[^a-z0-9_]+", "-", self.key.lower())


@lru_cache(maxsize=1)
def every() -> tuple[ContentFile, ...]:
    """All files with a status, by key."""
    root = Path(openoh.__file__).parent
    found = [_read(root, path) for path in sorted(root.rglob("content/**/*.toml"))]
    return tuple(each for each in found if each)


def unsure() -> tuple[ContentFile, ...]:
    """The files that hold something which a service must confirm."""
    return tuple(each for each in every() if each.unsure)


def file_of(slug: str) -> ContentFile | None:
    """The file with this address; None for an address that is no file's."""
    return next((each for each in every() if each.slug == slug), None)


def _read(root: Path, path: Path) -> ContentFile | None:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    status = str(data.get("status", ""))
    if status not in STATUSES:
        return None
    place = path.relative_to(root).with_suffix("")
    return ContentFile(
        key="/".join(part for part in place.parts if part != "content"), name=_name(place),
        version=str(data.get("version", "")), valid_from=data.get("valid_from"),
        source=_sentence(data.get("source", "")), status=status, review_on=data.get("review_on"),
        values=tuple(_unsure_values(data, inside=status == "unsure")),
    )  # fmt: skip


def _name(path: Path) -> str:
    """``foundation/access/content/break_glass`` as “Access: break glass”."""
    parts = [part for part in path.parts if part not in ("content", "foundation", "pathway", "population")]
    words = [re.sub(r"\.v\d+$", "", part).replace("_", " ").replace("-", " ") for part in parts]
    return f"{words[-2].capitalize()}: {words[-1]}" if len(words) > 1 else words[0].capitalize()


def _sentence(source: object) -> str:
    return "; ".join(map(str, source)) if isinstance(source, list) else str(source)


def _unsure_values(data: object, *, inside: bool, place: str = "") -> Iterator[tuple[str, str]]:
    """Each value that is unsure: its place, e.g. “severity 2, contact minutes”, and the value in words."""
    if isinstance(data, dict):
        said = data.get("status") == "unsure"
        inside = inside or said
        if said and not set(data) - MARKS:
            yield place, "to be set by the service"
        for name, value in data.items():
            if name not in MARKS or isinstance(value, dict | list):
                words = name.replace("_", " ").replace("-", " ")
                yield from _unsure_values(value, inside=inside, place=_within(place, words))
    elif isinstance(data, list) and any(isinstance(each, dict | list) for each in data):
        for number, each in enumerate(data, start=1):
            yield from _unsure_values(each, inside=inside, place=f"{place} {number}")
    elif inside:
        yield place, ", ".join(map(str, data)) if isinstance(data, list) else str(data)


def _within(place: str, name: str) -> str:
    return f"{place}{' ' if name.isdecimal() else ', '}{name}" if place else name
