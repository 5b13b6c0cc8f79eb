"""A report from the person's own doctor: what is asked, the person's rights, and what they decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import Conflict
from openoh.foundation.documents.queries import open_document
from openoh.pages.employee import forms
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pathway.medical_reports import actions, rules
from openoh.pathway.medical_reports.access import visible_to
from openoh.pathway.medical_reports.models import MedicalReport
from openoh.pathway.medical_reports.queries import opened
from openoh.pathway.medical_reports.states import MEDICAL_REPORT, SAID

Act = Callable[[Actor, UUID], Any]


@dataclass(frozen=True)
class Decision:
    """One thing that the person can do: the states in which it is offered, its words, and what was done."""

    code: str
    states: tuple[str, ...]
    words: str
    done: str
    act: Act


DECISIONS = (
    Decision(
        "see-first", SAID["see-first"], "Yes, and I want to see the report before it is sent",
        "You agreed. You see the report before it is sent.",
        lambda by, request: actions.agree(by=by, request=request, see_first=True),
    ),
    Decision(
        "agree", SAID["agree"], "Yes, and I need not see it first",
        "You agreed. You can still ask to see it until it has been sent.",
        lambda by, request: actions.agree(by=by, request=request, see_first=False),
    ),
    Decision(
        "want-to-see", SAID["want-to-see"], "I want to see the report before it is sent after all",
        "We tell your doctor. Tell them yourself as well, so that it is not sent meanwhile.",
        lambda by, request: actions.want_to_see(by=by, request=request),
    ),
    Decision(
        "arranged", SAID["arranged"], "I have arranged with the practice to see it, or have seen it",
        "Thank you. It is sent only once you agree.",
        lambda by, request: actions.say_arranged(by=by, request=request),
    ),
    Decision(
        "supply", SAID["supply"], "I have seen it, and agree that it is sent",
        "You agreed that it is sent. Tell the practice as well.",
        lambda by, request: actions.agree_to_supply(by=by, request=request),
    ),
    Decision(
        "refuse", SAID["refuse"], "No, I do not want this report",
        "You said no. We do not get this report.",
        lambda by, request: actions.refuse(by=by, request=request),
    ),
)  # fmt: skip


@page("own.record")
@require_http_methods(["GET", "POST"])
def one(request: Request, request_id: UUID) -> HttpResponseBase:
    """From whom, what is asked, the rights, and the decision."""
    shown = opened(request.actor, request_id)
    possible = [each for each in DECISIONS if shown.found.state in each.states]
    possible = [each for each in possible if not _is_done(each.code, shown.found)]
    errors: dict[str, str] = {}
    if request.method == "POST":
        chosen = next((each for each in DECISIONS if each.code == request.POST.get("decision")), None)
        if chosen is None:
            errors = {"decision": "Choose what you want"}
        else:
            _act(request, chosen, request_id)
            return redirect("employee:doctors-report", request_id=request_id)
    return render(
        request, "employee/doctors_report.jinja", status=422 if errors else 200, errors=errors,
        title="A report from your own doctor", back="/me/record", shown=shown, found=shown.found,
        state=MEDICAL_REPORT.states[shown.found.state], rights=rules.content()["rights"],
        practitioner=cast(dict[str, str], rules.content()["practitioners"])[shown.found.practitioner],
        law=rules.law(shown.found.employer.nation), version=rules.content().rule_version,
        field=possible and forms.choose(
            "decision", "What do you want?", [(each.code, each.words) for each in possible], errors=errors
        ),
    )  # fmt: skip


@page("own.record")
@require_GET
def file(request: Request, request_id: UUID) -> HttpResponse:
    """The report that came, unless a clinician had to keep it back."""
    found = visible_to(request.actor).exclude(document_id=None).get(pk=request_id)
    document = open_document(request.actor, cast(UUID, found.document_id))
    return HttpResponse(document.content, headers=document.headers)


def _act(request: Request, chosen: Decision, request_id: UUID) -> None:
    try:
        chosen.act(request.actor, request_id)
    except Conflict as over:
        messages.warning(request, str(over))
    else:
        messages.success(request, chosen.done)


def _is_done(code: str, found: MedicalReport) -> bool:
    if code == "arranged":
        return found.arranged_on is not None
    return code == "supply" and found.agreed_on is not None
