"""The definitions of what the service measures, read from content/measures.toml."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, cast

from openoh.foundation.core.content import Content, load

PEOPLE, SHARE, RATE = "people", "share", "rate"
WAITS = "waits-now"


@dataclass(frozen=True)
class Measure:
    """One definition. `kind` is ``people`` (a count), ``share`` (per cent of people) or ``rate`` (per cent of days).

    `improvement` is ``increase decrease neutral``; `target` in the unit of the measure, None where none was agreed.
    """

    code: str
    title: str
    words: str
    kind: str
    numerator: str
    improvement: str
    owner: str
    source: str
    review_on: date
    denominator: str = ""
    target: float | None = None


@dataclass(frozen=True)
class WaitStep:
    """Something that is waited for, and whose turn it then is: ``service person manager``."""

    code: str
    title: str
    owner: str


def content() -> Content:
    """The definitions with their version."""
    return load("openoh.population.measures", "measures")


@lru_cache(maxsize=1)
def measures() -> dict[str, Measure]:
    """Every measure by code, in the order of the file."""
    entries = cast(list[dict[str, Any]], content()["measures"])
    return {entry["code"]: Measure(**entry) for entry in entries}


@lru_cache(maxsize=1)
def wait_steps() -> dict[str, WaitStep]:
    """Every step that somebody may wait for, by code, in the order of the file."""
    entries = cast(dict[str, dict[str, str]], content()["waits"])
    return {code: WaitStep(code, **entry) for code, entry in entries.items()}
