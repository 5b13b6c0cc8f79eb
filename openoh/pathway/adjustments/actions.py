"""The manager answers each recommendation; later it is reviewed and ends. The only writes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

from openoh.foundation.access.permissions import holds, require
from openoh.foundation.audit.actions import action
from openoh.foundation.codes import catalogue
from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.calendars import WorkingDays
from openoh.foundation.core.content import load
from openoh.foundation.core.errors import Invalid, NotAllowed
from openoh.foundation.core.lifecycle import begin, move
from openoh.pathway.adjustments import rules
from openoh.pathway.adjustments.access import visible_to
from openoh.pathway.adjustments.models import Adjustment, AdjustmentStep
from openoh.pathway.adjustments.states import ADJUSTMENT
from openoh.pathway.reports.released import ReleasedReport

ONCE_DONE = ("done", "partly")


@action("adjustment.answered")
def answer(*, by: Actor, adjustment: UUID, answer: rules.Answer) -> Adjustment:
    """Say what becomes of a recommendation. Raises Invalid with what to mend, Conflict when it has ended."""
    require(by, "advice.read")
    found = visible_to(by).select_for_update(of=("self",)).get(pk=adjustment)
    if wrong := rules.problem(answer, clock.today()):
        raise Invalid(wrong.sentence, field=wrong.field)
    if answer.reason:
        catalogue.checked("answer-reason", [answer.reason], field="reason")
    move(found, answer.state, lifecycle=ADJUSTMENT, step=AdjustmentStep, by=by, reason=answer.reason)
    found.answer_reason, found.answer_words = answer.reason, answer.words.strip()[:500]
    found.answered_at = clock.now()
    found.done_on = (answer.on or clock.today()) if answer.state in ("done", "partly") else None
    if answer.state == "planned":
        found.due_on = answer.on
    found.save(update_fields=["answer_reason", "answer_words", "answered_at", "done_on", "due_on"])
    _tell("adjustment.answered", found)
    return found


@action("adjustment.reviewed")
def review(*, by: Actor, adjustment: UUID, next_review_on: date, ends_on: date | None = None) -> Adjustment:
    """Still needed: look again on `next_review_on`. What is no longer needed is ended instead."""
    found = _open_to(by, adjustment)
    if next_review_on <= clock.today():
        raise Invalid("Choose a later day for the next review.", field="next_review_on")
    if ends_on is not None and ends_on < clock.today():
        raise Invalid("The last day cannot be in the past.", field="ends_on")
    if found.state not in ("done", "partly"):
        raise Invalid("Only what is in force can be reviewed. Answer it first.")
    found.review_on, found.ends_on = next_review_on, ends_on or found.ends_on
    found.save(update_fields=["review_on", "ends_on"])
    _tell("adjustment.reviewed", found)
    return found


@action("adjustment.ended")
def end(*, by: Actor, adjustment: UUID, reason: str) -> Adjustment:
    """No longer in force, by the manager or the clinician; `reason` is a code of ``end-reason``."""
    found = _open_to(by, adjustment)
    catalogue.checked("end-reason", [reason], field="reason")
    move(found, "ended", lifecycle=ADJUSTMENT, step=AdjustmentStep, by=by, reason=reason)
    found.ends_on = clock.today()
    found.save(update_fields=["ends_on"])
    _tell("adjustment.ended", found)
    return found


def answer_by(copy: ReleasedReport) -> date:
    """The day by which the manager is asked to answer."""
    days = cast(int, load("openoh.pathway.adjustments", "answers")["answer_days"])
    return WorkingDays(copy.employer.nation).add(copy.released_at.astimezone(clock.UK).date(), days)


def recommend(copy: ReleasedReport, by: Actor) -> list[Adjustment]:
    """One row for each recommendation of a released copy; a second call makes nothing. For the worker."""
    if Adjustment.objects.filter(released_report=copy).exists():
        return []
    due_on = answer_by(copy)
    made = []
    for each in cast(Sequence[dict[str, Any]], copy.recommendations):
        made.append(
            Adjustment.objects.create(
                released_report=copy, person_id=copy.person_id, employer_id=copy.employer_id,
                provider_id=copy.provider_id, engagement_id=copy.engagement_id, recipient_id=copy.recipient_id,
                code=each["code"], details=each["details"][:500], permanent=each["permanent"],
                starts_on=_day(each["starts_on"]), ends_on=_day(each["ends_on"]),
                review_on=_day(each["review_on"]), due_on=due_on,
            )
        )  # fmt: skip
        begin(made[-1], step=AdjustmentStep, by=by)
    return made


def take_back(report: UUID, by: Actor, *, reason: str) -> None:
    """The advice no longer stands: what was not yet done is withdrawn; what was done stays in the passport."""
    gone = ReleasedReport.objects.filter(report_id=report).exclude(withdrawn_at=None, replaced_at=None)
    for each in Adjustment.objects.filter(released_report__in=gone).exclude(state__in=ONCE_DONE):
        if ADJUSTMENT.allows(each.state, "withdrawn"):
            move(each, "withdrawn", lifecycle=ADJUSTMENT, step=AdjustmentStep, by=by, reason=reason)


def _open_to(by: Actor, adjustment: UUID) -> Adjustment:
    if not (holds(by, "advice.read") or holds(by, "report.write")):
        raise NotAllowed("Only the manager who received the advice, or the clinician, can do this.")
    return visible_to(by).select_for_update(of=("self",)).get(pk=adjustment)


def _tell(kind: str, found: Adjustment) -> None:
    facts.append(
        kind, found.id, employer=found.employer_id, provider=found.provider_id, person=found.person_id,
        data={"code": found.code, "state": found.state, "reason": found.answer_reason},
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
