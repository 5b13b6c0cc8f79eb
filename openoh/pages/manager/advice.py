"""Advice: can they work, with what, until when; and the manager's answer to each adjustment."""

from __future__ import annotations

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
from openoh.pages.submission import Submission, parts_of
from openoh.pathway.adjustments import actions, queries
from openoh.pathway.adjustments.access import visible_to
from openoh.pathway.adjustments.models import Adjustment
from openoh.pathway.adjustments.rules import Answer
from openoh.pathway.referrals.rules import NO_ADVICE
from openoh.pathway.reports.opening import advice_given, open_released

A_PAGE = 20
AGAIN = (("keep", "Yes, it is still needed"), ("end", "No, it is no longer needed"))


@page("advice.read")
@require_GET
def listing(request: Request) -> HttpResponse:
    """The advice that this manager received, newest first."""
    found = advice_given(request.actor)
    if before := _identifier(request.GET.get("before", "")):
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
    """Answer a recommendation; what is in force and due is looked at again."""
    found: Adjustment = visible_to(request.actor).select_related("engagement").get(pk=adjustment)
    looking_again = found.state in queries.IN_FORCE and request.GET.get("change") != "yes"
    submission = Submission(request.POST)
    if request.method == "POST":
        done = (
            _look_again(request, found, submission) if looking_again else _answer(request, found, submission)
        )
        if done:
            messages.success(request, "Thank you. Your answer is kept, and occupational health can see it.")
            return redirect("manager:report", released=found.released_report_id)
    show(request, [found.person_id])
    card = presenters.adjustment_card(found)
    return render(
        request, f"manager/{'look_again' if looking_again else 'answer'}.jinja", title=card.words,
        back=f"/manager/advice/{found.released_report_id}", found=found, card=card, errors=submission.errors,
        answers=presenters.ANSWERS, again=AGAIN, reasons=catalogue.choices("answer-reason"),
        ends=catalogue.choices("end-reason"), typed=request.POST or _typed(found),
        status=submission.status if submission.errors else 200,
    )  # fmt: skip


def _answer(request: Request, found: Adjustment, submission: Submission) -> Adjustment | None:
    """Each choice has its own fields, so that the page works when all of them are open."""
    state = submission.text("state")
    said = Answer(
        state=state,
        on=submission.day(f"{state}_on") if state in ("planned", "done") else None,
        reason=submission.text(f"{state}_reason"),
        words=submission.text(f"{state}_words"),
    )
    names = {"on": f"{state}_on", "reason": f"{state}_reason", "words": f"{state}_words"}
    return submission.do(
        lambda: actions.answer(by=request.actor, adjustment=found.id, answer=said), names=names
    )


def _look_again(request: Request, found: Adjustment, submission: Submission) -> Adjustment | None:
    match submission.text("again"):
        case "keep":
            again = submission.needed_day("next_review_on", "Say when you will look at it again.")
            return submission.do(
                lambda: actions.review(by=request.actor, adjustment=found.id, next_review_on=again)
            )
        case "end":
            reason = submission.text("end_reason")
            if not reason:
                submission.errors["end_reason"] = "Choose the reason."
            return submission.do(
                lambda: actions.end(by=request.actor, adjustment=found.id, reason=reason),
                names={"reason": "end_reason"},
            )
        case _:
            submission.errors["again"] = "Say whether it is still needed."
            return None


def _typed(found: Adjustment) -> dict[str, str]:
    """What was answered before, and today for what is done."""
    state = "" if found.state in ("recommended", "ended", "withdrawn") else found.state
    words = {f"{state}_reason": found.answer_reason, f"{state}_words": found.answer_words}
    planned = found.due_on if state == "planned" else None
    return {
        "state": state, **words, **parts_of("done_on", found.done_on or today()), **parts_of("planned_on", planned)
    }  # fmt: skip


def _identifier(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
