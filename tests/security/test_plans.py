"""Under row security the first page of a list is read in order from its tenant-first index, and neither by looking at
every row nor by sorting: PostgreSQL uses an index under row security only where its condition gives nothing away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from openoh.foundation.core import clock
from openoh.foundation.core.scope import within
from openoh.foundation.people import access as people
from openoh.foundation.people.models import Engagement
from openoh.pathway.cases import access as cases
from openoh.pathway.clinics import access as clinics
from openoh.pathway.clocks.turns import WAITS
from openoh.pathway.requests import access as requests
from openoh.population.absence.models import Spell

pytestmark = pytest.mark.django_db
PAGE = 20


def names(world: Any) -> QuerySet[Any]:
    return people.visible_to(world.as_nurse).order_by("family_name", "given_name", "id")


def staff(world: Any) -> QuerySet[Any]:
    employed = Engagement.objects.filter(employer_id=world.trust.id)
    return employed.order_by("family_name", "given_name", "id")


def diary(world: Any) -> QuerySet[Any]:
    begin = clock.now()
    booked = clinics.visible_to(world.as_nurse).filter(
        clinician=world.clinicians["nia"], starts_at__gte=begin, starts_at__lt=begin + timedelta(days=1)
    )
    return booked.order_by("starts_at")


def free_times(world: Any) -> QuerySet[Any]:
    slots = clinics.slots_visible_to(world.as_nurse).filter(service="nurse", starts_at__gt=clock.now())
    return slots.order_by("starts_at")


def caseload(world: Any) -> QuerySet[Any]:
    mine = cases.visible_to(world.as_nurse).filter(owner=world.users["nia"].id)
    return mine.exclude(state="closed").order_by("next_step_on")


def waiting(world: Any) -> QuerySet[Any]:
    return requests.visible_to(world.as_nurse).filter(WAITS).order_by("queue_rank", "sent_at", "id")


def absences(world: Any) -> QuerySet[Any]:
    since = clock.today() - timedelta(days=7)
    return Spell.objects.filter(employer_id=world.trust.id, started_on__gte=since).order_by("started_on")


# Each list, who reads it, and the column that its index must begin with.
LISTS: list[tuple[Callable[[Any], QuerySet[Any]], str, str]] = [
    (names, "as_nurse", "provider_id"),
    (staff, "as_hr", "employer_id"),
    (diary, "as_nurse", "provider_id"),
    (free_times, "as_nurse", "provider_id"),
    (caseload, "as_nurse", "provider_id"),
    (waiting, "as_nurse", "provider_id"),
    (absences, "as_hr", "employer_id"),
]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def first_column(index: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_indexdef(%s::regclass, 1, true)", [f'"{index}"'])
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize(("listed", "reader", "column"), LISTS, ids=[row[0].__name__ for row in LISTS])
def test_a_list_is_read_through_the_index_of_its_tenant(world, listed, reader, column):
    with within(getattr(world, reader).scope):
        rows = listed(world)
        table = rows.model._meta.db_table
        sql, parameters = rows[:PAGE].query.sql_with_params()
        with connection.cursor() as cursor:
            # The test's tables hold a handful of rows; in a large one these three are what makes a page slow.
            for costly in ("seqscan", "bitmapscan", "sort"):
                cursor.execute(f"SET LOCAL enable_{costly} = off")
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
            plan = cursor.fetchone()[0][0]["Plan"]
    assert "Sort" not in {node["Node Type"] for node in nodes(plan)}, plan
    scans = [node for node in nodes(plan) if node.get("Relation Name") == table]
    assert [node["Node Type"] for node in scans] in (["Index Scan"], ["Index Only Scan"]), plan
    assert first_column(scans[0]["Index Name"]) == column
    assert column in scans[0]["Index Cond"]
