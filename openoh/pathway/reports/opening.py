"""The manager's side of a released report. Like `released`, this module knows nothing of drafts, and must not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from openoh.foundation.access.permissions import holds, require
from openoh.foundation.audit.actions import action, record_reading
from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.foundation.people.models import Engagement
from openoh.pathway.referrals.rules import NO_ADVICE
from openoh.pathway.reports.holding import hold_together
from openoh.pathway.reports.released import ReleasedReport


@dataclass(frozen=True)
class OpenedReport:
    """What the manager reads: the copy, or only `words` when occupational health cannot give advice.

    `newer` is the copy of the version that replaced this one.
    """

    pk: UUID
    person_id: UUID
    employer_id: UUID
    provider_id: UUID
    words: str
    copy: ReleasedReport | None = None
    newer: UUID | None = None


def copies_for(actor: Actor) -> QuerySet[ReleasedReport]:
    """The copies that name this manager, while they work there; withdrawn ones too, which open as "cannot advise"."""
    if actor.engagement is None or not holds(actor, "advice.read"):
        return ReleasedReport.objects.none()
    today = clock.today()
    works_there = Engagement.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today), pk=OuterRef("recipient_id"), starts_on__lte=today
    )
    return ReleasedReport.objects.filter(Exists(works_there), recipient_id=actor.engagement)


def advice_given(actor: Actor) -> QuerySet[ReleasedReport]:
    """The copies with whom they are about, newest first; withdrawn ones too, without those that were replaced."""
    return (
        copies_for(actor)
        .filter(replaced_at=None)
        .select_related("engagement")
        .order_by("-released_at", "-id")
    )


@composed
def to_act_on(actor: Actor, until: date) -> QuerySet[ReleasedReport]:
    """Advice that stands and was not read yet, or that expects the person back from today up to `until`."""
    standing = advice_given(actor).filter(withdrawn_at=None)
    return standing.filter(Q(opened_at=None) | Q(return_expected_on__range=(clock.today(), until)))


@action("report.opened")
def open_released(*, by: Actor, released: UUID) -> OpenedReport:
    """Open a copy. Whether consent stands is read while nobody can take it back, and the reading is recorded.

    Raises DoesNotExist for a copy that names somebody else, so that a guessed address tells nothing.
    """
    require(by, "advice.read")
    named = copies_for(by).only("id", "report_id").get(pk=released)
    hold_together(named.report_id)
    # Again: it may have been withdrawn while we waited.
    copy = copies_for(by).select_related("engagement").get(pk=released)
    readable = copy.withdrawn_at is None
    newer = None
    if copy.replaced_at:
        later = copies_for(by).filter(case_id=copy.case_id, replaced_at=None, withdrawn_at=None)
        newer = later.exclude(pk=copy.pk).order_by("-released_at").values_list("id", flat=True).first()
    if readable:
        record_reading(by=by, page="manager: released report", people=[copy.person_id])
        if copy.opened_at is None:
            facts.append(
                "report.opened", copy.id, employer=copy.employer_id, provider=copy.provider_id, person=copy.person_id
            )  # fmt: skip
    return OpenedReport(
        pk=copy.pk, person_id=copy.person_id, employer_id=copy.employer_id, provider_id=copy.provider_id,
        words="" if readable else NO_ADVICE, copy=copy if readable else None, newer=newer,
    )  # fmt: skip
