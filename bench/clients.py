"""Clients that keep their connection and their cookies, and the figures of many of them at once.

The client speaks just enough HTTP/1.1 to cost little: it shares the processor with what it measures.
"""

from __future__ import annotations

import json
import secrets
import socket
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

AGENT = "bench"
CSRF_TOKEN_LENGTH = 32


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Client:
    """One signed-in browser. Not for use by two threads at once."""

    port: int
    session: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    _file: Any = None

    def __post_init__(self) -> None:
        self.cookies["csrftoken"] = secrets.token_hex(CSRF_TOKEN_LENGTH // 2)
        if self.session:
            self.cookies["session"] = self.session
        self._connect()

    def _connect(self) -> None:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = connection.makefile("rwb")

    def get(self, path: str) -> Answer:
        """As browsers do, once more when the server has closed a connection that was idle."""
        try:
            return self._ask("GET", path, b"")
        except ConnectionError:
            self._connect()
            return self._ask("GET", path, b"")

    def post(self, path: str, body: object) -> Answer:
        return self._ask("POST", path, json.dumps(body).encode())

    def _ask(self, method: str, path: str, body: bytes) -> Answer:
        head = [
            f"{method} {path} HTTP/1.1", "Host: localhost", f"User-Agent: {AGENT}",
            "Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        ]  # fmt: skip
        if method == "POST":
            head += [f"X-CSRFToken: {self.cookies['csrftoken']}", "Content-Type: application/json",
                     f"Content-Length: {len(body)}"]  # fmt: skip
        self._file.write("\r\n".join([*head, "", ""]).encode() + body)
        self._file.flush()
        return self._answer()

    def _answer(self) -> Answer:
        first = self._file.readline()
        if not first:
            raise ConnectionResetError("the server closed the connection")
        status, length = int(first.split()[1]), 0
        while (line := self._file.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            match name.lower():
                case b"content-length":
                    length = int(value)
                case b"set-cookie":
                    key, _, kept = value.decode().strip().partition(";")[0].partition("=")
                    self.cookies[key] = kept
        return Answer(status, self._file.read(length))


def session_of(user: Any, role: str = "") -> str:
    """What signing in leaves behind, second step included; returns the key that the cookie holds."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from openoh.foundation.access.queries import grants_of
    from tests.signing_in import prove_twice

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    prove_twice(session, user)
    if role:
        held = grants_of(user.id, user.name)
        session["assignment"] = str(next(grant.assignment for grant in held if grant.actor.role == role))
    session.create()
    return str(session.session_key)


def milliseconds(task: Callable[[], object], times: int, warm: int = 20) -> list[float]:
    """How long each of `times` runs took, after `warm` runs that are not counted."""
    for _ in range(warm):
        task()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        task()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def middle(values: Sequence[float]) -> float:
    return statistics.median(values)


def tail(values: Sequence[float]) -> float:
    """The 99th percentile."""
    return statistics.quantiles(values, n=100)[98]


def a_second(tasks: Sequence[Callable[[], object]], seconds: float) -> float:
    """How many runs a second, with one thread for each of `tasks`, all beginning together.

    Raises the first error of any thread.
    """
    finished, errors = [0] * len(tasks), []
    start = threading.Barrier(len(tasks) + 1)
    stop = threading.Event()

    def work(number: int) -> None:
        start.wait()
        try:
            while not stop.is_set():
                tasks[number]()
                finished[number] += 1
        except Exception as error:  # told to the main thread, which raises it
            errors.append(error)
            stop.set()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(tasks))]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    stop.wait(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return sum(finished) / (time.perf_counter() - began)
