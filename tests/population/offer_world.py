"""Spells in the tests' world, brought in as the feed brings them: rows of one run, their reasons, one fact."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import connection

from openoh.foundation.core import facts
from openoh.foundation.core.identifiers import new_id
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Engagement
from openoh.population.absence.models import Spell


def enlarge(employer, provider, size=30):
    """Give the employer enough people to be no small employer; called within the worker's scope."""
    Engagement.objects.bulk_create([
        Engagement(employer=employer, provider=provider, number=f"X{n}", given_name="Ex", family_name="Tra",
                   starts_on=date(2020, 1, 1))
        for n in range(size)
    ])  # fmt: skip


def spell(
    engagement, started_on: date, ended_on: date | None = None, *, run: UUID, reason: str = "", **more
) -> Spell:
    """One spell of a run, with its reason on the way to the decision."""
    made = Spell.objects.create(
        employer_id=engagement.employer_id, engagement=engagement, reference=str(new_id()),
        started_on=started_on, ended_on=ended_on, run_id=run, **more,
    )  # fmt: skip
    if reason:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO absence_run_reason VALUES (%s, %s, %s)", [run, made.id, reason])
    return made


def feed(world, *rows, employer=None) -> list[Spell]:
    """Bring in spells as one run and hand the fact to its consumers. A row is what `spell` takes."""
    employer, run = employer or world.trust, new_id()
    with within(world.as_worker.scope):
        made = [spell(*row[0], run=run, **row[1]) for row in rows]
        facts.append("absence.recorded", run, employer=employer.id, data={"run": str(run)})
    facts.consume()
    return made


def row(engagement, started_on, ended_on=None, **more):
    return (engagement, started_on, ended_on), more
