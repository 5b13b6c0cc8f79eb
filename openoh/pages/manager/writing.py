"""Write a referral in three short parts, check it with the person, send it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from openoh.foundation.codes import catalogue
from openoh.foundation.core import clock
from openoh.pages.gate import Request, page, show
from openoh.pages.manager.presenters import URGENCY, summary
from openoh.pages.manager.referrals import progress_page
from openoh.pages.render import render
from openoh.pages.submission import Submission, parts_of
from openoh.pathway.referrals import actions, queries
from openoh.pathway.referrals.models import Referral
from openoh.pathway.referrals.rules import Answers, missing

TITLES = {
    "why": "Why are you referring?",
    "job": "The job, and what you have tried",
    "questions": "What do you want to know?",
}
PARTS = tuple(TITLES)
OWN_QUESTIONS = 3
CHOICES = {
    "reasons": "referral-reason", "demands": "role-demand", "questions": "referral-question",
    "tried": "already-tried", "formal_stages": "formal-stage",
}  # fmt: skip
ON_THE_CHECK_PAGE = ("shown_on", "person_agrees")


@page("referral.make")
@require_http_methods(["GET", "POST"])
def write(request: Request, referral: UUID, part: str) -> HttpResponseBase:
    """One part of the form; what is typed is kept, also when something is still missing."""
    if part not in PARTS:
        raise Http404
    found: Referral = queries.made_by(request.actor).get(pk=referral)
    if found.state not in actions.BEING_WRITTEN:
        return redirect("manager:progress", referral=referral)
    submission = Submission(request.POST)
    answers = queries.answers_of(found)
    if request.method == "POST":
        answers = READ[part](submission, answers)
        if submission.do(lambda: actions.save(by=request.actor, referral=referral, answers=answers)):
            return redirect(_next(request, referral, part))
    show(request, [found.person_id])
    return render(
        request, f"manager/write_{part}.jinja", title=TITLES[part], back=_before(referral, part), referral=found,
        place=PARTS.index(part) + 1, places=len(PARTS) + 1, errors=submission.errors, answers=answers,
        typed=request.POST if submission.errors else _typed(answers), urgencies=URGENCY,
        choices={name: catalogue.choices(codes) for name, codes in CHOICES.items()},
        own_questions=_own_questions(answers), status=submission.status if submission.errors else 200,
    )  # fmt: skip


@page("referral.make")
@require_http_methods(["GET", "POST"])
def check(request: Request, referral: UUID) -> HttpResponseBase:
    """The whole referral, what is missing, that the person saw it; then send."""
    found: Referral = queries.made_by(request.actor).get(pk=referral)
    if found.state not in actions.BEING_WRITTEN:
        sent_before = {"form": "This referral was sent already. You see here how far it has got."}
        if request.method == "POST":
            return progress_page(request, referral, errors=sent_before, status=409)
        return redirect("manager:progress", referral=referral)
    submission = Submission(request.POST)
    answers = queries.answers_of(found)
    if request.method == "POST":
        answers = replace(
            answers, shown_on=submission.day("shown_on"), person_agrees=submission.yes_or_no("person_agrees")
        )
        send = actions.resend if found.state == "returned" else actions.send
        submission.do(lambda: actions.save(by=request.actor, referral=referral, answers=answers))
        if submission.do(lambda: send(by=request.actor, referral=referral)):
            messages.success(request, f"Your referral of {found.engagement} is with occupational health.")
            return redirect("manager:progress", referral=referral)
    show(request, [found.person_id])
    return render(
        request, "manager/check.jinja", title="Check, show and send", back=f"/manager/referrals/{referral}/questions",
        referral=found, rows=summary(answers), errors=submission.errors,
        missing=[each for each in missing(answers, clock.today()) if each.field not in ON_THE_CHECK_PAGE],
        typed=request.POST if submission.errors else _typed(answers),
        status=submission.status if submission.errors else 200,
    )  # fmt: skip


def _why(submission: Submission, answers: Answers) -> Answers:
    return replace(
        answers, reasons=submission.texts("reasons"), absent_since=submission.day("absent_since"),
        urgency=submission.text("urgency") or "routine", urgency_reason=submission.text("urgency_reason"),
    )  # fmt: skip


def _job(submission: Submission, answers: Answers) -> Answers:
    return replace(
        answers, demands=submission.texts("demands"), tried=submission.texts("tried"),
        formal_stage=submission.text("formal_stage"), hearing_on=submission.day("hearing_on"),
        background=submission.text("background"),
    )  # fmt: skip


def _questions(submission: Submission, answers: Answers) -> Answers:
    own = [submission.text(f"own_questions-{number}") for number in range(1, OWN_QUESTIONS + 1)]
    return replace(answers, questions=submission.texts("questions"), own_questions=list(filter(None, own)))


READ: dict[str, Callable[[Submission, Answers], Answers]] = {
    "why": _why,
    "job": _job,
    "questions": _questions,
}


def _next(request: Request, referral: UUID, part: str) -> str:
    if request.POST.get("go") == "later":
        messages.success(request, "Saved. You find it under “Waiting for you”.")
        return "/manager"
    following = (*PARTS, "check")[PARTS.index(part) + 1]
    return f"/manager/referrals/{referral}/{following}"


def _before(referral: UUID, part: str) -> str:
    place = PARTS.index(part)
    return f"/manager/referrals/{referral}" + (f"/{PARTS[place - 1]}" if place else "")


def _typed(answers: Answers) -> dict[str, object]:
    known = {name: value for name, value in asdict(answers).items() if isinstance(value, str)}
    agrees = {True: "yes", False: "no", None: ""}[answers.person_agrees]
    dates = {
        **parts_of("absent_since", answers.absent_since), **parts_of("hearing_on", answers.hearing_on),
        **parts_of("shown_on", answers.shown_on),
    }  # fmt: skip
    return {**known, **dates, "person_agrees": agrees}


def _own_questions(answers: Answers) -> list[str]:
    return [*answers.own_questions, *[""] * OWN_QUESTIONS][:OWN_QUESTIONS]
