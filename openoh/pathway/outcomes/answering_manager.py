"""The manager's answer. Like `asked_manager`, this module knows released reports only."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from openoh.foundation.access.permissions import holds, require
from openoh.foundation.audit.actions import action
from openoh.foundation.codes import catalogue
from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.foundation.core.errors import Conflict
from openoh.foundation.people.models import Engagement
from openoh.pathway.outcomes.asked_manager import AskState, ManagerOutcome

OPEN_TO_ANSWER = (AskState.ASKED, AskState.LOST)


def questions_for(actor: Actor) -> QuerySet[ManagerOutcome]:
    """What this manager may answer: about reports released to them that still stand, while they work there."""
    if actor.engagement is None or not holds(actor, "advice.read"):
        return ManagerOutcome.objects.none()
    today = clock.today()
    works_there = Engagement.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today), pk=OuterRef("recipient_id"), starts_on__lte=today
    )
    return ManagerOutcome.objects.filter(
        Exists(works_there), recipient_id=actor.engagement, released_report__withdrawn_at=None
    )


def waiting_for(actor: Actor) -> QuerySet[ManagerOutcome]:
    """What the manager has been asked and has not answered, with the report that it is about; oldest first."""
    waiting = questions_for(actor).filter(state__in=OPEN_TO_ANSWER)
    return waiting.select_related("released_report__engagement").order_by("due_on", "id")


@composed
def to_act_on(actor: Actor) -> QuerySet[ManagerOutcome]:
    """The same, as the list of what waits for the manager."""
    return waiting_for(actor)


@action("outcome.answered-by-manager")
def answer_manager(*, by: Actor, outcome: UUID, work: str, useful: str) -> ManagerOutcome:
    """The manager says whether the person works and whether the advice helped; late answers count too."""
    require(by, "advice.read")
    found = questions_for(by).select_for_update(of=("self",)).get(pk=outcome)
    if found.state not in OPEN_TO_ANSWER:
        raise Conflict("There is nothing to answer here now.")
    catalogue.checked("outcome-work", [work], field="work")
    catalogue.checked("outcome-useful", [useful], field="useful")
    found.work, found.useful = work, useful
    found.state, found.answered_at, found.next_chase_on = AskState.ANSWERED, clock.now(), None
    found.save(update_fields=["work", "useful", "state", "answered_at", "next_chase_on"])
    facts.append(
        "outcome.answered-by-manager", found.id, employer=found.employer_id, provider=found.provider_id,
        person=found.person_id, data={"work": work, "useful": useful},
    )  # fmt: skip
    return found
