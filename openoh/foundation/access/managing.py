"""Who leads whom today: their own people, the people below those, and people lent by a delegation.

A loop of managers in the data ends by itself; nobody is ever among their own people; a manager who has left
leads nobody, from the day after their last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from django.db import connection

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor

ACTIVE = "{0}.starts_on <= %(day)s AND ({0}.ends_on IS NULL OR {0}.ends_on >= %(day)s)"

# UNION, not UNION ALL: a row that was met before is dropped, so a loop of managers ends.
LED = f"""
WITH RECURSIVE below (id, manager_id, direct) AS (
    SELECT e.id, e.manager_id, true FROM people_engagement e
    JOIN people_engagement m ON m.id = e.manager_id AND m.employer_id = e.employer_id
    WHERE m.id = %(manager)s AND {ACTIVE.format("m")}
  UNION
    SELECT e.id, e.manager_id, false FROM people_engagement e
    JOIN below b ON e.manager_id = b.id
    JOIN people_engagement m ON m.id = b.id AND m.employer_id = e.employer_id
)
SELECT e.id, bool_or(b.direct) FROM below b JOIN people_engagement e ON e.id = b.id
WHERE e.id <> %(manager)s AND {ACTIVE.format("e")}
GROUP BY e.id
"""

LENT = f"""
SELECT p.engagement_id, d.manager_id, d.ends_on FROM access_delegation d
JOIN access_delegatedperson p ON p.delegation_id = d.id
JOIN people_engagement deputy ON deputy.id = d.deputy_id AND deputy.employer_id = d.employer_id
WHERE d.deputy_id = %(manager)s AND d.ended_at IS NULL AND d.starts_on <= %(day)s AND d.ends_on >= %(day)s
  AND {ACTIVE.format("deputy")}
ORDER BY d.ends_on
"""


class How(StrEnum):
    """Why somebody is among a manager's people."""

    DIRECT = "direct"
    TREE = "tree"
    DELEGATED = "delegated"


@dataclass(frozen=True)
class Managed:
    """One engagement that somebody leads today; `until` is the last day when it is lent."""

    engagement: UUID
    how: How
    until: date | None = None


def people_of(actor: Actor) -> Mapping[UUID, Managed]:
    """Everybody whom the actor leads today, by engagement; nobody for an actor without an engagement.

    Runs inside the actor's scope.
    """
    return led_by(actor.engagement) if actor.engagement else {}


def led_by(manager: UUID, day: date | None = None) -> Mapping[UUID, Managed]:
    """Everybody whom the engagement `manager` leads on `day` (default today), by engagement."""
    day = day or clock.today()
    led = _led_in_own_right(manager, day)
    for lender, lent in _lent_to(manager, day).items():
        still_led = _led_in_own_right(lender, day)
        for engagement, until in lent.items():
            if engagement in still_led and engagement != manager:
                led.setdefault(engagement, Managed(engagement, How.DELEGATED, until))
    return led


def _led_in_own_right(manager: UUID, day: date) -> dict[UUID, Managed]:
    with connection.cursor() as cursor:
        cursor.execute(LED, {"manager": manager, "day": day})
        rows = cursor.fetchall()
    return {row[0]: Managed(row[0], How.DIRECT if row[1] else How.TREE) for row in rows}


def _lent_to(deputy: UUID, day: date) -> dict[UUID, dict[UUID, date]]:
    """By lender, the engagements lent and their last day (the latest of overlapping delegations)."""
    lent: dict[UUID, dict[UUID, date]] = {}
    with connection.cursor() as cursor:
        cursor.execute(LENT, {"manager": deputy, "day": day})
        for engagement, lender, until in cursor.fetchall():
            lent.setdefault(lender, {})[engagement] = until
    return lent
