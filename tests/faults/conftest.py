"""A database server that waits for the disk, as an installation's does, for the tests that kill it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.db import connections

from openoh.foundation.core import database, launcher
from tests.conftest import HOME, copy_of, migrated_template, point_django_at


@pytest.fixture(scope="session")
def durable_cluster() -> Iterator[launcher.Cluster]:
    """One for all tests of the session; everybody else's cluster may lose what it said was kept."""
    durable = launcher.cluster(HOME / "durable", durable=True)
    durable.start()
    yield durable
    durable.stop()


@pytest.fixture
def durable_database(durable_cluster, django_db_blocker) -> Iterator[launcher.Cluster]:
    """The durable cluster, with Django pointed at an empty migrated database in it."""
    name, before = "own_durable", os.environ["DATABASE_URL"]
    url = copy_of(durable_cluster, migrated_template(durable_cluster), name)
    with django_db_blocker.unblock():
        point_django_at(url)
        yield durable_cluster
        connections.close_all()
    point_django_at(before)
    database.drop(durable_cluster, name)
