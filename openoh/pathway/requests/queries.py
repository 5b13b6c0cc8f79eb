"""Reading requests: their words, what the rules know of them, somebody's own list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import chain
from uuid import UUID

from django.db.models import QuerySet

from openoh.foundation.core import clock, keys
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.pathway.clocks.queries import calendar_of, level_of
from openoh.pathway.questionnaires.access import visible_to as answers_visible_to
from openoh.pathway.questionnaires.models import AnswerSet
from openoh.pathway.questionnaires.queries import next_questionnaire
from openoh.pathway.requests import rules
from openoh.pathway.requests.access import visible_to
from openoh.pathway.requests.models import HelpRequest
from openoh.pathway.requests.rules import Asked
from openoh.pathway.risk.models import RiskFlag
from openoh.pathway.services.queries import books_directly, catalogue

WORDS, QUESTION = "requests.words", "requests.question"


@dataclass(frozen=True)
class Wanted:
    """A questionnaire that would help with a request; `after` is the finished one that called for it."""

    instrument: str
    after: UUID | None = None


@composed
def requests_of(actor: Actor) -> QuerySet[HelpRequest]:
    """The actor's own requests, newest first."""
    return visible_to(actor).order_by("-started_at")


@composed
def unanswered(actor: Actor) -> QuerySet[HelpRequest]:
    """The actor's own requests that wait for them: begun and not sent, or asked back; the newest first."""
    return visible_to(actor).filter(state__in=("started", "asked")).order_by("-started_at")


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


def next_assessment(actor: Actor, request: HelpRequest) -> Wanted | None:
    """The next questionnaire that the request's needs call for and that nobody has finished; None when done."""
    done = _finished(actor, request)
    for code in rules.assessments(request.needs):
        if code not in done:
            return Wanted(code)
        follow = next_questionnaire(done[code])
        if follow and follow.then not in done:
            return Wanted(follow.then, after=done[code].pk)
    return None


def direct_service(actor: Actor, request: HelpRequest) -> str:
    """The service of which the person may choose a time at once, without triage; empty when there is none."""
    done = _finished(actor, request)
    if any(code not in done for code in rules.assessments(request.needs, before_booking=True)):
        return ""
    known, needs = asked(request), set(request.needs)
    usual = [kind.code for kind in catalogue().values() if kind.appointments and needs & set(kind.needs)]
    for code in [request.service] if request.service else usual:
        direct = books_directly(code, provider=request.provider_id)
        if rules.may_book_directly(known, direct_book=direct).allowed:
            return code
    return ""


def read_by(request: HelpRequest) -> date:
    """The last day on which triage reads the request: the day itself for an urgent one, else the contract's level."""
    sent_on = (request.sent_at or clock.now()).astimezone(clock.UK).date()
    calendar = calendar_of(request.provider_id, request.employer.nation)
    urgent = request.urgency == HelpRequest.Urgency.URGENT
    days = 0 if urgent else level_of(request.provider_id, request.employer_id, "triage").days
    return calendar.add(sent_on, days)


def _finished(actor: Actor, request: HelpRequest) -> dict[str, AnswerSet]:
    rows = answers_visible_to(actor).filter(request_id=request.pk, completed_at__isnull=False)
    return {row.instrument: row for row in rows.order_by("completed_at")}
