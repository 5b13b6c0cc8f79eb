"""Register a person, book a time, record what was found: through the API, with access checks, audit and disk.

    python -m bench.http_path

Limits: 25 ms for all three at one client (the middle of 200), and 60 a second at eight clients. The person who is
registered comes without an employer, so the time is booked for somebody who has one, and another one each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import count
from typing import Any

from bench.clients import Client, a_second, middle, milliseconds, session_of, tail
from bench.support import report, service

LIMIT_MS, LIMIT_A_SECOND = 25, 60
CLIENTS, SECONDS = 8, 10


def main() -> None:
    with service() as running:
        from openoh.foundation.accounts.models import User

        slots, people = free_slots(), people_with_a_job()
        sessions = [
            session_of(User.objects.get(email=f"nurse{n}@example.org")) for n in range(1, CLIENTS + 1)
        ]
        tasks = [
            one_path(Client(running.port, session), slots[n::CLIENTS], people[n::CLIENTS])
            for n, session in enumerate(sessions)
        ]
        began = running.processor()
        taken = milliseconds(tasks[0], 200)
        used = (running.processor() - began) / 220 * 1000
        print(
            f"register + book + encounter: p50 {middle(taken):.1f} ms, p99 {tail(taken):.1f} ms, "
            f"processor {used:.1f} ms"
        )
        rate = a_second(tasks, SECONDS)
        report("http-path-one-client", middle(taken), LIMIT_MS, unit=" ms")
        report("http-path-eight-clients", rate, LIMIT_A_SECOND, at_least=True, unit="/s")


def one_path(client: Client, slots: list[tuple[Any, ...]], people: list[Any]) -> Callable[[], None]:
    """The three calls, each time with another name, time and person."""
    numbers: Iterator[int] = count()

    def task() -> None:
        n = next(numbers)
        person = {"given_name": "Zadie", "family_name": f"New{n}", "birth_date": str(date(1980, 1, 1))}
        _expect(201, client.post("/api/people", person))
        booked = client.post("/api/appointments", {"slot": str(slots[n]), "person": str(people[n])})
        _expect(201, booked)
        found = {"note": "Better. Back at work on Monday.", "problems": []}
        _expect(201, client.post(f"/api/appointments/{booked.json()['id']}/encounter", found))

    return task


def _expect(status: int, answer: Any) -> None:
    if answer.status != status:
        raise RuntimeError(f"{answer.status} instead of {status}: {answer.body[:300]!r}")


def free_slots() -> list[Any]:
    """Identifiers of the times from tomorrow on, of which none is booked."""
    from openoh.foundation.core import clock
    from openoh.foundation.core.actors import Audience, Scope
    from openoh.foundation.core.scope import within
    from openoh.pathway.clinics.models import Slot

    with within(Scope(Audience.WORKER)):
        return list(
            Slot.objects.filter(starts_at__date__gt=clock.today())
            .order_by("starts_at", "id")
            .values_list("pk", flat=True)
        )


def people_with_a_job() -> list[Any]:
    from openoh.foundation.core.actors import Audience, Scope
    from openoh.foundation.core.scope import within
    from openoh.foundation.people.models import Engagement

    with within(Scope(Audience.WORKER)):
        return list(Engagement.objects.order_by("-id").values_list("person_id", flat=True)[:30_000])


if __name__ == "__main__":
    main()
