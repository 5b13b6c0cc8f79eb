"""What somebody reads who may be in danger: help at once, who answers in the service, and by when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from openoh.foundation.core.actors import Actor
from openoh.foundation.people.access import visible_to
from openoh.pathway.questionnaires.rules import Answers
from openoh.pathway.risk.queries import (
    CoverNotDeclared,
    NobodyAnswers,
    employer_of,
    must_be_open,
    open_flags,
    who_answers,
)
from openoh.pathway.risk.rules import signals
from openoh.pathway.services.queries import Help, crisis_help

__all__ = ["CoverNotDeclared", "NobodyAnswers", "Safety", "is_open", "risky", "safety_of"]


@dataclass(frozen=True)
class Safety:
    """`answers` is who answers now, empty when nobody does, until `opens_at`. `contact_by` is for an open risk,
    and `mobile` the number that the service would call."""

    service: str
    service_telephone: str
    answers: str
    answers_telephone: str
    opens_at: datetime | None
    contact_by: datetime | None
    mobile: str
    help: tuple[Help, ...]


def safety_of(actor: Actor) -> Safety:
    """As the actor's service declared it, for this instant and for their most urgent open risk."""
    answering = who_answers(actor)
    nobody = answering.cover.kind == "nobody"
    flags = open_flags(actor)
    return Safety(
        service=answering.service, service_telephone=answering.telephone,
        answers="" if nobody else answering.cover.name,
        answers_telephone="" if nobody else answering.cover.telephone,
        opens_at=answering.opens_at if nobody else None,
        contact_by=min((flag.due_at for flag in flags), default=None),
        mobile=visible_to(actor).values_list("mobile", flat=True).first() or "",
        help=crisis_help(answering.nation),
    )  # fmt: skip


def is_open(actor: Actor, questionnaire: str) -> bool:
    """Whether somebody would read a risky answer to this questionnaire now."""
    if actor.provider is None:
        return False
    try:
        must_be_open(questionnaire, actor.provider, employer_of(actor))
    except (NobodyAnswers, CoverNotDeclared):
        return False
    return True


def risky(questionnaire: str, answers: Answers | Mapping[str, object], *, finished: bool = False) -> bool:
    """Whether these answers show a risk: the next page is then the one with help, whatever was to come next."""
    return bool(signals(questionnaire, answers, finished=finished))
