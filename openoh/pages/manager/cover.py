"""Cover for me: somebody else leads these people for me, from a day to a day."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from openoh.foundation.access import actions
from openoh.foundation.access.models import Delegation
from openoh.foundation.access.team import Member, covers, deputies, longest_cover, team
from openoh.pages.gate import Request, page, show
from openoh.pages.render import render
from openoh.pages.submission import FORM, Submission

MOST_PEOPLE = 200


@page("delegation.make")
@require_http_methods(["GET", "POST"])
def cover(request: Request) -> HttpResponseBase:
    """Who covers now, and the form to ask somebody else; a search for the deputy works without JavaScript."""
    own = [member for member in team(request.actor, most=MOST_PEOPLE) if not member.lent]
    submission = Submission(request.POST)
    if request.method == "POST" and (made := _delegate(request, submission, own)):
        messages.success(request, f"{made.deputy} covers for you. Your people are told.")
        return redirect("manager:cover")
    text = (request.POST.get("find") or request.GET.get("find") or "").strip()
    show(request, [member.engagement.person_id for member in own])
    return render(
        request, "manager/cover.jinja", title="Cover for me", covers=covers(request.actor), longest=longest_cover(),
        errors=submission.errors, typed=request.POST, ticked=request.POST.getlist("people"), find=text,
        people=[(str(member.engagement.id), str(member.engagement)) for member in own],
        deputies=[
            (str(each.id), f"{each}, {each.title}" if each.title else str(each))
            for each in deputies(request.actor, text)
        ],
        status=submission.status if submission.errors else 200,
    )  # fmt: skip


@page("delegation.make")
@require_POST
def end(request: Request, delegation: UUID) -> HttpResponseBase:
    """End a cover at once. Ending it twice is ending it once."""
    submission = Submission(request.POST)
    if submission.do(lambda: actions.end_delegation(by=request.actor, delegation=delegation)):
        messages.success(request, "The cover has ended.")
    else:
        messages.info(request, submission.errors[FORM])
    return redirect("manager:cover")


def _delegate(request: Request, submission: Submission, own: list[Member]) -> Delegation | None:
    """Only colleagues and people that the page offered can be chosen; anything else is as if nothing was."""
    offered = {str(member.engagement.id): member.engagement.id for member in own}
    people = [offered[each] for each in submission.texts("people") if each in offered]
    deputy = next(
        (each.id for each in deputies(request.actor, submission.text("find"))
         if str(each.id) == submission.text("deputy")), None,
    )  # fmt: skip
    starts_on = submission.needed_day("starts_on", "Give the first day.")
    ends_on = submission.needed_day("ends_on", "Give the last day.")
    if deputy is None:
        submission.errors["deputy"] = "Choose who covers for you."
    if not people:
        submission.errors["people"] = "Choose at least one of your people."
    if deputy is None:
        return None
    return submission.do(
        lambda: actions.delegate(
            by=request.actor, deputy=deputy, people=people, starts_on=starts_on, ends_on=ends_on
        )
    )
