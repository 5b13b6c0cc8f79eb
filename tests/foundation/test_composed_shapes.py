"""What belongs to the shape of a composed query and what is bound: lists, limits, roles, and what it refuses."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from django.db.models import QuerySet

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import MOST_SHAPES, CannotComposeOnce, Checks, composed
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Engagement

composings: list[str] = []


@composed
def posts(
    actor: Actor, *, people: list[UUID] | None = None, since: date | None = None, limit: int = 20
) -> QuerySet[Engagement]:
    composings.append(actor.name)
    found = Engagement.objects.filter(employer_id__in=actor.employers, starts_on__lte=clock.today())
    if people is not None:
        found = found.filter(person_id__any=people)
    if since:
        found = found.filter(starts_on__gte=since)
    return found.select_related("employer").order_by("id")[:limit]


@pytest.fixture
def unchecked(monkeypatch):
    """As in production: not composed afresh for comparison at every call."""
    monkeypatch.setattr(Checks, "always", False)
    composings.clear()


@pytest.fixture
def inside(world):
    with within(world.as_nurse.scope):
        yield world


def test_each_call_has_its_own_values_and_composes_nothing(inside, unchecked, django_assert_num_queries):
    nurse = inside.as_nurse
    everybody = posts(nurse)
    people = [post.person_id for post in everybody]
    assert len(set(people)) > 2
    for person in people:
        assert {post.person_id for post in posts(nurse, people=[person])} == {person}
    assert {post.person_id for post in posts(nurse, people=people)} == set(people)
    assert posts(nurse, people=[]) == []
    composings.clear()
    with django_assert_num_queries(1):
        found = posts(nurse, people=people[:2])
        assert all(post.employer.name for post in found)  # what was joined needs no query more
    assert composings == []


def test_who_may_see_what_is_part_of_the_shape(inside, unchecked):
    nurse = inside.as_nurse
    assert len(posts(nurse, limit=1)) == 1 < len(posts(nurse, limit=2))
    nobody = Actor(nurse.name, nurse.role, type(nurse.scope)(nurse.audience), nurse.user)
    assert posts(nobody) == []


def test_a_row_is_no_argument(inside):
    @composed
    def reports_of(manager: Engagement) -> QuerySet[Engagement]:
        return Engagement.objects.filter(manager=manager)

    with pytest.raises(CannotComposeOnce, match="cannot be composed once for"):
        reports_of(Engagement())


def test_of_too_many_shapes_the_oldest_makes_room(inside, unchecked):
    everybody = posts(inside.as_nurse, limit=1_000)
    for number in [*range(MOST_SHAPES + 5), 0]:
        assert posts(inside.as_nurse, limit=number + 1) == everybody[: number + 1]


def test_what_is_never_the_same_is_no_part_of_the_shape(inside):
    with pytest.raises(CannotComposeOnce, match="too many shapes"):
        for number in range(MOST_SHAPES + 1):
            posts(inside.as_nurse, limit=number + 30)


def test_what_compares_identifiers_is_found_by_the_check(inside):
    mine = UUID(int=1)

    @composed
    def mine_or_all(engagement: UUID) -> QuerySet[Engagement]:
        return Engagement.objects.filter(pk=engagement) if engagement == mine else Engagement.objects.all()

    mine_or_all(UUID(int=2))
    with pytest.raises(CannotComposeOnce, match="Composed afresh"):
        mine_or_all(mine)
