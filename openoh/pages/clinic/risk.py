"""One risk, from the answer that raised it to the plan that closes it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from openoh.pages.clinic.forms import text, typed
from openoh.pages.clinic.presenters import risk_line, source_words
from openoh.pages.clinic.refusals import Refusal, refusals
from openoh.pages.contents import not_confirmed
from openoh.pages.gate import Request, page, show
from openoh.pages.render import render
from openoh.pathway.cases.queries import cases_of
from openoh.pathway.risk import actions
from openoh.pathway.risk.access import visible_to
from openoh.pathway.risk.queries import note_of, plan_of
from openoh.pathway.risk.states import FLAG

REASONS = {
    "not-acknowledged": "Nobody acknowledged it in time: the next one was called",
    "overdue": "Nobody reached the person in time: the next one was called",
    "not-reached": "Tried as often as we try in a day: the next one was called",
    "did-not-attend": "Did not come to an appointment: contact is due sooner",
}


@page("risk.handle")
@require_GET
def flag(request: Request, flag: UUID) -> HttpResponse:
    """What was answered, who has it, what was tried, and what to do now."""
    return _screen(request, flag, Refusal())


@page("risk.handle")
@require_POST
def acknowledge(request: Request, flag: UUID) -> HttpResponseBase:
    """Become the owner; somebody else's is taken over on purpose only."""
    with refusals() as refused:
        actions.acknowledge(by=request.actor, flag_id=flag, take_over=request.POST.get("take_over") == "yes")
        messages.success(request, "You have this now. Contact the person next.")
    return _screen(request, flag, refused) if refused else redirect("clinic:risk", flag=flag)


@page("risk.handle")
@require_POST
def contact(request: Request, flag: UUID) -> HttpResponseBase:
    """Somebody spoke with the person, or tried in vain."""
    reached = request.POST.get("reached") == "yes"
    with refusals() as refused:
        actions.record_contact(
            by=request.actor, flag_id=flag, reached=reached, note=text(request.POST, "note")
        )
        messages.success(request, "Contact recorded." if reached else "The try is recorded. Try again.")
    return _screen(request, flag, refused) if refused else redirect("clinic:risk", flag=flag)


@page("risk.handle")
@require_POST
def close(request: Request, flag: UUID) -> HttpResponseBase:
    """Close with the plan; only after somebody spoke with the person."""
    with refusals() as refused:
        actions.close(by=request.actor, flag_id=flag, plan=text(request.POST, "plan"))
        messages.success(request, "Closed with a plan.")
    return _screen(request, flag, refused) if refused else redirect("clinic:risk", flag=flag)


def _screen(request: Request, flag: UUID, refused: Refusal) -> HttpResponse:
    actor = request.actor
    found = visible_to(actor).select_related("person", "employer").get(pk=flag)
    show(request, [found.person_id])
    kept: dict[str, Any] = {"note": "", "plan": ""}
    steps = [
        (step.at, step.actor, REASONS.get(step.reason) or FLAG.states[step.state].words)
        for step in found.steps.all()
    ]
    return render(
        request, "clinic/risk.jinja", status=refused.status, title=f"Risk: {found.person}", errors=refused.errors,
        back="/clinic", line=risk_line(found), steps=steps, note=note_of(found), source=source_words(found.source),
        plan=plan_of(found) if found.state == "closed" else "", mine=found.owner == actor.user,
        unconfirmed=not_confirmed(actor, ["pathway/risk/times"]),
        cases=cases_of(actor, found.person_id), typed=typed(request.POST if refused else None, kept),
    )  # fmt: skip
