"""The second proof: who needs it, what a thief with half of it gets, and what happens when a device is lost."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.core.cache import cache
from django.test import Client

from openoh.foundation.access.lost_device import remove_second_proof
from openoh.foundation.accounts import secrets
from openoh.foundation.audit.models import Event
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.errors import Invalid, NotAllowed
from openoh.foundation.core.scope import within
from tests.signing_in import AGENT, client_of
from tests.totp import PERIOD, code_of

pytestmark = pytest.mark.django_db
KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
BROWSER = {"SERVER_NAME": "localhost", "headers": {"user-agent": AGENT}}


@pytest.fixture(autouse=True)
def messages_in_memory(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    cache.clear()


def with_code(email: str) -> Client:
    client = Client(**BROWSER)
    client.post("/sign-in", {"email": email})
    code = re.search(r"Your code is (\S+)", mail.outbox[-1].body)[1]
    client.post("/sign-in/confirm", {"code": code})
    return client


def has_app(world, who: str) -> None:
    TOTP.activate(world.users[who], KEY)


@pytest.mark.parametrize(("who", "page"), [("nia", "/clinic"), ("omar", "/clinic"), ("pat", "/clinic"),
                                           ("quin", "/clinic"), ("rita", "/clinic/lead"), ("sam", "/service"),
                                           ("tess", "/service")])  # fmt: skip
def test_clinical_and_service_roles_set_up_a_second_proof_before_anything_opens(world, who, page):
    client = with_code(world.users[who].email)
    assert client.get(page).headers["Location"].startswith("/two-step/app?next=")


@pytest.mark.parametrize(("who", "page"), [("amara", "/me"), ("ben", "/manager"), ("cara", "/employer")])
def test_the_others_need_none(world, who, page):
    assert with_code(world.users[who].email).get(page).status_code == 200


def test_the_mailed_code_alone_signs_nobody_in_who_has_a_second_proof(world):
    has_app(world, "nia")
    client = with_code("nia@example.org")
    assert "_auth_user_id" not in client.session
    assert "/sign-in" in client.get("/clinic").headers["Location"]


def test_a_code_of_the_app_works_once(world):
    has_app(world, "nia")
    code = code_of(KEY)
    with_code("nia@example.org").post("/two-step/check", {"code": code})
    thief = with_code("nia@example.org")
    thief.post("/two-step/check", {"code": code})
    assert "_auth_user_id" not in thief.session


def test_an_old_code_of_the_app_does_not_work(world):
    has_app(world, "nia")
    client = with_code("nia@example.org")
    client.post("/two-step/check", {"code": code_of(KEY, at=time.time() - 2 * PERIOD)})
    assert "_auth_user_id" not in client.session


def test_guessing_codes_of_the_app_is_stopped_even_for_the_right_one(world):
    has_app(world, "nia")
    client = with_code("nia@example.org")
    for guess in range(5):
        client.post("/two-step/check", {"code": f"{guess:06d}"})
    answer = client.post("/two-step/check", {"code": code_of(KEY)})
    assert "Too many tries" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_the_key_of_the_app_is_sealed_in_the_database(world):
    has_app(world, "nia")
    kept = Authenticator.objects.get().data["secret"]
    assert KEY not in str(kept)
    assert secrets.unseal(kept) == KEY


def test_somebody_with_a_found_session_cannot_add_a_proof_of_their_own(world):
    client = with_code("nia@example.org")
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 3600
    session.save()
    for path in ("/two-step/app", "/two-step/passkey"):
        assert client.get(path).headers["Location"].startswith("/sign-in")


def test_a_stolen_cookie_opens_no_page_about_the_second_proof(world):
    has_app(world, "nia")
    client = client_of(world, "nia")
    client.get("/clinic")
    thief = Client(SERVER_NAME="localhost", headers={"user-agent": "a thief's laptop"})
    thief.cookies = client.cookies
    assert thief.get("/two-step").headers["Location"].startswith("/sign-in")


def test_removing_the_app_needs_a_fresh_proof(world):
    has_app(world, "nia")
    answer = client_of(world, "nia").get("/two-step/app/remove")
    assert answer.headers["Location"].startswith("/two-step/again")


def test_removing_the_last_proof_ends_other_sessions_and_a_new_one_is_set_up_first(world):
    has_app(world, "nia")
    client, other = client_of(world, "nia"), client_of(world, "nia")
    session = client.session
    session["account_authentication_methods"][0]["reauthenticated"] = True
    session.save()
    assert client.post("/two-step/app/remove").status_code == 302
    assert client.get("/clinic").headers["Location"].startswith("/two-step/app?next=")
    assert other.get("/clinic").headers["Location"].startswith("/sign-in")


# --- a lost device --------------------------------------------------------------------------------------------


def path_of(world, who: str) -> str:
    page = client_of(world, "sam").get("/service/administration/roles").content.decode()
    name = world.users[who].name
    return re.search(rf'href="([^"]+/lost-device)">Lost device<span[^>]*> of {name}', page)[1]


def test_a_service_manager_removes_a_lost_device_and_every_session_ends(
    world, django_capture_on_commit_callbacks
):
    has_app(world, "nia")
    finder = client_of(world, "nia")
    assert finder.get("/clinic").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        answer = client_of(world, "sam").post(
            path_of(world, "nia"), {"made_sure": "Called back on the desk number"}
        )
    assert answer.status_code == 302
    assert "/sign-in" in finder.get("/clinic").headers["Location"]
    assert with_code("nia@example.org").get("/clinic").headers["Location"].startswith("/two-step/app")
    with within(Scope(Audience.WORKER)):
        (event,) = Event.objects.filter(verb="second-proof.removed")
    assert event.details == {"made sure": "Called back on the desk number"}
    assert event.actor == world.users["sam"].name


def test_the_proof_goes_in_the_transaction_that_says_so_or_stays(world):
    nia = world.users["nia"]
    Authenticator.objects.create(user=nia, type=Authenticator.Type.TOTP, data={})
    sam = world.as_service_manager
    with pytest.raises(RuntimeError), within(sam.scope):
        remove_second_proof(by=sam, user=nia.pk, made_sure="Saw her in person")
        raise RuntimeError
    assert Authenticator.objects.filter(user=nia).exists()
    with within(sam.scope):
        remove_second_proof(by=sam, user=nia.pk, made_sure="Saw her in person")
        assert type(nia).objects.filter(pk=nia.pk).exists()  # and goes on in its own scope
    assert not Authenticator.objects.filter(user=nia).exists()


def test_nobody_removes_a_proof_without_saying_how_they_made_sure(world):
    with pytest.raises(Invalid):
        remove_second_proof(by=world.as_service_manager, user=world.users["nia"].pk, made_sure="ok")


def test_nobody_removes_their_own_proof_or_that_of_another_service(world):
    with pytest.raises(NotAllowed):
        remove_second_proof(
            by=world.as_service_manager, user=world.users["sam"].pk, made_sure="I know myself"
        )
    with pytest.raises(type(world.users["uma"]).DoesNotExist):
        remove_second_proof(
            by=world.as_service_manager, user=world.users["uma"].pk, made_sure="Saw her in person"
        )


@pytest.mark.parametrize("who", ["as_nurse", "as_hr", "as_lead"])
def test_only_those_who_run_the_service_remove_a_proof(world, who):
    with pytest.raises(NotAllowed):
        remove_second_proof(by=getattr(world, who), user=world.users["pat"].pk, made_sure="Saw him in person")


def test_giving_a_role_needs_a_fresh_proof_and_the_form_is_kept(world, django_capture_on_commit_callbacks):
    client = client_of(world, "sam")
    client.get("/service")
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 3600
    session.save()
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(
            "/service/administration/roles", {"email": "amara@example.org", "role": "oh-nurse"}
        )
    client.cookies.update(answer.cookies)
    assert answer.headers["Location"] == "/two-step/again?next=%2Fkept"
    assert "amara@example.org" in client.get("/kept").content.decode()
