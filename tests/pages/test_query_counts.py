"""No page asks the database more than twelve times, whoever opens it; what a list costs does not grow with it."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from openoh.foundation.access.roles import ROLES
from openoh.pages.role_table import routes
from tests.pathway.diary import session as make_session
from tests.security.test_role_table import HOLDERS
from tests.signing_in import client_of

LIMIT = 12
# What the three operations of the measured path ask, two of them for the session and the account.
ASKED_BY = {"people": 4, "appointments": 7, "encounter": 14}
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


@pytest.mark.django_db
def test_registering_booking_and_recording_ask_no_more_than_they_did(world):
    client = client_of(world, "nia")
    client.get("/api/people?text=x")  # the first request of a session notes when it began
    slot = make_session(world, clinician="nia", service="nurse")[0]

    def post(address: str, body: dict[str, object]) -> tuple[dict[str, str], list[str]]:
        with CaptureQueriesContext(connection) as captured:
            answer = client.post(f"/api/{address}", body, content_type="application/json")
        assert answer.status_code == 201
        return answer.json(), asked(captured.captured_queries)

    _, registering = post("people", {"given_name": "Zadie", "family_name": "New"})
    booked, booking = post("appointments", {"slot": str(slot.pk), "person": str(world.amara.pk)})
    _, recording = post(f"appointments/{booked['id']}/encounter", {"note": "Better."})
    found = {"people": len(registering), "appointments": len(booking), "encounter": len(recording)}
    assert all(found[name] <= most for name, most in ASKED_BY.items()), found
