"""A clinician's caseload, and who may be told about a case. What happened around one is in `timeline`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case as When_
from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.foundation.people.models import Engagement
from openoh.foundation.people.queries import find
from openoh.pathway.cases.access import recipients_visible_to, visible_to
from openoh.pathway.cases.models import Case, Recipient
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
    page = _ranked(actor, owner or actor.user, after, limit)
    return [Load(case, case.rank, Place(case.rank, case.on, case.pk)) for case in page]


@composed
def _ranked(actor: Actor, owner: UUID | None, after: Place | None, limit: int) -> QuerySet[Any]:
    risk = RiskFlag.objects.filter(person=OuterRef("person_id")).exclude(state="closed")
    rows = (
        visible_to(actor)
        .filter(owner=owner)
        .exclude(state="closed")
        .alias(at_risk=Exists(risk))
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
    return rows.select_related("person", "employer").order_by("rank", "on", "id")[:limit]


@composed
def unowned(actor: Actor, *, limit: int = 20) -> QuerySet[Case]:
    """Open cases that nobody has taken yet, the oldest first."""
    rows = visible_to(actor).filter(owner=None).exclude(state="closed")
    return rows.select_related("person").order_by("opened_at", "id")[:limit]


def recipient_of(actor: Actor, case: Case) -> Engagement | None:
    """Who would receive advice about this case: see `receives`."""
    return receives(case, recipients_of(actor, case))


def receives(case: Case, words: Sequence[Recipient]) -> Engagement | None:
    """The named recipient, else the manager who referred; `words` are those of `recipients_of`, the newest first.

    None when that is somebody whom the case excludes. For a self-referred case nobody receives anything unless
    the case names them.
    """
    named = next((word.engagement for word in words if not word.excluded), None)
    if named:
        return named
    excluded = {word.engagement_id for word in words if word.excluded}
    if case.referral is None:
        return None
    proposed = case.referral.recipient
    return None if proposed.pk in excluded else proposed


def cases_of(actor: Actor, person: UUID) -> list[Case]:
    """Every case of one person that the actor may see, the newest first."""
    rows = visible_to(actor).filter(person_id=person).select_related("employer")
    return list(rows.order_by("-opened_at", "id"))


def recipients_of(actor: Actor, case: Case) -> list[Recipient]:
    """Who was named or excluded in a case, the newest word first."""
    rows = recipients_visible_to(actor).filter(case=case).select_related("engagement")
    return list(rows.order_by("-named_at", "id"))


def people_to_name(actor: Actor, case: Case, text: str, *, limit: int = 20) -> list[Engagement]:
    """Who could be told: people of the case's employer today whose name contains `text`.

    Without a text, the managers nearest to the person: their own, and that one's.
    """
    today = clock.today()
    here = Engagement.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today), employer_id=case.employer_id, starts_on__lte=today
    ).exclude(person_id=case.person_id)
    if text:
        rows = here.filter(person__in=[person.pk for person in find(actor, text, limit)])
    else:
        line = [case.engagement.manager_id] if case.engagement else []
        rows = here.filter(Q(pk__in=line) | Q(reports__in=line))
    return list(rows.distinct().order_by("family_name", "given_name", "id")[:limit])


def case_about(actor: Actor, *, request_id: UUID | None = None, referral_id: UUID | None = None) -> Case:
    """The case that a request or a referral led to. Raises DoesNotExist."""
    about = Q(request=request_id, request__isnull=False) | Q(referral=referral_id, referral__isnull=False)
    return visible_to(actor).filter(about).select_related("person").get()
