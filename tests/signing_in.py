"""What signing in leaves behind, second step included, without typing it in each test."""

from __future__ import annotations

import time
from typing import Any

from django.core.cache import cache
from django.test import Client

AGENT = "tests"


def prove_twice(session: Any, user: Any) -> None:
    """Note in the session that the user gave a second proof, as the sign-in library notes it."""
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time(), "type": "totp"}]
    session["account_authentication_methods_user"] = str(user.pk)


def client_of(world: Any, who: str, **options: Any) -> Client:
    """A client signed in as somebody of the world, with the limits on guesses forgotten."""
    cache.clear()
    client = Client(SERVER_NAME="localhost", headers={"user-agent": AGENT}, **options)
    client.force_login(world.users[who])
    session = client.session
    prove_twice(session, world.users[who])
    session.save()
    return client
