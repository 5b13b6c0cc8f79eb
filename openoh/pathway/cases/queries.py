"""A case's timeline, a clinician's caseload, and who may be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db.models import Case as When_
from django.db.models import Exists, F, IntegerField, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.people.models import Engagement
from openoh.pathway.cases.access import recipients_visible_to, visible_to
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics.access import visible_to as appointments_visible_to
from openoh.pathway.questionnaires.access import visible_to as answers_visible_to
from openoh.pathway.risk.access import visible_to as risks_visible_to
from openoh.pathway.risk.models import RiskFlag
from openoh.pathway.triage.access import visible_to as decisions_visible_to

RISK, OVERDUE, NO_NEXT_STEP, ON_TIME = range(4)
NEVER = date(9999, 12, 31)


@dataclass(frozen=True, order=True)
class Event:
    """Something on a timeline. `kind` is a code such as ``appointment``; `words` are for the screen."""

    at: datetime
    kind: str
    words: str
    subject: UUID = field(compare=False)
    detail: str = field(default="", compare=False)


@dataclass(frozen=True)
class Place:
    """A place in a caseload, to continue from."""

    rank: int
    on: date
    id: UUID


@dataclass(frozen=True)
class Load:
    """A case in a caseload, and why it stands where it stands: ``RISK OVERDUE NO_NEXT_STEP ON_TIME``."""

    case: Case
    rank: int
    place: Place


def timeline(actor: Actor, case: Case, later: Iterable[Event] = ()) -> list[Event]:
    """What happened around a case, oldest first.

    `later` are events of later packages (absence, consultations, reports, adjustments), which this one cannot know.
    """
    own = [*_beginnings(case), *_decisions(actor, case), *_appointments(actor, case), *_scores(actor, case),
           *_risks(actor, case)]  # fmt: skip
    return sorted([*own, *later])


def caseload(
    actor: Actor, *, owner: UUID | None = None, after: Place | None = None, limit: int = 20
) -> list[Load]:
    """Open cases of one owner (the actor by default): open risk, overdue, without a next step, then by date."""
    risk = RiskFlag.objects.filter(person=OuterRef("person_id")).exclude(state="closed")
    rows = (
        visible_to(actor)
        .filter(owner=owner or actor.user)
        .exclude(state="closed")
        .annotate(at_risk=Exists(risk))
        .annotate(
            rank=When_(
                When(at_risk=True, then=Value(RISK)),
                When(next_step_on__lt=clock.today(), then=Value(OVERDUE)),
                When(next_step_on=None, then=Value(NO_NEXT_STEP)),
                default=Value(ON_TIME),
                output_field=IntegerField(),
            ),
            on=Coalesce(F("next_step_on"), Value(NEVER)),
        )
    )
    if after:
        rows = rows.filter(
            Q(rank__gt=after.rank)
            | Q(rank=after.rank, on__gt=after.on)
            | Q(rank=after.rank, on=after.on, id__gt=after.id)
        )
    page = rows.select_related("person", "employer").order_by("rank", "on", "id")[:limit]
    return [Load(case, case.rank, Place(case.rank, case.on, case.pk)) for case in page]


def unowned(actor: Actor, *, limit: int = 20) -> list[Case]:
    """Open cases that nobody has taken yet, the oldest first."""
    rows = visible_to(actor).filter(owner=None).exclude(state="closed")
    return list(rows.select_related("person").order_by("opened_at", "id")[:limit])


def recipient_of(actor: Actor, case: Case) -> Engagement | None:
    """Who would receive advice about this case: the named recipient, else the referrer, else the line manager.

    None when that is somebody whom the case excludes. For a self-referred case nobody receives anything unless
    the case names them.
    """
    words = list(
        recipients_visible_to(actor).filter(case=case).select_related("engagement").order_by("-named_at")
    )
    named = next((word.engagement for word in words if not word.excluded), None)
    if named:
        return named
    excluded = {word.engagement_id for word in words if word.excluded}
    if case.referral is None:
        return None
    proposed = case.referral.recipient
    return None if proposed.pk in excluded else proposed


def _beginnings(case: Case) -> Iterator[Event]:
    yield Event(case.opened_at, "case", "Case opened", case.pk)
    if case.request and case.request.sent_at:
        yield Event(case.request.sent_at, "request", "Asked for help", case.request.pk)
    if case.referral and case.referral.sent_at:
        yield Event(case.referral.sent_at, "referral", "Referred by a manager", case.referral.pk)
    if case.closed_at:
        yield Event(case.closed_at, "case", "Case closed", case.pk)


def _decisions(actor: Actor, case: Case) -> Iterator[Event]:
    about = Q(request=case.request_id, request__isnull=False) | Q(
        referral=case.referral_id, referral__isnull=False
    )
    for decision in decisions_visible_to(actor).filter(about):
        yield Event(
            decision.decided_at, "triage", f"Triage: {decision.get_outcome_display().lower()}", decision.pk,
            detail=decision.route,
        )  # fmt: skip


def _appointments(actor: Actor, case: Case) -> Iterator[Event]:
    for appointment in appointments_visible_to(actor).filter(case_id=case.pk).select_related("clinician"):
        words = f"Appointment: {appointment.get_state_display().lower()}"
        yield Event(
            appointment.starts_at, "appointment", words, appointment.pk, detail=appointment.clinician.name
        )


def _scores(actor: Actor, case: Case) -> Iterator[Event]:
    of_case = Q(case_id=case.pk) | Q(request_id=case.request_id, request_id__isnull=False)
    for answers in answers_visible_to(actor).filter(of_case, completed_at__isnull=False):
        total = "" if answers.total is None else f" {answers.total.normalize():f}"
        yield Event(answers.completed_at or case.opened_at, "score", f"{answers.instrument}{total}", answers.pk,
                    detail=answers.band)  # fmt: skip


def _risks(actor: Actor, case: Case) -> Iterator[Event]:
    for flag in risks_visible_to(actor).filter(person=case.person_id, raised_at__gte=_since(case)):
        yield Event(flag.raised_at, "risk", f"Risk: {flag.get_state_display().lower()}", flag.pk)


def _since(case: Case) -> datetime:
    """Risks of the request that led to the case were raised before it was opened."""
    return case.request.started_at if case.request else case.opened_at
