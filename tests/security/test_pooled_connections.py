"""An attack on what one request leaves behind for the next: the connection is kept, so nothing of a scope may be."""

from __future__ import annotations

import psycopg
import pytest
from django.db import DataError, ProgrammingError, connection, transaction

from openoh.foundation.core.launcher import SUPERUSER
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Engagement
from tests.signing_in import client_of
from tests.world import World

SETTINGS = ("oh.employers", "oh.provider", "oh.person", "oh.engagement", "oh.account")


def left_behind() -> dict[str, str]:
    """The role and the settings of the connection as the next request finds it; empty when nothing is left."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, session_user")
        current, own = cursor.fetchone()
        found = {} if current == own else {"role": current}
        for name in SETTINGS:
            cursor.execute("SELECT current_setting(%s, true)", [name])
            if value := cursor.fetchone()[0]:
                found[name] = value
    return found


def test_a_page_that_breaks_leaves_no_scope_on_the_connection(cluster, committed_world: World):
    client = client_of(committed_world, "cara", raise_request_exception=False)
    assert client.get("/employer/people").status_code == 200
    assert left_behind() == {}
    name = connection.settings_dict["NAME"]
    with psycopg.connect(cluster.url(SUPERUSER, name), autocommit=True) as superuser:
        superuser.execute("ALTER TABLE absence_spell RENAME TO elsewhere")
    assert client.get("/employer/people").status_code == 500
    assert left_behind() == {}


def test_an_error_inside_an_inner_scope_gives_the_outer_one_back(committed_world: World):
    hr, nurse = committed_world.as_hr, committed_world.as_nurse
    with within(hr.scope):
        before = left_behind()
        with pytest.raises(DataError), within(nurse.scope), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        assert left_behind() == before
    assert left_behind() == {}


def test_a_statement_that_was_prepared_for_one_audience_shows_another_its_own_rows(committed_world: World):
    """PostgreSQL keeps the plan of a prepared statement; the row policies must be those of whoever runs it."""
    world = committed_world
    statement = "SELECT count(*) FROM people_engagement"

    def counted() -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0]

    with within(world.as_hr.scope):
        own = [counted() for _ in range(8)]  # often enough for a plan that is made once for all values
        assert set(own) == {Engagement.objects.count()} != {0}
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement = %s", [statement])
            assert cursor.fetchone()[0] == 1
    with within(world.actor("hal", "hr").scope):
        assert counted() == Engagement.objects.count() < own[0]
    with within(world.as_service_manager.scope):
        assert counted() == Engagement.objects.count()
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        counted()


@pytest.mark.django_db
def test_one_function_of_ours_runs_with_its_owners_rights_and_tells_nobody_anything(db):
    """A function that does sees past row security for whoever calls it; this is a trigger that nobody calls."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, prorettype::regtype::text, proacl::text, proconfig FROM pg_proc "
            "WHERE pronamespace = 'public'::regnamespace AND prosecdef"
        )
        assert cursor.fetchall() == [("oh_still_one", "trigger", "{oh_owner=X/oh_owner}", None)]
        cursor.execute("SELECT tablename, cmd, qual FROM pg_policies WHERE 'oh_owner' = ANY (roles)")
        assert cursor.fetchall() == [("people_person", "SELECT", "(merged_into_id IS NOT NULL)")]
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm', 'f')"
        )
        assert cursor.fetchall() == [], "a view reads with its owner's rights unless it says otherwise"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "role", ["oh_person", "oh_employer", "oh_clinical", "oh_service", "oh_insight", "oh_worker"]
)
def test_no_audience_sees_statistics_files_or_programs(world: World, role: str):
    forbidden = [
        "COPY (SELECT 1) TO PROGRAM 'true'", "COPY people_engagement FROM '/etc/hostname'",
        "SELECT pg_read_file('/etc/hostname')", "SELECT * FROM pg_authid", "SELECT * FROM pg_statistic",
        "CREATE TABLE mine (a integer)", "ALTER TABLE people_person DISABLE ROW LEVEL SECURITY",
        "SELECT * FROM django_session", "SELECT * FROM mfa_authenticator",
    ]  # fmt: skip
    for statement in forbidden:
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {role}")
            cursor.execute(statement)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
        cursor.execute("SELECT count(*) FROM pg_stats WHERE schemaname = 'public'")
        assert cursor.fetchone()[0] == 0, "common values of a column show rows that policies hide"
