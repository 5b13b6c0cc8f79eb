"""Schedule the questions, ask and remind, take the answers. The only writes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import cast
from uuid import UUID

from django.db.models import Q

from openoh.foundation.access.permissions import require
from openoh.foundation.audit.actions import action
from openoh.foundation.codes import catalogue
from openoh.foundation.core import clock, facts, keys
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.content import load
from openoh.foundation.core.errors import Conflict, Invalid
from openoh.foundation.people.models import ContactStop, Engagement
from openoh.pathway.cases.models import Case
from openoh.pathway.outcomes.access import visible_to
from openoh.pathway.outcomes.answering_manager import answer_manager
from openoh.pathway.outcomes.asked_manager import AskState, ManagerOutcome
from openoh.pathway.outcomes.models import PersonOutcome
from openoh.pathway.outcomes.queries import WORDS
from openoh.pathway.outcomes.rules import Question, next_step
from openoh.pathway.reports.released import ReleasedReport

__all__ = ["answer_manager", "answer_person", "ask_and_chase", "schedule", "schedule_manager"]

PACKAGE = "openoh.pathway.outcomes"
LONGEST_WORDS = 2000
OPEN = (AskState.WAITING, AskState.ASKED)
Asked = PersonOutcome | ManagerOutcome


@action("outcome.scheduled")
def schedule(*, by: Actor, case: UUID, from_day: date | None = None) -> PersonOutcome:
    """Ask the person four weeks (content) after `from_day` (default today); one open question a case."""
    require(by, "record.clinical")
    about = Case.objects.get(pk=case)
    due_on = _due_on(from_day or clock.today())
    made, _ = PersonOutcome.objects.get_or_create(
        case=about, state__in=OPEN,
        defaults={"person_id": about.person_id, "employer_id": about.employer_id,
                  "provider_id": about.provider_id, "due_on": due_on, "state": AskState.WAITING},
    )  # fmt: skip
    return made


def schedule_manager(copy: ReleasedReport) -> ManagerOutcome:
    """Ask the manager about a copy that was released to them; once for each copy. For the worker."""
    made, _ = ManagerOutcome.objects.get_or_create(
        released_report=copy,
        defaults={"person_id": copy.person_id, "employer_id": copy.employer_id, "recipient_id": copy.recipient_id,
                  "provider_id": copy.provider_id, "due_on": _due_on(copy.released_at.astimezone(clock.UK).date())},
    )  # fmt: skip
    return made


@action("outcome.chased")
def ask_and_chase(*, by: Actor, limit: int = 500) -> list[Asked]:
    """The worker's tick: ask what is due, remind, give up; returns what changed. Two workers share the rows."""
    require(by, "record.clinical")
    today = clock.today()
    content = load(PACKAGE, "follow_up")
    changed: list[Asked] = []
    for asked in _due(today, limit):
        if _must_stop(asked, today):
            _set(asked, AskState.STOPPED, None, "outcome.stopped")
            changed.append(asked)
            continue
        at = Question(asked.state, asked.due_on, asked.next_chase_on, asked.chased)
        following = next_step(
            at, today, chase_after_days=cast(int, content["chase_after_days"]),
            chases=cast(int, content["chases"]),
        )  # fmt: skip
        match following.step:
            case "ask":
                asked.asked_at = clock.now()
                _set(asked, AskState.ASKED, following.again_on, "outcome.asked")
            case "chase":
                asked.chased += 1
                _set(asked, AskState.ASKED, following.again_on, "outcome.chased")
            case "lose":
                _set(asked, AskState.LOST, None, "outcome.lost")
        changed.append(asked)
    return changed


@action("outcome.answered")
def answer_person(
    *, by: Actor, outcome: UUID, work: str, health: str, useful: str, back_on: date | None = None,
    more_help: bool | None = None, words: str = "",
) -> PersonOutcome:  # fmt: skip
    """The person says how it went; a late answer counts too. Wanting more help tells the service at once."""
    require(by, "own.record")
    found = visible_to(by).select_for_update(of=("self",)).get(pk=outcome)
    if found.state not in (AskState.ASKED, AskState.LOST):
        raise Conflict("There is nothing to answer here now. Thank you.")
    for name, chosen in (("work", work), ("health", health), ("useful", useful)):
        catalogue.checked(f"outcome-{name}", [chosen], field=name)
    if back_on is not None and back_on > clock.today():
        raise Invalid("Give the day on which you came back, not one to come.", field="back_on")
    if len(words) > LONGEST_WORDS:
        raise Invalid(f"Keep it under {LONGEST_WORDS} letters.", field="words")
    found.work, found.health, found.useful = work, health, useful
    found.back_on, found.more_help = back_on, more_help
    if words.strip():
        found.words_sealed = keys.seal(
            words.strip(), owner=found.person_id, provider=found.provider_id, field=WORDS
        )
    found.answered_at = clock.now()
    _set(found, AskState.ANSWERED, None, "outcome.answered")
    if more_help:
        _tell("outcome.more-help-wanted", found)
    return found


def _due_on(day: date) -> date:
    return day + timedelta(days=cast(int, load(PACKAGE, "follow_up")["ask_after_days"]))


def _due(today: date, limit: int) -> Iterator[Asked]:
    due = Q(state=AskState.WAITING, due_on__lte=today) | Q(state=AskState.ASKED, next_chase_on__lte=today)
    for model in (PersonOutcome, ManagerOutcome):
        rows = model._default_manager.select_for_update(of=("self",), skip_locked=True).filter(due)
        yield from rows.order_by("due_on", "id")[:limit]


def _must_stop(asked: Asked, today: date) -> bool:
    """Somebody must not be contacted; or the manager's copy no longer stands, or the manager has left."""
    if isinstance(asked, PersonOutcome):
        stops = ContactStop.objects.filter(Q(until=None) | Q(until__gte=today), since__lte=today)
        return stops.filter(person_id=asked.person_id).exists()
    copy = ReleasedReport.objects.get(pk=asked.released_report_id)
    works_there = Engagement.objects.get(pk=asked.recipient_id).active_on(today)
    return copy.withdrawn_at is not None or copy.replaced_at is not None or not works_there


def _set(asked: Asked, state: AskState, again_on: date | None, fact: str) -> None:
    asked.state, asked.next_chase_on = state, again_on
    asked.save()
    _tell(fact, asked)


def _tell(kind: str, asked: Asked) -> None:
    to_manager = isinstance(asked, ManagerOutcome)
    facts.append(
        kind, asked.id, employer=asked.employer_id, provider=asked.provider_id, person=asked.person_id,
        data={"to": "manager" if to_manager else "person", "chased": asked.chased,
              "recipient": str(asked.recipient_id) if isinstance(asked, ManagerOutcome) else None},
    )  # fmt: skip
