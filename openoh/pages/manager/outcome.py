"""How did it go: one minute, about advice that was released to this manager and stands."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from openoh.foundation.codes import catalogue
from openoh.pages.gate import Request, page, show
from openoh.pages.render import render
from openoh.pages.submission import Submission
from openoh.pathway.outcomes.answering_manager import answer_manager, waiting_for


@page("advice.read")
@require_http_methods(["GET", "POST"])
def how_it_went(request: Request, outcome: UUID) -> HttpResponseBase:
    """Two questions: where they work now, and whether the advice was of use."""
    asked = waiting_for(request.actor).get(pk=outcome)
    submission = Submission(request.POST)
    if request.method == "POST":
        work, useful = submission.text("work"), submission.text("useful")
        if not work:
            submission.errors["work"] = "Choose where they are now."
        if not useful:
            submission.errors["useful"] = "Say whether the advice was useful."
        if submission.do(lambda: answer_manager(by=request.actor, outcome=outcome, work=work, useful=useful)):
            messages.success(request, "Thank you. That helps us to give better advice.")
            return redirect("manager:people")
    show(request, [asked.person_id])
    return render(
        request, "manager/outcome.jinja", title="How did it go?", back="/manager", asked=asked,
        errors=submission.errors, typed=request.POST, work=catalogue.choices("outcome-work"),
        useful=catalogue.choices("outcome-useful"), status=submission.status if submission.errors else 200,
    )  # fmt: skip
