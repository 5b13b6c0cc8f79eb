"""What the stories need to be played: people, clinicians, free times, and the clock at a past working day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import Model

from openoh.demo.cast import CAST
from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.access.queries import grants_of
from openoh.foundation.accounts.models import User
from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Actor, Audience, Scope
from openoh.foundation.core.calendars import WorkingDays
from openoh.foundation.core.clock import UK
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Engagement
from openoh.pathway.clinics.actions import make_slots
from openoh.pathway.clinics.models import Clinician, Slot

HOURS = (9, 10, 11, 13, 14, 15)
LENGTH = timedelta(minutes=45)
SETTLED = timedelta(days=250)  # have worked here for longer than the oldest story
CALENDAR = WorkingDays("england")
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Someone:
    """Somebody who works here: as themselves, their engagement, and whoever manages them."""

    actor: Actor
    engagement: UUID
    person: UUID
    manager: Actor | None


@dataclass(frozen=True)
class Expert:
    """A clinician as an actor, and the service that they see people for."""

    actor: Actor
    clinician: UUID
    user: UUID
    service: str


class Stage:
    """Everybody who may play. Needs the organisations and extracts to be loaded."""

    def __init__(self, *, leader: str) -> None:
        """The team of the manager with the number `leader` is kept for the stories about that team."""
        with within(Scope(Audience.WORKER)):
            settled = Engagement.objects.filter(
                provider__code="OHV", kind="employee", ends_on=None, suspended=False, person__isnull=False,
                starts_on__lt=clock.today() - SETTLED,
            ).exclude(number__in=[member.number for member in CAST])  # fmt: skip
            team = set(settled.filter(manager__number=leader).values_list("number", flat=True))
            others = set(settled.values_list("number", flat=True)) - team
        self._team = iter(sorted(team))
        # Large employers first: their teams have managers.
        self._others = iter(sorted(others, key=lambda number: (number.startswith("G"), number)))

    def somebody(self) -> Someone:
        """The next person without a story yet."""
        return self.member(next(self._others))

    def somebody_managed(self) -> tuple[Someone, Actor]:
        """The next person without a story yet who has a manager, and the manager."""
        while True:
            who = self.somebody()
            if who.manager is not None:
                return who, who.manager

    def one_of_team(self) -> Someone:
        """The next person of the leader's team without a story yet."""
        return self.member(next(self._team))

    def member(self, number: str) -> Someone:
        """Whoever has this number at their employer."""
        with within(Scope(Audience.WORKER)):
            post = Engagement.objects.get(number=number)
            own = RoleAssignment.objects.select_related("user").get(engagement=post, role="employee")
            lead = RoleAssignment.objects.select_related("user").filter(
                engagement=post.manager_id, role="manager", engagement__ends_on=None,
                engagement__starts_on__lt=clock.today() - SETTLED,
            ).first()  # fmt: skip
            if post.person_id is None:
                raise LookupError(f"{number} has no person")
            return Someone(
                _actor(own.user, "employee"),
                post.pk,
                post.person_id,
                _actor(lead.user, "manager") if lead else None,
            )

    def manager(self, number: str) -> Actor:
        """The manager who has this number at their employer."""
        with within(Scope(Audience.WORKER)):
            lead = RoleAssignment.objects.select_related("user").get(
                engagement__number=number, role="manager"
            )
            return _actor(lead.user, "manager")

    def expert(self, key: str) -> Expert:
        """The clinician whose address begins with `key`, e.g. ``nurse``."""
        with within(Scope(Audience.WORKER)):
            found = Clinician.objects.select_related("user").get(user__email=f"{key}@demo.example")
            role = RoleAssignment.objects.values_list("role", flat=True).get(user=found.user)
            return Expert(_actor(found.user, role), found.pk, found.user_id, str(found.services[0]))

    def time_of(self, expert: Expert, day: date) -> Slot:
        """The first hour of a day that nobody has taken, made when the clinician has no diary for it."""
        with within(expert.actor.scope):
            slots = Slot.objects.filter(clinician=expert.clinician)
            for hour in HOURS:
                starts = datetime.combine(day, time(hour), tzinfo=UK)
                slot = slots.filter(starts_at=starts).first()
                if slot is None:
                    return self._made(expert, starts)
                if not slot.appointments.exclude(state="cancelled").exists():
                    return slot
        raise LookupError(f"{expert.actor.name} has no free time on {day}")

    def _made(self, expert: Expert, starts: datetime) -> Slot:
        session = make_slots(
            by=expert.actor, clinician_id=expert.clinician, service=expert.service, start=starts,
            end=starts + LENGTH, minutes=LENGTH.seconds // 60,
        )  # fmt: skip
        slot: Slot = session.slots[0]
        return slot


def working_day(ago: int) -> date:
    """The working day that lies `ago` (1 or more) working days before today."""
    return earlier(clock.today(), ago)


def earlier(day: date, working_days: int) -> date:
    """The working day that lies `working_days` (0 or more) working days before `day`."""
    while working_days or not CALENDAR.is_working(day):
        day -= timedelta(days=1)
        working_days -= bool(working_days) and CALENDAR.is_working(day)
    return day


def hour_of(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=UK)


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Hold the clock there, and let everybody be told afterwards, as the worker would have told them then."""
    with clock.held_at(instant):
        yield
        tell_everybody()


def tell_everybody() -> None:
    while facts.consume():
        pass


def row(model: type[Row], **conditions: object) -> Row:
    """The one row that the story itself just made."""
    with within(Scope(Audience.WORKER)):
        return model._default_manager.get(**conditions)


def identifiers(model: type[Row], **conditions: object) -> list[UUID]:
    """Of every such row, oldest first."""
    with within(Scope(Audience.WORKER)):
        return list(model._default_manager.filter(**conditions).order_by("pk").values_list("pk", flat=True))


def _actor(user: User, role: str) -> Actor:
    return next(grant.actor for grant in grants_of(user.pk, user.name) if grant.actor.role == role)
