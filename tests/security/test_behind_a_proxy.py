"""Forms behind a TLS proxy, in a process with the settings of a real installation."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.conftest import CHECKOUT

PROGRAM = """
import sys
import django
django.setup()
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.test import RequestFactory
origin, proto = sys.argv[1:]
request = RequestFactory().post("/sign-in", {"csrfmiddlewaretoken": "a" * 32}, HTTP_HOST="oh.example",
    HTTP_ORIGIN=origin, HTTP_REFERER=origin + "/sign-in", HTTP_X_FORWARDED_PROTO=proto)
request.COOKIES["__Host-csrftoken"] = "a" * 32
guard = CsrfViewMiddleware(lambda request: HttpResponse())
guard.process_request(request)
print("refused" if guard.process_view(request, lambda request: None, (), {}) else "taken", request.is_secure())
"""


def sent(origin: str, proto: str, proxies: str) -> str:
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "openoh.config.settings", "OPENOH_HOSTS": "oh.example",
        "OPENOH_ADDRESS": "https://oh.example", "OPENOH_PROXIES": proxies, "PYTHONPATH": str(CHECKOUT),
    }  # fmt: skip
    environment.pop("OPENOH_PLAIN_HTTP", None)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, origin, proto],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("origin", "proto", "proxies", "answer"),
    [
        ("https://oh.example", "https", "1", "taken True"),
        ("https://evil.example", "https", "1", "refused True"),
        ("https://oh.example", "https", "0", "refused False"),
    ],
    ids=["ours", "somebody else's", "a header that nobody vouches for"],
)
def test_a_form_is_taken_from_our_own_address_through_a_declared_proxy_only(origin, proto, proxies, answer):
    assert sent(origin, proto, proxies) == answer
