"""Start, pause, resume and stop a clock; add a bank holiday; agree how soon things happen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import cast
from uuid import UUID

from django.db.models import Q, QuerySet

from openoh.foundation.audit.actions import action
from openoh.foundation.core import clock as time
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.calendars import DIVISIONS
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.identifiers import NOBODY
from openoh.foundation.organisations.access import (
    contracts_visible_to,
    may_agree_contracts,
    may_begin_contracts,
)
from openoh.foundation.organisations.models import Contract, Employer
from openoh.pathway.clocks import rules
from openoh.pathway.clocks.access import may_add_holiday, visible_to
from openoh.pathway.clocks.agreements import Terms, complaint
from openoh.pathway.clocks.models import AddedHoliday, Clock, Pause
from openoh.pathway.clocks.queries import calendar_of, level_of, stretches
from openoh.pathway.services.queries import catalogue


@action("clock.started")
def start(
    *, by: Actor, kind: str, subject_id: UUID, employer: Employer, provider_id: UUID,
    person_id: UUID | None = None,
) -> Clock:  # fmt: skip
    """Start the clock of `kind` on a thing, with the level in force today. Starting twice leaves the first.

    Raises Invalid for an unknown kind.
    """
    running = visible_to(by).filter(kind=kind, subject_id=subject_id).first()
    return running or _started(kind, subject_id, employer, provider_id, person_id, time.now())


@action("clock.followed")
def follow(
    *, by: Actor, kind: str, subject_id: UUID, employer: Employer, provider_id: UUID, person_id: UUID | None,
    history: Sequence[rules.Handover],
) -> Clock | None:  # fmt: skip
    """Bring the clock of `kind` on a thing to where the thing's own history stands, oldest handover first.

    For consumers of facts: in whatever order and however often they are told, the same history makes the same
    clock. Without a history there is no clock. A clock that has stopped stays as it is.
    """
    if not history:
        return None
    if not visible_to(by).filter(kind=kind, subject_id=subject_id).exists():
        _started(kind, subject_id, employer, provider_id, person_id, history[0].at)
    clock = visible_to(by).select_for_update(of=("self",)).get(kind=kind, subject_id=subject_id)
    for handover in history:
        if clock.stopped_at is None:
            _hand_over(clock, handover)
    return _set_due(clock)


@action("clock.paused")
def pause(*, by: Actor, clock: Clock, owner: str, reason: str) -> Clock:
    """It is somebody else's turn now. Raises Invalid for unknown codes and Conflict when it is already."""
    content = rules.levels_content()
    owners, reasons = cast(dict[str, str], content["owners"]), cast(dict[str, str], content["reasons"])
    if owner not in owners or owner == rules.SERVICE:
        raise Invalid(f"Say whose turn it is: {', '.join(o for o in owners if o != rules.SERVICE)}.")
    if reason not in reasons:
        raise Invalid(f"Choose a reason: {', '.join(reasons)}.", field="reason")
    locked = _running(by, clock)
    if locked.pauses.filter(until_at=None).exists():
        raise Conflict("This wait is already somebody else's turn.")
    _pause(locked, rules.Handover(time.now(), owner, reason))
    return locked


@action("clock.resumed")
def resume(*, by: Actor, clock: Clock) -> Clock:
    """It is the service's turn again; the paused days move the due day. Raises Conflict unless paused."""
    locked = _running(by, clock)
    if not _end_pause(locked):
        raise Conflict("This wait is not paused.")
    return _set_due(locked)


@action("clock.stopped")
def stop(*, by: Actor, clock: Clock) -> Clock:
    """The wait is over. An open pause ends with it. Raises Conflict when it was over."""
    locked = _running(by, clock)
    if _end_pause(locked):
        _set_due(locked)
    locked.stopped_at = time.now()
    locked.save(update_fields=["stopped_at"])
    return locked


@action("holiday.added")
def add_holiday(*, by: Actor, nation: str, day: date, name: str) -> AddedHoliday:
    """Add a bank holiday that was announced later, and move every running clock that it touches."""
    if not may_add_holiday(by):
        raise NotAllowed("Only a service manager may add a bank holiday.")
    if nation not in DIVISIONS:
        raise Invalid(f"Choose a nation: {', '.join(DIVISIONS)}.", field="nation")
    holiday, _ = AddedHoliday.objects.get_or_create(
        provider_id=by.provider or NOBODY, nation=nation, day=day, defaults={"name": name}
    )
    _recompute(visible_to(by).filter(provider_id=by.provider or NOBODY, nation=nation))
    return holiday


@action("clocks.recomputed")
def recompute(*, by: Actor) -> None:
    """Bring the due days of paused clocks up to today; the nightly tick."""
    _recompute(visible_to(by).filter(pauses__until_at=None, pauses__isnull=False))


