"""Versioned content of the methods: rules, thresholds and tables in TOML files that name their source.

A file is ``content/<module>/<name>.v<version>.toml`` and states ``version``, ``valid_from``, ``source`` and
``status`` (``sourced``: read in the primary or an official source; ``general``: standard knowledge of the
field; ``unsure``: confirm before use). A sub-table may carry a weaker ``status`` of its own, which then counts
for what it holds. A published version is never edited: a change is a new file.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

Status = Literal["sourced", "general", "unsure"]
"""How well a rule is supported: read at its source, general knowledge, or still to be verified."""

CONTENT = Path(__file__).parent / "content"
_STRONGEST_FIRST: tuple[Status, ...] = ("sourced", "general", "unsure")
_HEADER = ("version", "valid_from", "source", "status")
_FILE_NAME = re.compile(r"(?P<name>.+)\.v(?P<version>\d+)\.toml")


@dataclass(frozen=True)
class Content:
    """One content file: its header, and everything below the header in ``values``. Only read it: it is shared."""

    module: str
    name: str
    version: str
    valid_from: date
    source: tuple[str, ...]
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


def names(module: str) -> tuple[str, ...]:
    """The content that a module has, in alphabetical order."""
    return tuple(_versions_by_name(module))


@cache
def load(module: str, name: str, version: str | None = None) -> Content:
    """The content ``name`` of ``module``, in the version named or else the newest.

    ``ValueError`` names the content or the versions that there are.

    >>> load("audiometry", "l108-2005").rule_version
    'audiometry/l108-2005@1'
    """
    known = _versions_by_name(module)
    if name not in known:
        raise ValueError(f"{module} has no content {name!r}; choose from {', '.join(known)}.")
    chosen = known[name][-1] if version is None else version
    if chosen not in known[name]:
        raise ValueError(f"version of {name!r} is {chosen!r}; allowed: {', '.join(known[name])}")
    return _read(module, name, chosen)


def weakest(*statuses: Status) -> Status:
    """The least certain of ``statuses``: a result is only as well supported as its weakest rule.

    >>> weakest("sourced", "unsure", "general")
    'unsure'
    """
    return max(statuses, key=_STRONGEST_FIRST.index)


@cache
def _versions_by_name(module: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[int]] = {}
    for path in sorted((CONTENT / module).glob("*.toml")):
        match = _FILE_NAME.fullmatch(path.name)
        if match is None:
            raise ValueError(f"content file is {path.name!r}; allowed: <name>.v<version>.toml")
        found.setdefault(match["name"], []).append(int(match["version"]))
    return {
        name: tuple(str(version) for version in sorted(versions)) for name, versions in sorted(found.items())
    }


def _read(module: str, name: str, version: str) -> Content:
    file = f"{name}.v{version}.toml"
    values = tomllib.loads((CONTENT / module / file).read_text(encoding="utf-8"))
    missing = [key for key in _HEADER if key not in values]
    if missing or values["status"] not in _STRONGEST_FIRST:
        raise ValueError(f"{file} lacks {', '.join(missing) or 'a known status'}.")
    header = {key: values.pop(key) for key in _HEADER}
    if header["version"] != version:
        raise ValueError(f"{file} says that it is version {header['version']!r}.")
    source = header.pop("source")
    return Content(
        module=module,
        name=name,
        source=(source,) if isinstance(source, str) else tuple(source),
        values=values,
        **header,
    )
