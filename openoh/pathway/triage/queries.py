"""The triage queue, and what is known of one thing in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    Case,
    CharField,
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
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.pathway.clocks.models import Clock
from openoh.pathway.clocks.turns import THEIRS as THEIRS_RANK
from openoh.pathway.clocks.turns import WAITS
from openoh.pathway.questionnaires.models import AnswerSet
from openoh.pathway.referrals.models import Referral
from openoh.pathway.requests.models import HelpRequest
from openoh.pathway.risk.models import RiskFlag
from openoh.pathway.triage.access import referrals_to_triage, requests_to_triage, visible_to
from openoh.pathway.triage.models import TriageDecision
from openoh.pathway.triage.rules import Known

CLOCK = "triage"
OURS, THEIRS = "ours", "theirs"
WAITING = (
    "sent",
    "asked",
    "returned",
)  # states of requests and referrals that wait for triage or for an answer to it
SHOWN = (
    "kind", "id", "person_id", "person__given_name", "person__family_name", "employer__name", "urgency", "at_risk",
    "rank", "sent_at", "due_at",
)  # fmt: skip


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
    """The next page: ours before theirs, at risk and urgent before routine, longest waiting first. One query."""
    return [_waiting(row) for row in _page(actor, after, limit)]


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


@composed
def _page(actor: Actor, after: Place | None, limit: int) -> QuerySet[Any, Any]:
    """The first rows of four queues, each in its order, put together in that order; keyset, so no page is slower.

    Those at risk are few, and are found from their flags; everybody else stands in the order of an index.
    """
    kinds = {"request": requests_to_triage(actor), "referral": referrals_to_triage(actor)}
    first, *others = [
        _in_order(rows, kind, after, at_risk=at_risk)[:limit]
        for kind, rows in kinds.items()
        for at_risk in (True, False)
    ]
    page: QuerySet[Any, Any] = first.union(*others, all=True).order_by("rank", "sent_at", "id")[:limit]
    return page


def _in_order(rows: QuerySet[Any], kind: str, after: Place | None, *, at_risk: bool) -> QuerySet[Any, Any]:
    """Those at risk, ranked as urgent, or everybody else by the stored rank."""
    risk = Exists(RiskFlag.objects.filter(person=OuterRef("person_id")).exclude(state="closed"))
    due = Clock.objects.filter(subject_id=OuterRef("pk"), kind=CLOCK, stopped_at=None).values("due_at")[:1]
    urgent = Case(
        When(queue_rank__gte=THEIRS_RANK, then=Value(THEIRS_RANK)),
        default=Value(0),
        output_field=IntegerField(),
    )
    ordered = rows.filter(WAITS, risk if at_risk else ~risk).annotate(
        kind=Value(kind, CharField()), at_risk=Value(at_risk, BooleanField()), due_at=Subquery(due),
        rank=urgent if at_risk else F("queue_rank"),
    )  # fmt: skip
    if after:
        place = Tuple(urgent if at_risk else F("queue_rank"), F("sent_at"), F("id"))
        ordered = ordered.filter(TupleGreaterThan(place, (after.rank, after.since, after.id)))
    shown: QuerySet[Any, Any] = ordered.order_by("rank", "sent_at", "id").values(*SHOWN)
    return shown


def _waiting(row: dict[str, Any]) -> Waiting:
    return Waiting(
        kind=row["kind"], id=row["id"], person_id=row["person_id"],
        person_name=f"{row['person__given_name']} {row['person__family_name']}",
        employer_name=row["employer__name"], urgency=row["urgency"], at_risk=row["at_risk"],
        turn=THEIRS if row["rank"] >= THEIRS_RANK else OURS, since=row["sent_at"], due_at=row["due_at"],
        place=Place(row["rank"], row["sent_at"], row["id"]),
    )  # fmt: skip


def decisions_about(
    actor: Actor, *, request_id: UUID | None = None, referral_id: UUID | None = None
) -> list[TriageDecision]:
    """What was decided about a request or a referral so far, the newest first."""
    about = Q(request=request_id, request__isnull=False) | Q(referral=referral_id, referral__isnull=False)
    return list(visible_to(actor).filter(about).order_by("-decided_at", "-id"))
