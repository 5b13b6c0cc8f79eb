"""What managers wrote about referrals and released reports: the worklist, and an answer that they may read."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from openoh.pages.clinic.forms import text
from openoh.pages.clinic.refusals import Refusal, refusals
from openoh.pages.gate import Request, page, show
from openoh.pages.render import render
from openoh.pathway.correspondence import actions
from openoh.pathway.correspondence.queries import unanswered

PAGE = 20


@page("record.clinical")
@require_GET
def waiting(request: Request) -> HttpResponse:
    """Unanswered messages, the longest waiting first."""
    return _screen(request, Refusal())


@page("record.clinical")
@require_POST
def answer(request: Request, message: UUID) -> HttpResponseBase:
    """Answer; the manager and the person read it."""
    with refusals() as refused:
        actions.answer(by=request.actor, message_id=message, words=text(request.POST, "words"))
        messages.success(request, "Answered. The manager is told, and the person can read it too.")
    return _screen(request, refused) if refused else redirect("clinic:messages")


@page("record.clinical")
@require_POST
def close(request: Request, message: UUID) -> HttpResponseBase:
    """Read, and no answer is needed."""
    with refusals() as refused:
        actions.close(by=request.actor, message_id=message)
    return _screen(request, refused) if refused else redirect("clinic:messages")


def _screen(request: Request, refused: Refusal) -> HttpResponse:
    found = list(unanswered(request.actor)[: PAGE + 1])
    show(request, [each.person_id for each in found[:PAGE]])
    return render(
        request, "clinic/messages.jinja", status=refused.status, title="Messages from managers",
        errors=refused.errors, rows=found[:PAGE], more=len(found) > PAGE,
    )  # fmt: skip
