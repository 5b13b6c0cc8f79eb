"""People who may be the same: decide, and undo."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from openoh.foundation.people import actions
from openoh.foundation.people.access import candidates_visible_to
from openoh.foundation.people.queries import match_queue, merge_to_undo, merges
from openoh.pages.gate import Request, page, show
from openoh.pages.render import render
from openoh.pages.submission import FORM, Submission

MOST = 20
ANSWERS = {"same": True, "different": False}


@page("service.run")
@require_GET
def queue(request: Request) -> HttpResponse:
    """The oldest matches that wait for a human, and the newest merges."""
    return _page(request, {}, 200)


@page("service.run")
@require_POST
def decide(request: Request, candidate: UUID) -> HttpResponseBase:
    """The same person, or two people."""
    found = candidates_visible_to(request.actor).get(pk=candidate)
    submission, answer = Submission(request.POST), request.POST.get("answer", "")
    if answer not in ANSWERS:
        submission.errors[FORM] = "Say whether they are the same person or two people."
    done = submission.do(
        lambda: actions.decide_match(by=request.actor, candidate=found, same=ANSWERS[answer])
    )
    if done is None:
        return _page(request, submission.errors, submission.status)
    messages.success(
        request,
        "They are one person now. You can undo it below." if ANSWERS[answer] else "They stay two people.",
    )
    return redirect("service:matching")


@page("service.run")
@require_POST
def undo(request: Request, merge: UUID) -> HttpResponseBase:
    """Part two people again."""
    found = merge_to_undo(request.actor, merge)
    submission = Submission(request.POST)
    if submission.do(lambda: actions.undo_merge(by=request.actor, merged=found)) is None:
        return _page(request, submission.errors, submission.status)
    messages.success(request, "They are two people again.")
    return redirect("service:matching")


def _page(request: Request, errors: dict[str, str], status: int) -> HttpResponse:
    waiting, done = list(match_queue(request.actor)[: MOST + 1]), merges(request.actor)
    show(request, [person for each in waiting for person in (each.person_id, each.engagement.person_id)])
    show(request, [person for each in done for person in (each.kept_id, each.gone_id)])
    return render(
        request, "service/matching.jinja", title="People who may be the same", waiting=waiting[:MOST],
        more=len(waiting) > MOST, merges=done, errors=errors, status=status,
    )  # fmt: skip
