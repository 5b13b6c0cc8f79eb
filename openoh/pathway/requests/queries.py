"""Reading requests: their words, what the rules know of them, somebody's own list."""

from __future__ import annotations

from itertools import chain

from openoh.foundation.core import keys
from openoh.foundation.core.actors import Actor
from openoh.pathway.questionnaires.models import AnswerSet
from openoh.pathway.requests.access import visible_to
from openoh.pathway.requests.models import HelpRequest
from openoh.pathway.requests.rules import Asked
from openoh.pathway.risk.models import RiskFlag

WORDS, QUESTION = "requests.words", "requests.question"


def requests_of(actor: Actor) -> list[HelpRequest]:
    """The actor's own requests, newest first."""
    return list(visible_to(actor).order_by("-started_at"))


def words_of(request: HelpRequest) -> str:
    """What the person wrote. `request` comes from `visible_to`."""
    return keys.unseal(
        request.words_sealed, owner=request.person_id, provider=request.provider_id, field=WORDS
    )


def question_of(request: HelpRequest) -> str:
    """What triage asked back; empty when it asked nothing."""
    return keys.unseal(
        request.question_sealed, owner=request.person_id, provider=request.provider_id, field=QUESTION
    )


def asked(request: HelpRequest) -> Asked:
    """The request as the rules see it, with its open risk and the flags of its questionnaires."""
    flags = AnswerSet.objects.filter(request_id=request.pk, completed_at__isnull=False).values_list(
        "flags", flat=True
    )
    risk = RiskFlag.objects.filter(request_id=request.pk).exclude(state="closed").exists()
    return Asked(
        safe_now=request.safe_now, needs=tuple(request.needs), effects=tuple(request.effects),
        reach_by=request.reach.get("reach-by", ""), flags=frozenset(chain.from_iterable(flags)), risk=risk,
    )  # fmt: skip
