"""Things that happened, told to later floors: append in the same transaction, consume at least and at most once.

An action appends a fact; each consumer registered for its kind gets a delivery row in the same statement. A
consumer takes its deliveries with SKIP LOCKED and removes them in the transaction that does its work, so a killed
worker loses nothing and repeats nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience, Scope, system_actor
from openoh.foundation.core.models import Delivery, Fact
from openoh.foundation.core.postgresql.base import wake_on_commit, write_soon
from openoh.foundation.core.scope import within


@dataclass(frozen=True)
class Consumer:
    """`handle(fact, by)` is called inside the fact's scope; `kinds` are the facts it wants."""

    name: str
    kinds: frozenset[str]
    handle: Callable[[Fact, Actor], None]


_consumers: dict[str, Consumer] = {}
CHANNEL = "oh_facts"
"""Workers listen here; PostgreSQL tells them of a commit with new deliveries at once."""


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
    fact = draft(kind, subject, employer=employer, provider=provider, person=person, data=data)
    deliveries = _deliveries([fact])
    write_soon(fact, *deliveries)
    if deliveries:
        wake_on_commit(CHANNEL)
    return fact


def draft(
    kind: str, subject: UUID | int | str, *,
    employer: UUID | None = None, provider: UUID | None = None, person: UUID | None = None,
    data: dict[str, object] | None = None,
) -> Fact:  # fmt: skip
    """A fact that is not written yet, for `append_many`."""
    return Fact(
        kind=kind, subject=str(subject), employer_id=employer, provider_id=provider, person_id=person,
        data=data or {}, at=clock.now(),
    )  # fmt: skip


def append_many(facts: Iterable[Fact]) -> None:
    """Write many facts with their deliveries, and wake the worker when the transaction commits."""
    facts = list(facts)
    Fact.objects.bulk_create(facts, batch_size=1_000)
    deliveries = _deliveries(facts)
    if deliveries:
        Delivery.objects.bulk_create(deliveries, batch_size=1_000)
        wake_on_commit(CHANNEL)


def _deliveries(facts: list[Fact]) -> list[Delivery]:
    return [Delivery(fact=fact, consumer=name) for fact in facts for name in consumers_of(fact.kind)]


class ConsumerFailedError(Exception):
    """A consumer could not handle a fact; the cause says why. Its delivery stays."""

    def __init__(self, consumer: str, delivery: UUID) -> None:
        super().__init__(f"{consumer} could not handle the fact of delivery {delivery}")
        self.delivery = delivery


def consume(limit: int = 500) -> int:
    """Hand pending facts to their consumers, one transaction a fact; returns how many were handled.

    Raises ConsumerFailedError when a consumer raises; `postpone` then lets the others go on.
    """
    handled = 0
    while handled < limit and _consume_one():
        handled += 1
    return handled


def postpone(delivery: UUID, wait: timedelta) -> None:
    """Try a delivery again after `wait`."""
    with within(Scope(Audience.WORKER)):
        Delivery.objects.filter(pk=delivery).update(not_before=clock.now() + wait)


def _consume_one() -> bool:
    with within(Scope(Audience.WORKER)), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM core_delivery WHERE id = (SELECT id FROM core_delivery WHERE consumer = ANY(%s) "
            "AND not_before <= %s ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING id, fact_id, consumer",
            [list(_consumers), clock.now()],
        )
        taken = cursor.fetchone()
        if taken is None:
            return False
        fact, consumer = Fact.objects.get(pk=taken[1]), _consumers[taken[2]]
        by = system_actor(
            consumer.name,
            employers=(fact.employer_id,) if fact.employer_id else (),
            provider=fact.provider_id,
        )
        try:
            with within(by.scope):
                consumer.handle(fact, by)
        except Exception as error:
            raise ConsumerFailedError(consumer.name, taken[0]) from error
    return True
