"""Reasons of absence at the door: the groups that may be kept are sealed, the rest become "other".

Runs in the worker's scope, called by the intake; nobody else may read a reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Coalesce

from openoh.foundation.consent.queries import reason_groups
from openoh.foundation.core import clock, keys
from openoh.foundation.core.content import Content, load
from openoh.foundation.organisations.models import Contract
from openoh.foundation.people.models import Engagement
from openoh.population.absence.models import SpellReason

PURPOSE = "offers-from-absence"


@dataclass(frozen=True)
class Door:
    """What one employer's file may bring in today. `seal(group, reference)` gives the bytes to keep."""

    kept: frozenset[str]
    keep_until: date
    other: str
    seal: Callable[[str, str], bytes]

    def admit(self, group: str, reference: str) -> tuple[str, bytes | None]:
        """The group as it may be known from here on, and its sealed form when it is kept."""
        if group not in self.kept:
            return "", None
        return group, self.seal(group, field_of(reference))


def content() -> Content:
    """Reason groups, how long a reason is kept, notice, and the size of a small employer."""
    return load("openoh.population.absence", "reasons")


def number(name: str) -> int:
    return int(str(content()[name]))


def field_of(reference: str) -> str:
    """The name that binds a sealed reason to its spell."""
    return f"absence.reason/{reference}"


def provider_of(employer: UUID, on: date) -> UUID | None:
    """The provider whose contract with the employer is in force; when there are several, the one that came last.

    Agreeing anew what one had agreed makes nobody the newest: it would take these reasons from another provider.
    """
    return (
        Contract.objects.filter(employer=employer, starts_on__lte=on)
        .filter(Q(ends_on=None) | Q(ends_on__gte=on))
        .order_by(Coalesce("since", "starts_on").desc(), "-id")
        .values_list("provider_id", flat=True)
        .first()
    )


def kept_groups(employer: UUID, on: date) -> frozenset[str]:
    """The reason groups that may be kept for this employer on this day: none when it is small."""
    people = (
        Engagement.objects.filter(employer=employer, starts_on__lte=on)
        .filter(Q(ends_on=None) | Q(ends_on__gte=on))
        .count()
    )
    return frozenset() if people < number("small_employer") else reason_groups(employer, PURPOSE, on)


def door(employer: UUID) -> Door:
    """The door of this employer today. Without a provider no offer can be made, so no reason is taken."""
    today = clock.today()
    provider = provider_of(employer, today)
    kept = kept_groups(employer, today) if provider else frozenset()
    seal = keys.bulk_sealer(owner=employer, provider=provider) if provider and kept else _never
    return Door(kept, today + timedelta(days=number("keep_days")), str(content()["other"]), seal)


def _never(group: str, field: str) -> bytes:
    raise LookupError(f"no purpose in force lets us keep {group} in {field}")


def unsealed(reason: SpellReason, provider: UUID) -> str:
    """The reason group of a spell, opened."""
    return keys.unseal(
        reason.sealed, owner=reason.employer_id, provider=provider, field=field_of(reason.spell.reference)
    )


def refill(run_id: UUID) -> int:
    """Make sure that the plain reasons of a run's spells are there to decide from; returns how many there are.

    They are written with the run and are lost only when the server crashes between the run and the decision.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM absence_run_reason WHERE run_id = %s", [run_id])
        there = int(cursor.fetchone()[0])
        if there:
            return there
        found = []
        for reason in SpellReason.objects.filter(spell__run_id=run_id).select_related("spell").iterator():
            provider = provider_of(reason.employer_id, clock.today())
            if provider:
                found.append((run_id, reason.spell_id, unsealed(reason, provider)))
        cursor.executemany("INSERT INTO absence_run_reason VALUES (%s, %s, %s)", found)
    return len(found)
