"""Composed query sets give what the query sets give that they are made from, and refuse what they cannot bind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from openoh.foundation.access.own_record import open_person
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.foundation.core.scope import within
from openoh.foundation.people.access import visible_to
from openoh.foundation.people.models import Engagement, Person
from openoh.pathway.clinics import access, actions, queries
from openoh.pathway.consultations import actions as consultations
from tests.pathway.diary import session

pytestmark = pytest.mark.django_db


def same(query: composed, *arguments: object) -> list[object]:
    """The composed rows, after comparing them with those of the query set, in all fields."""
    wanted = list(query.build(*arguments))
    for _ in range(2):  # as it is composed, and as it is known
        found = query(*arguments)
        assert [row.__dict__.keys() for row in found] == [row.__dict__.keys() for row in wanted]
        assert [_values(row) for row in found] == [_values(row) for row in wanted]
    return found


def _values(row) -> list[object]:
    return [getattr(row, field.attname) for field in row._meta.concrete_fields]


def test_they_find_what_their_query_sets_find_for_every_actor(world):
    slot = session(world, clinician="nia", service="nurse")[0]
    booked = actions.book(by=world.as_amara, slot_id=slot.pk)
    nia = world.clinicians["nia"].pk
    start, end = slot.starts_at - timedelta(days=1), slot.starts_at + timedelta(days=1)
    seen = {}
    for name in ("nurse", "other_nurse", "physician", "lead"):
        actor = getattr(world, f"as_{name}")
        with within(actor.scope):
            same(actions._slots, actor, slot.pk)
            same(queries._free_between, actor, nia, start, end)
            same(access.clinicians_with, actor.provider, actor.user)
            same(actions._served_engagements, actor, world.amara.pk, None)
            same(actions._served_engagements, actor, world.amara.pk, world.trust.pk)
            same(consultations._begun_for, actor, booked.pk)
            same(consultations._locked_appointments, actor, booked.pk)
            people = same(open_person, actor, world.amara.pk)
            day = same(queries._booked_between, actor, nia, start, end)
            seen[name] = (len(people), len(day))
    assert seen == {"nurse": (1, 1), "other_nurse": (0, 0), "physician": (1, 1), "lead": (1, 1)}


def test_related_rows_come_along_without_another_question(world):
    slot = session(world, clinician="nia", service="nurse")[0]
    booked = actions.book(by=world.as_amara, slot_id=slot.pk)
    with within(world.as_nurse.scope), CaptureQueriesContext(connection) as captured:
        consultations._locked_appointments.get(world.as_nurse, booked.pk)
        again = consultations._locked_appointments.get(world.as_nurse, booked.pk)
        assert again.clinician.name == world.clinicians["nia"].name
    assert len(captured.captured_queries) == 4  # two questions, and the savepoint of this scope


def test_what_is_open_to_one_actor_is_not_lent_to_the_next(world):
    with within(world.as_nurse.scope):
        assert open_person.first(world.as_nurse, world.amara.pk) == world.amara
    with within(world.as_other_nurse.scope):
        assert open_person.first(world.as_other_nurse, world.amara.pk) is None
        with pytest.raises(Person.DoesNotExist):
            open_person.get(world.as_other_nurse, world.amara.pk)


def test_the_time_is_that_of_the_question(world):
    @composed
    def running(actor: Actor) -> QuerySet[Engagement]:
        return Engagement.objects.filter(employer_id__in=actor.employers, starts_on__lte=clock.today())

    hr = world.as_hr
    with within(hr.scope):
        assert running(hr)
        with clock.held_at(clock.now() - timedelta(days=365 * 100)):
            assert running(hr) == []


def test_what_depends_on_a_value_otherwise_is_refused(world):
    @composed
    def since_yesterday(actor: Actor) -> QuerySet[Engagement]:
        return Engagement.objects.filter(starts_on__gte=clock.today() - timedelta(days=1))

    @composed
    def asks(actor: Actor) -> QuerySet[Person]:
        return Person.objects.filter(pk__in=list(visible_to(actor).values_list("pk", flat=True)))

    @composed
    def shortened(actor: Actor, text: str) -> QuerySet[Person]:
        return visible_to(actor).filter(family_name__startswith=text)

    with within(world.as_nurse.scope):
        for query, arguments in ((since_yesterday, ()), (asks, ()), (shortened, ("Oka",))):
            with pytest.raises(TypeError):
                query(world.as_nurse, *arguments)
