"""An attack: somebody without an account sends very slowly, or without end, to keep everybody else from the service."""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from openoh.config.receiving import Limits, Receiving
from tests.journeys.conftest import served

TOKEN = "a" * 32
SLOW_SENDERS = 12
PATIENCE = 20  # seconds after which a page that does not come will not come


@pytest.fixture
def running(committed_database) -> Iterator[str]:
    with served(committed_database) as url:
        yield url


def head(path: str, size: int, kind: str) -> bytes:
    """A form with its anti-forgery cookie, so that the service reads what follows."""
    lines = [
        f"POST {path} HTTP/1.1", "Host: localhost", f"Cookie: csrftoken={TOKEN}", f"Content-Type: {kind}",
        f"Content-Length: {size}", "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE)


def test_people_who_send_slowly_do_not_keep_others_from_the_crisis_page(running: str):
    with ExitStack() as open_lines:
        for _ in range(SLOW_SENDERS):
            line = open_lines.enter_context(connect(running))
            line.sendall(head("/sign-in", 1_000, "application/x-www-form-urlencoded") + b"email=")
        with urllib.request.urlopen(f"{running}/crisis", timeout=PATIENCE) as page:
            assert page.status == 200


def test_a_form_that_comes_in_pieces_is_read_whole(running: str):
    sent = f"csrfmiddlewaretoken={TOKEN}&email=nobody@example.org".encode()
    with connect(running) as line:
        line.sendall(head("/sign-in", len(sent), "application/x-www-form-urlencoded") + sent[:20])
        line.sendall(sent[20:])
        assert line.recv(12) == b"HTTP/1.1 302"


def test_who_is_not_signed_in_cannot_fill_the_disk(running: str):
    begun = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    with connect(running) as line:
        line.sendall(head("/employer/upload", 1_000_000_000, "multipart/form-data; boundary=x") + begun)
        assert line.recv(12) == b"HTTP/1.1 413"
    parts = urlsplit(running)
    forged = HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)
    forged.putrequest("POST", "/employer/upload")
    forged.putheader("Content-Type", "multipart/form-data; boundary=x")
    forged.putheader("Cookie", f"{settings.SESSION_COOKIE_NAME}={'z' * 32}; session={'z' * 32}")
    forged.putheader("Content-Length", "1000000000")
    forged.endheaders()
    assert forged.getresponse().status == 413


def receiving(*, signed_in: bool) -> Receiving:
    def echo(environ, start_response):
        size = int(environ.get("CONTENT_LENGTH") or 0)
        start_response("200 OK", [])
        return [environ["wsgi.input"].read(size)]

    return Receiving(echo, limits=Limits(form=10, file=100), signed_in=lambda environ: signed_in)


def sent(
    application: Receiving, tmp_path: Path, content: bytes, announced: str, kind: str
) -> tuple[str, bytes]:
    said: list[str] = []
    path = tmp_path / "sent"
    path.write_bytes(content)
    with path.open("rb") as line:
        environ = {"CONTENT_LENGTH": announced, "CONTENT_TYPE": kind, "wsgi.input": line}
        body = b"".join(application(environ, lambda status, headers: said.append(status)))
    return said[0][:3], body


FILES = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("signed_in", "size", "kind", "status"),
    [
        (False, 10, "application/json", "200"),
        (False, 11, "application/json", "413"),
        (True, 11, "application/json", "413"),
        (False, 11, FILES, "413"),
        (True, 100, FILES, "200"),
        (True, 101, FILES, "413"),
    ],
)
def test_what_may_be_sent(tmp_path, signed_in, size, kind, status):
    content = b"a" * size
    answer = sent(receiving(signed_in=signed_in), tmp_path, content, str(size), kind)
    assert answer[0] == status
    assert answer[1] == content or status != "200"


@pytest.mark.parametrize("announced", ["-1", "9" * 5_000, "1e3", "٣", "1, 2"])
def test_a_size_that_is_none_is_refused(tmp_path, announced):
    status, _ = sent(receiving(signed_in=True), tmp_path, b"abc", announced, "text/plain")
    assert status == "400"


def test_a_line_that_breaks_is_no_form(tmp_path):
    assert sent(receiving(signed_in=True), tmp_path, b"abc", "9", "text/plain")[0] == "400"
