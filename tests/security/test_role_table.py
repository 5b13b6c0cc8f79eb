"""Every address against every role: a rule for each, and nothing opened by a role that lacks the permission."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from openoh.foundation.access.roles import ROLES
from openoh.pages.role_table import routes
from tests.signing_in import client_of

HOLDERS = {
    "employee": "amara",
    "manager": "ben",
    "hr": "cara",
    "oh-nurse": "nia",
    "oh-physician": "omar",
    "physiotherapist": "pat",
    "psychologist": "quin",
    "clinical-lead": "rita",
    "service-manager": "sam",
    "oh-administrator": "tess",
    "board": "bo",
}
OURS = [route for route in routes() if not route.library]
PLAIN = [route for route in OURS if "<" not in route.path and "(?P" not in route.path]


def test_somebody_decided_about_every_address():
    assert [route.path for route in OURS if route.rule is None] == []


def test_every_role_has_a_holder_here():
    assert set(HOLDERS) == set(ROLES)


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_opens_what_its_permissions_open_and_nothing_else(world, role):
    held = roles_of(world, HOLDERS[role])
    client = client_of(world, HOLDERS[role])
    wrong = []
    for route in PLAIN:
        if route.rule.permission is None:
            continue
        allowed = bool(route.roles() & held)
        status = client.get(route.path).status_code
        if (status == 404) is allowed or status >= 500:
            wrong.append((route.path, status, "allowed" if allowed else "not allowed"))
        cache.clear()  # the limit on guesses is tested elsewhere
    assert wrong == []


@pytest.mark.django_db
def test_without_signing_in_nothing_but_public_pages_opens(world):
    client = Client(SERVER_NAME="localhost")
    opened = []
    for route in PLAIN:
        response = client.get(route.path)
        if route.rule.permission and not (
            response.status_code == 302 and "/sign-in" in response.headers["Location"]
        ):
            opened.append((route.path, response.status_code))
    assert opened == []


def roles_of(world, who: str) -> set[str]:
    from openoh.foundation.access.queries import grants_of

    user = world.users[who]
    return {grant.actor.role for grant in grants_of(user.id, user.name)}
