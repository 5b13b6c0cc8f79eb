"""Arriving as people do outside a demonstration: a code by e-mail, then an authenticator app."""

from __future__ import annotations

import email
import email.policy
import re
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from openoh.foundation.notifications.outbox import send_due
from tests.totp import PERIOD, code_of


class Post:
    """The folder that the file carrier writes messages into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def newest_to(self, address: str) -> str:
        """What came last for this address, after everything that waits has left as the worker lets it leave."""
        send_due()
        found = []
        for path in self.folder.glob("*.eml"):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if message["To"] == address:
                found.append((path.stat().st_mtime_ns, message["Subject"] + "\n" + message.get_content()))
        assert found, f"nothing came for {address}"
        return max(found)[1]


def ask_for_code(page: Page, address: str, post: Post) -> None:
    page.goto("/sign-in")
    page.get_by_label("Your e-mail address").fill(address)
    page.get_by_role("button", name="Send me a code").click()
    code = re.search(r"Your code is (\S+)", post.newest_to(address))[1]
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()


def enrol(page: Page) -> str:
    """Set the app up on the page that asks for it; returns its key."""
    expect(page.get_by_role("heading", name="Set up two-step sign-in")).to_be_visible()
    key = page.locator("code").inner_text()
    page.get_by_label("Code from the app").fill(code_of(key))
    page.get_by_role("button", name="Turn it on").click()
    return key


def next_code(key: str) -> str:
    """A code that was not used yet: each works once."""
    time.sleep(PERIOD - time.time() % PERIOD + 0.1)
    return code_of(key)
