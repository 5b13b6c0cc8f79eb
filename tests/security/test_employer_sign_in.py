"""Signing in with the employer's own service, against a provider that answers over real sockets and lies on demand."""

from __future__ import annotations

import base64
import hmac
import json
import time
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.test import Client

from openoh.cli import main
from openoh.foundation.accounts.models import User
from tests.identity_provider import ANOTHERS, CLIENT, OURS, SECRET, IdentityProvider, running, signed
from tests.signing_in import AGENT
from tests.totp import code_of

KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def provider(settings, tmp_path):
    cache.clear()
    with running() as made:
        secret = tmp_path / "secret"
        secret.write_text(f"{SECRET}\n")
        secret.chmod(0o600)
        settings.OIDC_ISSUER, settings.OIDC_CLIENT, settings.OIDC_SECRET_FILE = (
            made.issuer,
            CLIENT,
            str(secret),
        )
        settings.OIDC_NAME, settings.OIDC_SECOND_PROOF = "Northshire account", []
        settings.PUBLIC_ADDRESS = "http://localhost"
        yield made


def browser() -> Client:
    return Client(SERVER_NAME="localhost", headers={"user-agent": AGENT})


def at_the_provider(client: Client, following: str = "") -> str:
    """Press the button, sign in over there; the address that the browser is then sent to."""
    gone = client.get("/sign-in/employer", {"next": following} if following else {})
    assert gone.status_code == 302, gone.content
    back = requests.get(gone.headers["Location"], allow_redirects=False, timeout=5)
    return back.headers["Location"]


def signs_in(client: Client, following: str = ""):
    return client.get(at_the_provider(client, following))


def refused(client: Client, answer) -> bool:
    return answer.status_code == 403 and SESSION_KEY not in client.session


def test_somebody_signs_in_with_their_work_account_and_is_known_by_it_from_then_on(world, provider):
    client = browser()
    assert "Sign in with Northshire account" in client.get("/sign-in").content.decode()
    assert signs_in(client, "/me/help").headers["Location"] == "/me/help"
    assert client.get("/me").status_code == 200
    provider.claims |= {"email": "amara.new-name@example.org", "email_verified": False}
    again = browser()
    assert signs_in(again).status_code == 302
    assert again.session[SESSION_KEY] == str(world.users["amara"].pk)


def test_without_settings_there_is_no_button_and_no_such_address(world, settings):
    settings.OIDC_ISSUER = ""
    assert "employer?" not in browser().get("/sign-in").content.decode()
    assert browser().get("/sign-in/employer").status_code == 404
    assert browser().get("/sign-in/employer/return").status_code == 404


def test_nobody_gets_an_account_by_signing_in_there(world, provider):
    provider.claims["email"] = "stranger@example.org"
    before = User.objects.count()
    client = browser()
    assert refused(client, signs_in(client))
    assert (User.objects.count(), SocialAccount.objects.count()) == (before, 0)


@pytest.mark.parametrize("verified", [False, None, "false", "", 0, [], "no"])
def test_an_address_that_nobody_verified_opens_nothing(world, provider, verified):
    provider.claims["email_verified"] = verified
    client = browser()
    assert refused(client, signs_in(client))
    assert SocialAccount.objects.count() == 0


def test_an_address_without_the_claim_opens_nothing(world, provider):
    del provider.claims["email_verified"]
    client = browser()
    assert refused(client, signs_in(client))


def test_a_closed_account_stays_closed(world, provider):
    client = browser()
    signs_in(client)
    User.objects.filter(email="amara@example.org").update(is_active=False)
    for _ in range(2):
        another = browser()
        assert refused(another, signs_in(another))
        SocialAccount.objects.all().delete()


def test_a_mailbox_that_was_given_to_somebody_else_does_not_open_the_account_of_the_one_before(
    world, provider
):
    signs_in(browser())
    provider.claims["sub"] = "subject-2"
    thief = browser()
    assert refused(thief, signs_in(thief))
    assert SocialAccount.objects.count() == 1


def test_why_it_did_not_work_is_in_the_log_and_not_on_the_page(world, provider, caplog):
    pages = []
    for claims in (
        {"email": "stranger@example.org"},
        {"email_verified": False},
        {"sub": "x", "aud": "another"},
    ):
        provider.claims = {"sub": "subject-1", "email": "amara@example.org", "email_verified": True} | claims
        client = browser()
        pages.append(signs_in(client).content.decode().split("<main", 1)[1])
    assert len(set(pages)) == 1
    assert "01632 960001" in pages[0]
    for why in (
        "there is no account with this address",
        "has not verified the address",
        "the ID token is not believed",
    ):
        assert why in caplog.text
    assert "amara@example.org" not in caplog.text


