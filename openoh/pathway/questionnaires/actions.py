"""Beginning, answering step by step, and finishing a questionnaire."""

from __future__ import annotations

import json
from decimal import Decimal
from uuid import UUID

from openoh.foundation.access.checks import provider_of
from openoh.foundation.audit.actions import action
from openoh.foundation.core import clock, keys
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.people.models import Engagement, Person
from openoh.pathway.questionnaires import ports
from openoh.pathway.questionnaires.access import may_answer, person_in_reach, visible_to
from openoh.pathway.questionnaires.definitions import definition, follow_up
from openoh.pathway.questionnaires.models import AnswerSet
from openoh.pathway.questionnaires.queries import FIELD, answers_of
from openoh.pathway.questionnaires.rules import Answer, Answers, checked, result

STAGES = ("start", "end", "after")


@action("questionnaire.begun")
def begin(
    *, by: Actor, instrument: str, person_id: UUID | None = None, request_id: UUID | None = None,
    case_id: UUID | None = None, stage: str = "start", mode: str = "online", after: UUID | None = None,
) -> AnswerSet:  # fmt: skip
    """Begin a questionnaire, or come back to the one that was begun for the same purpose.

    `after` is the finished answer set that called for this one; its answers to the same questions are carried
    over. Raises NotAllowed while nobody would read a risky answer.
    """
    asked = definition(instrument)
    person = person_in_reach(by, person_id)
    if stage not in STAGES:
        raise Invalid("A questionnaire is asked at the start, at the end or after.", field="stage")
    same = visible_to(by).filter(
        person_id=person.pk, instrument=instrument, version=asked.version, stage=stage,
        request_id=request_id, case_id=case_id, completed_at=None,
    ).first()  # fmt: skip
    if same:
        return same
    employer = _employer(by, person)
    ports.must_be_covered(instrument, person.provider_id, employer)
    answer_set = AnswerSet(
        person=person, employer_id=employer, provider_id=person.provider_id, request_id=request_id,
        case_id=case_id, instrument=instrument, version=asked.version, stage=stage,
        mode="online" if by.audience is Audience.PERSON else mode,
    )  # fmt: skip
    if after:
        _keep(answer_set, _carried(by, after, instrument, person))
    answer_set.save(force_insert=True)
    return answer_set


@action("questionnaire.answered")
def save_answers(*, by: Actor, answer_set_id: UUID, answers: Answers) -> AnswerSet:
    """Keep the answers of one step; earlier ones stay. A risky answer raises its flag in this transaction."""
    answer_set = _open(by, answer_set_id)
    asked = definition(answer_set.instrument, answer_set.version)
    together = {**answers_of(answer_set), **checked(asked, answers)}
    _keep(answer_set, together)
    answer_set.save(update_fields=["answers_sealed"])
    ports.watch_answers(answer_set, together, False, by)
    return answer_set


@action("questionnaire.completed")
def complete(*, by: Actor, answer_set_id: UUID) -> AnswerSet:
    """Finish: score, band and flags are kept with the version of the rule. Raises Conflict the second time."""
    answer_set = _open(by, answer_set_id)
    asked, answers = definition(answer_set.instrument, answer_set.version), answers_of(answer_set)
    outcome = result(asked, answers)
    answer_set.total = None if outcome.total is None else Decimal(str(round(outcome.total, 2)))
    answer_set.band, answer_set.flags = outcome.band, list(outcome.flags)
    answer_set.missing, answer_set.rule_version = outcome.missing, outcome.rule_version
    answer_set.completed_at = clock.now()
    answer_set.save(update_fields=["total", "band", "flags", "missing", "rule_version", "completed_at"])
    ports.watch_answers(answer_set, answers, True, by)
    return answer_set


def _open(by: Actor, answer_set_id: UUID) -> AnswerSet:
    answer_set = visible_to(by).select_for_update(of=("self",)).get(pk=answer_set_id)
    if not may_answer(by, answer_set):
        raise NotAllowed("Only the person, or a clinician who asks them, may answer this.")
    if answer_set.completed_at:
        raise Conflict("This questionnaire is finished. Its answers cannot change any more; begin a new one.")
    return answer_set


def _keep(answer_set: AnswerSet, answers: dict[str, Answer]) -> None:
    kept = {item: answer for item, answer in answers.items() if answer is not None}
    answer_set.answers_sealed = keys.seal(
        json.dumps(kept), owner=answer_set.person_id, provider=answer_set.provider_id, field=FIELD
    )


def _carried(by: Actor, after: UUID, instrument: str, person: Person) -> dict[str, Answer]:
    earlier = visible_to(by).get(pk=after, person=person, completed_at__isnull=False)
    follow = follow_up(earlier.instrument, earlier.band)
    if follow is None or follow.then != instrument:
        raise Invalid(f"{instrument} does not follow from {earlier.instrument}.", field="after")
    answers = answers_of(earlier)
    return {item: answers.get(origin) for item, origin in follow.carry.items()}


def _employer(by: Actor, person: Person) -> UUID:
    """The employer that the answers are kept under: the actor's own, or that of the newest engagement served."""
    if by.audience is Audience.PERSON:
        if not by.employers:
            raise NotAllowed(
                "Your account is not linked with an employer. Ask occupational health to link it."
            )
        return by.employers[0]
    engagement = (
        Engagement.objects.filter(person=person, employer_id__in=by.employers, provider_id=provider_of(by))
        .order_by("-starts_on")
        .first()
    )
    if engagement is None:
        raise Invalid("This person has no engagement with an employer that you serve.", field="person_id")
    return engagement.employer_id
