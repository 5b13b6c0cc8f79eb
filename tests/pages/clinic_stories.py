"""Steps that the clinic's tests begin from: somebody signed in, a request sent, a case, a booked time, a risk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from openoh.foundation.access.models import DeclaredRelation
from openoh.foundation.core import clock
from openoh.foundation.core.scope import within
from openoh.foundation.people.trigrams import index_names
from openoh.pathway.clinics import actions as clinics
from openoh.pathway.consultations import actions as consultations
from openoh.pathway.quality.rules import is_sampled
from openoh.pathway.reports.models import Report
from openoh.pathway.requests import actions as requests
from openoh.pathway.triage import actions as triage
from tests.pathway.diary import request_of
from tests.stories import open_case, signed

MOST_QUERIES = 12
NOT_READING = ("SAVEPOINT", "RELEASE", "SELECT set_config")
FOUND = {
    "where_now": "At home", "who_is_there": "Nobody", "problems": ["back-neck"], "functions": ["lifting"],
    "work_related": "worsened", "prognosis": "weeks", "agreed_release": "agreed", "risk_asked": "yes",
    "note": "Moves well.",
}  # fmt: skip


def words(response) -> str:
    """What stands on the page, without the markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def sent(world, name="amara", **answers):
    """Somebody asks for help."""
    actor = world.actor(name, "employee")
    return requests.send(by=actor, request_id=request_of(actor, **answers).id)


def accepted(world, name="amara", owner="nia", **answers):
    """A request that triage accepted; the case that it opened."""
    from openoh.pathway.cases.queries import case_about

    request = sent(world, name, **answers)
    nurse = world.as_nurse
    triage.accept(
        by=nurse, request_id=request.pk, route="nurse", owner=world.users[owner].pk if owner else None
    )
    with within(nurse.scope):
        return case_about(nurse, request_id=request.pk)


def booked(world, name="amara", *, clinician="nia", minutes_from_now=30, service="nurse", **more):
    """A time of a clinician, taken for somebody."""
    nurse = world.as_nurse
    begin = clock.now() + timedelta(minutes=minutes_from_now)
    (slot,) = clinics.make_slots(
        by=nurse, clinician_id=world.clinicians[clinician].pk, service=service, start=begin,
        end=begin + timedelta(minutes=30), minutes=30, mode="video",
    ).slots  # fmt: skip
    return clinics.book(by=nurse, slot_id=slot.pk, person_id=world.people[name].pk, **more)


def begun(world, case, by=None):
    """A consultation of a case, not written yet."""
    return consultations.begin(by=by or world.as_nurse, case_id=case.pk, mode="telephone")


def declare_family(world, user: str, person: str) -> None:
    with within(world.as_worker.scope):
        DeclaredRelation.objects.create(
            user=world.users[user], provider=world.provider, person=world.people[person]
        )


def index_everybody(world) -> None:
    """Names are found once they are indexed, which an import does."""
    with within(world.as_worker.scope):
        index_names([person.pk for person in world.people.values()])


@contextmanager
def few_queries() -> Iterator[None]:
    """At most as many queries as a page may make; savepoints do not read anything."""
    with CaptureQueriesContext(connection) as captured:
        yield
    made = [query["sql"] for query in captured if not query["sql"].startswith(NOT_READING)]
    assert len(made) <= MOST_QUERIES, f"{len(made)} queries:\n" + "\n".join(sql[:160] for sql in made)


def sampled_report(world, by=None) -> Report:
    """Reports are signed until one is in the sample; the others leave it as they found it."""
    case = open_case(world)
    for _ in range(200):
        report = signed(world, case, by=by)
        if is_sampled(report.pk):
            return report
        with within(world.as_worker.scope):
            Report.objects.filter(pk=report.pk).update(state="superseded")
    raise AssertionError("a sample of one in ten chose none of 200")
