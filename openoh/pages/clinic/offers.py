"""Offers that wait for a person to release them, and what the rules decided and why."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from openoh.pages.clinic.forms import text
from openoh.pages.clinic.refusals import Refusal, refusals
from openoh.pages.gate import Request, page, show
from openoh.pages.render import render
from openoh.population.offers import actions, rules
from openoh.population.offers.access import visible_to
from openoh.population.offers.queries import decision_log, in_words, release_queue

PAGE = 20
STOP_REASONS = ("do-not-contact", "safeguarding", "suspended", "cancer", "deceased")
OUTCOMES = {
    "offer": "Offered",
    "hold": "Held for a person to release",
    "wait": "Waits",
    "stop": "Not offered",
}


@page("offer.release")
@require_GET
def held(request: Request) -> HttpResponse:
    """Help with mental health goes out only after a person has looked."""
    return _screen(request, Refusal())


@page("offer.release")
@require_POST
def release(request: Request, offer: UUID) -> HttpResponseBase:
    """Let an offer go; it is sent in the next contact hours."""
    with refusals() as refused:
        actions.release(by=request.actor, offer=visible_to(request.actor).get(pk=offer))
        messages.success(
            request, "Released. It goes out in the next contact hours, to the person and nobody else."
        )
    return _screen(request, refused) if refused else redirect("clinic:offers")


@page("offer.release")
@require_POST
def stop(request: Request, offer: UUID) -> HttpResponseBase:
    """Decide that an offer must not go out, and why."""
    with refusals() as refused:
        chosen = visible_to(request.actor).get(pk=offer)
        actions.stop(by=request.actor, offer=chosen, reason=text(request.POST, "reason"))
        messages.success(request, "Stopped. Nobody is written to.")
    return _screen(request, refused) if refused else redirect("clinic:offers")


@page("offer.release")
@require_GET
def decisions(request: Request) -> HttpResponse:
    """Every decision of the offer rules, with its reason and the version of the rules."""
    after = request.GET.get("before", "")
    found = decision_log(request.actor, limit=PAGE + 1, before=int(after) if after.isdecimal() else None)
    shown = found[:PAGE]
    show(request, [each.person_id for each in shown])
    return render(
        request, "clinic/offer_decisions.jinja", title="What the offer rules decided", rows=shown, outcomes=OUTCOMES,
        titles={rule.code: rule.title for rule in rules.rule_set().rules}, back="/clinic/offers",
        more=shown[-1].id if len(found) > PAGE else None,
    )  # fmt: skip


def _screen(request: Request, refused: Refusal) -> HttpResponse:
    waiting = list(release_queue(request.actor)[: PAGE + 1])
    show(request, [offer.person_id for offer in waiting[:PAGE]])
    reasons = rules.rule_set().reasons
    return render(
        request, "clinic/offers.jinja", status=refused.status, title="Offers to release", errors=refused.errors,
        rows=[in_words(offer) for offer in waiting[:PAGE]], more=len(waiting) > PAGE,
        reasons=[(code, reasons[code]) for code in STOP_REASONS],
    )  # fmt: skip
