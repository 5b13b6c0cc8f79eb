"""One-time codes and the sessions that they open, as attackers try them."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client

from openoh.foundation.accounts.models import User
from tests.conftest import CHECKOUT
from tests.signing_in import AGENT, client_of, prove_twice
from tests.totp import code_of

KNOWN, UNKNOWN, CLOSED = "amara@example.org", "nobody@example.org", "ben@example.org"
KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SECRET = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"')


@pytest.fixture(autouse=True)
def messages_in_memory(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def free(world):
    cache.clear()
    return world


def browser() -> Client:
    return Client(SERVER_NAME="localhost", headers={"user-agent": AGENT})


def asked(email: str, client: Client | None = None) -> Client:
    client = client or browser()
    client.post("/sign-in", {"email": email})
    return client


def newest_code() -> str:
    return re.search(r"Your code is (\S+)", mail.outbox[-1].body)[1]


def signed_in(client: Client) -> bool:
    return SESSION_KEY in client.session


# --- guessing -------------------------------------------------------------------------------------------------


def test_after_five_wrong_codes_the_right_one_opens_nothing(free):
    client = asked(KNOWN)
    for number in range(5):
        client.post("/sign-in/confirm", {"code": f"WRONG{number}"})
    client.post("/sign-in/confirm", {"code": newest_code()})
    assert not signed_in(client)


def test_a_hundred_guesses_at_the_same_moment_are_not_a_hundred_tries(committed_world):
    cache.clear()
    client = asked(KNOWN)
    cookie = client.cookies["session"].value

    def guess(number: int) -> bool:
        thrown = browser()
        thrown.cookies["session"] = cookie
        try:
            return (
                b"This code is not right"
                in thrown.post("/sign-in/confirm", {"code": f"GUESS{number}"}).content
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        answered = sum(threads.map(guess, range(100)))
    assert answered <= 10


def test_codes_for_one_address_are_few_whoever_asks_and_however_it_is_written(free):
    for number in range(6):
        written = KNOWN.upper() if number % 2 else KNOWN
        answer = browser().post("/sign-in", {"email": written}, REMOTE_ADDR=f"192.0.2.{number}")
    assert "Too many tries" in answer.content.decode()
    assert len(mail.outbox) == 3


def test_codes_for_one_address_are_few_in_an_hour_too(free, time_machine):
    time_machine.move_to("2026-11-28 09:00:00")
    for _ in range(20):
        asked(KNOWN)
        time_machine.shift(61)
    assert len(mail.outbox) == 15


def test_one_place_does_not_ask_for_code_after_code(free):
    for number in range(40):
        asked(f"somebody{number}@example.org")
    assert len(mail.outbox) == 20


def test_a_code_ends_after_ten_minutes(free, time_machine):
    time_machine.move_to("2026-11-28 09:00:00")
    client = asked(KNOWN)
    code = newest_code()
    time_machine.shift(601)
    assert client.post("/sign-in/confirm", {"code": code}).headers["Location"].startswith("/sign-in")
    assert not signed_in(client)


def test_a_code_opens_nothing_in_another_browser_and_an_older_one_nothing_at_all(free):
    client, thief = asked(KNOWN), asked(KNOWN)
    newer = newest_code()
    client.post("/sign-in/confirm", {"code": newer})
    assert not signed_in(client), "the code of the other browser"
    older = asked(KNOWN, client)
    first = newest_code()
    asked(KNOWN, older)
    older.post("/sign-in/confirm", {"code": first})
    assert not signed_in(older)
    assert not signed_in(thief)


# --- who has an account? --------------------------------------------------------------------------------------


def every_step(email: str) -> list[tuple[int, str, str]]:
    """What somebody sees who asks for a code, types wrong ones, and asks again until a limit stops them."""
    client, seen = browser(), []
    for path, fields in (
        *[("/sign-in", {"email": email})] * 2,
        *[("/sign-in/confirm", {"code": "WRONG1"})] * 6,
        *[("/sign-in", {"email": email})] * 3,
    ):
        for answer in (client.post(path, fields), client.get("/sign-in/confirm")):
            shown = SECRET.sub("", answer.content.decode()).replace(email, "somebody")
            seen.append((answer.status_code, answer.headers.get("Location", ""), shown))
    return seen


def test_known_unknown_and_closed_addresses_see_the_same_at_every_step(free):
    User.objects.filter(email=CLOSED).update(is_active=False)
    known, unknown, closed = every_step(KNOWN), every_step(UNKNOWN), every_step(CLOSED)
    assert known == unknown == closed


def test_known_and_unknown_addresses_take_equally_long(free, settings):
    """The medians of 60 each, taken in turns."""
    settings.ACCOUNT_RATE_LIMITS = {"request_login_code": "10000/m/ip"}
    for number in range(60):
        User.objects.create_user(f"known{number}@example.org")
    taken: dict[str, list[float]] = {"known": [], "unknown": []}
    for number in range(60):
        for kind, times in taken.items():
            client = browser()
            began = time.perf_counter()
            assert client.post("/sign-in", {"email": f"{kind}{number}@example.org"}).status_code == 302
            times.append(time.perf_counter() - began)
    known, unknown = (statistics.median(times) for times in taken.values())
    assert abs(known - unknown) < 0.005, f"{known * 1000:.1f} ms and {unknown * 1000:.1f} ms"


# --- the session ----------------------------------------------------------------------------------------------


def test_a_session_that_an_attacker_planted_is_worth_nothing_after_sign_in(free):
    victim = asked(KNOWN)
    planted = victim.cookies["session"].value
    victim.post("/sign-in/confirm", {"code": newest_code()})
    assert victim.cookies["session"].value != planted
    attacker = browser()
    attacker.cookies["session"] = planted
    assert attacker.get("/me").headers["Location"].startswith("/sign-in")
    assert not Session.objects.filter(session_key=planted).exists()


def test_a_session_known_before_the_second_proof_is_worth_nothing_after_it(free):
    TOTP.activate(free.users["nia"], KEY)
    nia = browser()
    nia.force_login(free.users["nia"])
    known = nia.cookies["session"].value
    assert nia.post("/two-step/again", {"code": code_of(KEY)}).status_code == 302
    assert nia.get("/clinic").status_code == 200
    assert nia.cookies["session"].value != known
    attacker = browser()
    attacker.cookies["session"] = known
    assert attacker.get("/clinic").headers["Location"].startswith("/sign-in")


def test_a_wrong_second_proof_leaves_the_session_as_it_was(free):
    TOTP.activate(free.users["nia"], KEY)
    nia = browser()
    nia.force_login(free.users["nia"])
    known = nia.cookies["session"].value
    assert nia.post("/two-step/again", {"code": "000000"}).status_code == 200
    assert nia.get("/clinic").headers["Location"].startswith("/two-step/again")
    assert nia.cookies["session"].value == known


def test_setting_up_the_second_proof_changes_the_session_too(free):
    nia = browser()
    nia.force_login(free.users["nia"])
    session = nia.session
    session["account_authentication_methods"] = [{"method": "code", "at": time.time()}]
    session["account_authentication_methods_user"] = str(free.users["nia"].pk)
    session.save()
    known = nia.cookies["session"].value
    (key,) = re.search(r"\b([A-Z2-7]{32})\b", nia.get("/two-step/app").content.decode()).groups()
    assert nia.post("/two-step/app", {"code": code_of(key)}).status_code == 302
    assert nia.cookies["session"].value != known
    assert nia.get("/clinic").status_code == 200


def test_signing_out_ends_the_session_on_the_server(free):
    client = client_of(free, "nia")
    assert client.get("/clinic").status_code == 200
    kept = client.cookies["session"].value
    client.post("/sign-out")
    thief = browser()
    thief.cookies["session"] = kept
    assert thief.get("/clinic").headers["Location"].startswith("/sign-in")
    assert not Session.objects.filter(session_key=kept).exists()


def test_signing_in_as_somebody_else_takes_nothing_along(free):
    client = client_of(free, "nia")
    prove_twice(client.session, free.users["nia"])
    client.post("/sign-out")
    asked("omar@example.org", client)
    client.post("/sign-in/confirm", {"code": newest_code()})
    assert client.get("/clinic").headers["Location"].startswith("/two-step/app")


COOKIES = """
import django
django.setup()
from django.test import Client
client = Client(SERVER_NAME="localhost")
client.get("/sign-in", secure=True)
client.post("/sign-in", {"email": "amara@example.org"}, secure=True)
for cookie in client.cookies.values():
    print(cookie.OutputString())
"""


def test_cookies_of_a_real_installation_are_for_this_host_over_tls_and_no_script(committed_world, tmp_path):
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "openoh.config.settings", "PYTHONPATH": str(CHECKOUT),
        "OPENOH_VAR": str(tmp_path),
    }  # fmt: skip
    environment.pop("OPENOH_PLAIN_HTTP", None)
    said = subprocess.run(
        [sys.executable, "-c", COOKIES], env=environment, capture_output=True, text=True, check=True
    ).stdout
    cookies = said.strip().splitlines()
    assert {each.partition("=")[0] for each in cookies} == {"__Host-session", "__Host-csrftoken"}
    for cookie in cookies:
        assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} <= {
            part.strip() for part in cookie.split(";")
        }
        assert "Domain" not in cookie
