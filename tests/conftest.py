"""Real PostgreSQL for every test: one cluster for the checkout, one template database, a copy for each worker.

`db` (and everything built on it) runs a test in a transaction that is rolled back. `committed_database` gives a
test a copy of its own, for browsers, workers and killed processes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
HOME = CHECKOUT / "var" / "test"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--without-javascript",
        action="store_true",
        help="tell every journey in a browser that runs no script",
    )


def schema_digest() -> str:
    """What the template database depends on: every model, migration and the wall's generator."""
    sources = [*CHECKOUT.glob("openoh/**/migrations/*.py"), *CHECKOUT.glob("openoh/*/*/models.py"),
               *CHECKOUT.glob("openoh/foundation/core/*.py"), CHECKOUT / "openoh/pathway/reports/released.py",
               CHECKOUT / "openoh/pathway/outcomes/asked_manager.py",
               CHECKOUT / "openoh/config/settings.py"]  # fmt: skip
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def one_at_a_time() -> Iterator[None]:
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def cluster():
    """The checkout's test cluster, started once and shared by all workers.

    OPENOH_POSTGRES=wheel tests the wheel's PostgreSQL, in a cluster of its own that ends with the tests.
    """
    from openoh.foundation.core import launcher

    wanted = os.environ.get("OPENOH_POSTGRES")
    with one_at_a_time():
        running = launcher.cluster(HOME / (f"postgres-{wanted}" if wanted else "postgres"), durable=False)
        running.start()
    yield running
    if wanted:
        running.stop()


def migrated_template(cluster) -> str:
    """A migrated, empty database with its wall, made anew only when the schema changed."""
    from openoh.foundation.core import database

    name = f"template_{schema_digest()}"
    made = HOME / f"{cluster.home.name}-template-made"
    with one_at_a_time():
        if not (made.exists() and made.read_text() == name):
            database.drop(cluster, name)
            database.prepare(cluster, name)
            database.migrate(cluster.url("oh_owner", name))
            made.write_text(name)
    return name


@pytest.fixture(scope="session")
def template_database(cluster) -> str:
    return migrated_template(cluster)


def copy_of(cluster, template: str, name: str) -> str:
    from openoh.foundation.core import database

    with one_at_a_time():  # PostgreSQL refuses to copy a template that somebody else is copying
        database.drop(cluster, name)
        database.prepare(cluster, name, template=template)
    return cluster.url("oh_login", name)


def point_django_at(url: str) -> None:
    from django.db import connections

    from openoh.config.settings import database_settings

    connections["default"].close()
    connections["default"].settings_dict.update(database_settings(url, None))
    os.environ["DATABASE_URL"] = url


@pytest.fixture(scope="session")
def django_db_setup(cluster, template_database, django_db_blocker):
    """Instead of pytest-django's own database: a copy of the template, reached as the login role."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    from openoh.foundation.core import database

    name = f"test_{worker}"
    point_django_at(copy_of(cluster, template_database, name))
    yield
    from django.db import connections

    with django_db_blocker.unblock():
        connections.close_all()
    database.drop(cluster, name)


@pytest.fixture(autouse=True, scope="session")
def kept_queries_are_compared():
    """Every query that is composed once is composed afresh as well, and must come to the same SQL."""
    from openoh.foundation.core.composed import Checks

    Checks.always = True


@pytest.fixture
def committed_database(cluster, template_database, django_db_blocker, request) -> Iterator[str]:
    """A database of the test's own, with real commits; yields its address for other processes."""
    from django.db import connections

    from openoh.foundation.core import database

    before = os.environ["DATABASE_URL"]
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"own_{worker}_{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:8]}"
    url = copy_of(cluster, template_database, name)
    point_django_at(url)
    with django_db_blocker.unblock():
        yield url
        connections.close_all()
    point_django_at(before)
    database.drop(cluster, name)


@pytest.fixture
def world(db):
    """A small invented world: two employers, two providers, people, and an actor for every role."""
    from tests.world import build_world

    return build_world()


@pytest.fixture
def committed_world(committed_database):
    """The same world, really committed, in a database of the test's own."""
    from tests.world import build_world

    return build_world()
