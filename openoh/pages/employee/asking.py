"""Ask for help: one thing a page, safety first, saved at every step."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openoh.foundation.core.errors import Conflict, Invalid
from openoh.pages.employee import forms, presenters
from openoh.pages.employee.safety import CoverNotDeclared, NobodyAnswers, is_open, risky, safety_of
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pathway.bookings.queries import may_choose, own_case
from openoh.pathway.clinics.queries import appointments_of
from openoh.pathway.questionnaires.actions import begin
from openoh.pathway.questionnaires.definitions import Item, definition
from openoh.pathway.questionnaires.rules import Answer
from openoh.pathway.requests import actions
from openoh.pathway.requests.access import visible_to
from openoh.pathway.requests.models import HelpRequest
from openoh.pathway.requests.queries import (
    direct_service,
    next_assessment,
    question_of,
    read_by,
    requests_of,
    words_of,
)
from openoh.pathway.services.queries import self_help, service_kind
from openoh.pathway.triage.rules import routes

CLOSED = "This form opens again later"
SENT = ("sent", "booked", "accepted", "closed", "withdrawn")


@dataclass(frozen=True)
class Step:
    """One page of the form and the questions on it."""

    slug: str
    title: str
    items: tuple[str, ...]


STEPS = (
    Step("safe", "Are you safe right now?", ("safe-now",)),
    Step("about", "What is it about?", ("needs",)),
    Step("work", "How does it affect your work?", ("effects",)),
    Step("wishes", "What would you like?", ("wishes",)),
    Step("reach", "How to reach you", ("reach-by", "reach-when", "voicemail")),
    Step("words", "In your own words", ("words",)),
)


@page("own.record")
@require_http_methods(["GET", "POST"])
def ask(request: Request) -> HttpResponseBase:
    """Begin, or go on with what was begun."""
    mine = requests_of(request.actor)
    begun = next((each for each in mine if each.state == "started"), None)
    if request.method == "POST":
        try:
            begun = begun or actions.start(by=request.actor)
        except (NobodyAnswers, CoverNotDeclared):
            return closed(request, status=409)
        return redirect("employee:step", request_id=begun.pk, slug=_first_open(begun).slug)
    if not is_open(request.actor, actions.FORM):
        return closed(request)
    return render(
        request, "employee/ask.jinja", title="Ask for help", back="/me", begun=begun,
        earlier=[presenters.request_line(each) for each in mine if each.state != "started"],
    )  # fmt: skip


def closed(request: Request, *, status: int = 200) -> HttpResponse:
    """Nobody would read an answer about danger now: help at once, and when the form opens."""
    return render(
        request, "employee/closed.jinja", status=status, title=CLOSED, back="/me",
        safety=safety_of(request.actor),
    )  # fmt: skip


@page("own.record")
@require_http_methods(["GET", "POST"])
def step(request: Request, request_id: UUID, slug: str) -> HttpResponseBase:
    """One step. A risk answer leads to help at once, on every way through the form."""
    found = visible_to(request.actor).get(pk=request_id)
    place = next((number for number, each in enumerate(STEPS) if each.slug == slug), None)
    if place is None:
        raise Http404
    if found.state in SENT:
        return redirect("employee:request", request_id=found.pk)
    this, changing = STEPS[place], "change" in request.GET
    items = _items(this)
    answers, errors = _known(found), {}
    if request.method == "POST":
        answers = forms.read(items, request.POST)
        errors = forms.left_out(items, answers) or _save(request, found, answers)
        if not errors:
            if risky(actions.FORM, answers):
                return redirect("employee:safety", request_id=found.pk)
            return redirect(_after(found, place, changing))
    elif this.slug == "safe" and not is_open(request.actor, actions.FORM):
        return closed(request)
    return render(
        request, "employee/question.jinja", status=422 if errors else 200, title=this.title, errors=errors,
        fields=[forms.field_of(item, answers.get(item.id), errors) for item in items],
        caption=f"Question {place + 1} of {len(STEPS)}", back=_before(found, place, changing),
        later="You can stop at any time. What you have answered is saved, and you can come back to it.",
    )  # fmt: skip


@page("own.record")
@require_GET
def safety(request: Request, request_id: UUID) -> HttpResponse:
    """Help at once after an answer that shows danger, and who in the service answers by when."""
    found = visible_to(request.actor).get(pk=request_id)
    place = next(number for number, each in enumerate(STEPS) if each.slug == _first_open(found).slug)
    onward = reverse("employee:request", args=[found.pk]) if found.state in SENT else _url(found, place)
    return render(
        request, "employee/safety.jinja", title="Get help now", safety=safety_of(request.actor), onward=onward
    )


@page("own.record")
@require_http_methods(["GET", "POST"])
def assess(request: Request, request_id: UUID) -> HttpResponseBase:
    """Short questionnaires where they help: begin the next one, or leave them out."""
    found = visible_to(request.actor).get(pk=request_id)
    wanted = next_assessment(request.actor, found) if found.state not in SENT else None
    if wanted is None:
        return redirect("employee:check", request_id=found.pk)
    asked = definition(wanted.instrument)
    if request.method == "POST":
        try:
            answers = begin(
                by=request.actor, instrument=wanted.instrument, request_id=found.pk, after=wanted.after
            )
        except (NobodyAnswers, CoverNotDeclared):
            return closed(request, status=409)
        return redirect("employee:questions", answer_set_id=answers.pk)
    return render(
        request, "employee/assess.jinja", title="A few questions that help us", found=found,
        back=_url(found, len(STEPS) - 1), number=len(asked.items), more=wanted.after is not None,
        before_booking=not asked.scored,
    )  # fmt: skip


@page("own.record")
@require_GET
def check(request: Request, request_id: UUID) -> HttpResponseBase:
    """All answers, each with a way to change it, before anything is sent."""
    found = visible_to(request.actor).get(pk=request_id)
    if found.state in SENT:
        return redirect("employee:request", request_id=found.pk)
    direct = direct_service(request.actor, found)
    return render(
        request, "employee/check.jinja", title="Check what you tell us", found=found,
        rows=presenters.answer_rows(found, _known(found), STEPS),
        back=_url(found, len(STEPS) - 1),
        direct=service_kind(direct) if direct else None,
        missing=_first_open(found).slug if _is_incomplete(found) else "",
    )  # fmt: skip


@page("own.record")
@require_POST
def send(request: Request, request_id: UUID) -> HttpResponseBase:
    """Send to triage. Sending twice shows what became of the first."""
    try:
        actions.send(by=request.actor, request_id=request_id)
    except Invalid as wrong:
        messages.warning(request, str(wrong))
        return redirect("employee:check", request_id=request_id)
    except Conflict:
        messages.info(request, "You have sent this already.")
    return redirect("employee:request", request_id=request_id)


@page("own.record")
@require_http_methods(["GET", "POST"])
def one(request: Request, request_id: UUID) -> HttpResponseBase:
    """Where a request stands: what happens next, by when, and what can be done meanwhile."""
    found = visible_to(request.actor).select_related("employer").get(pk=request_id)
    if found.state == "started":
        return redirect("employee:step", request_id=found.pk, slug=_first_open(found).slug)
    errors: dict[str, str] = {}
    said = request.POST.get("words", "").strip()
    if request.method == "POST":
        errors = {} if said else {"words": "Write your answer"}
        errors = errors or _answer(request, found, said)
        if not errors:
            return redirect("employee:request", request_id=found.pk)
    coming = appointments_of(request.actor, found.person_id, upcoming=True)
    booked = [presenters.appointment_line(each) for each in coming if each.request_id == found.pk]
    return render(
        request, "employee/request.jinja", status=422 if errors else 200, errors=errors, found=found,
        title=presenters.request_title(found), back="/me/record", read_by=read_by(found), booked=booked,
        question=question_of(found) if found.state == "asked" else "",
        **_plan(request, found),
        field=forms.write("words", "Your answer", value=said, errors=errors),
        safety=safety_of(request.actor),
        tips_entries=self_help(needs=found.needs),
    )  # fmt: skip


@page("own.record")
@require_http_methods(["GET", "POST"])
def withdraw(request: Request, request_id: UUID) -> HttpResponseBase:
    """Take a request back; the page before says what that means."""
    found = visible_to(request.actor).get(pk=request_id)
    if request.method == "POST":
        try:
            actions.withdraw(by=request.actor, request_id=found.pk)
        except Conflict as over:
            messages.warning(request, str(over))
        else:
            messages.success(request, "You have taken this back.")
        return redirect("employee:record")
    return render(
        request, "employee/withdraw.jinja", title="Take this request back", found=found,
        back=reverse("employee:request", args=[found.pk]),
    )  # fmt: skip


def _plan(request: Request, found: HelpRequest) -> dict[str, str]:
    """What triage decided in words, and where the person can choose a time for it."""
    if found.state != "accepted" or found.case_id is None:
        return {"planned": "", "choose_at": ""}
    case = own_case(request.actor, found.case_id)
    choose_at = reverse("employee:case-times", args=[case.pk]) if may_choose(case).allowed else ""
    return {"planned": routes().get(case.service, ""), "choose_at": choose_at}


def _items(this: Step) -> list[Item]:
    asked = definition(actions.FORM)
    return [asked.item(code) for code in this.items]


def _save(request: Request, found: HelpRequest, answers: dict[str, Answer]) -> dict[str, str]:
    try:
        actions.save(by=request.actor, request_id=found.pk, answers=answers)
    except Invalid as wrong:
        return {wrong.field or "words": str(wrong)}
    return {}


def _answer(request: Request, found: HelpRequest, said: str) -> dict[str, str]:
    """Answer what triage asked back: added to the person's own words, and sent again."""
    together = "\n\n".join(filter(None, [words_of(found), said]))
    try:
        actions.save(by=request.actor, request_id=found.pk, answers={"words": together})
        actions.send(by=request.actor, request_id=found.pk)
    except (Invalid, Conflict) as wrong:
        return {"words": str(wrong)}
    return {}


def _known(found: HelpRequest) -> dict[str, Answer]:
    return {
        "safe-now": found.safe_now or None, "needs": found.needs, "effects": found.effects,
        "wishes": found.wishes, "words": words_of(found) or None, **found.reach,
    }  # fmt: skip


def _is_incomplete(found: HelpRequest) -> bool:
    return not (found.safe_now and found.needs and found.effects and found.reach.get("reach-by"))


def _first_open(found: HelpRequest) -> Step:
    """The first step with a question that is still open; the last one when there is none."""
    known = _known(found)
    return next((each for each in STEPS if forms.left_out(_items(each), known)), STEPS[-1])


def _url(found: HelpRequest, place: int) -> str:
    return reverse("employee:step", args=[found.pk, STEPS[place].slug])


def _after(found: HelpRequest, place: int, changing: bool) -> str:
    if changing and STEPS[place].slug != "about":
        return reverse("employee:check", args=[found.pk])
    if place + 1 < len(STEPS) and not changing:
        return _url(found, place + 1)
    return reverse("employee:assess", args=[found.pk])


def _before(found: HelpRequest, place: int, changing: bool) -> str:
    if changing:
        return reverse("employee:check", args=[found.pk])
    return _url(found, place - 1) if place else reverse("employee:help")
