"""Versioned reference values of the methods: thresholds and tables kept as content files, not in code."""

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

STATUSES = ("sourced", "general", "unsure")


@dataclass(frozen=True)
class Reference:
    """One content file: the values and where they come from.

    `status` is `sourced` (read in the named publication), `general` (common professional knowledge) or
    `unsure`.
    """

    name: str
    version: str
    valid_from: datetime.date
    source: str
    status: str
    values: Mapping[str, Any]

    @property
    def rule_version(self) -> str:
        """The name and the version in one text, as results carry it."""
        return f"{self.name} {self.version}"


@cache
def reference(module: str, name: str) -> Reference:
    """The content file `content/<module>/<name>.toml`, which states where its values come from."""
    path = resources.files("openoh.methods") / "content" / module / f"{name}.toml"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    status = content.pop("status")
    if status not in STATUSES:
        raise ValueError(f"{module}/{name}: status {status!r} is not one of {', '.join(STATUSES)}")
    return Reference(
        name=f"{module}/{name}",
        version=content.pop("version"),
        valid_from=content.pop("valid_from"),
        source=content.pop("source"),
        status=status,
        values=MappingProxyType(content),
    )
