"""Asking for a code when the carrier does not take it: a page that says what to do, the same for everybody."""

from __future__ import annotations

import re
import time

import pytest
from django.core.cache import cache
from django.test import Client

from openoh.foundation.notifications import outbox
from openoh.foundation.notifications.carriers import FileCarrier
from openoh.foundation.notifications.mail import SECONDS
from tests.notify import KEY, TEMPLATES, answering
from tests.signing_in import client_of
from tests.totp import code_of

pytestmark = pytest.mark.django_db
KNOWN, UNKNOWN = "amara@example.org", "nobody@example.org"
SECRET = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|nonce-[^\\s;]*')


@pytest.fixture
def notify(settings):
    cache.clear()
    settings.EMAIL_BACKEND = "openoh.foundation.notifications.mail.CarrierBackend"
    settings.NOTIFY_ADAPTER, settings.NOTIFY_KEY, settings.NOTIFY_TEMPLATES = "notify", KEY, TEMPLATES
    with answering() as stand_in:
        settings.NOTIFY_ADDRESS = stand_in.address
        yield stand_in


def ask(email: str, **more: str):
    client = Client(SERVER_NAME="localhost")
    return client.post("/sign-in", {"email": email, **more})


def page(response) -> str:
    """What was shown, without what is new on every page."""
    return SECRET.sub("", response.content.decode())


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
def test_who_cannot_be_sent_a_code_reads_what_to_do_and_types_nothing_again(world, notify, caplog, status):
    notify.failing_sends = [status]
    response = ask(KNOWN, next="/me/help")
    assert response.status_code == 503
    words = response.content.decode()
    assert "We could not send your code" in words
    assert f'value="{KNOWN}"' in words
    assert 'name="next" value="/me/help"' in words
    assert "01632 960001" in words, "the number of a service"
    assert notify.taken == []
    assert "A sign-in code could not be sent: GOV.UK Notify" in caplog.text
    assert KNOWN not in caplog.text


@pytest.mark.parametrize("status", [400, 403, 500])
def test_the_page_does_not_tell_who_has_an_account(world, notify, status):
    notify.failing = status
    known = ask(KNOWN)
    cache.clear()
    unknown = ask(UNKNOWN)
    assert known.status_code == unknown.status_code == 503
    assert page(known).replace(KNOWN, "x") == page(unknown).replace(UNKNOWN, "x")


def test_after_a_failure_trying_again_works(world, notify):
    notify.failing_sends = [500]
    client = Client(SERVER_NAME="localhost")
    assert client.post("/sign-in", {"email": KNOWN}).status_code == 503
    cache.delete("carrier-away")
    assert client.post("/sign-in", {"email": KNOWN}).status_code == 302
    code = re.search(r"Your code is (\S+)", notify.taken[0]["personalisation"]["text"])[1]
    assert client.post("/sign-in/confirm", {"code": code}).status_code == 302
    assert "_auth_user_id" in client.session


def test_nobody_listens_there(world, settings, notify, caplog):
    settings.NOTIFY_ADDRESS = "http://127.0.0.1:9"
    assert ask(KNOWN).status_code == 503
    assert "GOV.UK Notify does not answer." in caplog.text


def test_a_carrier_that_hangs_keeps_a_process_for_seconds_and_then_nobody_waits_for_it(world, notify):
    notify.wait = SECONDS + 2
    began = time.monotonic()
    assert ask(KNOWN).status_code == 503
    assert time.monotonic() - began < SECONDS + 1.5
    began = time.monotonic()
    for number in range(5):
        assert ask(f"other{number}@example.org").status_code == 503
    assert time.monotonic() - began < 2


def test_a_changed_sign_in_is_told_by_the_outbox_whether_or_not_the_carrier_answers(
    world, notify, tmp_path, django_capture_on_commit_callbacks
):
    notify.failing = 500
    client = client_of(world, "nia")
    shown = client.get("/two-step/app").content.decode()
    (key,) = re.search(r"\b([A-Z2-7]{32})\b", shown).groups()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/two-step/app", {"code": code_of(key)}).status_code == 302
    assert outbox.send_due(FileCarrier(tmp_path)) > 0
    told = " ".join(" ".join(path.read_text().split()) for path in tmp_path.glob("*.eml"))
    assert "An authenticator app was added to your sign-in." in told
