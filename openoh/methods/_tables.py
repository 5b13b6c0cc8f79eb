"""Versioned content of the methods: thresholds and tables in dated TOML files that name their source.

A file lies at ``content/<module>/<name>.toml`` and starts with ``version``, ``valid_from``, ``source`` and
``status``. A sub-table may carry a weaker ``status`` of its own, which then counts for what it holds.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

Status = Literal["sourced", "general", "unsure"]
"""How well a rule is supported: read at its source, general knowledge, or still to be verified."""

_STRONGEST_FIRST: tuple[Status, ...] = ("sourced", "general", "unsure")
_HEADER = ("version", "valid_from", "source", "status")
CONTENT = Path(__file__).parent / "content"


@dataclass(frozen=True)
class Table:
    """One content file: its header, and everything below the header in ``values``."""

    module: str
    name: str
    version: str
    valid_from: date
    source: str
    status: Status
    values: Mapping[str, Any]

    @property
    def rule_version(self) -> str:
        """What a stored result quotes, e.g. ``audiometry/l108-2005@1``."""
        return f"{self.module}/{self.name}@{self.version}"

    def section(self, *keys: str) -> Mapping[str, Any]:
        """The sub-table at ``keys``; ``ValueError`` names the choices where a key is unknown."""
        found: Any = self.values
        for key in keys:
            if key not in found:
                raise ValueError(
                    f"{self.rule_version} has no {key!r}; choose from {', '.join(sorted(found))}."
                )
            found = found[key]
        return cast(Mapping[str, Any], found)

    def status_of(self, *keys: str) -> Status:
        """The status of the sub-table at ``keys``: its own where it states one, otherwise the file's."""
        return cast(Status, self.section(*keys).get("status", self.status))


@cache
def load(module: str, name: str) -> Table:
    """The content file ``name`` of ``module``; ``ValueError`` names the files there are."""
    folder = CONTENT / module
    path = folder / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.toml")))
        raise ValueError(f"{module} has no content {name!r}; choose from {known}.")
    values = tomllib.loads(path.read_text(encoding="utf-8"))
    missing = [key for key in _HEADER if key not in values]
    if missing or values["status"] not in _STRONGEST_FIRST:
        raise ValueError(f"{path.name} lacks {', '.join(missing) or 'a known status'}.")
    header = {key: values.pop(key) for key in _HEADER}
    return Table(module=module, name=name, values=values, **header)


def weakest(*statuses: Status) -> Status:
    """The least certain of ``statuses``: a result is only as well supported as its weakest rule.

    >>> weakest("sourced", "unsure", "general")
    'unsure'
    """
    return max(statuses, key=_STRONGEST_FIRST.index)
