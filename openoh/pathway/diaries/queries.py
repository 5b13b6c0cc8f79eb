"""Weeks of a diary, who must be moved, what a pattern would make, and which services have no time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from openoh.foundation.access.checks import provider_of
from openoh.foundation.access.permissions import require
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.calendars import WorkingDays
from openoh.foundation.core.errors import Invalid
from openoh.foundation.notifications.rules import day_in_words
from openoh.foundation.organisations.access import contracts_visible_to
from openoh.foundation.organisations.models import Provider
from openoh.pathway.clinics.access import slots_visible_to, visible_to
from openoh.pathway.clinics.models import Appointment, Clinician, Slot
from openoh.pathway.clinics.queries import LIVE, bounds, next_free
from openoh.pathway.clocks.queries import calendar_of
from openoh.pathway.clocks.rules import level, level_codes
from openoh.pathway.diaries import rules
from openoh.pathway.diaries.rules import Parted, Pattern, Plan, Times
from openoh.pathway.services.queries import ServiceKind, by_appointment, catalogue

TO_COME = ("booked", "arrived")


@dataclass(frozen=True)
class Entry:
    """A time in a diary. `held` says that somebody has it; `appointment` is empty for a record closed to the reader."""

    slot: Slot
    held: bool
    appointment: Appointment | None = None

    @property
    def to_move(self) -> bool:
        """Whether somebody still is booked at a time that was taken back."""
        booked = self.appointment is None or self.appointment.state in TO_COME
        return self.held and self.slot.withdrawn and self.to_come and booked

    @property
    def to_come(self) -> bool:
        return _to_come(self.slot)

    @property
    def free(self) -> bool:
        return not self.held and not self.slot.withdrawn


@dataclass(frozen=True)
class DayOfDiary:
    """One day with its times, in order, of one clinician or of all."""

    on: date
    entries: list[Entry] = field(default_factory=list)

    def count(self, clinician: UUID | None = None) -> tuple[int, int]:
        """How many times can still be booked, and how many are held."""
        of = [each for each in self.entries if clinician in (None, each.slot.clinician_id)]
        return sum(1 for each in of if each.free and each.to_come), sum(1 for each in of if each.held)


@dataclass(frozen=True)
class Week:
    """Seven days, and who of all clinicians' people is still booked at a time that was taken back, soonest first.

    `closed` counts those of them whose records are closed to the reader.
    """

    days: list[DayOfDiary]
    moving: list[Appointment]
    closed: int


@dataclass(frozen=True)
class Proposal:
    """What a pattern would make for a clinician, and what it leaves out."""

    clinician: Clinician
    service: ServiceKind
    pattern: Pattern
    plan: Plan
    parted: Parted


@dataclass(frozen=True)
class Away:
    """A clinician's times on some days that can be taken back: free ones, and those that somebody holds."""

    first: date
    last: date
    free: list[Entry]
    held: list[Entry]


@dataclass(frozen=True)
class WithoutTimes:
    """An offered service with no free time until the end of `until`, the last day of its service level."""

    service: ServiceKind
    days: int
    until: date
    next_free: datetime | None

    @property
    def sentence(self) -> str:
        """What whoever runs the diary reads."""
        nothing = f"{self.service.title} has no free time until {day_in_words(self.until)}"
        agreed = f"a first appointment is agreed within {self.days} working days"
        then = f" The next is on {day_in_words(rules.local_day(self.next_free))}." if self.next_free else ""
        return f"{nothing}; {agreed}.{then}"


def week(actor: Actor, first: date, clinicians: Sequence[UUID], *, only: UUID | None = None) -> Week:
    """The seven days from `first`, and everybody who must be moved; in three queries.

    `clinicians` are all of the service, so that an index answers; `only` is the one whose days are looked at. Who
    holds a time is told as far as the actor may know.
    """
    require(actor, "diary.run")
    start, end = bounds(first, first + timedelta(days=6))
    here = Q(starts_at__gte=start, starts_at__lt=end, clinician__in=[only] if only else clinicians)
    still = Q(starts_at__gt=clock.now(), slot__withdrawn=True, state__in=TO_COME)
    recent = visible_to(actor).filter(clinician__in=clinicians, starts_at__gte=min(start, clock.now()))
    held = recent.filter((here & Q(state__in=LIVE)) | still).order_by("starts_at", "id")
    appointments = list(held.select_related("person", "employer", "clinician", "slot"))
    by_slot = {each.slot_id: each for each in appointments}
    days = {day: DayOfDiary(day) for day in (first + timedelta(days=step) for step in range(7))}
    slots = with_held(slots_visible_to(actor).filter(here)).select_related("clinician")
    for slot in slots.order_by("starts_at", "clinician__name", "id"):
        on = rules.local_day(slot.starts_at)
        days[on].entries.append(Entry(slot, slot.held, by_slot.get(slot.pk)))
    moving = [
        each for each in appointments if each.slot.withdrawn and each.state in TO_COME and _to_come(each)
    ]
    taken_back = with_held(
        slots_visible_to(actor).filter(clinician__in=clinicians, withdrawn=True, starts_at__gt=clock.now())
    )
    return Week(list(days.values()), moving, taken_back.filter(held=True).count() - len(moving))


