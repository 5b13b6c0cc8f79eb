"""Scopes: whose rows a transaction may touch."""

from __future__ import annotations

import pytest
from django.db import connection

from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.scope import current_scope, within
from openoh.foundation.people.models import Engagement, Person


def role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return cursor.fetchone()[0]


def test_an_employer_sees_its_own_engagements_only(world):
    with within(world.as_hr.scope):
        assert set(Engagement.objects.values_list("employer_id", flat=True)) == {world.trust.id}


def test_an_empty_scope_sees_nothing(world):
    with within(Scope(Audience.EMPLOYER)):
        assert not Engagement.objects.exists()
    with within(Scope(Audience.CLINICAL)):
        assert not Person.objects.exists()


def test_a_person_sees_themselves_only(world):
    with within(world.as_amara.scope):
        assert list(Person.objects.all()) == [world.amara]


def test_a_provider_never_sees_another_providers_people(world):
    with within(world.as_nurse.scope):
        assert world.femi not in Person.objects.all()
    with within(world.as_other_nurse.scope):
        assert list(Person.objects.all()) == [world.femi]


def test_a_nested_scope_gives_the_outer_one_back(world):
    nurse, amara = world.as_nurse, world.as_amara
    with within(nurse.scope):
        with within(amara.scope):
            assert role() == "oh_person"
        assert role() == "oh_clinical"
        assert current_scope() == nurse.scope
    assert role() == "oh_login"
    assert current_scope() is None


def test_the_outer_scope_survives_an_error_inside(world):
    nurse, amara = world.as_nurse, world.as_amara
    with within(nurse.scope):
        with pytest.raises(RuntimeError), within(amara.scope):
            raise RuntimeError
        assert role() == "oh_clinical"
