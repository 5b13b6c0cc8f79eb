"""Waits: whose turn, by when, and the figures over many of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast
from uuid import UUID

from django.db.models import QuerySet

from openoh.foundation.core import clock as time
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.calendars import WorkingDays
from openoh.foundation.organisations.models import Contract
from openoh.pathway.clocks import rules
from openoh.pathway.clocks.access import visible_to
from openoh.pathway.clocks.models import AddedHoliday, Clock, Pause


@dataclass(frozen=True)
class Turn:
    """Whose turn it is: a code of content's owners, in words, and why."""

    owner: str
    words: str
    reason: str


def calendar_of(provider_id: UUID, nation: str) -> WorkingDays:
    """The working days of a nation, with the holidays that the provider added."""
    added = AddedHoliday.objects.filter(provider_id=provider_id, nation=nation)
    return WorkingDays(nation, extra=added.values_list("day", flat=True))


def level_of(provider_id: UUID, employer_id: UUID, code: str) -> rules.Level:
    """The service level in force today between a provider and an employer."""
    today = time.today()
    contract = (
        Contract.objects.filter(provider_id=provider_id, employer_id=employer_id, starts_on__lte=today)
        .exclude(ends_on__lt=today).order_by("-starts_on").first()
    )  # fmt: skip
    return rules.level(code, contract.levels if contract else {})


def running(actor: Actor, *, kind: str | None = None) -> QuerySet[Clock]:
    """Clocks that still run, the first due first."""
    found = visible_to(actor).filter(stopped_at=None)
    if kind:
        found = found.filter(kind=kind)
    return found.prefetch_related("pauses").order_by("due_at", "id")


def clocks_of(actor: Actor, subjects: Iterable[UUID]) -> QuerySet[Clock]:
    """The clocks on these things."""
    return visible_to(actor).filter(subject_id__in=list(subjects)).prefetch_related("pauses")


def turn_of(clock: Clock) -> Turn:
    """Whose turn it is now."""
    pause = next((pause for pause in clock.pauses.all() if pause.until_at is None), None)
    owner = pause.owner if pause else rules.SERVICE
    content = rules.levels_content()
    owners, reasons = cast(dict[str, str], content["owners"]), cast(dict[str, str], content["reasons"])
    return Turn(owner, owners[owner], reasons[pause.reason] if pause else "")


def is_late(clock: Clock) -> bool:
    """Whether the service itself took longer than the target; the turns of others do not count."""
    return wait_of(clock).own > clock.target_days


def wait_of(clock: Clock, calendar: WorkingDays | None = None) -> rules.Wait:
    """The wait so far, or to its end, split by whose turn it was."""
    return rules.wait(
        rules.day_of(clock.started_at),
        rules.day_of(clock.stopped_at) if clock.stopped_at else None,
        stretches(clock.pauses.all()),
        calendar or calendar_of(clock.provider_id, clock.nation),
        time.today(),
    )


def stretches(pauses: Iterable[Pause]) -> list[rules.Stretch]:
    """Pauses as the rules want them."""
    return [
        rules.Stretch(
            pause.owner, rules.day_of(pause.from_at), rules.day_of(pause.until_at) if pause.until_at else None
        )
        for pause in pauses
    ]


def figures(actor: Actor, kind: str, *, since: date, until: date) -> rules.Figures:
    """Figures of the waits of one kind that ended from `since` to `until`, both days inclusive."""
    ended = visible_to(actor).filter(
        kind=kind, stopped_at__date__gte=since, stopped_at__date__lte=until
    ).prefetch_related("pauses")  # fmt: skip
    return rules.figures(_waits(list(ended)))


def _waits(clocks: Sequence[Clock]) -> list[tuple[rules.Wait, int]]:
    calendars = {key: calendar_of(*key) for key in {(clock.provider_id, clock.nation) for clock in clocks}}
    return [
        (wait_of(clock, calendars[clock.provider_id, clock.nation]), clock.target_days) for clock in clocks
    ]