def _to_come(thing: Slot | Appointment) -> bool:
    return thing.starts_at > clock.now()


def with_held(slots: QuerySet[Slot]) -> QuerySet[Any]:
    """The slots, each with `held`: whether somebody has it, whoever that is."""
    return slots.annotate(held=Exists(Appointment.objects.filter(slot=OuterRef("pk"), state__in=LIVE)))


def clinician_for(actor: Actor, clinician: UUID, service: str) -> Clinician:
    """A clinician of the actor's service who sees people for this service; raises Invalid when they do not."""
    found = Clinician.objects.get(pk=clinician, provider_id=provider_of(actor))
    if service not in {each.code for each in by_appointment(actor)}:
        raise Invalid("This service is not offered here by appointment.", field="service")
    if service not in found.services:
        title = catalogue()[service].title.lower()
        raise Invalid(f"{found.name} does not see people for {title}.", field="service")
    return found


def propose(actor: Actor, *, clinician: UUID, service: str, pattern: Pattern) -> Proposal:
    """What the pattern would make now. Raises Invalid with the field that is wrong."""
    require(actor, "diary.run")
    rules.check(pattern, clock.today())
    found = clinician_for(actor, clinician, service)
    plan = rules.plan(pattern, own_calendar(actor), clock.now())
    parted = rules.part(plan.times, busy(actor, found.pk, pattern.first, pattern.last))
    return Proposal(found, catalogue()[service], pattern, plan, parted)


def busy(actor: Actor, clinician: UUID, first: date, last: date) -> list[Times]:
    """When a clinician has times, or people who are still booked at times that were taken back."""
    start, end = bounds(first, last)
    slots = slots_visible_to(actor).filter(clinician=clinician, starts_at__lt=end, ends_at__gt=start)
    kept = with_held(slots).filter(Q(withdrawn=False) | Q(held=True))
    return list(kept.order_by("starts_at").values_list("starts_at", "ends_at"))


def to_take_back(actor: Actor, clinician: UUID, first: date, last: date) -> QuerySet[Slot]:
    """A clinician's times on these days that are still to come and not taken back. Raises Invalid for other days."""
    if last < first:
        raise Invalid("The last day must not be before the first.", field="last")
    if last < clock.today():
        raise Invalid("These days are over. Choose today or later.", field="last")
    start, end = bounds(first, last)
    return slots_visible_to(actor).filter(
        clinician=clinician, withdrawn=False, starts_at__gte=max(start, clock.now()), starts_at__lt=end
    )


def away(actor: Actor, *, clinician: UUID, first: date, last: date) -> Away:
    """What taking back these days would take, and who would have to be moved. Raises Invalid when there is nothing."""
    require(actor, "diary.run")
    rows = to_take_back(actor, clinician, first, last)
    holding = visible_to(actor).filter(slot__in=rows, state__in=TO_COME).select_related("person")
    by_slot = {each.slot_id: each for each in holding}
    entries = [
        Entry(slot, slot.held, by_slot.get(slot.pk)) for slot in with_held(rows).order_by("starts_at", "id")
    ]
    if not entries:
        raise Invalid("There are no times on these days that are still to come.", field="first")
    free = [each for each in entries if not each.held]
    return Away(first, last, free, [each for each in entries if each.held])


def own_calendar(actor: Actor) -> WorkingDays:
    """The working days of the nation in which the actor's service is."""
    provider = Provider.objects.get(pk=provider_of(actor))
    return calendar_of(provider.pk, provider.nation)


def without_times(actor: Actor) -> list[WithoutTimes]:
    """Offered services whose next free time is later than their service level; the strictest contract counts."""
    today = clock.today()
    current = contracts_visible_to(actor).filter(starts_on__lte=today).exclude(ends_on__lt=today)
    agreed = list(current.values_list("levels", "provider__nation"))
    if not agreed:
        return []  # nobody is served, so nothing is offered
    calendar, found = calendar_of(provider_of(actor), agreed[0][1]), []
    for code, free in next_free(actor).items():
        if (kind := f"first-{code}") in level_codes():
            days = min(level(kind, levels).days for levels, _ in agreed)
            if until := rules.too_late(free, days, today, calendar):
                found.append(WithoutTimes(catalogue()[code], days, until, free))
    return found
