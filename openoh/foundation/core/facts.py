"""Things that happened, told to later floors: append in the same transaction, consume at least and at most once.

An action appends a fact; each consumer registered for its kind gets a delivery row in the same statement. A
consumer takes its deliveries with SKIP LOCKED and removes them in the transaction that does its work, so a killed
worker loses nothing and repeats nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience, Scope, system_actor
from openoh.foundation.core.models import Delivery, Fact
from openoh.foundation.core.scope import within


@dataclass(frozen=True)
class Consumer:
    """`handle(fact, by)` is called inside the fact's scope; `kinds` are the facts it wants."""

    name: str
    kinds: frozenset[str]
    handle: Callable[[Fact, Actor], None]


_consumers: dict[str, Consumer] = {}


def register(name: str, kinds: Iterable[str], handle: Callable[[Fact, Actor], None]) -> None:
    """Register a consumer once, from an AppConfig's `ready`."""
    _consumers[name] = Consumer(name, frozenset(kinds), handle)


def consumers_of(kind: str) -> list[str]:
    """Names of the consumers that want facts of this kind; bulk writers add their deliveries in SQL."""
    return sorted(consumer.name for consumer in _consumers.values() if kind in consumer.kinds)


def append(
    kind: str, subject: UUID | int | str, *,
    employer: UUID | None = None, provider: UUID | None = None, person: UUID | None = None,
    data: dict[str, object] | None = None,
) -> Fact:  # fmt: skip
    """Write that something happened, e.g. ``append("report.released", report.id, provider=…)``.

    `data` holds codes and dates only, never free text. Must run inside the action's transaction.
    """
    fact = Fact.objects.create(
        kind=kind, subject=str(subject), employer_id=employer, provider_id=provider, person_id=person,
        data=data or {}, at=clock.now(),
    )  # fmt: skip
    Delivery.objects.bulk_create([Delivery(fact=fact, consumer=name) for name in consumers_of(kind)])
    return fact


def consume(limit: int = 500) -> int:
    """Hand pending facts to their consumers, one transaction a fact; returns how many were handled."""
    handled = 0
    while handled < limit and _consume_one():
        handled += 1
    return handled


def _consume_one() -> bool:
    with within(Scope(Audience.WORKER)), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM core_delivery WHERE id = (SELECT id FROM core_delivery WHERE consumer = ANY(%s) "
            "AND not_before <= %s ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING fact_id, consumer",
            [list(_consumers), clock.now()],
        )
        taken = cursor.fetchone()
        if taken is None:
            return False
        fact, consumer = Fact.objects.get(pk=taken[0]), _consumers[taken[1]]
        by = system_actor(
            consumer.name,
            employers=(fact.employer_id,) if fact.employer_id else (),
            provider=fact.provider_id,
        )
        with within(by.scope):
            consumer.handle(fact, by)
    return True
