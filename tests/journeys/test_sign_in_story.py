"""Somebody who reads other people's records signs in: with a code, an app, recovery codes, a passkey, and without."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.journeys.arriving import Post, ask_for_code, enrol, next_code
from tests.journeys.conftest import DESK, PHONE, Site, check_accessible, served

pytestmark = pytest.mark.browser


@pytest.fixture
def post(tmp_path) -> Post:
    return Post(tmp_path / "mail")


@pytest.fixture
def site(committed_database, browser, javascript, tmp_path, settings) -> Iterator[Site]:
    """The service as it is outside a demonstration. Passkeys need a name, not a number, so it is on localhost."""
    from tests.world import build_world

    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    world = build_world()
    with served(committed_database, OPENOH_VAR=str(tmp_path)) as url:
        running = Site(url.replace("127.0.0.1", "localhost"), world, browser, javascript)
        yield running
        running.close()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_nurse_sets_up_an_app_signs_in_with_it_and_loses_her_phone(site, post, width):
    page = site.open("/sign-in", width=width)
    check_accessible(page, "sign-in")
    ask_for_code(page, "nia@example.org", post)
    page.goto("/clinic")
    check_accessible(page, "second-step-set-up")
    expect(page.get_by_role("img", name="Picture that holds the key")).to_be_visible()
    page.get_by_label("Code from the app").fill("000000")
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("alert")).to_contain_text("This code is not right")
    check_accessible(page, "second-step-wrong-code")
    key = enrol(page)
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    check_accessible(page, "second-step-recovery-codes")
    recovery = page.locator("li code").all_inner_texts()
    assert len(set(recovery)) == 10
    assert "authenticator app was added" in post.newest_to("nia@example.org")
    page.get_by_role("button", name="I have kept them").click()
    expect(page).to_have_url(re.compile("/clinic$"))
    page.goto("/two-step/codes")
    expect(page.get_by_text("cannot be shown again")).to_be_visible()
    for code in recovery:
        expect(page.get_by_text(code)).to_have_count(0)
    page.goto("/two-step")
    check_accessible(page, "second-step")

    page.goto("/clinic")
    sign_out(page)
    ask_for_code(page, "nia@example.org", post)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    check_accessible(page, "second-step-asked")
    page.goto("/clinic")  # the first proof alone opens nothing
    expect(page).not_to_have_url(re.compile("/clinic$"))
    page.goto("/two-step/check")
    page.get_by_label("Code from your authenticator app").fill("123456")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("This code is not right")
    page.get_by_label("Code from your authenticator app").fill(next_code(key))
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(re.compile("/clinic$"))

    sign_out(page)
    ask_for_code(page, "nia@example.org", post)
    page.get_by_text("I have lost my phone").click()
    expect(page.get_by_text("No recovery codes either?")).to_be_visible()
    page.get_by_label("Code from your authenticator app").fill(recovery[0])
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(re.compile("/clinic$"))
    page.goto("/two-step")
    page.get_by_role("link", name="Make new ones").click()
    expect(page.get_by_role("heading", name="Prove again who you are")).to_be_visible()
    check_accessible(page, "second-step-again")
    page.get_by_label("Code from your authenticator app").fill(recovery[0])  # used already
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("This code is not right")
    page.get_by_label("Code from your authenticator app").fill(recovery[1])
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Make new recovery codes")).to_be_visible()
    check_accessible(page, "second-step-new-codes")
    page.get_by_role("button", name="Make new codes").click()
    assert not set(page.locator("li code").all_inner_texts()) & set(recovery)


def test_an_employee_needs_no_second_proof(site, post):
    page = site.open("/sign-in")
    ask_for_code(page, "amara@example.org", post)
    expect(page).to_have_url(re.compile("/me$"))


def passkeys(page: Page) -> CDPSession:
    """A device that keeps passkeys and knows the finger of its owner."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True}})  # fmt: skip
    return device


@pytest.mark.javascript
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_physician_adds_a_passkey_signs_in_with_it_alone_and_it_is_refused_when_removed(site, post, width):
    page = site.open("/sign-in", width=width)
    passkeys(page)
    ask_for_code(page, "omar@example.org", post)
    page.goto("/clinic")
    page.get_by_role("link", name="Use a passkey instead").click()
    check_accessible(page, "passkey-add")
    page.get_by_label("What do you call it?").fill("Work laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    assert "A passkey was added" in post.newest_to("omar@example.org")
    page.get_by_role("button", name="I have kept them").click()
    expect(page).to_have_url(re.compile("/clinic$"))
    page.goto("/two-step/passkeys")
    expect(page.get_by_role("link", name="Remove Work laptop")).to_be_visible()
    check_accessible(page, "passkeys")

    page.goto("/clinic")
    sign_out(page)
    page.goto("/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile("/clinic$"))

    sign_out(page)  # after the mailed code, the passkey is the second proof
    ask_for_code(page, "omar@example.org", post)
    page.get_by_role("button", name="Use your passkey").click()
    expect(page).to_have_url(re.compile("/clinic$"))

    page.goto("/two-step/passkeys")
    page.get_by_role("link", name="Remove Work laptop").click()
    expect(page.get_by_role("heading", name="Prove again who you are")).to_be_visible()
    check_accessible(page, "passkey-again")
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("heading", name="Remove a passkey")).to_be_visible()
    check_accessible(page, "passkey-remove")
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("You have none.")).to_be_visible()
    assert "A passkey was removed" in post.newest_to("omar@example.org")

    page.goto("/clinic")
    expect(page.get_by_role("heading", name="Set up two-step sign-in")).to_be_visible()
    page.context.clear_cookies()
    page.goto("/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("This code is not right").first).to_be_visible()
    expect(page).to_have_url(re.compile("/sign-in$"))
