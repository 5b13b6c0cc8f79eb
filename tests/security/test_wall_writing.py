"""Writing through the wall: what the classification does not grant is refused, and rows cannot leave their scope."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction

from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.scope import within
from openoh.foundation.core.wall import classification_of, classified_models
from openoh.foundation.people.models import Engagement, Person

pytestmark = pytest.mark.django_db

STATEMENTS = {
    "INSERT": 'INSERT INTO "{table}" ("{column}") SELECT "{column}" FROM "{table}" WHERE false',
    "UPDATE": 'UPDATE "{table}" SET "{column}" = "{column}" WHERE false',
    "DELETE": 'DELETE FROM "{table}" WHERE false',
    "TRUNCATE": 'TRUNCATE "{table}"',
}


def may(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except ProgrammingError as error:
        assert "permission denied" in str(error)
        return False
    return True


@pytest.mark.parametrize("audience", list(Audience))
def test_each_audience_writes_exactly_what_the_classification_grants(world, audience):
    wrong = []
    for model in classified_models():
        table, column = model._meta.db_table, model._meta.pk.column
        granted = classification_of(model).privileges(audience)
        with within(Scope(audience)):
            for privilege, statement in STATEMENTS.items():
                if privilege == "INSERT" and "SELECT" not in granted:
                    statement = 'INSERT INTO "{table}" DEFAULT VALUES'
                if may(statement.format(table=table, column=column)) is not (privilege in granted):
                    wrong.append((table, privilege))
    assert wrong == []


def test_every_table_forces_row_security(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity AND relkind = 'r'"
        )
        walled = {name for (name,) in cursor.fetchall()}
    assert {model._meta.db_table for model in classified_models()} - walled == set()


def test_hr_cannot_move_a_row_to_another_employer(world):
    with (
        within(world.as_hr.scope),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        Engagement.objects.filter(employer=world.trust).update(employer=world.police)


def test_hr_cannot_change_another_employers_people(world):
    with within(world.as_hr.scope):
        assert Engagement.objects.filter(employer=world.police).update(title="Changed") == 0


def test_a_nurse_cannot_make_a_person_in_another_providers_records(world):
    with (
        within(world.as_nurse.scope),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        Person.objects.create(provider=world.other_provider, given_name="A", family_name="B")


def test_a_forged_scope_setting_does_not_open_another_role(world):
    """Whatever the settings say, the audience's grants still decide."""
    with within(world.as_hr.scope), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('oh.provider', %s, true)", [str(world.provider.id)])
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            cursor.execute("SELECT * FROM people_person")


def test_the_login_role_cannot_become_the_owner(db):
    with (
        connection.cursor() as cursor,
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
    ):
        cursor.execute("SET ROLE oh_owner")
