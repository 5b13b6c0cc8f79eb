"""A report from the person's own doctor: ask the person, write the letter, take the report in."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.content import Content
from openoh.foundation.core.errors import Invalid
from openoh.foundation.documents.queries import open_document
from openoh.pages import contents
from openoh.pages.clinic.forms import text, typed
from openoh.pages.clinic.refusals import refusals
from openoh.pages.gate import Request, page, show
from openoh.pages.render import render
from openoh.pathway.cases.access import visible_to as cases_visible_to
from openoh.pathway.medical_reports import actions, rules
from openoh.pathway.medical_reports.access import visible_to
from openoh.pathway.medical_reports.queries import OpenedRequest, opened
from openoh.pathway.medical_reports.states import BEFORE_LETTER, MEDICAL_REPORT, OPEN, SAID, WITH_DOCTOR

SAYINGS = (
    ("see-first", "They agree, and see the report first"),
    ("agree", "They agree, without seeing it first"),
    ("want-to-see", "They want to see it first after all"),
    ("arranged", "They arranged with the practice to see it, or saw it"),
    ("supply", "They saw it, and agree that it is sent"),
    ("refuse", "They say no"),
)
RIGHTS_KEY = "pathway/medical_reports/rights"


@page("record.clinical")
@require_http_methods(["GET", "POST"])
def ask(request: Request, case: UUID) -> HttpResponseBase:
    """Whom to ask, and what; the person reads all of it and decides."""
    about = cases_visible_to(request.actor).select_related("person").get(pk=case)
    show(request, [about.person_id])
    with refusals() as refused:
        if request.method == "POST":
            made = actions.ask(
                by=request.actor, case=case, practitioner=text(request.POST, "practitioner"),
                who=text(request.POST, "who"), questions=text(request.POST, "questions"),
            )  # fmt: skip
            messages.success(request, "The person is asked. Nothing is sent before they agree.")
            return redirect("clinic:medical-report", request_id=made.pk)
    return render(
        request, "clinic/medical_report_ask.jinja", status=refused.status, title="Ask their doctor for a report",
        errors=refused.errors, about=about, back=f"/clinic/cases/{case}", rules=rules.content(),
        practitioners=list(_of_content("practitioners").items()), unconfirmed=_unconfirmed(request.actor),
        typed=typed(request.POST if refused else None, {"practitioner": "", "who": "", "questions": ""}),
    )  # fmt: skip


@page("record.clinical")
@require_http_methods(["GET", "POST"])
def one(request: Request, request_id: UUID) -> HttpResponseBase:
    """Where the request stands, whose turn it is, and what can be done."""
    found = opened(request.actor, request_id)
    show(request, [found.found.person_id])
    with refusals() as refused:
        if request.method == "POST":
            messages.success(request, _do(request, request_id))
            return redirect("clinic:medical-report", request_id=request_id)
    state, kept_back = found.found.state, _of_content("kept_back")
    return render(
        request, "clinic/medical_report.jinja", status=refused.status, title="Report from their doctor",
        errors=refused.errors, back=f"/clinic/cases/{found.found.case_id}", request_for=found,
        state=MEDICAL_REPORT.states[state], open=state in OPEN, may_send=state in BEFORE_LETTER,
        waits=state in WITH_DOCTOR, rules=rules.content(), status_words=contents.STATUS[rules.content().status],
        practitioner=_of_content("practitioners")[found.found.practitioner], kept_back=kept_back,
        keep_choices=[("", "Yes"), *((code, f"No: {words.lower()}") for code, words in kept_back.items())],
        unconfirmed=_unconfirmed(request.actor),
        sayings=[(code, words) for code, words in SAYINGS if state in SAID[code]],
        typed=typed(request.POST if refused else None, {"kept_back": "", "said": ""}),
    )  # fmt: skip


@page("record.clinical")
@require_GET
def letter(request: Request, request_id: UUID) -> HttpResponse:
    """The letter to the doctor with the person's agreement, to print; only while it may go or has gone."""
    found = opened(request.actor, request_id)
    if found.found.state not in (*BEFORE_LETTER, *WITH_DOCTOR):
        raise Http404
    show(request, [found.found.person_id])
    return render(
        request, "clinic/medical_report_letter.jinja", title="Request for a medical report", request_for=found,
        back=f"/clinic/medical-reports/{request_id}", rules=rules.content(), see_first=_sees_first(found),
        law=rules.law(found.found.employer.nation), dated=found.found.applied_on or clock.today(),
    )  # fmt: skip


@page("record.clinical")
@require_GET
def file(request: Request, request_id: UUID) -> HttpResponse:
    """The report that came, as a download."""
    found = visible_to(request.actor).exclude(document_id=None).get(pk=request_id)
    document = open_document(request.actor, cast(UUID, found.document_id))
    show(request, [found.person_id])
    return HttpResponse(document.content, headers=document.headers)


def _do(request: Request, request_id: UUID) -> str:
    """What the pressed button does; the sentence that says that it is done."""
    match text(request.POST, "do"):
        case "send":
            actions.send(by=request.actor, request=request_id)
            return "Noted as sent today. The waits of this case say that it is the doctor’s turn."
        case "withdraw":
            actions.withdraw(by=request.actor, request=request_id)
            return "Taken back. If the letter has gone, tell the practice."
        case "record":
            _record(request, request_id)
            return "Written down. The person sees it too."
        case "receive":
            _receive(request, request_id)
            return "The report is in the record."
    raise Invalid("Choose what to do.")


def _record(request: Request, request_id: UUID) -> None:
    came = request.FILES.get("paper")
    paper = came and actions.Paper(came.name or "paper", came.content_type or "", came.read())
    actions.record(by=request.actor, request=request_id, said=text(request.POST, "said"), paper=paper or None)


def _receive(request: Request, request_id: UUID) -> None:
    came = request.FILES.get("file")
    if came is None:
        raise Invalid("Choose the file.", field="file")
    actions.receive(
        by=request.actor, request=request_id, name=came.name or "report", media_type=came.content_type or "",
        content=came.read(), kept_back=text(request.POST, "kept_back"),
    )  # fmt: skip


def _sees_first(found: OpenedRequest) -> bool:
    return found.found.state in ("agreed-see-first", "sent-see-first")


def _of_content(name: str) -> dict[str, str]:
    content: Content = rules.content()
    return cast(dict[str, Any], content[name])


def _unconfirmed(actor: Actor) -> list[str]:
    return contents.not_confirmed(actor, [RIGHTS_KEY])
