"""Pure decisions about requests: how urgent, whether complete, whether a time may be booked without triage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from openoh.foundation.core.content import load
from openoh.foundation.core.decisions import Decision, allow, refuse

PACKAGE = "openoh.pathway.requests"
ROUTINE = "routine"


@dataclass(frozen=True)
class Asked:
    """What is known of a request when it is sent. `flags` come from its questionnaires."""

    safe_now: str
    needs: tuple[str, ...]
    effects: tuple[str, ...]
    reach_by: str
    flags: frozenset[str] = frozenset()
    risk: bool = False


def urgency(asked: Asked) -> Decision:
    """``urgent`` (same day), ``soon`` (3 working days) or ``routine``, with its reason.

    Source: content/urgency.toml.
    """
    content = load(PACKAGE, "urgency")
    rows: Any = content["rules"]
    for row in rows:
        if _holds(row, asked):
            return Decision(row["urgency"], row["reason"], content.rule_version)
    return Decision(ROUTINE, "Nothing in the answers calls for haste.", content.rule_version)


def _holds(row: dict[str, Any], asked: Asked) -> bool:
    known = {"flags": asked.flags, "needs": asked.needs, "effects": asked.effects}
    return (bool(row.get("risk")) and asked.risk) or any(
        set(row.get(name, ())) & set(codes) for name, codes in known.items()
    )


def missing(asked: Asked) -> list[str]:
    """Questions of the needs assessment without which nobody can help, in the order in which they are asked."""
    wanted = {
        "safe-now": asked.safe_now, "needs": asked.needs, "effects": asked.effects, "reach-by": asked.reach_by,
    }  # fmt: skip
    return [item for item, answer in wanted.items() if not answer]


def may_book_directly(asked: Asked, *, direct_book: bool) -> Decision:
    """Whether the person may choose a time at once. A risk or a red flag is read by a clinician first."""
    version = load(PACKAGE, "urgency").rule_version
    if not direct_book:
        return refuse("A nurse reads this first and then offers you a time.", version)
    if asked.risk or asked.flags or asked.safe_now != "yes":
        return refuse(
            "A clinician reads your answers first, because some of them need a closer look.", version
        )
    return allow("This service is booked directly.", version)


def assessments(needs: Iterable[str], *, before_booking: bool = False) -> tuple[str, ...]:
    """Questionnaires that help with these needs, in order; with `before_booking` only those without which no time
    is booked directly.

    Source: content/assessments.toml.
    """
    rows: Any = load(PACKAGE, "assessments")["ask"]
    wanted = set(needs)
    asked = [
        code
        for row in rows
        if wanted & set(row["needs"]) and (row["before_booking"] or not before_booking)
        for code in row["questionnaires"]
    ]
    return tuple(dict.fromkeys(asked))
