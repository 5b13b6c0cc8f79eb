"""Every content file of the installation, as those who must confirm it read it."""

from __future__ import annotations

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
    folder = path.relative_to(root).as_posix().removesuffix(".toml").replace("/content/", ": ")
    return ContentFile(
        name=folder.split("/", 1)[-1].replace("/", ", "), version=str(data.get("version", "")),
        valid_from=data.get("valid_from"), source=str(data.get("source", "")), status=status,
        review_on=data.get("review_on"), parts=_unsure_parts(data) - (status == "unsure"),
    )  # fmt: skip


def _unsure_parts(data: object) -> int:
    if isinstance(data, dict):
        return (data.get("status") == "unsure") + sum(_unsure_parts(each) for each in data.values())
    return sum(_unsure_parts(each) for each in data) if isinstance(data, list) else 0