def _started(
    kind: str, subject_id: UUID, employer: Employer, provider_id: UUID, person_id: UUID | None, at: datetime
) -> Clock:
    try:
        level = level_of(provider_id, employer.id, kind)
    except KeyError:
        raise Invalid(f"There is no service level {kind!r}.", field="kind") from None
    calendar, day = calendar_of(provider_id, employer.nation), rules.day_of(at)
    return Clock.objects.create(
        kind=kind, subject_id=subject_id, employer=employer, provider_id=provider_id, person_id=person_id,
        nation=employer.nation, target_days=level.days, level_version=level.version, started_at=at,
        due_at=rules.due_at(day, level.days, (), calendar, day),
    )  # fmt: skip


def _hand_over(clock: Clock, handover: rules.Handover) -> None:
    """Whoever's turn it was ends; what was noted by an earlier telling is left alone."""
    if handover.owner not in ("", rules.SERVICE) and clock.pauses.filter(from_at=handover.at).exists():
        return
    clock.pauses.filter(until_at=None, from_at__lt=handover.at).update(until_at=handover.at)
    if not handover.owner:
        clock.stopped_at = max(handover.at, clock.started_at)
        clock.save(update_fields=["stopped_at"])
    elif handover.owner != rules.SERVICE:
        _pause(clock, handover)


def _pause(clock: Clock, handover: rules.Handover) -> None:
    Pause.objects.create(
        clock=clock, person_id=clock.person_id, employer_id=clock.employer_id, provider_id=clock.provider_id,
        owner=handover.owner, reason=handover.reason, from_at=handover.at,
    )  # fmt: skip


def _recompute(clocks: QuerySet[Clock]) -> None:
    for clock in clocks.filter(stopped_at=None).select_for_update(of=("self",)):
        _set_due(clock)


def _running(by: Actor, clock: Clock) -> Clock:
    locked = visible_to(by).select_for_update(of=("self",)).get(pk=clock.pk)
    if locked.stopped_at:
        raise Conflict("This wait is already over.")
    return locked


def _end_pause(clock: Clock) -> bool:
    return bool(clock.pauses.filter(until_at=None).update(until_at=time.now()))


def _set_due(clock: Clock) -> Clock:
    clock.due_at = rules.due_at(
        rules.day_of(clock.started_at), clock.target_days, stretches(clock.pauses.all()),
        calendar_of(clock.provider_id, clock.nation), time.today(),
    )  # fmt: skip
    clock.save(update_fields=["due_at"])
    return clock


@action("contract.agreed")
def agree_contract(*, by: Actor, contract: UUID, terms: Terms) -> Contract:
    """What is agreed anew with an employer whom the service serves today; the version before ends the day before.

    Raises Invalid with the field, and Conflict when this version has ended or is not the newest.
    """
    if not may_agree_contracts(by):
        raise NotAllowed("Only those who run the service may write down what was agreed.")
    served = contracts_visible_to(by).filter(employer_id__in=by.employers)
    before = served.select_for_update(of=("self",)).get(pk=contract)
    if served.filter(employer_id=before.employer_id, starts_on__gt=before.starts_on).exists():
        raise Conflict("Something newer has been agreed meanwhile. Open that version.")
    if before.ends_on and before.ends_on < time.today():
        raise Conflict(
            "This contract has ended. Beginning a new one needs whoever runs this installation: openoh begin."
        )
    wrong = complaint(
        terms, follows=(before.starts_on, before.ends_on), today=time.today(), services=list(catalogue()),
        levels=rules.level_codes(),
    )  # fmt: skip
    if wrong:
        raise Invalid(wrong[1], field=wrong[0])
    before.ends_on = terms.starts_on - timedelta(days=1)
    before.save(update_fields=["ends_on"])
    return _agreed(by, before.provider_id, before.employer_id, terms, since=before.since or before.starts_on)


@action("contract.begun")
def begin_contract(*, by: Actor, provider: UUID, employer: UUID, terms: Terms) -> Contract:
    """The first contract of a service with an employer, or one after an earlier one has ended.

    Whoever runs a service begins its own alone, and only with an employer in their scope. Raises Invalid with the
    field, and Conflict when the service has a contract with this employer that has not ended.
    """
    if not may_begin_contracts(by) or by.provider not in (provider, None):
        raise NotAllowed("Only those who run the service may write down what was agreed.")
    wrong = complaint(
        terms, follows=None, today=time.today(), services=list(catalogue()), levels=rules.level_codes()
    )
    if wrong:
        raise Invalid(wrong[1], field=wrong[0])
    earlier = Contract.objects.filter(provider=provider, employer=employer)
    if earlier.filter(Q(ends_on=None) | Q(ends_on__gte=terms.starts_on)).exists():
        raise Conflict("There is a contract with this employer already. Agree anew from its page.")
    return _agreed(by, provider, employer, terms)


def _agreed(
    by: Actor, provider: UUID, employer: UUID, terms: Terms, *, since: date | None = None
) -> Contract:
    return Contract.objects.create(
        provider_id=provider, employer_id=employer, starts_on=terms.starts_on, ends_on=terms.ends_on, since=since,
        services=list(terms.services), levels=dict(terms.levels), employer_role=terms.employer_role,
        provider_role=terms.provider_role, agreed_with=terms.agreed_with.strip(), agreed_by=by.user,
    )  # fmt: skip
