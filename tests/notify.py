"""GOV.UK Notify's API on this machine, over real sockets: what it takes, and the ways in which it fails."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "test-" + "1" * 8 + "-1111" * 3 + "-" + "1" * 12 + "-" + "2" * 8 + "-2222" * 3 + "-" + "2" * 12
TEMPLATES = {"email": "t-email", "sms": "t-sms", "letter": "t-letter"}
WORDS = {
    400: "email_address Not a valid email address",
    403: "Invalid token: API key not found",
    429: "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds",
    500: "Internal server error",
    503: "Service unavailable",
}


class NotifyStandIn:
    """`taken` is what it sends. `failing` is the status of every answer; `failing_sends` those of the next sends.

    `wait` is how long it takes to answer a send, `forget` makes it take a send and break the connection.
    """

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.asked = 0
        self.failing = 0
        self.failing_sends: list[int] = []
        self.wait = 0.0
        self.forget = False
        self.address = ""

    @property
    def references(self) -> list[str]:
        return [each["reference"] for each in self.taken]


@contextmanager
def answering() -> Iterator[NotifyStandIn]:
    stand_in = NotifyStandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            stand_in.asked += 1
            parts = urlsplit(self.path)
            if stand_in.failing:
                self.refuse(stand_in.failing)
            elif parts.path == "/v2/templates":
                self.answer(200, {"templates": [{"id": each} for each in TEMPLATES.values()]})
            else:
                (wanted,) = parse_qs(parts.query)["reference"]
                found = [each for each in stand_in.taken if each["reference"] == wanted]
                self.answer(200, {"notifications": found, "links": {}})

        def do_POST(self) -> None:
            stand_in.asked += 1
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(stand_in.wait)
            if status := stand_in.failing or (stand_in.failing_sends and stand_in.failing_sends.pop(0)):
                self.refuse(status)
            elif "broken" in json.dumps(body):
                self.refuse(400)
            else:
                stand_in.taken.append(body | {"path": self.path})
                if stand_in.forget:
                    self.close_connection = True
                else:
                    self.answer(201, {"id": "740e5834-3a29-46b4-9a6f-16142fde533a"})

        def refuse(self, status: int) -> None:
            error = {"error": "Error", "message": WORDS[status]}
            self.answer(status, {"status_code": status, "errors": [error]})

        def answer(self, status: int, body: object) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def handle(self) -> None:
            with suppress(ConnectionError):  # who asked had gone
                super().handle()

        def log_message(self, format: str, *arguments: object) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stand_in.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
