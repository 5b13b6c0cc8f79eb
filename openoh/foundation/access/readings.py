"""Whose records a page showed, and why: what is open to somebody in an emergency only is written with its reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from openoh.foundation.access.own_record import emergency_reasons
from openoh.foundation.audit.actions import record_reading
from openoh.foundation.core.actors import Actor

LONGEST = 200


def record_readings(*, by: Actor, page: str, people: Iterable[UUID]) -> None:
    """One row for the page; one of its own for each record that is open in an emergency, so that its reason is told
    to that person alone. Must run inside the actor's scope."""
    shown = set(people)
    reasons = emergency_reasons(by, shown)
    record_reading(by=by, page=page, people=shown - set(reasons))
    for person, reason in reasons.items():
        pressed = replace(by, reason=f"In an emergency: {reason}"[:LONGEST])
        record_reading(by=pressed, page=page, people=[person])
