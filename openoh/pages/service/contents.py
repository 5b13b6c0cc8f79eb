"""Every content file of the installation, as those who must confirm it read it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import openoh

STATUS = {
    "sourced": "From the named source",
    "general": "General knowledge of the field",
    "unsure": "To be confirmed",
}


@dataclass(frozen=True)
class ContentFile:
    """What a file says of itself; `parts` are those of its parts that are unsure while the whole is not."""

    name: str
    version: str
    valid_from: date | None
    source: str
    status: str
    review_on: date | None
    parts: int

    @property
    def unsure(self) -> bool:
        return self.status == "unsure" or self.parts > 0

    @property
    def status_words(self) -> str:
        if self.parts and self.status != "unsure":
            return f"{STATUS[self.status]}; {self.parts} part{'s' if self.parts > 1 else ''} to be confirmed"
        return STATUS[self.status]


@lru_cache(maxsize=1)
def every() -> tuple[ContentFile, ...]:
    """All files with a status, by name."""
    root = Path(openoh.__file__).parent
    found = [_read(root, path) for path in sorted(root.rglob("content/**/*.toml"))]
    return tuple(each for each in found if each)


def _read(root: Path, path: Path) -> ContentFile | None:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    status = str(data.get("status", ""))
    if status not in STATUS:
        return None
    return ContentFile(
        name=_name(path.relative_to(root).with_suffix("")), version=str(data.get("version", "")),
        valid_from=data.get("valid_from"), source=_sentence(data.get("source", "")), status=status,
        review_on=data.get("review_on"), parts=_unsure_parts(data) - (status == "unsure"),
    )  # fmt: skip


def _name(path: Path) -> str:
    """``foundation/access/content/break_glass`` as “Access: break glass”."""
    parts = [part for part in path.parts if part not in ("content", "foundation", "pathway", "population")]
    words = [re.sub(r"\.v\d+$", "", part).replace("_", " ").replace("-", " ") for part in parts]
    return f"{words[-2].capitalize()}: {words[-1]}" if len(words) > 1 else words[0].capitalize()


def _sentence(source: object) -> str:
    return "; ".join(map(str, source)) if isinstance(source, list) else str(source)


def _unsure_parts(data: object) -> int:
    if isinstance(data, dict):
        return (data.get("status") == "unsure") + sum(_unsure_parts(each) for each in data.values())
    return sum(_unsure_parts(each) for each in data) if isinstance(data, list) else 0
