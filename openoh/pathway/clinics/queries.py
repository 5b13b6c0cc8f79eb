"""Free times, a clinician's day, somebody's appointments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import TruncTime

from openoh.foundation.access.checks import provider_of
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience, Scope
from openoh.foundation.core.clock import UK
from openoh.foundation.core.composed import composed
from openoh.foundation.core.scope import within
from openoh.pathway.clinics.access import slots_visible_to, visible_to
from openoh.pathway.clinics.models import Appointment, Clinician, Slot
from openoh.pathway.clinics.rules import evening_from
from openoh.pathway.services.access import visible_to as services_visible_to
from openoh.pathway.services.queries import catalogue

IN_PERSON = "in-person"
LIVE = ("booked", "arrived", "attended", "did-not-attend")


@dataclass(frozen=True)
class Day:
    """One clinician's day: its appointments and the times that are still free, both in order."""

    on: date
    appointments: list[Appointment]
    free: list[Slot]


@contextmanager
def _diary(actor: Actor) -> Iterator[None]:
    """Look at the provider's whole diary. Only its own free times come out of it.

    A person sees no appointment but their own, so to them every slot would look free.
    """
    with within(Scope(Audience.SERVICE, provider=actor.provider)):
        yield


def _free(actor: Actor) -> QuerySet[Slot]:
    taken = Appointment.objects.filter(slot=OuterRef("pk"), state__in=LIVE)
    return slots_visible_to(actor).filter(~Exists(taken), withdrawn=False)


def free_slots(
    actor: Actor, *, service: str, mode: str | None = None, evening: bool | None = None,
    place: str = "", after: datetime | None = None, until: datetime | None = None, limit: int = 20,
) -> list[Slot]:  # fmt: skip
    """The next free times of a service, earliest first.

    `mode` is a code of content/booking.toml; `place` one of `places_of`; `evening` True keeps evening times only,
    False daytime only.
    `after` continues from the last time of a page before; never earlier than now.
    """
    begin = max(after, clock.now()) if after else clock.now()
    rows = _free(actor).filter(service=service, starts_at__gt=begin).select_related("clinician")
    if until:
        rows = rows.filter(starts_at__lt=until)
    if mode:
        rows = rows.filter(mode=mode)
    if place:
        rows = rows.filter(mode=IN_PERSON, place=place)
    if evening is not None:
        from_time = evening_from()
        rows = rows.annotate(local_time=TruncTime("starts_at", tzinfo=UK))
        rows = rows.filter(local_time__gte=from_time) if evening else rows.filter(local_time__lt=from_time)
    with _diary(actor):
        return list(rows.order_by("starts_at", "id")[:limit])


def next_free(actor: Actor) -> dict[str, datetime | None]:
    """The next free time of each service that the actor's provider offers by appointment; in one query."""
    times = _free(actor).filter(service=OuterRef("code"), starts_at__gt=clock.now()).order_by("starts_at")
    codes = [code for code, kind in catalogue().items() if kind.appointments]
    rows = services_visible_to(actor).filter(active=True, code__in=codes)
    with _diary(actor):
        found = dict(rows.values_list("code", Subquery(times.values("starts_at")[:1])))
    return {code: found[code] for code in codes if code in found}


def places_of(actor: Actor, service: str) -> list[str]:
    """Where a service sees people in person in the times to come, by name."""
    rows = slots_visible_to(actor).filter(
        service=service, mode=IN_PERSON, withdrawn=False, starts_at__gt=clock.now()
    )
    return list(rows.exclude(place="").order_by("place").values_list("place", flat=True).distinct())


def free_slot(actor: Actor, slot: UUID) -> Slot:
    """One time that is still free and to come; raises DoesNotExist for a time that is neither."""
    with _diary(actor):
        return _free(actor).select_related("clinician").get(pk=slot, starts_at__gt=clock.now())


def day(actor: Actor, clinician: UUID, on: date) -> Day:
    """A clinician's day, in two queries whatever its length. `on` is a day in the United Kingdom."""
    start, end = bounds(on, on)
    return Day(
        on,
        appointments=_booked_between(actor, clinician, start, end),
        free=_free_between(actor, clinician, start, end),
    )


@composed
def _booked_between(actor: Actor, clinician: UUID, start: datetime, end: datetime) -> QuerySet[Appointment]:
    rows = visible_to(actor).filter(clinician=clinician, starts_at__gte=start, starts_at__lt=end)
    return rows.exclude(state="cancelled").select_related("person", "employer").order_by("starts_at", "id")


@composed
def _free_between(actor: Actor, clinician: UUID, start: datetime, end: datetime) -> QuerySet[Slot]:
    rows = _free(actor).filter(clinician=clinician, starts_at__gte=start, starts_at__lt=end)
    return rows.order_by("starts_at", "id")


def still_to_come(actor: Actor, clinician: UUID) -> QuerySet[Appointment]:
    """Who is still to be seen by a clinician today, in order. Somebody whose time has passed and who was neither seen
    nor missed still waits."""
    start, end = bounds(clock.today(), clock.today())
    return (
        visible_to(actor)
        .filter(clinician=clinician, state__in=("booked", "arrived"), starts_at__gte=start, starts_at__lt=end)
        .order_by("starts_at", "id")
    )


@composed
def appointments_of(actor: Actor, person: UUID, *, upcoming: bool = False) -> QuerySet[Appointment]:
    """Somebody's appointments, newest first; with `upcoming` those still to come, soonest first."""
    rows = visible_to(actor).filter(person_id=person).select_related("clinician", "slot")
    if upcoming:
        return rows.filter(state="booked", ends_at__gt=clock.now()).order_by("starts_at")
    return rows.order_by("-starts_at")


def clinicians(actor: Actor) -> list[Clinician]:
    """The clinicians of the actor's provider, by name."""
    return list(Clinician.objects.filter(provider_id=provider_of(actor)).order_by("name", "id"))


def bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """The first instant of a day in the United Kingdom, and that of the day after `last`."""
    return (
        datetime.combine(first, time(), tzinfo=UK),
        datetime.combine(last + timedelta(days=1), time(), tzinfo=UK),
    )
