"""Versioned reference data of the methods: one TOML file per rule set and version.

A file is ``content/<folder>/<name>.v<version>.toml`` and states ``version``, ``valid_from``, ``source`` and
``status`` (``sourced``: read in the primary or an official source; ``general``: standard knowledge of the
field; ``unsure``: confirm before use). A published version is never edited: a change is a new file.
"""

import functools
import re
import tomllib
from pathlib import Path
from typing import Any

CONTENT = Path(__file__).parent / "content"
STATUSES = ("sourced", "general", "unsure")
_FILE_NAME = re.compile(r"(?P<name>.+)\.v(?P<version>\d+)\.toml")


def names(folder: str) -> tuple[str, ...]:
    """The rule sets in a folder, in alphabetical order."""
    return tuple(_versions_by_name(folder))


def load(folder: str, name: str, version: str | None = None) -> dict[str, Any]:
    """One rule set: the version asked for, or else the newest. The result is cached: only read it."""
    known = _versions_by_name(folder)
    if name not in known:
        raise ValueError(f"{folder} rule set is {name!r}; allowed: {', '.join(known)}")
    versions = known[name]
    chosen = versions[-1] if version is None else version
    if chosen not in versions:
        raise ValueError(f"version of {name!r} is {chosen!r}; allowed: {', '.join(versions)}")
    return _read(folder, name, chosen)


@functools.cache
def _versions_by_name(folder: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[int]] = {}
    for path in sorted((CONTENT / folder).glob("*.toml")):
        match = _FILE_NAME.fullmatch(path.name)
        if match is None:
            raise ValueError(f"content file is {path.name!r}; allowed: <name>.v<version>.toml")
        found.setdefault(match["name"], []).append(int(match["version"]))
    return {
        name: tuple(str(version) for version in sorted(versions)) for name, versions in sorted(found.items())
    }


@functools.cache
def _read(folder: str, name: str, version: str) -> dict[str, Any]:
    return tomllib.loads((CONTENT / folder / f"{name}.v{version}.toml").read_text(encoding="utf-8"))
