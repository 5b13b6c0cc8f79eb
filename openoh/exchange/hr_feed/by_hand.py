"""Engagements typed in by hand. They go the same way as a file of one row, in OpenOH's own format."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from openoh.exchange.hr_feed import taking
from openoh.exchange.hr_feed.mapping import shipped
from openoh.foundation.audit.actions import action
from openoh.foundation.core.actors import Actor, system_actor
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.identifiers import new_id
from openoh.foundation.core.scope import within
from openoh.foundation.people.access import engagements_visible_to
from openoh.foundation.people.models import Engagement

TYPED = "openoh-people"


@action("starter.added")
def add_starter(*, by: Actor, employer: UUID, values: Mapping[str, str]) -> Engagement:
    """Add somebody who starts. `values` are cells by our fields' names, dates as ``2026-03-27``.

    Raises Invalid with the field and what to correct; Conflict when the number is taken.
    """
    _must_maintain(by, employer)
    number = values.get("number", "").strip()
    if engagements_visible_to(by).filter(employer=employer, number=number).exists():
        raise Conflict(
            f"Somebody here has the number {number} already. Look at the list before you add them again."
        )
    return _take_one(
        by, employer, {name: value for name, value in values.items() if value.strip()} | {"number": number}
    )


@action("leaver.recorded")
def record_leaver(*, by: Actor, engagement: UUID, last_day: date) -> Engagement:
    """Say the last day of an engagement, or correct it; it may lie ahead."""
    leaving = engagements_visible_to(by).get(pk=engagement)
    _must_maintain(by, leaving.employer_id)
    if last_day < leaving.starts_on:
        raise Invalid("The last day is before the first day. Correct it.", field="ends_on")
    return _take_one(by, leaving.employer_id, {
        "number": leaving.number, "given_name": leaving.given_name, "family_name": leaving.family_name,
        "starts_on": leaving.starts_on.isoformat(), "ends_on": last_day.isoformat(),
    })  # fmt: skip


def _must_maintain(by: Actor, employer: UUID) -> None:
    if employer not in by.employers or "people.maintain" not in by.permissions:
        raise NotAllowed("Your role does not let you add or end people of this employer.")


def _take_one(by: Actor, employer: UUID, values: dict[str, str]) -> Engagement:
    with within(system_actor("people by hand", employers=(employer,)).scope):
        order = taking.Order(employer, new_id(), shipped(TYPED))
        _, problems = taking.take_again(order, 1, values)
        if problems:
            raise Invalid(problems[0].reason, field=problems[0].field or None)
    return engagements_visible_to(by).get(employer=employer, number=values["number"])
