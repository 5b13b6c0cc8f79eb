"""Pure decisions about consultations: which codes exist, and what is missing before signing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openoh.foundation.core.content import load

PACKAGE = "openoh.pathway.consultations"
MANY = ("problems", "functions")
ONE = ("work_related", "prognosis", "agreed_release")


@dataclass(frozen=True)
class Findings:
    """What has been recorded so far, as far as signing asks for it."""

    mode: str
    where_now: str
    who_is_there: str
    problems: tuple[str, ...]
    work_related: str
    prognosis: str
    risk_asked: bool | None
    note: bool


def choices(field: str) -> dict[str, str]:
    """The codes and words that `field` takes: one of ``problems functions work_related prognosis agreed_release``."""
    content: dict[str, Any] = load(PACKAGE, "findings").data
    return dict(content[field])


def is_remote(mode: str) -> bool:
    """Whether the person is somewhere else than the clinician."""
    content: dict[str, Any] = load(PACKAGE, "findings").data
    return mode in content["remote"]["modes"]


def unknown_codes(values: Mapping[str, object]) -> list[str]:
    """Names of the fields among `values` that hold a code which does not exist."""
    wrong = []
    for field, value in values.items():
        if field in MANY:
            given = value if isinstance(value, list | tuple) else [value]
            wrong += [field] if set(given) - set(choices(field)) else []
        elif field in ONE and value:
            wrong += [field] if value not in choices(field) else []
    return wrong


def missing(found: Findings) -> list[tuple[str, str]]:
    """What is still missing before signing: field and what to do, in the order of the page."""
    wanted = [
        ("where_now", "Write where the person is now.", is_remote(found.mode) and not found.where_now),
        (
            "who_is_there",
            "Write who is in the room with them.",
            is_remote(found.mode) and not found.who_is_there,
        ),
        ("risk_asked", "Say whether you asked about risk.", found.risk_asked is None),
        ("problems", "Choose at least one problem.", not found.problems),
        ("work_related", "Say whether it is related to work.", not found.work_related),
        ("prognosis", "Choose how long you expect it to last.", not found.prognosis),
        ("note", "Write the note.", not found.note),
    ]
    return [(field, words) for field, words, lacking in wanted if lacking]
