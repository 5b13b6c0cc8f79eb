"""Opening, owning, handing over, closing a case; naming who may be told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from django.db import IntegrityError

from openoh.foundation.access.checks import provider_of
from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.access.permissions import require
from openoh.foundation.audit.actions import action
from openoh.foundation.core import clock, facts, lifecycle
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.postgresql.base import write, write_soon
from openoh.foundation.core.scope import undone_on_error
from openoh.foundation.notifications.actions import draft, queue
from openoh.foundation.people.models import Engagement
from openoh.pathway.cases.access import may_work_on, visible_to
from openoh.pathway.cases.models import Case, CaseStep, Recipient
from openoh.pathway.cases.states import CASE
from openoh.pathway.clinics.access import clinicians_with
from openoh.pathway.clinics.models import Appointment, Clinician
from openoh.pathway.questionnaires.access import person_in_reach
from openoh.pathway.requests.models import HelpRequest
from openoh.pathway.risk.models import RiskFlag

APPOINTMENT = "appointment"  # the next step in which the person chooses a time
ONE_CASE = ("one_case_per_request", "one_case_per_referral")


@action("case.opened")
def open_case(
    *, by: Actor, person_id: UUID, employer_id: UUID, service: str, request_id: UUID | None = None,
    referral_id: UUID | None = None, engagement_id: UUID | None = None, needs: Sequence[str] = (),
    owner: UUID | None = None,
) -> Case:  # fmt: skip
    """Open an episode of care. One request and one referral open one case each, ever.

    `owner` is a clinician's account; without one the case waits for somebody to take it.
    """
    require(by, "record.clinical")
    if by.user:
        person_in_reach(by, person_id)
    clinician = _clinician(by, owner) if owner else None
    case = Case(
        person_id=person_id, employer_id=employer_id, provider_id=provider_of(by), service=service,
        request_id=request_id, referral_id=referral_id, engagement_id=engagement_id, needs=list(needs),
        owner=owner, owner_name=clinician.name if clinician else "",
    )  # fmt: skip
    if request_id or referral_id:
        with _once():
            write(case)
    else:
        write_soon(case)
    lifecycle.begin(case, step=CaseStep, by=by)
    if request_id:
        HelpRequest.objects.filter(pk=request_id).update(case_id=case.pk)
        Appointment.objects.filter(request_id=request_id).update(case_id=case.pk)
    _tell("case.opened", case)
    return case


def open_for_appointment(*, by: Actor, appointment_id: UUID) -> Case:
    """The case of an appointment; opened now when a person booked the time themselves and has none yet."""
    held = Appointment.objects.select_for_update(of=("self",)).select_related("clinician")
    return open_for_held(by=by, appointment=held.get(pk=appointment_id))


def open_for_held(*, by: Actor, appointment: Appointment) -> Case:
    """The same for an appointment that the caller has locked."""
    if appointment.case_id:
        return Case.objects.get(pk=appointment.case_id)
    request = (
        HelpRequest.objects.filter(pk=appointment.request_id).first() if appointment.request_id else None
    )
    case: Case = open_case(
        by=by, person_id=appointment.person_id, employer_id=appointment.employer_id, service=appointment.service,
        request_id=request.pk if request else None, engagement_id=request.engagement_id if request else None,
        needs=request.needs if request else (), owner=appointment.clinician.user_id,
    )  # fmt: skip
    Appointment.objects.filter(pk=appointment.pk).update(case_id=case.pk)
    return case


@action("case.taken")
def take(*, by: Actor, case_id: UUID) -> Case:
    """Become the owner of a case that nobody has."""
    case = _held(by, case_id)
    if case.owner not in (None, by.user):
        raise Conflict(f"{case.owner_name} has this case. Ask them to hand it over.")
    return _give(case, _clinician(by, by.user))


@action("case.handed-over")
def hand_over(*, by: Actor, case_id: UUID, to: UUID) -> Case:
    """Give a case to another clinician of the service, who may not be in the person's own circle."""
    case = _held(by, case_id)
    clinician = _clinician(by, to)
    if RoleAssignment.objects.filter(user=to, person=case.person_id).exists():
        raise NotAllowed("Nobody looks after their own case. Choose somebody else.")
    return _give(case, clinician)


@action("case.next-step-planned")
def plan_next_step(*, by: Actor, case_id: UUID, step: str, on: date) -> Case:
    """Say what happens next and by when; `step` is a code. An appointment invites the person to choose a time."""
    case = _held(by, case_id)
    case.next_step, case.next_step_on = step, on
    case.save(update_fields=["next_step", "next_step_on"])
    if step == APPOINTMENT:
        _tell("case.appointment-planned", case)
    return case


