"""Calls to make: whoever asked to be told by telephone is called, and told what others read in a message."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from openoh.foundation.notifications.actions import record_call
from openoh.foundation.notifications.queries import calls_to_make, words_of
from openoh.pages.clinic.refusals import Refusal, refusals
from openoh.pages.gate import Request, page, show
from openoh.pages.render import render

PAGE = 20


@page("diary.run")
@require_GET
def calls(request: Request) -> HttpResponse:
    """Whom to call, the longest waiting first, with the words of the message."""
    return _screen(request, Refusal())


@page("diary.run")
@require_POST
def called(request: Request, message: UUID) -> HttpResponseBase:
    """The person was told."""
    with refusals() as refused:
        record_call(by=request.actor, message_id=message)
        messages.success(request, "Noted that you told them.")
    return _screen(request, refused) if refused else redirect("clinic:calls")


def _screen(request: Request, refused: Refusal) -> HttpResponse:
    found = list(calls_to_make(request.actor)[: PAGE + 1])
    show(request, [each.person_id for each in found[:PAGE]])
    return render(
        request, "clinic/calls.jinja", status=refused.status, title="Calls to make", errors=refused.errors,
        rows=[(each, *words_of(each)) for each in found[:PAGE]], more=len(found) > PAGE,
    )  # fmt: skip
