"""Invite somebody to choose a time, tell them when there is one, and take the time that they choose."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from openoh.foundation.access.permissions import require
from openoh.foundation.audit.actions import action
from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Actor, Audience, system_actor
from openoh.foundation.core.errors import NotAllowed
from openoh.foundation.core.scope import within
from openoh.pathway.bookings import rules
from openoh.pathway.bookings.access import visible_to
from openoh.pathway.bookings.models import BookingInvitation
from openoh.pathway.bookings.queries import appointments_of, is_by_appointment, may_choose
from openoh.pathway.cases.access import visible_to as cases_visible_to
from openoh.pathway.clinics.access import slots_visible_to
from openoh.pathway.clinics.actions import book
from openoh.pathway.clinics.models import Appointment
from openoh.pathway.clinics.queries import free_slots
from openoh.pathway.clocks.queries import calendar_of

UPCOMING = ("booked", "arrived")


@action("booking.invited")
def invite(*, by: Actor, case_id: UUID) -> BookingInvitation | None:
    """Invite the person to choose a time for a case; none where there is nothing to choose, or a time already.

    Inviting twice leaves the first invitation.
    """
    require(by, "record.clinical")
    case = cases_visible_to(by).select_for_update(of=("self",)).get(pk=case_id)
    if case.state == "closed" or not is_by_appointment(case.service):
        return None
    if appointments_of(case).filter(state__in=UPCOMING, ends_at__gt=clock.now()).exists():
        return None
    begun = visible_to(by).filter(case=case, ended_at=None).first()
    if begun:
        return begun
    made = BookingInvitation(
        case=case, person_id=case.person_id, employer_id=case.employer_id, provider_id=case.provider_id,
        service=case.service,
    )  # fmt: skip
    made.save(force_insert=True)
    return made


@action("booking.times-offered")
def offer_times(*, by: Actor, limit: int = 200) -> list[BookingInvitation]:
    """Tell everybody who waits for a service that has a free time now; in batches, for the worker."""
    require(by, "record.clinical")
    waiting = visible_to(by).select_for_update(of=("self",), skip_locked=True)
    offered = []
    free: dict[tuple[UUID, str], bool] = {}
    for invitation in waiting.filter(ended_at=None, offered_at=None).order_by("made_at")[:limit]:
        service = (invitation.provider_id, invitation.service)
        if service not in free:
            free[service] = _has_free_time(*service)
        if free[service]:
            invitation.offered_at = clock.now()
            invitation.save(update_fields=["offered_at"])
            _tell("booking.times-offered", invitation)
            offered.append(invitation)
    return offered


@action("booking.chased")
def chase(*, by: Actor, limit: int = 200) -> list[BookingInvitation]:
    """Remind who has not chosen; after more silence end the invitation, so that a clinician speaks with them."""
    require(by, "record.clinical")
    waiting = visible_to(by).select_for_update(of=("self",), skip_locked=True)
    offered = waiting.filter(ended_at=None, offered_at__isnull=False).select_related("employer")
    chased = []
    for invitation in offered.order_by("offered_at")[:limit]:
        match _after_silence(invitation):
            case rules.REMIND:
                invitation.reminded_at = clock.now()
                invitation.save(update_fields=["reminded_at"])
                _tell("booking.reminded", invitation)
            case rules.SPEAK:
                _end(invitation, BookingInvitation.End.SILENCE)
                _tell("booking.not-chosen", invitation)
            case _:
                continue
        chased.append(invitation)
    return chased


@action("booking.time-chosen")
def choose_time(
    *, by: Actor, case_id: UUID, slot_id: UUID, call_back: str = "", needs: Sequence[str] = ()
) -> Appointment:
    """The person takes a time for their own case. Raises Conflict when it has gone, NotAllowed when none is due."""
    require(by, "own.record")
    case = cases_visible_to(by).get(pk=case_id)
    if by.audience is not Audience.PERSON:
        raise NotAllowed("Only the person chooses here. Book for somebody in their record.")
    decision = may_choose(case)
    if not decision.allowed:
        raise NotAllowed(decision.reason)
    appointment: Appointment = book(
        by=by, slot_id=slot_id, employer_id=case.employer_id, case_id=case.pk, request_id=case.request_id,
        service=case.service, call_back=call_back, needs=needs,
    )  # fmt: skip
    return appointment


@action("booking.made-for-person")
def book_for(
    *, by: Actor, person_id: UUID, slot_id: UUID, case_id: UUID | None = None, call_back: str = "",
    needs: Sequence[str] = (),
) -> Appointment:  # fmt: skip
    """Take a time for somebody, as those who run the diary do on the telephone.

    Without a case, the time is for the one for which the person was invited to choose a time of this service: whoever
    runs the diary may not know of it. Raises Conflict when somebody else was first.
    """
    require(by, "diary.run")
    employer = None
    if case_id is None and (invited := _invited(by, person_id, slot_id)):
        case_id, employer = invited.case_id, invited.employer_id
    appointment: Appointment = book(
        by=by, slot_id=slot_id, person_id=person_id, employer_id=employer, case_id=case_id, call_back=call_back,
        needs=needs,
    )  # fmt: skip
    return appointment


@action("booking.invitation-ended")
def end(*, by: Actor, case_id: UUID, how: str) -> BookingInvitation | None:
    """End the open invitation of a case, when there is one; `how` is a code of BookingInvitation.End."""
    require(by, "record.clinical")
    found = visible_to(by).select_for_update(of=("self",)).filter(case=case_id, ended_at=None).first()
    if found:
        _end(found, BookingInvitation.End(how))
    return found


def _invited(by: Actor, person: UUID, slot: UUID) -> BookingInvitation | None:
    """The oldest open invitation of the person to choose a time of the slot's service. Nobody is shown it."""
    service = slots_visible_to(by).values_list("service", flat=True).get(pk=slot)
    with within(system_actor("times to choose", provider=by.provider).scope):
        waiting = BookingInvitation.objects.filter(
            person=person, service=service, ended_at=None, employer__in=by.employers, provider=by.provider
        )
        return waiting.order_by("made_at", "id").first()


def _end(invitation: BookingInvitation, how: BookingInvitation.End) -> None:
    invitation.ended_at, invitation.ended_by = clock.now(), how
    invitation.save(update_fields=["ended_at", "ended_by"])


def _after_silence(invitation: BookingInvitation) -> str:
    offered = invitation.offered_at or clock.now()
    return rules.after_silence(
        offered.astimezone(clock.UK).date(), clock.today(),
        calendar_of(invitation.provider_id, invitation.employer.nation), reminded=invitation.reminded_at is not None,
    ).outcome  # fmt: skip


def _has_free_time(provider: UUID, service: str) -> bool:
    looker = system_actor("times to choose", provider=provider)
    return bool(free_slots(looker, service=service, limit=1))


def _tell(kind: str, invitation: BookingInvitation) -> None:
    facts.append(
        kind, invitation.pk, employer=invitation.employer_id, provider=invitation.provider_id,
        person=invitation.person_id, data={"case": str(invitation.case_id), "service": invitation.service},
    )  # fmt: skip
