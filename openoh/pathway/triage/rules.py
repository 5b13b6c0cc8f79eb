"""A pure proposal: which route, how urgent, and why. A named clinician decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openoh.foundation.core.content import load
from openoh.foundation.core.decisions import Decision

PACKAGE = "openoh.pathway.triage"
LISTS = ("flags", "needs", "reasons", "questions", "bands")


@dataclass(frozen=True)
class Known:
    """What is known when triage looks: codes only. `bands` are written ``<questionnaire>:<band>``."""

    flags: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    questions: frozenset[str] = frozenset()
    bands: frozenset[str] = frozenset()
    risk: bool = False


def routes() -> dict[str, str]:
    """Where triage may lead, by code, with words."""
    content: dict[str, Any] = load(PACKAGE, "suggestions").data
    return dict(content["routes"])


def suggest(known: Known) -> Decision:
    """The route that content/suggestions.toml proposes, with its reason."""
    content = load(PACKAGE, "suggestions")
    rows: Any = content["rules"]
    for row in rows:
        if _holds(row, known):
            return Decision(row["route"], row["reason"], content.rule_version)
    raise LookupError("content/suggestions.toml must end with a rule that always holds")


def _holds(row: dict[str, Any], known: Known) -> bool:
    if "risk" not in row and not any(name in row for name in LISTS):
        return True
    return (bool(row.get("risk")) and known.risk) or any(
        set(row.get(name, ())) & getattr(known, name) for name in LISTS
    )