# --- tokens that are not what they say ------------------------------------------------------------------------

PUBLIC = OURS.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def by_hmac(claims: dict) -> str:
    """Signed with the provider's public key as if it were a secret: the oldest trick."""
    _, body, _ = signed(claims).split(".")
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "typ": "JWT", "kid": "k1"}).encode()).rstrip(
        b"="
    )
    made = head + b"." + body.encode()
    return (made + b"." + base64.urlsafe_b64encode(hmac.digest(PUBLIC, made, "sha256")).rstrip(b"=")).decode()


@pytest.mark.parametrize(
    "sign",
    [
        lambda claims: signed(claims, ANOTHERS),
        lambda claims: signed(claims, ANOTHERS, kid="k2"),
        lambda claims: jwt.encode(claims, "", algorithm="none", headers={"kid": "k1"}),
        lambda claims: signed(claims).rsplit(".", 1)[0] + ".",
        by_hmac,
        lambda claims: "",
        lambda claims: "a.b.c",
        lambda claims: "é" * 50,
    ],
    ids=[
        "another's key",
        "a key of nobody",
        "none",
        "no signature",
        "public key as secret",
        "empty",
        "rubbish",
        "é",
    ],
)
def test_a_token_that_the_provider_did_not_sign_opens_nothing(world, provider, sign):
    provider.sign = sign
    client = browser()
    assert refused(client, signs_in(client))


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://evil.example.org"},
        {"aud": "another-program"},
        {"aud": [CLIENT, "another-program"]},
        {"aud": [CLIENT, "another-program"], "azp": "another-program"},
        {"exp": int(time.time()) - 600},
        {"nonce": "of another attempt"},
        {"nonce": None},
        {"exp": None},
        {"sub": None},
        {"iat": int(time.time()) + 3600},
        {"exp": "soon"},
    ],
    ids="-".join,  # of the names alone: the times differ from process to process
)
def test_a_token_for_another_place_program_time_or_attempt_opens_nothing(world, provider, wrong):
    provider.tamper = lambda claims: {
        name: value for name, value in (claims | wrong).items() if value is not None
    }
    client = browser()
    assert refused(client, signs_in(client))


def test_a_token_for_several_programs_of_which_we_asked_is_good(world, provider):
    provider.tamper = lambda claims: claims | {"aud": [CLIENT, "another"], "azp": CLIENT}
    assert signs_in(browser()).status_code == 302


# --- attempts that are not one's own --------------------------------------------------------------------------


def test_what_came_back_once_opens_nothing_a_second_time(world, provider):
    client = browser()
    back = at_the_provider(client)
    assert client.get(back).status_code == 302
    client.post("/sign-out")
    assert refused(client, client.get(back))


def test_what_came_back_opens_nothing_in_another_browser(world, provider):
    back = at_the_provider(browser())
    thief = browser()
    assert refused(thief, thief.get(back))


def test_the_code_of_another_attempt_opens_nothing_in_ones_own(world, provider):
    """An attacker puts a stolen code beside the state of an attempt of theirs: PKCE and the nonce belong to another."""
    stolen = parse_qs(urlsplit(at_the_provider(browser())).query)["code"][0]
    thief = browser()
    own = parse_qs(urlsplit(at_the_provider(thief)).query)["state"][0]
    assert refused(thief, thief.get("/sign-in/employer/return", {"code": stolen, "state": own}))


@pytest.mark.parametrize(
    "returned",
    [{}, {"state": "x", "code": "y"}, {"error": "access_denied"}, {"code": "y"}, {"state": "", "code": ""}],
)
def test_coming_back_from_nowhere_opens_nothing(world, provider, returned):
    client = browser()
    assert refused(client, client.get("/sign-in/employer/return", returned))
    at_the_provider(client)
    assert refused(client, client.get("/sign-in/employer/return", returned))


def test_an_answer_in_the_name_of_another_provider_opens_nothing(world, provider):
    client = browser()
    assert refused(client, client.get(at_the_provider(client) + "&iss=https://evil.example.org"))


def test_an_attempt_ends_after_ten_minutes(world, provider, time_machine):
    time_machine.move_to(time.time(), tick=False)
    client = browser()
    back = at_the_provider(client)
    time_machine.shift(601)
    assert refused(client, client.get(back))


@pytest.mark.parametrize(
    "following", ["https://evil.example.org/", "//evil.example.org", "/\\evil.example.org"]
)
def test_nobody_is_sent_on_to_somewhere_else(world, provider, following):
    answer = signs_in(browser(), following)
    assert answer.headers["Location"] == "/"


