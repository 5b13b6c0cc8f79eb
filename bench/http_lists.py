"""The first page of every list of the service, in a tenant of 100,000 people.

    python -m bench.http_lists

Limit: 15 ms at one client for the slowest of them: keyset pages and no full count.
"""

from __future__ import annotations

from bench.clients import Client, middle, milliseconds, session_of, tail
from bench.pages import LISTS, holder_of, served_addresses
from bench.support import report, service

LIMIT_MS = 15


def main() -> None:
    with service() as running:
        served, slowest = served_addresses(), 0.0
        for role, address in LISTS:
            if address.partition("?")[0] not in served:
                continue
            client = Client(running.port, session_of(holder_of(role), role))
            answer = client.get(address)
            if answer.status != 200:
                raise RuntimeError(f"{address} answered {answer.status}: {answer.body[:300]!r}")
            taken = milliseconds(lambda c=client, a=address: c.get(a), 60)
            print(f"  {address} ({role}): p50 {middle(taken):.1f} ms, p99 {tail(taken):.1f} ms")
            slowest = max(slowest, middle(taken))
        report("http-lists", slowest, LIMIT_MS, unit=" ms")


if __name__ == "__main__":
    main()
