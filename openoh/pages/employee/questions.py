"""A questionnaire, one question a page: progress, back, saved at every step; at the end the score in words."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from openoh.foundation.core.errors import Conflict, Invalid
from openoh.pages.employee import forms
from openoh.pages.employee.safety import is_open, risky, safety_of
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pathway.questionnaires.access import visible_to
from openoh.pathway.questionnaires.actions import complete, save_answers
from openoh.pathway.questionnaires.definitions import Definition, definition
from openoh.pathway.questionnaires.models import AnswerSet
from openoh.pathway.questionnaires.queries import (
    answers_of,
    meaning_of,
    next_item,
    next_questionnaire,
    title_for_people,
)
from openoh.pathway.questionnaires.rules import Answer
from openoh.pathway.services.queries import self_help

URGENT_ENDINGS = ("emergency", "clinician")
MSK = "musculoskeletal"


@page("own.record")
@require_GET
def resume(request: Request, answer_set_id: UUID) -> HttpResponseBase:
    """The first question that is still open, or the result."""
    found = visible_to(request.actor).get(pk=answer_set_id)
    if found.completed_at:
        return redirect("employee:result", answer_set_id=found.pk)
    item = next_item(found) or _asked(found).items[-1]
    return redirect("employee:question", answer_set_id=found.pk, item=item.id)


@page("own.record")
@require_http_methods(["GET", "POST"])
def question(request: Request, answer_set_id: UUID, item: str) -> HttpResponseBase:
    """One question. A risky answer leads to help at once; the last question finishes the questionnaire."""
    found = visible_to(request.actor).get(pk=answer_set_id)
    if found.completed_at:
        return redirect("employee:result", answer_set_id=found.pk)
    asked = _asked(found)
    codes = [each.id for each in asked.items]
    if item not in codes:
        raise Http404
    place, this = codes.index(item), asked.item(item)
    answers, errors = answers_of(found), {}
    if request.method == "POST":
        answers = forms.read([this], request.POST)
        errors = forms.left_out([this], answers)
        if not errors:
            try:
                save_answers(by=request.actor, answer_set_id=found.pk, answers=answers)
            except Invalid as wrong:
                errors = {forms.name_of(this): str(wrong)}
            except Conflict:
                return redirect("employee:result", answer_set_id=found.pk)
            else:
                return _onward(request, found, asked, place, answers)
    return render(
        request, "employee/question.jinja", status=422 if errors else 200, errors=errors,
        title=this.text, fields=[forms.field_of(this, answers.get(item), errors)],
        caption=f"{title_for_people(found)}: question {place + 1} of {len(codes)}",
        stem=asked.intro if asked.scored else "",
        later="You can leave this question out." if this.optional else "",
        back=reverse("employee:question", args=[found.pk, codes[place - 1]]) if place else _home(found),
    )  # fmt: skip


@page("own.record")
@require_GET
def safety(request: Request, answer_set_id: UUID) -> HttpResponse:
    """Help at once after an answer that shows danger."""
    found = visible_to(request.actor).get(pk=answer_set_id)
    return render(
        request, "employee/safety.jinja", title="Get help now", safety=safety_of(request.actor),
        onward=reverse("employee:questions", args=[found.pk]),
    )  # fmt: skip


@page("own.record")
@require_GET
def result(request: Request, answer_set_id: UUID) -> HttpResponseBase:
    """The score in words, what it does not mean, and what comes next."""
    found = visible_to(request.actor).get(pk=answer_set_id)
    if not found.completed_at:
        return redirect("employee:questions", answer_set_id=found.pk)
    asked = _asked(found)
    follow = next_questionnaire(found)
    at_risk = risky(found.instrument, answers_of(found), finished=True)
    return render(
        request, "employee/result.jinja", title="What your answers say", found=found, asked=title_for_people(found),
        meaning=meaning_of(found), follow=follow and is_open(request.actor, follow.then),
        safety=safety_of(request.actor) if at_risk else None,
        urgent=found.band in URGENT_ENDINGS and not asked.scored,
        emergency=found.band == "emergency",
        tips_entries=() if asked.scored or found.band in URGENT_ENDINGS else self_help(topic=MSK),
        onward=_home(found),
    )  # fmt: skip


def _onward(
    request: Request, found: AnswerSet, asked: Definition, place: int, answers: dict[str, Answer]
) -> HttpResponseBase:
    last = place + 1 == len(asked.items)
    if last:
        try:
            complete(by=request.actor, answer_set_id=found.pk)
        except Invalid:  # a question before was left out: the first of them is asked again
            return redirect("employee:questions", answer_set_id=found.pk)
        answers = answers_of(visible_to(request.actor).get(pk=found.pk))
    if risky(found.instrument, answers, finished=last):
        return redirect("employee:answer-safety", answer_set_id=found.pk)
    if last:
        return redirect("employee:result", answer_set_id=found.pk)
    return redirect("employee:question", answer_set_id=found.pk, item=asked.items[place + 1].id)


def _asked(found: AnswerSet) -> Definition:
    return definition(found.instrument, found.version)


def _home(found: AnswerSet) -> str:
    return (
        reverse("employee:assess", args=[found.request_id])
        if found.request_id
        else reverse("employee:record")
    )
