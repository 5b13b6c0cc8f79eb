"""A real server on a database of the test's own, and a real browser: journeys are told with these."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakSet

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.signing_in import prove_twice
from tests.world import World

CHECKOUT = Path(__file__).resolve().parents[2]
PICTURES = CHECKOUT / "var" / "test" / "pictures"
PHONE, DESK = 390, 1280
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
# Rules of WCAG 2.2 A and AA, and best practice that costs nothing.
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
# The accessibility checker is a script itself: it cannot look at pages of these.
WITHOUT_SCRIPTS: WeakSet[BrowserContext] = WeakSet()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "The journeys need Chromium: make env-dev installs it."
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


@dataclass
class Site:
    """The service, running, with the world in it."""

    url: str
    world: World
    browser: Browser
    javascript: bool = True
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(
        self,
        path: str,
        *,
        who: str | None = None,
        role: str | None = None,
        width: int = PHONE,
        js: bool = True,
    ) -> Page:
        """A page of a new browser, signed in as somebody of the world (in one of their roles).

        `js=False` tells this story without scripts always; `--without-javascript` tells every story so.
        """
        context = self.browser.new_context(
            viewport={"width": width, "height": 844},
            java_script_enabled=js and self.javascript,
            base_url=self.url,
            locale="en-GB",
        )
        self.contexts.append(context)
        if not (js and self.javascript):
            WITHOUT_SCRIPTS.add(context)
        if who:
            context.add_cookies([{"name": "session", "value": self._session(who, role), "url": self.url}])
        page = context.new_page()
        page.set_default_timeout(8_000)
        page.goto(path)
        return page

    def _session(self, who: str, role: str | None) -> str:
        """What signing in leaves behind, second step included, without typing it in each story."""
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.contrib.sessions.backends.db import SessionStore

        from openoh.foundation.access.queries import grants_of

        user = self.world.users[who]
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        prove_twice(session, user)
        if role:
            grant = next(grant for grant in grants_of(user.id, user.name) if grant.actor.role == role)
            session["assignment"] = str(grant.assignment)
        session.create()
        return session.session_key

    def close(self) -> None:
        for context in self.contexts:
            context.close()


def check_accessible(page: Page, name: str | None = None) -> None:
    """No violation of WCAG 2.2 AA, one h1, no sideways scrolling; leaves a picture when given a name.

    In a browser without scripts there is nobody to look for violations; the same page is looked at with them.
    """
    assert page.locator("h1").count() == 1, f"{page.url} has {page.locator('h1').count()} h1"
    if page.context not in WITHOUT_SCRIPTS:
        found = Axe().run(page, options=RULES).response["violations"]
        told = [f"{v['id']}: {v['help']} at {[n['target'] for n in v['nodes']][:3]}" for v in found]
        assert told == [], f"{page.url}\n" + "\n".join(told)
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, f"{page.url} scrolls sideways by {width} px"
    if name and page.context not in WITHOUT_SCRIPTS:
        picture(page, name)


def picture(page: Page, name: str) -> None:
    """Keep a picture of the page as it stands, for people to look at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    width = page.viewport_size["width"]
    page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)


@contextmanager
def served(database_url: str, **extra: str) -> Iterator[str]:
    """The web server on a free port, on this database; stopped at the end."""
    from openoh.cli.serve import command

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "DATABASE_URL": database_url, "OPENOH_PLAIN_HTTP": "1", **extra}
    log = (CHECKOUT / "var" / "test" / f"server-{port}.log").open("w")
    server = subprocess.Popen(
        command("127.0.0.1", port, 1), cwd=CHECKOUT, env=environment, stdout=log, stderr=log
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/crisis", server)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


def _wait_for(url: str, server: subprocess.Popen) -> None:
    for _ in range(600):
        assert server.poll() is None, "the server ended before it answered"
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer within a minute")


@pytest.fixture
def javascript(request: pytest.FixtureRequest) -> bool:
    """Whether the browsers of this run have scripts; a story may ask, where the script changes what is seen."""
    return not request.config.getoption("--without-javascript")


@pytest.fixture
def site(committed_database, browser: Browser, javascript: bool) -> Iterator[Site]:
    """The running service with the invented world, on a database of this test's own."""
    from tests.world import build_world

    world = build_world()
    with served(committed_database) as url:
        running = Site(url, world, browser, javascript)
        yield running
        running.close()
