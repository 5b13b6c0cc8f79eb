"""What tests of pages share: a signed-in client, a form's fields, and the count of queries of a page."""

from __future__ import annotations

import re
import time
from datetime import date

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.world import World

# Entering and leaving the scope is part of every transaction, not a question to the database.
FRAME = ("SAVEPOINT", "RELEASE", "SELECT set_config(", "BEGIN", "COMMIT")
MOST_QUERIES = 12


def signed_in(world: World, who: str) -> Client:
    client = Client(HTTP_HOST="localhost")
    client.force_login(world.users[who])
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time(), "type": "totp"}]
    session.save()
    return client


def words(response) -> str:
    """What somebody reads on the page: without tags, spaces joined."""
    text = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def day_fields(name: str, day: date) -> dict[str, str]:
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def queries_of(client: Client, path: str) -> list[str]:
    """The queries of the second visit: the first notes the browser in the session."""
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path)
    assert response.status_code == 200, path
    return [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(FRAME)]
