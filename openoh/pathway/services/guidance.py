"""What a manager is given to read: how to talk about wellbeing, and what there is to learn. Content, no database."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from openoh.foundation.core.content import Content, load


@dataclass(frozen=True)
class Part:
    """A heading with its sentences."""

    title: str
    points: tuple[str, ...]


@dataclass(frozen=True)
class Guide:
    """The conversation guide: its course in order, what one may and may not ask, what is told, and danger."""

    lede: str
    parts: tuple[Part, ...]
    may: Part
    may_not: Part
    tells: Part
    tells_not: Part
    danger: Part
    content: Content


@dataclass(frozen=True)
class Course:
    """A kind of course; `link` is a public address, or empty where the employer has to say."""

    code: str
    title: str
    words: str
    length: str
    where: str
    link: str = ""


@lru_cache(maxsize=1)
def conversation() -> Guide:
    """The conversation guide as it is now."""
    content = load("openoh.pathway.services", "conversation")
    parts = tuple(map(_part, cast(list[dict[str, Any]], content["parts"])))
    named = {name: _part(content[name]) for name in ("may", "may_not", "tells", "tells_not", "danger")}
    return Guide(lede=content["lede"], parts=parts, content=content, **named)


@lru_cache(maxsize=1)
def courses() -> tuple[Course, ...]:
    """The kinds of courses, in the order of the content."""
    rows = cast(list[dict[str, str]], load("openoh.pathway.services", "courses")["courses"])
    return tuple(Course(**row) for row in rows)


def _part(entry: dict[str, Any]) -> Part:
    return Part(entry["title"], tuple(entry["points"]))
