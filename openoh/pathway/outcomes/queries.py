"""What the person is asked, and the counts that measures are made of: answers with the loss beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, QuerySet

from openoh.foundation.core import keys
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.pathway.outcomes.access import visible_to
from openoh.pathway.outcomes.asked_manager import AskState, ManagerOutcome
from openoh.pathway.outcomes.models import PersonOutcome

WORDS = "outcomes.words"


@dataclass(frozen=True)
class FollowUp:
    """Counts of questions that fell due in a period. Not protected: for measures, never for a page as it is."""

    due: int
    answered: int
    lost: int
    still_asked: int
    stopped: int
    by_work: Mapping[str, int]

    @property
    def loss(self) -> float | None:
        """Share of those whom we asked to the end and never heard from (0 to 1); None when nobody was."""
        finished = self.answered + self.lost
        return self.lost / finished if finished else None


@composed
def questions_to(actor: Actor) -> QuerySet[PersonOutcome]:
    """What the person has been asked, answered or not."""
    return visible_to(actor).exclude(state=AskState.WAITING)


@composed
def of_case(actor: Actor, case_id: UUID) -> QuerySet[PersonOutcome]:
    """What the person was asked about a case, and answered; the newest first."""
    return visible_to(actor).filter(case=case_id).exclude(state=AskState.WAITING).order_by("-due_on", "-id")


def words_of(outcome: PersonOutcome) -> str:
    """What the person added in their own words. `outcome` comes from `visible_to`."""
    return keys.unseal(
        outcome.words_sealed, owner=outcome.person_id, provider=outcome.provider_id, field=WORDS
    )


@composed
def waiting_for(actor: Actor) -> QuerySet[PersonOutcome]:
    """What the person has been asked and has not answered; a question counted as lost can still be answered."""
    return visible_to(actor).filter(state__in=[AskState.ASKED, AskState.LOST]).order_by("due_on", "id")


def follow_up_of_people(actor: Actor, since: date, until: date) -> FollowUp:
    """Counts over the questions to people, due from `since` to `until`, both days included."""
    return _count(visible_to(actor).filter(due_on__range=(since, until)))


def follow_up_of_managers(actor: Actor, since: date, until: date) -> FollowUp:
    """The same over the questions to managers, within the actor's scope."""
    return _count(ManagerOutcome.objects.filter(due_on__range=(since, until)))


def _count(questions: QuerySet[PersonOutcome] | QuerySet[ManagerOutcome]) -> FollowUp:
    states: Counter[str] = Counter()
    work: Counter[str] = Counter()
    for row in questions.values("state", "work").annotate(number=Count("id")).order_by():
        states[row["state"]] += row["number"]
        if row["state"] == AskState.ANSWERED:
            work[row["work"]] += row["number"]
    return FollowUp(
        due=sum(states.values()) - states[AskState.WAITING], answered=states[AskState.ANSWERED],
        lost=states[AskState.LOST], still_asked=states[AskState.ASKED], stopped=states[AskState.STOPPED],
        by_work=dict(work),
    )  # fmt: skip
