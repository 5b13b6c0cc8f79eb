"""What somebody meets who has not signed in."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE, check_accessible

pytestmark = pytest.mark.browser

PAGES = {"home": "/", "crisis": "/crisis", "confidentiality": "/confidentiality", "sign-in": "/sign-in",
         "accessibility": "/accessibility", "privacy": "/privacy", "not-found": "/nowhere"}  # fmt: skip


def test_every_public_page_is_accessible_on_a_phone_and_at_a_desk(site):
    for width in (PHONE, DESK):
        for name, path in PAGES.items():
            check_accessible(site.open(path, width=width), f"public-{name}")


def test_crisis_help_is_one_press_away_without_javascript(site):
    page = site.open("/", js=False)
    page.get_by_role("link", name="More help now").click()
    expect(page.get_by_role("link", name="116 123")).to_be_visible()


def test_no_page_asks_another_host_for_anything(site):
    page = site.open("/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    for path in PAGES.values():
        page.goto(path)
    assert [url for url in asked if not url.startswith((site.url, "data:"))] == []
    assert [text for text in problems if "404" not in text] == []
