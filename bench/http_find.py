"""Find a person by any part of the name among 100,000, through the API.

    python -m bench.http_find

Limit: 20 ms at one client, the middle over common and rare parts, whole names and two parts in any order.
"""

from __future__ import annotations

from itertools import cycle
from urllib.parse import quote

from bench.clients import Client, a_second, middle, milliseconds, session_of, tail
from bench.support import report, service

LIMIT_MS = 20
PARTS = (
    "oafor",
    "kaf",
    "smi",
    "son",
    "mara hug",
    "priya patel",
    "o'brien",
    "ndl",
    "tom tho",
    "wil",
    "eil",
    "ric jo",
)
CLIENTS, SECONDS = 8, 5


def main() -> None:
    with service() as running:
        from openoh.foundation.accounts.models import User

        clients = [
            Client(running.port, session_of(User.objects.get(email=f"nurse{n}@example.org")))
            for n in range(1, CLIENTS + 1)
        ]
        for part in PARTS:
            each = milliseconds(lambda part=part: find(clients[0], part), 15, warm=3)
            print(f"  {part!r}: p50 {middle(each):.1f} ms, {len(find(clients[0], part))} shown")
        parts = cycle(PARTS)
        began = running.processor()
        taken = milliseconds(lambda: find(clients[0], next(parts)), 240)
        used = (running.processor() - began) / 260 * 1000
        rate = a_second([lambda c=c: find(c, next(parts)) for c in clients], SECONDS)
        print(
            f"find: p50 {middle(taken):.1f} ms, p99 {tail(taken):.1f} ms, "
            f"processor {used:.1f} ms; {CLIENTS} clients {rate:.0f}/s"
        )
        report("http-find", middle(taken), LIMIT_MS, unit=" ms")


def find(client: Client, text: str) -> list[object]:
    answer = client.get(f"/api/people?text={quote(text)}")
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {answer.body[:300]!r}")
    found: list[object] = answer.json()
    return found


if __name__ == "__main__":
    main()
