"""The three decisions of triage. Each is by a named clinician, with the suggestion that was on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from openoh.foundation.access.permissions import require
from openoh.foundation.audit.actions import action
from openoh.foundation.core import facts, keys, lifecycle
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.lifecycle import Lifecycle
from openoh.pathway.clinics.access import registered_clinician
from openoh.pathway.clocks.rules import URGENCIES
from openoh.pathway.referrals import actions as referrals
from openoh.pathway.referrals.models import Referral
from openoh.pathway.referrals.states import REFERRAL
from openoh.pathway.requests.models import HelpRequest, RequestStep
from openoh.pathway.requests.queries import QUESTION
from openoh.pathway.requests.states import REQUEST
from openoh.pathway.services.queries import was_stopped
from openoh.pathway.triage import ports
from openoh.pathway.triage.access import referrals_to_triage, requests_to_triage
from openoh.pathway.triage.models import REASON, TriageDecision
from openoh.pathway.triage.queries import WAITING, known_of
from openoh.pathway.triage.rules import routes, suggest

LONGEST_QUESTION = 500  # characters, what a referral keeps for its manager


@dataclass(frozen=True)
class Subject:
    """The request or the referral that is decided on, exactly one of the two, and the account that decides."""

    decider: UUID
    request: HelpRequest | None = None
    referral: Referral | None = None

    @property
    def thing(self) -> HelpRequest | Referral:
        found = self.request or self.referral
        if found is None:
            raise Invalid("Name the request or the referral that you decide on.")
        return found


@action("triage.accepted")
def accept(
    *, by: Actor, route: str, urgency: str = "routine", request_id: UUID | None = None,
    referral_id: UUID | None = None, owner: UUID | None = None, reason: str = "",
) -> TriageDecision:  # fmt: skip
    """Accept to a route: the decision and the case that it opens are kept together or not at all.

    `owner` is the account of the clinician who will have the case; without one it waits for somebody to take it.
    Raises Conflict when another clinician decided first.
    """
    subject = _subject(by, request_id, referral_id)
    if route not in routes():
        raise Invalid("Choose a route from the list.", field="route")
    if was_stopped(by, route):
        raise Invalid("Your service does not offer this any more. Choose another route.", field="route")
    if urgency not in URGENCIES:
        raise Invalid("Say how urgent it is: urgent, soon or routine.", field="urgency")
    if subject.request:
        _move(subject.request, "accepted", by)
    else:
        referrals.accept(by=by, referral=subject.thing.pk)
    decision = _decide(subject, "accept", by, reason, route=route, urgency=urgency)
    ports.open_case(decision, owner, by)
    return decision


@action("triage.asked")
def ask(
    *, by: Actor, question: str, request_id: UUID | None = None, referral_id: UUID | None = None,
    return_reasons: Sequence[str] = ("other",),
) -> TriageDecision:  # fmt: skip
    """Ask the person, or the manager who referred, for what is missing. It is then their turn.

    What is asked of a manager is read outside the clinical wall: it must not say anything about the person's health.
    `return_reasons` are codes for the manager's page.
    """
    subject = _subject(by, request_id, referral_id)
    words = question.strip()
    if not words or len(words) > LONGEST_QUESTION:
        raise Invalid(
            f"Write what you need to know, in at most {LONGEST_QUESTION} characters.", field="question"
        )
    request = subject.request
    if request:
        sealed = keys.seal(words, owner=request.person_id, provider=request.provider_id, field=QUESTION)
        _move(request, "asked", by, question_sealed=sealed)
    else:
        referrals.return_for_information(
            by=by, referral=subject.thing.pk, reasons=return_reasons, words=words
        )
    return _decide(subject, "ask", by, words)


@action("triage.rejected")
def reject(
    *, by: Actor, reason: str, request_id: UUID | None = None, referral_id: UUID | None = None
) -> TriageDecision:
    """Not for occupational health: say why. Nobody with an open risk is turned away."""
    subject = _subject(by, request_id, referral_id)
    if not reason.strip():
        raise Invalid("Say why this is not for occupational health.", field="reason")
    if known_of(subject.request, subject.referral).risk:
        raise NotAllowed("There is an open risk for this person. A clinician closes it with a plan first.")
    if subject.request:
        _move(subject.request, "closed", by)
    else:
        referrals.reject(by=by, referral=subject.thing.pk)
    return _decide(subject, "reject", by, reason)


def _subject(by: Actor, request_id: UUID | None, referral_id: UUID | None) -> Subject:
    require(by, "triage.decide")
    decider = registered_clinician(by).user_id
    if (request_id is None) == (referral_id is None):
        raise Invalid("Name one request or one referral.")
    if request_id:
        request = requests_to_triage(by).select_for_update(of=("self",)).get(pk=request_id)
        _must_wait(request.state, REQUEST)
        return Subject(decider, request=request)
    referral = referrals_to_triage(by).select_for_update(of=("self",)).get(pk=str(referral_id))
    _must_wait(referral.state, REFERRAL)
    return Subject(decider, referral=referral)


def _move(request: HelpRequest, to: str, by: Actor, **changes: object) -> None:
    lifecycle.move(request, to, lifecycle=REQUEST, step=RequestStep, by=by, changes=changes)


def _must_wait(state: str, states: Lifecycle) -> None:
    """Of two who decide at once, the second finds that it waits no more."""
    if state not in WAITING:
        raise Conflict(
            f"This is already “{states.states[state].words.lower()}”. Somebody decided before you."
        )


def _decide(
    subject: Subject, outcome: str, by: Actor, reason: str, *, route: str = "", urgency: str = "routine"
) -> TriageDecision:
    thing = subject.thing
    suggestion = suggest(known_of(subject.request, subject.referral))
    decision = TriageDecision(
        person_id=thing.person_id, employer_id=thing.employer_id, provider_id=thing.provider_id,
        request=subject.request, referral=subject.referral, outcome=outcome, route=route, urgency=urgency,
        suggested=suggestion.outcome, suggestion_reason=suggestion.reason, rule_version=suggestion.rule_version,
        reason_sealed=_sealed(thing, reason), decided_by=subject.decider, decided_by_name=by.name,
    )  # fmt: skip
    decision.save(force_insert=True)
    facts.append(
        "triage.decided", decision.pk, employer=thing.employer_id, provider=thing.provider_id,
        person=thing.person_id,
        data={
            "outcome": outcome, "route": route, "urgency": urgency,
            "request": str(decision.request_id or ""), "referral": str(decision.referral_id or ""),
        },
    )  # fmt: skip
    return decision


def _sealed(thing: HelpRequest | Referral, reason: str) -> bytes | None:
    if not reason.strip():
        return None
    return keys.seal(reason, owner=thing.person_id, provider=thing.provider_id, field=REASON)
