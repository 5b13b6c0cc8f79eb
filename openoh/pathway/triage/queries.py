"""The triage queue, and what is known of one thing in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from openoh.foundation.core.actors import Actor
from openoh.pathway.clocks.models import Clock
from openoh.pathway.questionnaires.models import AnswerSet
from openoh.pathway.referrals.models import Referral
from openoh.pathway.requests.models import HelpRequest
from openoh.pathway.risk.models import RiskFlag
from openoh.pathway.triage.access import referrals_to_triage, requests_to_triage, visible_to
from openoh.pathway.triage.models import TriageDecision
from openoh.pathway.triage.rules import URGENCIES, Known

CLOCK = "triage"
OURS, THEIRS = "ours", "theirs"
WAITING = (
    "sent",
    "asked",
    "returned",
)  # states of requests and referrals that wait for triage or for an answer to it
# Whose turn it is comes first (what waits for somebody else cannot be triaged now), then urgency.
_THEIRS_RANK = 10


@dataclass(frozen=True, order=True)
class Place:
    """A place in the queue, to continue from: the key of its order."""

    rank: int
    since: datetime
    id: UUID


@dataclass(frozen=True)
class Waiting:
    """One thing in the queue. `kind` is ``request`` or ``referral``; `turn` ``ours`` or ``theirs``."""

    kind: str
    id: UUID
    person_id: UUID
    person_name: str
    employer_name: str
    urgency: str
    at_risk: bool
    turn: str
    since: datetime
    due_at: datetime | None
    place: Place


def queue(actor: Actor, *, after: Place | None = None, limit: int = 20) -> list[Waiting]:
    """The next page: ours before theirs, urgent before routine, longest waiting first. Two queries."""
    requests = _page(requests_to_triage(actor).filter(state__in=WAITING), "asked", after, limit)
    referrals = _page(referrals_to_triage(actor).filter(state__in=WAITING), "returned", after, limit)
    both = chain(
        (_waiting("request", row) for row in requests), (_waiting("referral", row) for row in referrals)
    )
    return sorted(both, key=lambda waiting: waiting.place)[:limit]


def known_of(request: HelpRequest | None = None, referral: Referral | None = None) -> Known:
    """What the rules may know of a request or a referral, for their suggestion."""
    if request is not None:
        sets = AnswerSet.objects.filter(request_id=request.pk, completed_at__isnull=False)
        rows = list(sets.values_list("instrument", "band", "flags"))
        return Known(
            flags=frozenset(chain.from_iterable(flags for _, _, flags in rows)),
            needs=frozenset(request.needs),
            bands=frozenset(f"{instrument}:{band}" for instrument, band, _ in rows),
            risk=_open_risk(request.person_id),
        )
    if referral is None:
        raise ValueError("name a request or a referral")
    return Known(
        reasons=frozenset(referral.reasons), questions=frozenset(referral.questions),
        risk=_open_risk(referral.person_id),
    )  # fmt: skip


def _open_risk(person: UUID) -> bool:
    return RiskFlag.objects.filter(person=person).exclude(state="closed").exists()


def _page(rows: QuerySet[Any], theirs: str, after: Place | None, limit: int) -> list[dict[str, Any]]:
    """Rows of one table in the order of the queue, continuing after a place; keyset, so no page is slower."""
    risk = RiskFlag.objects.filter(person=OuterRef("person_id")).exclude(state="closed")
    due = Clock.objects.filter(subject_id=OuterRef("pk"), kind=CLOCK, stopped_at=None).values("due_at")[:1]
    ordered = rows.annotate(
        at_risk=Exists(risk),
        theirs=Case(
            When(state=theirs, then=Value(_THEIRS_RANK)), default=Value(0), output_field=IntegerField()
        ),
    ).annotate(rank=F("theirs") + _urgency_rank(), due_at=Subquery(due, output_field=DateTimeField()))
    if after:
        ordered = ordered.filter(
            Q(rank__gt=after.rank)
            | Q(rank=after.rank, sent_at__gt=after.since)
            | Q(rank=after.rank, sent_at=after.since, id__gt=after.id)
        )
    return list(
        ordered.order_by("rank", "sent_at", "id").values(
            "id", "person_id", "person__given_name", "person__family_name", "employer__name", "urgency", "at_risk",
            "theirs", "rank", "sent_at", "due_at",
        )[:limit]
    )  # fmt: skip


def _urgency_rank() -> Case:
    """0 for anybody at risk or urgent, then by urgency."""
    whens = [When(urgency=urgency, then=Value(rank)) for rank, urgency in enumerate(URGENCIES)]
    return Case(
        When(at_risk=True, then=Value(0)), *whens, default=Value(len(URGENCIES)), output_field=IntegerField()
    )


def _waiting(kind: str, row: dict[str, Any]) -> Waiting:
    return Waiting(
        kind=kind, id=row["id"], person_id=row["person_id"],
        person_name=f"{row['person__given_name']} {row['person__family_name']}",
        employer_name=row["employer__name"], urgency=row["urgency"], at_risk=row["at_risk"],
        turn=THEIRS if row["theirs"] else OURS, since=row["sent_at"], due_at=row["due_at"],
        place=Place(row["rank"], row["sent_at"], row["id"]),
    )  # fmt: skip


def decisions_about(
    actor: Actor, *, request_id: UUID | None = None, referral_id: UUID | None = None
) -> list[TriageDecision]:
    """What was decided about a request or a referral so far, the newest first."""
    about = Q(request=request_id, request__isnull=False) | Q(referral=referral_id, referral__isnull=False)
    return list(visible_to(actor).filter(about).order_by("-decided_at", "-id"))
