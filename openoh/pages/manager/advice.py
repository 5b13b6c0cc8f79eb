"""Advice: can they work, with what, until when; and the manager's answer to each adjustment."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from openoh.foundation.codes import catalogue
from openoh.foundation.core.clock import today
from openoh.pages.gate import Request, page, show
from openoh.pages.manager import presenters
from openoh.pages.render import render
from openoh.pages.submission import Submission, identifier, parts_of
from openoh.pathway.adjustments import actions, queries
from openoh.pathway.adjustments.access import visible_to
from openoh.pathway.adjustments.models import Adjustment
from openoh.pathway.adjustments.rules import Answer
from openoh.pathway.referrals.rules import NO_ADVICE
from openoh.pathway.reports.opening import advice_given, open_released

A_PAGE = 20


@dataclass(frozen=True)
class Question:
    """What the manager is asked about an adjustment, and the answers to choose from."""

    words: str
    choices: tuple[tuple[str, str], ...]


ANSWER = Question("Can you do this?", presenters.ANSWERS)
AGAIN = Question(
    "Is it still needed?", (("keep", "Yes, it is still needed"), ("end", "No, it is no longer needed"))
)


@page("advice.read")
@require_GET
def listing(request: Request) -> HttpResponse:
    """The advice that this manager received, newest first."""
    found = advice_given(request.actor)
    if before := identifier(request.GET.get("before", "")):
        found = found.filter(pk__lt=before)  # identifiers sort by the time they were made
    rows = list(found.order_by("-id")[: A_PAGE + 1])
    shown = rows[:A_PAGE]
    show(request, [copy.person_id for copy in shown])
    return render(
        request, "manager/advice.jinja", title="Advice", copies=shown, no_advice=NO_ADVICE,
        next=shown[-1].id if len(rows) > A_PAGE else None,
    )  # fmt: skip


@page("advice.read")
@require_GET
def read(request: Request, released: UUID) -> HttpResponse:
    """One report. Opening it is recorded by the action; when consent was taken back, only that is said."""
    opened = open_released(by=request.actor, released=released)
    copy = opened.copy
    if copy is None:
        show(request, [opened.person_id])
        return render(
            request, "manager/no_advice.jinja", title="No advice", back="/manager/advice", words=opened.words
        )
    found = queries.of_report(request.actor, released)
    return render(
        request, "manager/report.jinja", title=f"Advice about {copy.engagement}", back="/manager/advice", copy=copy,
        newer=opened.newer, outcome=catalogue.code("fitness-outcome", copy.outcome),
        restrictions=presenters.restriction_lines(copy), weeks=presenters.weeks(copy),
        adjustments=[presenters.adjustment_card(each) for each in found],
    )  # fmt: skip


@page("advice.read")
@require_http_methods(["GET", "POST"])
def answer(request: Request, adjustment: UUID) -> HttpResponseBase:
    """Answer a recommendation; what is in force and due is looked at again. First the choice, then what it needs."""
    found: Adjustment = visible_to(request.actor).select_related("engagement").get(pk=adjustment)
    again = found.state in queries.IN_FORCE and request.GET.get("change") != "yes"
    question = AGAIN if again else ANSWER
    submission = Submission(request.POST)
    chosen = request.POST.get("choice") or request.GET.get("choice") or ""
    if request.method == "POST" or "choice" in request.GET:
        _check_choice(submission, chosen, question)
    if request.method == "POST" and SENDING[again](request, found, submission, chosen):
        messages.success(request, "Thank you. Your answer is kept, and occupational health can see it.")
        return redirect("manager:report", released=found.released_report_id)
    show(request, [found.person_id])
    card = presenters.adjustment_card(found)
    return render(
        request, "manager/answer.jinja", title=card.words, back=f"/manager/advice/{found.released_report_id}",
        found=found, card=card, errors=submission.errors, question=question, again=again,
        chosen=chosen if "choice" not in submission.errors else "",
        chosen_words=dict(question.choices).get(chosen, ""), reasons=catalogue.choices("answer-reason"),
        ends=catalogue.choices("end-reason"), typed=request.POST or _typed(found, chosen),
        status=submission.status if submission.errors else 200,
    )  # fmt: skip


def _check_choice(submission: Submission, chosen: str, question: Question) -> None:
    if chosen not in dict(question.choices):
        submission.errors["choice"] = "Choose an answer."


def _answer(request: Request, found: Adjustment, submission: Submission, state: str) -> Adjustment | None:
    said = Answer(
        state=state, on=submission.day("on"), reason=submission.text("reason"), words=submission.text("words")
    )
    return submission.do(lambda: actions.answer(by=request.actor, adjustment=found.id, answer=said))


def _look_again(
    request: Request, found: Adjustment, submission: Submission, chosen: str
) -> Adjustment | None:
    by = request.actor
    if chosen == "keep":
        later = submission.needed_day("next_review_on", "Say when you will look at it again.")
        return submission.do(lambda: actions.review(by=by, adjustment=found.id, next_review_on=later))
    reason = submission.text("reason")
    if not reason:
        submission.errors.setdefault("reason", "Choose the reason.")
    return submission.do(lambda: actions.end(by=by, adjustment=found.id, reason=reason))


SENDING = {True: _look_again, False: _answer}


def _typed(found: Adjustment, chosen: str) -> dict[str, str]:
    """What was answered before; today for what is done."""
    before = found.state if found.state in dict(ANSWER.choices) else ""
    on = {"done": found.done_on or today(), "planned": found.due_on if before == "planned" else None}.get(
        chosen
    )
    said = {"reason": found.answer_reason, "words": found.answer_words} if chosen == before else {}
    return {"choice": before, **said, **parts_of("on", on)}
