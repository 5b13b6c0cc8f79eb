"""Messages that could not be sent: what each was about, why it stayed, and the button to try again.

Who runs a service is no clinician: a person in care is not named here, but under Calls, to those who may call.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from openoh.foundation.notifications.actions import send_again
from openoh.foundation.notifications.models import Message
from openoh.foundation.notifications.queries import not_carried
from openoh.foundation.notifications.rules import templates
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pages.submission import Submission

SHOWN = 50


@page("service.run")
@require_GET
def listing(request: Request) -> HttpResponse:
    """The newest first."""
    return _screen(request, Submission(request.POST))


@page("service.run")
@require_POST
def again(request: Request, message: UUID) -> HttpResponseBase:
    """Try once more."""
    submission = Submission(request.POST)
    if submission.do(lambda: send_again(by=request.actor, message_id=message)):
        messages.success(request, "It is on its way again.")
        return redirect("service:undelivered")
    return _screen(request, submission)


def _screen(request: Request, submission: Submission) -> HttpResponse:
    found = list(not_carried(request.actor)[: SHOWN + 1])
    return render(
        request, "service/undelivered.jinja", title="Messages that could not be sent", back="/service/administration",
        rows=[(each, _about(each), _recipient(each)) for each in found[:SHOWN]], more=len(found) > SHOWN,
        errors=submission.errors, status=submission.status if submission.errors else 200,
    )  # fmt: skip


def _about(message: Message) -> str:
    """The kind of message: its subject is as neutral as what the recipient reads."""
    known = templates().get(message.template)
    return known.subject.partition(":")[0].partition("{")[0].strip() if known else message.template


def _recipient(message: Message) -> str:
    if message.person_id:
        return "a person in care"
    if message.user:
        return message.user.name
    return "somebody who answers a risk" if message.cover_id else "a manager"
