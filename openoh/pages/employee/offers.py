"""An offer of help after an absence; and the choice not to get any."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openoh.foundation.access.checks import provider_of
from openoh.foundation.consent.actions import object_to, withdraw_objection
from openoh.foundation.consent.queries import objections_in_force
from openoh.foundation.core.errors import Conflict, Invalid
from openoh.pages.employee import asking, forms, presenters
from openoh.pages.employee.safety import CoverNotDeclared, NobodyAnswers
from openoh.pages.employee.waiting import waiting_for
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pathway.requests.actions import start
from openoh.pathway.services.queries import self_help, service_kind
from openoh.population.offers import actions
from openoh.population.offers.access import visible_to
from openoh.population.offers.queries import decision_log, in_words
from openoh.population.offers.rules import rule_set

ANSWERABLE = ("ready", "sent", "declined", "lapsed")
REPLIES = (
    ("accept", "Yes, I would like this"),
    ("not-now", "Not now"),
    ("never", "No, and do not offer me this again"),
)


@page("own.record")
@require_GET
def invitations(request: Request) -> HttpResponse:
    """Everything that waits for the person's answer."""
    return render(
        request, "employee/invitations.jinja", title="Your invitations", back="/me",
        waiting=waiting_for(request.actor),
    )  # fmt: skip


@page("own.record")
@require_http_methods(["GET", "POST"])
def offer(request: Request, offer_id: UUID) -> HttpResponseBase:
    """Why it is made, that the manager is not told, what it is, and the answer."""
    found = visible_to(request.actor).get(pk=offer_id)
    errors: dict[str, str] = {}
    if request.method == "POST":
        reply = request.POST.get("reply", "")
        if reply == "accept":
            return _accept(request, offer_id)
        try:
            actions.answer(by=request.actor, offer=found, reply=reply)
        except Invalid:
            errors = {"reply": "Say yes, not now, or no"}
        except Conflict as over:
            errors = {"reply": str(over)}
        else:
            messages.success(request, "Thank you. We have noted your answer, and nobody at work is told.")
            return redirect("employee:offer", offer_id=offer_id)
    words = in_words(found)
    decisions = decision_log(request.actor, spell_id=found.spell_id)
    return render(
        request, "employee/offer.jinja", status=422 if errors else 200, errors=errors, title=words.title,
        back="/me/offers", words=words, answerable=found.state in ANSWERABLE,
        state=presenters.offer_state(found), accepted=found.state == "accepted",
        services=[service_kind(code) for code in words.services],
        decision=next((each for each in decisions if each.rule == found.rule), None),
        tips_entries=self_help(topic=found.topic), field=forms.choose("reply", "Your answer", REPLIES, errors=errors),
    )  # fmt: skip


@page("own.record")
@require_POST
def go_on(request: Request, offer_id: UUID) -> HttpResponseBase:
    """From an accepted offer to the request that it led to."""
    found = visible_to(request.actor).get(pk=offer_id, state="accepted")
    return _begin(request, offer_id, in_words(found).services)


@page("own.record")
@require_http_methods(["GET", "POST"])
def choices(request: Request) -> HttpResponseBase:
    """Do not use my absence record for offers, and the way back."""
    standing = objections_in_force(request.actor, presenters.own(request.actor))
    if request.method == "POST":
        return _change(request)
    return render(
        request, "employee/choices.jinja", title="Offers from your absence record", back="/me/record",
        objections=[presenters.objection_line(each) for each in standing],
        all_off=any(not each.topic for each in standing),
    )  # fmt: skip


def _accept(request: Request, offer_id: UUID) -> HttpResponseBase:
    """Accepting begins a request at once; where nobody would read it now, the answer is kept and help is shown."""
    found = visible_to(request.actor).get(pk=offer_id)
    if found.state != "accepted":
        try:
            actions.answer(by=request.actor, offer=found, reply="accept")
        except Conflict as over:
            messages.warning(request, str(over))
            return redirect("employee:offer", offer_id=offer_id)
    return _begin(request, offer_id, in_words(found).services)


def _begin(request: Request, offer_id: UUID, services: tuple[str, ...]) -> HttpResponseBase:
    service = next((code for code in services if service_kind(code).appointments), "")
    try:
        begun = start(by=request.actor, offer_id=offer_id, service=service)
    except (NobodyAnswers, CoverNotDeclared):
        return asking.closed(request, status=409)
    return redirect("employee:request", request_id=begun.pk)


def _change(request: Request) -> HttpResponseBase:
    actor, undo = request.actor, request.POST.get("undo", "")
    person = presenters.own(actor)
    if undo:
        taken_back = next((each for each in objections_in_force(actor, person) if str(each.pk) == undo), None)
        if taken_back is not None:
            withdraw_objection(by=actor, objection=taken_back)
        messages.success(request, "You may get offers again.")
    else:
        object_to(
            by=actor, person_id=person, employer_id=actor.employers[0], provider_id=provider_of(actor),
            purpose_code=rule_set().purpose,
        )  # fmt: skip
        messages.success(request, "We no longer use your absence record for offers.")
    return redirect("employee:choices")
