"""Versioned, dated reference data kept beside the package that uses it, in `<package>/content/*.toml`.

Every file has `version`, `valid_from`, `source` and `status` at its top; `status` is one of

- ``sourced``: read in the named source,
- ``general``: general knowledge of the field, confident,
- ``unsure``: plausible; shown as such to the service, which must confirm it before go-live.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

STATUSES = ("sourced", "general", "unsure")


@dataclass(frozen=True)
class Content:
    """One file of reference data. `data` is the whole file, `key` is e.g. ``"offers/rules"``."""

    key: str
    version: str
    valid_from: date
    source: str
    status: str
    data: dict[str, Any]

    @property
    def rule_version(self) -> str:
        return f"{self.key}/{self.version}"

    def __getitem__(self, name: str) -> Any:
        return self.data[name]


class ContentError(ValueError):
    """A content file lacks what every content file must say."""


@lru_cache(maxsize=256)
def load(package: str, name: str) -> Content:
    """The content file `name` (without ending) of `package`, e.g. ``load("openoh.population.offers", "rules")``."""
    text = files(package).joinpath("content", f"{name}.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    missing = [field for field in ("version", "valid_from", "source", "status") if not data.get(field)]
    if missing:
        raise ContentError(f"{package}/content/{name}.toml does not say its {', '.join(missing)}")
    if data["status"] not in STATUSES:
        raise ContentError(
            f"{package}/content/{name}.toml: status {data['status']!r} is not one of {STATUSES}"
        )
    return Content(
        key=f"{package.rpartition('.')[2]}/{name}",
        version=str(data["version"]),
        valid_from=data["valid_from"],
        source=data["source"],
        status=data["status"],
        data=data,
    )
