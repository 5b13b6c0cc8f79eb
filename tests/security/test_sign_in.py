"""Sign-in, sessions and their ends, told as what people do and attackers try."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.core import mail
from django.core.cache import cache
from django.test import Client

from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.access.sessions import GUESSES, IDLE_LIMIT
from openoh.foundation.accounts.models import User
from openoh.foundation.core import clock
from openoh.foundation.core.scope import within
from tests.world import World

pytestmark = pytest.mark.django_db

PHONE = {"HTTP_USER_AGENT": "a phone", "HTTP_HOST": "localhost"}


@pytest.fixture(autouse=True)
def messages_in_memory(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    cache.clear()


def sign_in(client: Client, email: str) -> None:
    client.post("/sign-in", {"email": email}, **PHONE)
    code = re.search(r"Your code is (\S+)", mail.outbox[-1].body)[1]
    response = client.post("/sign-in/confirm", {"code": code}, **PHONE)
    assert response.status_code == 302, response.content


def test_a_person_signs_in_with_a_one_time_code(world: World):
    client = Client()
    sign_in(client, "amara@example.org")
    assert client.get("/", **PHONE).headers["Location"] == "/me"


def test_the_message_with_the_code_says_nothing_about_health(world: World):
    Client().post("/sign-in", {"email": "amara@example.org"}, **PHONE)
    words = (mail.outbox[-1].subject + mail.outbox[-1].body).lower()
    assert not re.search(r"health|occupational|clinic|nurse|sick|absence|referr", words)


def test_a_code_works_once(world: World):
    client, thief = Client(), Client()
    client.post("/sign-in", {"email": "amara@example.org"}, **PHONE)
    code = re.search(r"Your code is (\S+)", mail.outbox[-1].body)[1]
    client.post("/sign-in/confirm", {"code": code}, **PHONE)
    thief.post("/sign-in", {"email": "amara@example.org"}, **PHONE)
    thief.post("/sign-in/confirm", {"code": code}, **PHONE)
    assert "_auth_user_id" not in thief.session


def test_an_unknown_address_gets_the_same_page_as_a_known_one(world: World):
    known = Client().post("/sign-in", {"email": "amara@example.org"}, **PHONE)
    unknown = Client().post("/sign-in", {"email": "nobody@example.org"}, **PHONE)
    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )


def test_nobody_can_sign_themselves_up(world: World):
    response = Client().post("/sign-in/closed", {"email": "new@example.org"}, **PHONE)
    assert response.status_code in (200, 405)
    assert "_auth_user_id" not in Client().session


def test_a_stolen_cookie_does_not_work_in_another_browser(world: World):
    client = Client()
    client.force_login(world.users["amara"])
    client.get("/roles", **PHONE)
    client.get("/me", **PHONE)
    stolen = Client()
    stolen.cookies = client.cookies
    response = stolen.get("/me", HTTP_USER_AGENT="a thief's laptop", HTTP_HOST="localhost")
    assert response.status_code in (302, 404)
    assert "sign-in" in response.headers.get("Location", "sign-in")


def test_the_personas_do_not_exist_outside_a_demo(world: World, settings):
    settings.DEMO = False
    assert Client().get("/personas", **PHONE).status_code == 404


def test_a_session_that_was_idle_for_too_long_has_ended(world: World):
    client = Client()
    client.force_login(world.users["amara"])
    client.get("/me", **PHONE)
    with clock.held_at(clock.now() + IDLE_LIMIT + timedelta(minutes=1)):
        response = client.get("/me", **PHONE)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/sign-in")


OF_THE_ACCOUNT = [
    "/sign-in/again",
    "/roles",
    "/kept",
    "/two-step",
    "/two-step/app",
    "/two-step/passkeys",
    "/two-step/codes",
]


@pytest.mark.parametrize("address", OF_THE_ACCOUNT)
def test_an_idle_session_opens_no_page_of_the_account_either(world: World, address: str):
    client = Client()
    client.force_login(world.users["amara"])
    client.get("/me", **PHONE)
    with clock.held_at(clock.now() + IDLE_LIMIT + timedelta(minutes=1)):
        response = client.get(address, **PHONE)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/sign-in?next=")
    assert SESSION_KEY not in client.session


@pytest.mark.parametrize("address", OF_THE_ACCOUNT)
def test_a_session_carried_to_another_browser_opens_no_page_of_the_account(world: World, address: str):
    client = Client()
    client.force_login(world.users["amara"])
    client.get("/me", **PHONE)
    response = client.get(address, headers={"user-agent": "Somebody else's browser"})
    assert response.headers["Location"].startswith("/sign-in?next=")
    assert SESSION_KEY not in client.session


def test_somebody_who_guesses_addresses_is_stopped(world: World):
    client = Client()
    client.force_login(world.users["ben"])
    for number in range(GUESSES.allowed):
        client.get(f"/manager/people/{number}", **PHONE)
    assert client.get("/manager", **PHONE).status_code == 429


def test_an_account_that_is_closed_is_out_with_its_next_page(world: World):
    client = signed_in(world, "amara")
    User.objects.filter(pk=world.users["amara"].pk).update(is_active=False)
    assert client.get("/me", **PHONE).headers["Location"].startswith("/sign-in")


def test_a_session_from_before_the_secret_changed_is_out_with_its_next_page(world: World):
    client = signed_in(world, "amara")
    User.objects.filter(pk=world.users["amara"].pk).update(password="!another")
    assert client.get("/me", **PHONE).headers["Location"].startswith("/sign-in")
    assert "_auth_user_id" not in client.session


def test_a_role_that_ended_yesterday_opens_nothing_today(world: World):
    client = signed_in(world, "amara")
    yesterday = clock.today() - timedelta(days=1)
    with within(world.as_worker.scope):
        RoleAssignment.objects.filter(user=world.users["amara"]).update(ends_on=yesterday)
    assert client.get("/me", **PHONE).status_code == 404


def signed_in(world: World, who: str) -> Client:
    """A client that has opened a page already, so that its session is known."""
    client = Client()
    client.force_login(world.users[who])
    assert client.get("/me", **PHONE).status_code == 200
    return client
