"""What a browser keeps and does with a page: attacks by whoever sits at the same computer next, or frames the page."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from django.core import mail
from django.test import Client

from openoh.pages.role_table import operations, routes
from tests.security.test_role_table import HOLDERS, PLAIN, roles_of
from tests.security.test_sign_in import PHONE
from tests.signing_in import client_of

pytestmark = pytest.mark.django_db


def pages_of(world, role: str) -> list[str]:
    held = roles_of(world, HOLDERS[role])
    return [route.path for route in PLAIN if route.rule.permission and route.roles() & held]


@pytest.mark.parametrize("role", sorted(HOLDERS))
def test_nothing_personal_is_left_in_a_shared_computers_browser(world, role):
    client = client_of(world, HOLDERS[role])
    kept = {
        path: response.headers.get("Cache-Control")
        for path in pages_of(world, role)
        if "no-store" not in (response := client.get(path)).headers.get("Cache-Control", "")
    }
    assert kept == {}


def test_nothing_of_the_api_is_left_in_a_browser(world):
    paths = [path for method, path, _ in operations() if method == "GET" and "{" not in path]
    assert paths
    for path in paths:
        response = client_of(world, "nia").get(path, {"text": "amara"})
        assert "no-store" in response.headers["Cache-Control"], path


@pytest.mark.parametrize("path", ["/", "/crisis", "/sign-in", "/me", "/nothing-here", "/assets/nothing.css"])
def test_every_answer_tells_the_browser_to_frame_nothing_and_guess_nothing(world, path):
    response = Client(SERVER_NAME="localhost").get(path)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"


def test_cookies_are_out_of_reach_of_scripts_and_of_plain_lines():
    """The defaults of a service, in a process of its own: tests and the demo allow plain HTTP."""
    names = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTPONLY"]
    program = f"from openoh.config import settings; print([getattr(settings, name) for name in {names}])"
    bare = {name: value for name, value in os.environ.items() if not name.startswith("OPENOH_")}
    told = subprocess.run(
        [sys.executable, "-c", program], env=bare, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[True, True, True, True]"


def test_a_foreign_host_name_is_refused(world):
    assert Client().get("/", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("wanted", ["//evil.example/x", "https://evil.example", "/\\evil.example",
                                    "javascript:alert(1)", "/\t/evil.example", "http:evil.example"])  # fmt: skip
def test_signing_in_leads_to_no_other_site(world, wanted, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client = Client()
    client.get("/sign-in", {"next": wanted}, **PHONE)
    client.post(
        "/sign-in", {"email": "amara@example.org", "next": wanted}, query_params={"next": wanted}, **PHONE
    )
    code = re.search(r"Your code is (\S+)", mail.outbox[-1].body)[1]
    response = client.post("/sign-in/confirm", {"code": code, "next": wanted}, **PHONE)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/")
    assert "evil" not in response.headers["Location"]


def test_every_form_that_changes_something_needs_its_own_token(world):
    """Each address of ours, asked by another site with the victim's cookies."""
    client = client_of(world, "amara", enforce_csrf_checks=True)
    open_to_others = []
    for route in routes():
        if route.library:
            continue
        path = filled(route.path)
        if client.post(path).status_code not in (403, 404, 405):
            open_to_others.append(path)
    assert open_to_others == []


def filled(path: str) -> str:
    zero = "00000000-0000-0000-0000-000000000000"
    return re.sub(r"<(\w+):\w+>", lambda found: {"uuid": zero, "int": "1"}.get(found[1], "x"), path)
