"""Receive what a browser sends before Django sees it: whole, within a limit, in a thread that only waits.

Django answers one request at a time in each process. If it read what is sent by itself, four slow telephones, or four
attackers, would keep everybody from the crisis page; and whoever likes could fill the disk without signing in.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

BLOCK = 64 * 1024
IN_MEMORY = 1_000_000
LONGEST_SIZE = 15  # digits


class Readable(Protocol):
    """What comes over the line."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Limits:
    """How many bytes a request may bring: `form` anybody's, `file` with files of somebody signed in."""

    form: int
    file: int


class Receiving:
    """A WSGI application around Django's. The server may call it in many threads; Django runs in one.

    `signed_in(environ)` says whether the request comes with a session of somebody signed in.
    """

    def __init__(
        self, application: Application, *, limits: Limits, signed_in: Callable[[Environ], bool]
    ) -> None:
        self._application, self._limits, self._signed_in = application, limits, signed_in
        self._only_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="django")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        size = _size(environ)
        if size is None:
            return _refuse(start_response, HTTPStatus.BAD_REQUEST, "We could not read that.")
        if size > self._most(environ, size):
            return _refuse(
                start_response,
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                "This is more than can be sent here. Sign in first, or send less at once.",
            )
        if not size:
            return self._answer(environ, start_response)
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as received:
            if not _receive(environ["wsgi.input"], received, size):
                return _refuse(
                    start_response, HTTPStatus.BAD_REQUEST, "Not everything arrived. Send it again."
                )
            received.seek(0)
            return self._answer(environ | {"wsgi.input": received}, start_response)

    def _most(self, environ: Environ, size: int) -> int:
        if size <= self._limits.form or not environ.get("CONTENT_TYPE", "").startswith("multipart/form-data"):
            return self._limits.form
        known = self._only_thread.submit(self._signed_in, environ).result()
        return self._limits.file if known else self._limits.form

    def _answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        begun: list[Any] = []
        body = self._only_thread.submit(self._run, environ, begun).result()
        start_response(*begun)
        return body

    def _run(self, environ: Environ, begun: list[Any]) -> Iterable[bytes]:
        """In Django's thread: the whole answer, but for files, which are read while they are sent."""

        def keep(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            begun[:] = [status, headers]

        response = self._application(environ, keep)
        if getattr(response, "streaming", True):
            return response
        try:
            return [b"".join(response)]
        finally:
            response.close()  # type: ignore[attr-defined]  # Django's responses have it: it ends the request


def _size(environ: Environ) -> int | None:
    """How much is announced; None for what is no size. What is not announced is not read."""
    announced = environ.get("CONTENT_LENGTH") or "0"
    plain = announced.isascii() and announced.isdigit() and len(announced) <= LONGEST_SIZE
    return int(announced) if plain else None


def _receive(sent: Readable, received: Any, size: int) -> bool:
    """Copy what was announced; whether all of it came."""
    while size > 0:
        block = sent.read(min(size, BLOCK))
        if not block:
            return False
        received.write(block)
        size -= len(block)
    return True


def _refuse(start_response: StartResponse, status: HTTPStatus, words: str) -> list[bytes]:
    start_response(
        f"{status.value} {status.phrase}",
        [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Cache-Control", "no-store"),
            ("Connection", "close"),
        ],
    )
    return [words.encode()]
