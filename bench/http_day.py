"""A clinician's day: twelve times, ten appointments, with who and when, through the API.

    python -m bench.http_day

Limit: 12 ms at one client.
"""

from __future__ import annotations

from bench.clients import Client, a_second, middle, milliseconds, session_of, tail
from bench.support import report, service

LIMIT_MS = 12
CLIENTS, SECONDS = 8, 5


def main() -> None:
    with service() as running:
        from openoh.foundation.accounts.models import User
        from openoh.foundation.core import clock

        address = f"/api/day?on={clock.today()}"
        clients = [
            Client(running.port, session_of(User.objects.get(email=f"nurse{n}@example.org")))
            for n in range(1, CLIENTS + 1)
        ]
        found = clients[0].get(address).json()
        if len(found["appointments"]) != 10:
            raise RuntimeError(f"the day has {len(found['appointments'])} appointments instead of 10")
        began = running.processor()
        taken = milliseconds(lambda: clients[0].get(address), 200)
        used = (running.processor() - began) / 220 * 1000
        rate = a_second([lambda c=c: c.get(address) for c in clients], SECONDS)
        print(
            f"day: p50 {middle(taken):.1f} ms, p99 {tail(taken):.1f} ms, "
            f"processor {used:.1f} ms; {CLIENTS} clients {rate:.0f}/s"
        )
        report("http-day", middle(taken), LIMIT_MS, unit=" ms")


if __name__ == "__main__":
    main()
