"""No page asks the database more than twelve times, whoever opens it; what a list costs does not grow with it."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from openoh.foundation.access.roles import ROLES
from openoh.pages.role_table import routes
from tests.security.test_role_table import HOLDERS
from tests.signing_in import client_of

LIMIT = 12
# What keeps a scope inside the transaction of a test; in the service BEGIN and COMMIT stand in their place.
FRAME = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "SELECT set_config(")
PLAIN = [
    route.path
    for route in routes()
    if not route.library and "<" not in route.path and "(?P" not in route.path
]


def asked(queries: list[dict[str, str]]) -> list[str]:
    """The questions put to the database, without what only opens and closes a scope."""
    return [query["sql"] for query in queries if not query["sql"].startswith(FRAME)]


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(ROLES))
def test_no_page_asks_more_than_twelve_times(world, role):
    client = client_of(world, HOLDERS[role])
    client.get("/")  # the first page of a session notes when it began
    too_many, opened = {}, 0
    for path in PLAIN:
        with CaptureQueriesContext(connection) as captured:
            status = client.get(path).status_code
        cache.clear()  # pages of other roles are guesses, which are counted
        opened += status == 200
        questions = asked(captured.captured_queries)
        if status == 200 and len(questions) > LIMIT:
            too_many[path] = questions
    assert opened > 0
    assert too_many == {}
