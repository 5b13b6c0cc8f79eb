"""Make an installation's database ready: roles, database, extensions, migrations, wall.

With the launcher, the cluster's superuser does the first three. With `DATABASE_URL`, a database administrator runs
what `setup_statements` prints, once; `OPENOH_OWNER_URL` then lets `openoh migrate` work as the owner.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql

from openoh.foundation.core.errors import Conflict, Invalid
from openoh.foundation.core.launcher import SUPERUSER, Cluster

EXTENSIONS = ("btree_gist", "pg_trgm", "unaccent")
OWNER, LOGIN = "oh_owner", "oh_login"
AUDIENCES = ("oh_person", "oh_employer", "oh_clinical", "oh_service", "oh_insight", "oh_worker")


def setup_statements() -> Iterator[str]:
    """Roles that every database of a cluster shares; for a superuser, once a cluster."""
    for name in AUDIENCES:
        yield _create_role(name, "NOLOGIN NOSUPERUSER NOBYPASSRLS NOINHERIT")
    yield _create_role(OWNER, "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE")
    # NOINHERIT: without naming an audience, the login role can read nothing that an audience can.
    yield _create_role(LOGIN, "LOGIN NOSUPERUSER NOBYPASSRLS NOINHERIT")
    yield f"GRANT {', '.join(AUDIENCES)} TO {LOGIN}"


def _create_role(name: str, options: str) -> str:
    return (
        f"DO $$ BEGIN CREATE ROLE {name} {options}; "
        "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )


def prepare(cluster: Cluster, name: str, *, template: str | None = None) -> None:
    """Make the roles and the database `name` with its extensions, unless they are there."""
    with psycopg.connect(cluster.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        for statement in setup_statements():
            connection.execute(statement)
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template or "template0")
            )
        )
    if template:
        return
    with psycopg.connect(cluster.url(SUPERUSER, name), autocommit=True) as connection:
        for extension in EXTENSIONS:
            connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        connection.execute(f"GRANT ALL ON SCHEMA public TO {OWNER}")


def create_empty(admin_url: str, name: str) -> None:
    """A new database for a restore, which brings its own extensions and tables. Raises Conflict, Invalid."""
    statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0")
    with psycopg.connect(admin_url, autocommit=True) as connection:
        try:
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(OWNER)))
        except psycopg.errors.DuplicateDatabase:
            raise Conflict(
                f"There is a database called {name} already. Choose another name, with --into."
            ) from None
        except psycopg.errors.UndefinedObject:
            raise Invalid(
                f"The server has no role {OWNER}: run what openoh migrate --print-setup prints first."
            ) from None
        except psycopg.errors.InsufficientPrivilege:
            raise Invalid(
                "The account in OPENOH_ADMIN_URL may not make databases: name an administrator."
            ) from None


def drop(cluster: Cluster, name: str) -> None:
    """Remove a database of the cluster, with whoever is connected to it."""
    drop_at(cluster.url(SUPERUSER, "postgres"), name)


def drop_at(admin_url: str, name: str) -> None:
    """Remove a database of the server, with whoever is connected to it. The address names another database."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def at(url: str, name: str) -> str:
    """The same server and account, another database."""
    return urlsplit(url)._replace(path=f"/{quote(name)}").geturl()


def migrate(owner_url: str) -> None:
    """Migrate and rebuild the wall, in a process of its own, since this one may be signed in as somebody else."""
    program = "from openoh.foundation.core.database import _migrate_here; _migrate_here()"
    environment = {
        **os.environ,
        "DATABASE_URL": owner_url,
        "DJANGO_SETTINGS_MODULE": "openoh.config.settings",
    }
    environment.pop("OPENOH_DB_USER", None)
    with psycopg.connect(owner_url):  # who cannot sign in hears so in a sentence, before anything is begun
        pass
    subprocess.run(
        [sys.executable, "-c", program], check=True, env=environment, cwd=Path(__file__).parents[3]
    )


def _migrate_here() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from openoh.foundation.core import wall

    call_command("migrate", verbosity=0, interactive=False)
    wall.apply()
    connection.close()


def behind() -> list[str]:
    """The migrations that this version has and the database has not, as the login role sees it; by package."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    return sorted(".".join(node) for node in loader.graph.nodes if node not in loader.applied_migrations)