def test_a_session_planted_before_is_worth_nothing_after(world, provider):
    client = browser()
    back = at_the_provider(client)
    planted = client.cookies["session"].value
    client.get(back)
    assert client.cookies["session"].value != planted
    attacker = browser()
    attacker.cookies["session"] = planted
    assert attacker.get("/me").headers["Location"].startswith("/sign-in")


# --- a provider that is away, or another one ------------------------------------------------------------------


def test_a_provider_that_fails_or_calls_itself_otherwise_ends_in_a_page_that_says_what_to_do(world, provider):
    provider.broken = True
    client = browser()
    answer = client.get("/sign-in/employer")
    assert "Sign in with a code by e-mail" in answer.content.decode()
    assert refused(client, answer)
    provider.broken, provider.calls_itself = False, "https://evil.example.org"
    assert refused(client, client.get("/sign-in/employer"))


def test_a_provider_that_hangs_is_waited_for_a_few_seconds(world, provider):
    provider.wait = 8
    began = time.monotonic()
    assert browser().get("/sign-in/employer").status_code == 403
    assert time.monotonic() - began < 7


def test_only_https_is_spoken_where_the_service_itself_is_secure(world, provider, settings):
    settings.SECURE_COOKIES = True
    assert browser().get("/sign-in/employer").status_code == 403


def test_attempts_from_one_place_are_few(world, provider):
    assert [browser().get("/sign-in/employer").status_code for _ in range(25)].count(302) == 20


# --- the second proof -----------------------------------------------------------------------------------------


def nurse(provider: IdentityProvider, **claims: object) -> Client:
    provider.claims = {"sub": "nia", "email": "nia@example.org", "email_verified": True} | claims
    client = browser()
    signs_in(client)
    return client


def test_what_the_provider_says_of_a_second_proof_counts_only_where_the_installation_says_so(
    world, provider, settings
):
    assert nurse(provider, amr=["pwd", "mfa"]).get("/clinic").headers["Location"].startswith("/two-step/app")
    settings.OIDC_SECOND_PROOF = ["amr=mfa", "acr=urn:high"]
    assert nurse(provider, amr=["pwd"]).get("/clinic").headers["Location"].startswith("/two-step/app")
    assert nurse(provider, amr="mfa").get("/clinic").status_code == 200
    assert nurse(provider, amr=["pwd", "mfa"]).get("/clinic").status_code == 200
    assert nurse(provider, acr="urn:high").get("/clinic").status_code == 200
    assert nurse(provider, acr="mfa").get("/clinic").headers["Location"].startswith("/two-step/app")


def test_somebody_with_a_proof_of_ours_shows_it_whatever_the_provider_says(world, provider, settings):
    settings.OIDC_SECOND_PROOF = ["amr=mfa"]
    TOTP.activate(world.users["nia"], KEY)
    client = nurse(provider, amr=["mfa"])
    assert SESSION_KEY not in client.session
    assert client.post("/two-step/check", {"code": code_of(KEY)}).status_code == 302
    assert client.get("/clinic").status_code == 200


def test_a_proof_of_the_providers_that_was_long_ago_is_given_again_over_there(world, provider, settings):
    settings.OIDC_SECOND_PROOF = ["amr=mfa"]
    provider.claims = {"sub": "sam", "email": "sam@example.org", "email_verified": True, "amr": ["mfa"]}
    client = browser()
    signs_in(client)
    roles = "/service/administration/roles"
    assert client.get(roles).status_code == 200
    late = client.session
    for record in late["account_authentication_methods"]:
        record["at"] -= 16 * 60
    late.save()
    sent = client.post(roles, {"email": "amara@example.org", "role": "oh-nurse"})
    assert sent.headers["Location"].startswith("/sign-in")


# --- whoever runs it ------------------------------------------------------------------------------------------


def test_doctor_says_whether_it_works(committed_world, provider, settings, tmp_path, capsys):
    assert main(["doctor"]) == 0
    assert f"ok    the employer's sign-in answers: {provider.issuer}" in capsys.readouterr().out
    cache.clear()
    provider.calls_itself = "https://another.example.org"
    (tmp_path / "secret").chmod(0o644)
    assert main(["doctor", "--quiet"]) == 1
    said = capsys.readouterr().out
    assert "WRONG the employer's sign-in does not work: the provider calls itself" in said
    assert "WRONG OPENOH_OIDC_SECRET_FILE must name a file that only its owner can read" in said
