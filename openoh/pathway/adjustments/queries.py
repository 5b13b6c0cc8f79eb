"""What waits for an answer, what is in force, and the person's passport."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from openoh.foundation.codes import catalogue
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.pathway.adjustments.access import visible_to
from openoh.pathway.adjustments.models import Adjustment, AdjustmentStep

IN_FORCE = ("done", "partly")
UNFINISHED = ("recommended", "planned")


@dataclass(frozen=True)
class PassportEntry:
    """One adjustment in force: what, since when, agreed by whom, until when or for how long it is reviewed."""

    code: str
    words: str
    details: str
    partly: bool
    since: date
    agreed_by: str
    ends_on: date | None
    review_on: date | None
    permanent: bool


def passport(actor: Actor) -> list[PassportEntry]:
    """The person's own adjustments that are in force today, the newest first.

    What an employer did stays in the passport even when the person took back the report that asked for it.
    """
    held = _in_force(actor)
    agreed = _who_agreed([each.id for each in held])
    return [
        PassportEntry(
            code=each.code, words=catalogue.words("adjustment", each.code), details=each.details,
            partly=each.state == "partly", since=each.done_on or each.made_at.date(),
            agreed_by=agreed.get(each.id, ""), ends_on=each.ends_on, review_on=each.review_on,
            permanent=each.permanent,
        )
        for each in held
    ]  # fmt: skip


@composed
def _in_force(actor: Actor) -> QuerySet[Adjustment]:
    goes_on = Q(ends_on=None) | Q(ends_on__gte=clock.today())
    return visible_to(actor).filter(goes_on, state__in=IN_FORCE).order_by("-done_on", "-made_at", "id")


def due(actor: Actor, until: date | None = None) -> QuerySet[Adjustment]:
    """Without a final answer and due by `until` (default today), the longest waiting first."""
    waiting = visible_to(actor).filter(state__in=UNFINISHED, due_on__lte=until or clock.today())
    return waiting.order_by("due_on", "id")


def overdue(actor: Actor) -> QuerySet[Adjustment]:
    """Without a final answer although the day is past."""
    return visible_to(actor).filter(state__in=UNFINISHED, due_on__lt=clock.today()).order_by("due_on", "id")


def to_review(actor: Actor) -> QuerySet[Adjustment]:
    """In force, and either the review date or the last day has come."""
    today = clock.today()
    return (
        visible_to(actor)
        .filter(Q(review_on__lte=today) | Q(ends_on__lte=today), state__in=IN_FORCE)
        .order_by("review_on", "id")
    )


@composed
def to_act_on(actor: Actor) -> QuerySet[Adjustment]:
    """What waits for the manager: never answered, planned and due, or in force and to be looked at again."""
    today = clock.today()
    waiting = Q(state="recommended") | Q(state="planned", due_on__lte=today)
    again = Q(review_on__lte=today) | Q(ends_on__lte=today)
    found = visible_to(actor).filter(waiting | (Q(state__in=IN_FORCE) & again))
    return found.select_related("engagement").order_by("due_on", "id")


def of_report(actor: Actor, released: UUID) -> list[Adjustment]:
    """The adjustments of one released copy, in the order in which they were recommended."""
    return list(visible_to(actor).filter(released_report_id=released).order_by("made_at", "id"))


def law_for(code: str) -> str:
    """What the law expects of the employer with this adjustment, in plain words. Raises UnknownCode."""
    group = catalogue.code("adjustment", code).group
    return str(catalogue.code("adjustment-group", group).extra["law"])


def _who_agreed(adjustments: list[UUID]) -> dict[UUID, str]:
    if not adjustments:
        return {}
    steps = AdjustmentStep.objects.filter(subject_id__in=adjustments, state__in=IN_FORCE).order_by("at", "id")
    return dict(steps.values_list("subject_id", "actor"))
