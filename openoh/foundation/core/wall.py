"""The confidentiality wall in the database, generated from the classification of the models.

`apply()` runs after every migration, as the owner: grants, forced row-level security and policies. It is
idempotent: what is not in the classification is revoked. The roles themselves are made by `database.prepare`.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from openoh.foundation.core.actors import Audience
from openoh.foundation.core.classification import Classified
from openoh.foundation.core.postgresql.base import MERGED

LOGIN = "oh_login"
# A table without a model, such as bulk data between two packages, says in its comment that nobody else may see it.
WORKER_ONLY = "worker only"

FUNCTIONS = """
CREATE OR REPLACE FUNCTION oh_employers() RETURNS uuid[] LANGUAGE sql STABLE AS
  $$ SELECT nullif(current_setting('oh.employers', true), '')::uuid[] $$;
CREATE OR REPLACE FUNCTION oh_provider() RETURNS uuid LANGUAGE sql STABLE AS
  $$ SELECT nullif(current_setting('oh.provider', true), '')::uuid $$;
CREATE OR REPLACE FUNCTION oh_person() RETURNS uuid LANGUAGE sql STABLE AS
  $$ SELECT nullif(current_setting('oh.person', true), '')::uuid $$;
CREATE OR REPLACE FUNCTION oh_new_id() RETURNS uuid LANGUAGE sql VOLATILE AS
  $$ SELECT encode(set_byte(
       overlay(uuid_send(gen_random_uuid())
         PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
       6, 112 + (random() * 15)::int), 'hex')::uuid $$;
CREATE OR REPLACE FUNCTION oh_engagement() RETURNS uuid LANGUAGE sql STABLE AS
  $$ SELECT nullif(current_setting('oh.engagement', true), '')::uuid $$;
CREATE OR REPLACE FUNCTION oh_account() RETURNS uuid LANGUAGE sql STABLE AS
  $$ SELECT nullif(current_setting('oh.account', true), '')::uuid $$;
"""
# Nothing new is written about somebody who was found to be another person: nobody would ever see it again. Whoever
# writes keeps the right to until their transaction ends, and putting two together waits for them; whoever comes
# while it goes on, or after, is told. The right is tried for, never waited for, so nobody stands in anybody's way.
# It runs as the owner, who may see of the persons only who was merged: an employer's role may read none at all. Names
# are written with their schema, since setting a search path for each row would cost more than the question.
STILL_ONE = f"""
CREATE OR REPLACE FUNCTION oh_still_one() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  IF NOT pg_catalog.pg_try_advisory_xact_lock_shared(
      pg_catalog.hashtextextended(pg_catalog.concat('person ', NEW.person_id), 0))
    OR EXISTS (SELECT 1 FROM public.people_person WHERE id = NEW.person_id AND merged_into_id IS NOT NULL)
  THEN RAISE EXCEPTION 'somebody else now' USING ERRCODE = '{MERGED}'; END IF;
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION oh_still_one() FROM PUBLIC;
DROP POLICY IF EXISTS oh_owner_merged ON people_person;
CREATE POLICY oh_owner_merged ON people_person FOR SELECT TO oh_owner USING (merged_into_id IS NOT NULL);
GRANT SELECT ON people_person TO oh_owner;
"""


def classified_models() -> list[type[Model]]:
    """Every model of ours, in the order of the house."""
    return [model for model in apps.get_models() if model.__module__.startswith("openoh.")]


def classification_of(model: type[Model]) -> Classified:
    found = getattr(model, "classified", None)
    if not isinstance(found, Classified):
        raise LookupError(f"{model.__module__}.{model.__name__} has no classification")
    return found


def table_statements(model: type[Model]) -> Iterator[str]:
    """Grants and policies of one table."""
    table, classified = f'"{model._meta.db_table}"', classification_of(model)
    everyone = ", ".join([*(audience.value for audience in Audience), LOGIN])
    yield f"REVOKE ALL ON {table} FROM PUBLIC, {everyone}"
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
    if classified.door:
        # Sign-in happens before there is an audience, so the login role itself may look here.
        yield f"GRANT {classified.door} ON {table} TO {LOGIN}"
        yield f"CREATE POLICY {LOGIN}_door ON {table} FOR ALL TO {LOGIN} USING (true) WITH CHECK (true)"
    for audience, condition in classified.readers().items():
        privileges = classified.privileges(audience)
        yield f"GRANT {', '.join(sorted(privileges))} ON {table} TO {audience.value}"
        checked = classified.write_rows.get(audience.value.removeprefix("oh_"), condition)
        for privilege in sorted(privileges):
            yield _policy(table, audience, privilege, condition, checked)


def about_one_person(model: type[Model]) -> bool:
    """Whether somebody other than the worker writes rows here about one person, who must still be one."""
    classified = classification_of(model)
    others = set(f"{classified.write} {classified.insert_only}".split()) - {"worker"}
    field = next((each for each in model._meta.fields if each.attname == "person_id"), None)
    points = getattr(getattr(field, "related_model", None), "_meta", None)
    return bool(others and points and points.db_table == "people_person" and not classified.also_merged)


def _still_one(model: type[Model]) -> str:
    """The worker is left out: it writes in bulk, about whom it has just looked up."""
    worker = Audience.WORKER.value
    return (
        f'CREATE OR REPLACE TRIGGER still_one BEFORE INSERT ON "{model._meta.db_table}" FOR EACH ROW '
        f"WHEN (NEW.person_id IS NOT NULL AND current_setting('role') <> '{worker}') EXECUTE FUNCTION oh_still_one()"
    )


def _policy(table: str, audience: Audience, privilege: str, condition: str, checked: str) -> str:
    head = (
        f"CREATE POLICY {audience.value}_{privilege.lower()} ON {table} FOR {privilege} TO {audience.value}"
    )
    match privilege:
        case "SELECT" | "DELETE":
            return f"{head} USING ({condition})"
        case "INSERT":
            return f"{head} WITH CHECK ({checked})"
        case _:
            return f"{head} USING ({condition}) WITH CHECK ({checked})"


def apply() -> int:
    """Make grants and policies what the classification says; returns the number of tables."""
    models = classified_models()
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS)
        cursor.execute("SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public'")
        for table, policy in cursor.fetchall():
            cursor.execute(f'DROP POLICY "{policy}" ON "{table}"')
        for model in models:
            for statement in table_statements(model):
                cursor.execute(statement)
        cursor.execute(STILL_ONE)
        for model in filter(about_one_person, models):
            cursor.execute(_still_one(model))
        _grant_sequences(cursor)
        _grant_infrastructure(cursor)
    return len(models)


def _grant_sequences(cursor: CursorWrapper) -> None:
    everyone = ", ".join(audience.value for audience in Audience)
    cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {everyone}, {LOGIN}")


def _grant_infrastructure(cursor: CursorWrapper) -> None:
    """Tables of libraries: sign-in belongs to the login role, and no audience may touch it."""
    execute = cursor.execute
    everyone = ", ".join(audience.value for audience in Audience)
    execute(
        "SELECT relname, obj_description(oid, 'pg_class') FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    )
    ours = {model._meta.db_table for model in classified_models()}
    for table, comment in cursor.fetchall():
        if table in ours:
            continue
        if comment == WORKER_ONLY:
            execute(f'REVOKE ALL ON "{table}" FROM PUBLIC, {everyone}, {LOGIN}')
            execute(f'GRANT SELECT, INSERT, DELETE ON "{table}" TO {Audience.WORKER.value}')
        elif table == "django_migrations":
            # So that a server can tell that the database is of another version than itself.
            execute(f'GRANT SELECT ON "{table}" TO {LOGIN}')
        else:
            execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO {LOGIN}')
