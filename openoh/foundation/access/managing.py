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
from django.db.models.expressions import RawSQL

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.identifiers import NOBODY

DAY = "%(day)s"
ACTIVE = "{0}.starts_on <= {1} AND ({0}.ends_on IS NULL OR {0}.ends_on >= {1})"

# UNION, not UNION ALL: a row that was met before is dropped, so a loop of managers ends.
LED = f"""
WITH RECURSIVE below (id, manager_id, direct) AS (
    SELECT e.id, e.manager_id, true FROM people_engagement e
    JOIN people_engagement m ON m.id = e.manager_id AND m.employer_id = e.employer_id
    WHERE m.id = %(manager)s AND {ACTIVE.format("m", DAY)}
  UNION
    SELECT e.id, e.manager_id, false FROM people_engagement e
    JOIN below b ON e.manager_id = b.id
    JOIN people_engagement m ON m.id = b.id AND m.employer_id = e.employer_id
)
SELECT e.id, bool_or(b.direct) FROM below b JOIN people_engagement e ON e.id = b.id
WHERE e.id <> %(manager)s AND {ACTIVE.format("e", DAY)}
GROUP BY e.id
"""

LENT = f"""
SELECT p.engagement_id, d.manager_id, d.ends_on FROM access_delegation d
JOIN access_delegatedperson p ON p.delegation_id = d.id
JOIN people_engagement deputy ON deputy.id = d.deputy_id AND deputy.employer_id = d.employer_id
WHERE d.deputy_id = %(manager)s AND d.ended_at IS NULL AND d.starts_on <= %(day)s AND d.ends_on >= %(day)s
  AND {ACTIVE.format("deputy", DAY)}
ORDER BY d.ends_on
"""

# Without the tree below. A lent person counts while the lender still leads them, which climbing from the person shows.
NEAREST = f"""
WITH RECURSIVE asked (manager, day) AS (VALUES (%s::uuid, %s::date)),
me AS (
    SELECT m.id, m.employer_id, asked.day FROM people_engagement m JOIN asked ON m.id = asked.manager
    WHERE {ACTIVE.format("m", "asked.day")}
), lent AS (
    SELECT p.engagement_id AS id, d.manager_id AS lender, max(d.ends_on) AS until
    FROM access_delegation d JOIN me ON d.deputy_id = me.id AND d.employer_id = me.employer_id
    JOIN access_delegatedperson p ON p.delegation_id = d.id
    JOIN people_engagement l ON l.id = d.manager_id
    WHERE d.ended_at IS NULL AND d.starts_on <= me.day AND d.ends_on >= me.day AND p.engagement_id <> me.id
      AND {ACTIVE.format("l", "me.day")}
    GROUP BY p.engagement_id, d.manager_id
), climb (id, lender, until, reached) AS (
    SELECT lent.id, lender, until, e.manager_id FROM lent JOIN people_engagement e ON e.id = lent.id
  UNION
    SELECT c.id, c.lender, c.until, e.manager_id FROM climb c JOIN people_engagement e ON e.id = c.reached
    WHERE c.reached <> c.lender
), near (id, until) AS (
    SELECT e.id, NULL::date FROM people_engagement e JOIN me ON e.manager_id = me.id AND e.employer_id = me.employer_id
  UNION ALL
    SELECT id, max(until) FROM climb WHERE reached = lender GROUP BY id
)
"""
NEAREST_ROWS = f"""
{NEAREST} SELECT e.id, bool_or(n.until IS NULL), max(n.until) FROM near n
JOIN people_engagement e ON e.id = n.id CROSS JOIN me
WHERE {ACTIVE.format("e", "me.day")} GROUP BY e.id
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


def own_tree(actor: Actor) -> frozenset[UUID]:
    """Everybody whom the actor leads today in their own right, however far below: without people who are lent."""
    return frozenset(_led_in_own_right(actor.engagement, clock.today())) if actor.engagement else frozenset()


def nearest_to(actor: Actor) -> Mapping[UUID, Managed]:
    """The actor's own reports and those who are lent to them, without the tree below; by engagement.

    One query, however large the tree is. Runs inside the actor's scope.
    """
    if actor.engagement is None:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(NEAREST_ROWS, [actor.engagement, clock.today()])
        rows = cursor.fetchall()
    return {
        row[0]: Managed(row[0], How.DIRECT) if row[1] else Managed(row[0], How.DELEGATED, row[2])
        for row in rows
    }


def is_nearest_to(actor: Actor) -> RawSQL:
    """The same engagements as a subquery, for ``filter(engagement_id__in=is_nearest_to(actor))``."""
    statement = f"({NEAREST} SELECT id FROM near)"
    return RawSQL(statement, [actor.engagement or NOBODY, clock.today()])  # noqa: S611  # a constant statement


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
