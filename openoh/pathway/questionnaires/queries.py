"""Reading answer sets: answers opened, what comes next, scores over time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from openoh.foundation.core import keys
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.foundation.core.content import load
from openoh.methods import instruments
from openoh.pathway.questionnaires.access import visible_to
from openoh.pathway.questionnaires.definitions import PACKAGE, Follow, Item, definition, follow_up
from openoh.pathway.questionnaires.models import AnswerSet
from openoh.pathway.questionnaires.rules import Answer, unanswered

FIELD = "questionnaires.answers"


def answers_of(answer_set: AnswerSet) -> dict[str, Answer]:
    """The answers, opened with the person's key. `answer_set` comes from `visible_to`."""
    text = keys.unseal(
        answer_set.answers_sealed, owner=answer_set.person_id, provider=answer_set.provider_id, field=FIELD
    )
    opened: dict[str, Answer] = json.loads(text) if text else {}
    return opened


def next_item(answer_set: AnswerSet) -> Item | None:
    """The first question that is still open: where somebody who comes back resumes."""
    asked = definition(answer_set.instrument, answer_set.version)
    return next(iter(unanswered(asked, answers_of(answer_set))), None)


def next_questionnaire(answer_set: AnswerSet) -> Follow | None:
    """What is asked after this one, when its result calls for more."""
    return follow_up(answer_set.instrument, answer_set.band) if answer_set.completed_at else None


@composed
def unfinished(
    actor: Actor, *, request_id: UUID | None = None, people: list[UUID] | None = None
) -> QuerySet[AnswerSet]:
    """Questionnaires begun and not finished, newest first; of one request or of these people when they are named."""
    rows = visible_to(actor).filter(completed_at=None)
    if request_id:
        rows = rows.filter(request_id=request_id)
    if people is not None:
        rows = rows.filter(person_id__any=people)
    return rows.order_by("-started_at")


@composed
def scores_of(actor: Actor, person: UUID, *, limit: int = 100) -> QuerySet[AnswerSet]:
    """Finished questionnaires of one person, newest first: the scores beside a consultation."""
    rows = visible_to(actor).filter(person_id=person, completed_at__isnull=False)
    return rows.order_by("-completed_at")[:limit]


@dataclass(frozen=True)
class Meaning:
    """A result as the person reads it: the score in words, what a score does not mean, and the highest score."""

    words: str
    not_meaning: str = ""
    highest: float | None = None


def title_for_people(answer_set: AnswerSet) -> str:
    """What the person reads above the questions: in plain words where the instrument's own name is jargon."""
    titles: Any = load(PACKAGE, "meanings")["titles"]
    own = definition(answer_set.instrument, answer_set.version).title
    return str(titles.get(answer_set.instrument, own))


def meaning_of(answer_set: AnswerSet) -> Meaning:
    """What a finished questionnaire says, in words. Source: content/meanings.toml, or the questionnaire's endings."""
    content: dict[str, Any] = load(PACKAGE, "meanings").data
    asked = definition(answer_set.instrument, answer_set.version)
    if not asked.scored:
        endings = {ending.band: ending.words for ending in asked.endings}
        return Meaning(endings.get(answer_set.band, ""))
    if answer_set.total is None:
        return Meaning(content["no_score"], content["not_meaning"])
    scale = instruments.instrument(answer_set.instrument, version=answer_set.version).total
    words = {(row["instrument"], row["band"]): row["words"] for row in content["meaning"]}
    return Meaning(
        words.get((answer_set.instrument, answer_set.band), content["no_words"]), content["not_meaning"],
        highest=scale.maximum if scale else None,
    )  # fmt: skip