@action("case.recipient-named")
def name_recipient(*, by: Actor, case_id: UUID, engagement_id: UUID) -> Recipient:
    """Name who receives advice about this case instead of the line manager; the one named last counts."""
    return _say(_held(by, case_id), engagement_id, excluded=False)


@action("case.recipient-excluded")
def exclude_recipient(*, by: Actor, case_id: UUID, engagement_id: UUID) -> Recipient:
    """This manager must not receive anything about this case: they may be the problem."""
    return _say(_held(by, case_id), engagement_id, excluded=True)


@action("case.closed")
def close_case(*, by: Actor, case_id: UUID, reason: str = "") -> Case:
    """Close a case. Refused while a risk of the person is open."""
    case = _held(by, case_id)
    if RiskFlag.objects.filter(person=case.person_id).exclude(state="closed").exists():
        raise NotAllowed("This person has an open risk. Close that with a contact and a plan first.")
    _move(case, "closed", by, reason, closed_at=clock.now(), next_step="", next_step_on=None)
    _tell("case.closed", case)
    return case


@action("case.reopened")
def reopen(*, by: Actor, case_id: UUID, reason: str = "") -> Case:
    return _move(_held(by, case_id), "open", by, reason, closed_at=None)


@action("case.brought-back")
def bring_back(*, by: Actor, case_id: UUID, step: str, on: date) -> Case:
    """Something came in that a clinician must act on by `on`: the case has it as its next step, open again if need be.

    Whoever has the case is told today; what nobody has stands with the cases that the lead gives out.
    """
    case = _held(by, case_id)
    if case.state == "closed":
        _move(case, "open", by, step, closed_at=None)
    case.next_step, case.next_step_on = step, on
    case.save(update_fields=["next_step", "next_step_on"])
    if case.owner:
        message = draft(
            template="look-today", user_id=case.owner, provider_id=case.provider_id,
            reference=f"{step}-{case.pk.hex}-{on.isoformat()}",
            values={"given_name": case.owner_name.partition(" ")[0], "link": f"/clinic/cases/{case.pk}"},
        )  # fmt: skip
        queue(by=by, message=message)
    return case


@contextmanager
def _once() -> Iterator[None]:
    """The database keeps one case for a request or a referral; the second who opens one is told in words."""
    try:
        with undone_on_error():
            yield
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) not in ONE_CASE:
            raise
        raise Conflict("A case was opened for this already. Look at the person's cases.") from None


def _held(by: Actor, case_id: UUID) -> Case:
    if not may_work_on(by):
        raise NotAllowed("Only clinicians work on cases.")
    return visible_to(by).select_for_update(of=("self",)).get(pk=case_id)


def _clinician(by: Actor, user: UUID | None) -> Clinician:
    found = clinicians_with.first(provider_of(by), user) if user else None
    if found is None:
        raise Invalid("Choose a clinician of this service.", field="owner")
    return found


def _give(case: Case, clinician: Clinician) -> Case:
    case.owner, case.owner_name = clinician.user_id, clinician.name
    case.save(update_fields=["owner", "owner_name"])
    return case


def _say(case: Case, engagement_id: UUID, *, excluded: bool) -> Recipient:
    engagement = Engagement.objects.filter(employer=case.employer_id).get(pk=engagement_id)
    if engagement.person_id == case.person_id:
        raise Invalid(
            "The person receives every report already. Choose somebody else.", field="engagement_id"
        )
    recipient, _ = Recipient.objects.update_or_create(
        case=case, engagement=engagement,
        defaults={
            "excluded": excluded, "person_id": case.person_id, "employer_id": case.employer_id,
            "provider_id": case.provider_id, "named_at": clock.now(),
        },
    )  # fmt: skip
    return recipient


def _move(case: Case, to: str, by: Actor, reason: str, **changes: object) -> Case:
    lifecycle.move(case, to, lifecycle=CASE, step=CaseStep, by=by, reason=reason, changes=changes)
    return case


def _tell(kind: str, case: Case) -> None:
    facts.append(
        kind, case.pk, employer=case.employer_id, provider=case.provider_id, person=case.person_id,
        data={
            "service": case.service, "request": str(case.request_id or ""), "referral": str(case.referral_id or ""),
        },
    )  # fmt: skip
