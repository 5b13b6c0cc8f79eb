"""A clinician's caseload, and who may be told about a case. What happened around one is in `timeline`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Case as When_
from django.db.models import Exists, F, IntegerField, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.people.models import Engagement
from openoh.pathway.cases.access import recipients_visible_to, visible_to
from openoh.pathway.cases.models import Case
from openoh.pathway.risk.models import RiskFlag

RISK, OVERDUE, NO_NEXT_STEP, ON_TIME = range(4)
NEVER = date(9999, 12, 31)


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
