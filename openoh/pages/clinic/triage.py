"""The triage queue, and one screen for each request or referral in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from openoh.foundation.codes import catalogue
from openoh.foundation.core.lifecycle import State
from openoh.pages.clinic import presenters
from openoh.pages.clinic.forms import optional_reference, text, typed
from openoh.pages.clinic.refusals import Refusal, refusals
from openoh.pages.gate import Request, page, show
from openoh.pages.render import render
from openoh.pathway.cases.queries import case_about, cases_of
from openoh.pathway.clinics.queries import clinicians
from openoh.pathway.clocks.queries import clocks_of, turn_of
from openoh.pathway.clocks.rules import URGENCIES
from openoh.pathway.questionnaires.queries import scores_of
from openoh.pathway.referrals.models import Referral
from openoh.pathway.referrals.states import REFERRAL
from openoh.pathway.requests.models import HelpRequest
from openoh.pathway.requests.queries import question_of, words_of
from openoh.pathway.requests.states import REQUEST
from openoh.pathway.risk.queries import open_flags
from openoh.pathway.triage import actions
from openoh.pathway.triage.access import referrals_to_triage, requests_to_triage
from openoh.pathway.triage.queries import CLOCK, Place, decisions_about, known_of, queue
from openoh.pathway.triage.rules import Known, routes, suggest

PAGE = 20
OPEN_STATES = {"request": ("sent", "asked"), "referral": ("sent", "returned")}
# The lifecycle's own words are what the manager reads.
WAITING_REFERRAL = {
    "sent": State("Waiting for triage", "blue"),
    "returned": State("Waiting for the manager", "orange"),
}
TURNS = {"ours": "Us", "theirs": "Waiting for an answer"}


@dataclass(frozen=True)
class Said:
    """What a request or a referral says, as questions and answers, and what was asked back."""

    known: Known
    state: State
    facts: Sequence[tuple[str, str]]
    words: str
    asked_back: str


@page("triage.decide")
@require_GET
def waiting(request: Request) -> HttpResponse:
    """Everything that waits: ours before theirs, urgent first, the longest waiting first."""
    found = queue(request.actor, after=_place(request.GET), limit=PAGE + 1)
    shown = found[:PAGE]
    show(request, [each.person_id for each in shown])
    return render(
        request, "clinic/triage.jinja", title="Triage", rows=shown, turns=TURNS,
        more=shown[-1].place if len(found) > PAGE else None, urgencies=presenters.URGENCY_TAGS,
        continued="rank" in request.GET,
    )  # fmt: skip


@page("triage.decide")
@require_GET
def one(request: Request, kind: str, thing: UUID) -> HttpResponse:
    """Reason, history, answers with scores, and what the rules suggest and why."""
    return _screen(request, kind, thing, Refusal())


@page("triage.decide")
@require_POST
def accept(request: Request, kind: str, thing: UUID) -> HttpResponseBase:
    """Accept to a route: the case opens in the same moment."""
    with refusals() as refused:
        actions.accept(
            by=request.actor, route=text(request.POST, "route"), urgency=text(request.POST, "urgency"),
            owner=optional_reference(request.POST, "owner"), reason=text(request.POST, "reason"), **_named(kind, thing),
        )  # fmt: skip
        case = case_about(request.actor, **_named(kind, thing))
        messages.success(request, f"Accepted. The case of {case.person} is open.")
        return redirect("clinic:case", case=case.pk)
    return _screen(request, kind, thing, refused)


@page("triage.decide")
@require_POST
def ask(request: Request, kind: str, thing: UUID) -> HttpResponseBase:
    """Ask the person, or the manager who referred; it is then their turn."""
    with refusals() as refused:
        actions.ask(by=request.actor, question=text(request.POST, "question"), **_named(kind, thing))
        messages.success(request, "Asked. It comes back here when they answer.")
    return _screen(request, kind, thing, refused) if refused else redirect("clinic:triage")


@page("triage.decide")
@require_POST
def reject(request: Request, kind: str, thing: UUID) -> HttpResponseBase:
    """Not for occupational health; refused while a risk is open."""
    with refusals() as refused:
        actions.reject(by=request.actor, reason=text(request.POST, "rejection"), **_named(kind, thing))
        messages.success(request, "Closed as not for occupational health.")
    if "reason" in refused.errors:
        refused.errors["rejection"] = refused.errors.pop("reason")
    return _screen(request, kind, thing, refused) if refused else redirect("clinic:triage")


def _named(kind: str, thing: UUID) -> dict[str, Any]:
    if kind not in OPEN_STATES:
        raise Http404
    return {f"{kind}_id": thing}


def _place(query: Mapping[str, str]) -> Place | None:
    try:
        return Place(int(query["rank"]), datetime.fromisoformat(query["since"]), UUID(query["id"]))
    except (KeyError, ValueError):
        return None


def _screen(request: Request, kind: str, thing: UUID, refused: Refusal) -> HttpResponse:
    actor = request.actor
    about = _thing(request, kind, thing)
    show(request, [about.person_id])
    said = _of_request(about) if isinstance(about, HelpRequest) else _of_referral(about)
    suggestion = suggest(said.known)
    kept: dict[str, Any] = {
        "route": suggestion.outcome, "urgency": about.urgency, "owner": str(actor.user), "reason": "", "question": "",
        "rejection": "",
    }  # fmt: skip
    # A thing may have more than one wait; the queue and the person are told the one of triage.
    clock = clocks_of(actor, [about.pk]).filter(kind=CLOCK).order_by("-started_at").first()
    return render(
        request, "clinic/triage_one.jinja", status=refused.status, errors=refused.errors, back="/clinic/triage",
        title=str(about.person), kind=kind, about=about, open=about.state in OPEN_STATES[kind],
        said=said, urgency=presenters.URGENCY_TAGS[about.urgency], suggestion=suggestion,
        suggested=presenters.service_words(suggestion.outcome), clock=clock, turn=turn_of(clock) if clock else None,
        scores=[presenters.score_line(each, with_answers=True) for each in scores_of(actor, about.person_id, limit=10)],
        cases=cases_of(actor, about.person_id), risks=open_flags(actor, [about.person_id]),
        decisions=decisions_about(actor, **_named(kind, thing)), routes=list(routes().items()),
        urgencies=[(code, presenters.URGENCY_TAGS[code].words) for code in URGENCIES],
        owners=presenters.clinician_choices(clinicians(actor), me=actor.user), service_words=presenters.service_words,
        typed=typed(request.POST if refused else None, kept),
    )  # fmt: skip


def _thing(request: Request, kind: str, thing: UUID) -> HelpRequest | Referral:
    actor = request.actor
    if kind == "request":
        return requests_to_triage(actor).select_related("person", "employer").get(pk=thing)
    if kind == "referral":
        related = ("person", "employer", "recipient", "engagement")
        return referrals_to_triage(actor).select_related(*related).get(pk=thing)
    raise Http404


def _of_request(asked: HelpRequest) -> Said:
    lines = [
        ("What it is about", presenters.need_words(asked.needs)),
        ("How it affects work", _words("effect", asked.effects)),
        ("What they would like", _words("wish", asked.wishes)),
        ("Service they chose", presenters.service_words(asked.service) if asked.service else ""),
        *presenters.reach_words(asked.reach),
    ]
    return Said(
        known_of(request=asked), REQUEST.states[asked.state], lines, words_of(asked), question_of(asked)
    )


def _of_referral(referral: Referral) -> Said:
    agrees = {True: "Agrees", False: "Does not agree", None: ""}[referral.person_agrees]
    questions = [catalogue.words("referral-question", code) for code in referral.questions]
    lines = [
        ("Reason", _words("referral-reason", referral.reasons)),
        ("Referred by", f"{referral.recipient}, {referral.recipient.title}"),
        ("Job", f"{referral.engagement.title}, {referral.engagement.staff_group}"),
        ("What the job asks for", _words("role-demand", referral.demands)),
        ("Questions", " ".join([*questions, *referral.own_questions])),
        ("Tried already", _words("already-tried", referral.tried)),
        ("Why it is urgent", referral.urgency_reason),
        ("The person", agrees),
    ]
    state = WAITING_REFERRAL.get(referral.state) or REFERRAL.states[referral.state]
    return Said(
        known_of(referral=referral), state, lines, referral.background, referral.returned_with
    )  # fmt: skip


def _words(of: str, codes: list[str]) -> str:
    return ", ".join(catalogue.words(of, code) for code in codes)
