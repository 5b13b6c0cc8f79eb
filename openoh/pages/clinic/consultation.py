"""A consultation: the note beside scores and the last advice; saved with a revision, signed once, added to later."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from openoh.pages.clinic import autosave, presenters
from openoh.pages.clinic.forms import findings, text, typed, whole
from openoh.pages.clinic.refusals import Refusal, refusals
from openoh.pages.gate import Request, page, show
from openoh.pages.render import render
from openoh.pathway.clinics.rules import choices as booking_choices
from openoh.pathway.consultations import actions
from openoh.pathway.consultations.access import may_write, visible_to
from openoh.pathway.consultations.models import Consultation
from openoh.pathway.consultations.queries import addenda_of, note_of, text_of
from openoh.pathway.consultations.rules import choices, is_remote
from openoh.pathway.questionnaires.queries import scores_of
from openoh.pathway.reports.queries import manager_copy, newest_of
from openoh.pathway.risk.queries import open_flags

CODED = ("problems", "functions", "work_related", "prognosis", "agreed_release")
TEMPLATE = "What brings them\n\nHistory and treatment\n\nAt work\n\nAt home\n\nFindings\n\nWhat we agreed\n"


@page("consultation.write")
@require_GET
def consultation(request: Request, consultation: UUID) -> HttpResponse:
    """The note, with what is known beside it."""
    return _screen(request, consultation, Refusal())


@page("consultation.write")
@require_POST
def save(request: Request, consultation: UUID) -> HttpResponseBase:
    """Save the draft; with `sign`, sign what is on the screen. Of two who write at once the second is told.

    The page also saves by itself, and then is told in words.
    """
    form = request.POST
    with refusals() as refused:
        saved = actions.save(
            by=request.actor, consultation_id=consultation, revision=whole(form, "revision"), values=findings(form),
            note=form.get("note", ""),
        )  # fmt: skip
        if autosave.is_asked(request):
            return autosave.saved(saved.revision)
        if form.get("act") == "sign":
            actions.sign(by=request.actor, consultation_id=consultation, revision=saved.revision)
            messages.success(request, "Signed. Write the report next, or plan the next step.")
            return redirect("clinic:case", case=saved.case_id)
        messages.success(request, "Draft saved.")
    if autosave.is_asked(request):
        return autosave.refused(refused)
    return _screen(request, consultation, refused) if refused else _back_to(consultation)


@page("consultation.write")
@require_POST
def add(request: Request, consultation: UUID) -> HttpResponseBase:
    """Add to a signed consultation."""
    with refusals() as refused:
        actions.add_addendum(by=request.actor, consultation_id=consultation, text=text(request.POST, "text"))
        messages.success(request, "Added.")
    return _screen(request, consultation, refused) if refused else _back_to(consultation)


def _back_to(consultation: UUID) -> HttpResponseBase:
    return redirect("clinic:consultation", consultation=consultation)


def _screen(request: Request, consultation: UUID, refused: Refusal) -> HttpResponse:
    actor = request.actor
    found = visible_to(actor).select_related("person", "case", "appointment", "employer").get(pk=consultation)
    show(request, [found.person_id])
    kept = _kept(found)
    advice = newest_of(actor, found.person_id)
    entered = typed(request.POST if refused else None, kept)
    return render(
        request, "clinic/consultation.jinja", status=refused.status, title=str(found.person), errors=refused.errors,
        back=f"/clinic/cases/{found.case_id}", found=found, kept=kept, typed=entered, remote=is_remote(found.mode),
        mine=may_write(actor, found), newer=refused.is_conflict and entered["note"] != kept["note"],
        mode=booking_choices("modes").get(found.mode, found.mode),
        choices={field: list(choices(field).items()) for field in CODED}, finding_words=presenters.finding_words,
        call_back=(found.appointment.call_back if found.appointment else "") or found.person.mobile,
        scores=[presenters.score_line(each) for each in scores_of(actor, found.person_id, limit=10)],
        advice=advice, copy=manager_copy(advice) if advice else None, outcome_words=presenters.outcome_words,
        risks=open_flags(actor, [found.person_id]),
        addenda=[(each, text_of(each)) for each in addenda_of(actor, found)] if found.signed_at else [],
    )  # fmt: skip


def _kept(found: Consultation) -> dict[str, Any]:
    asked = {True: "yes", False: "no", None: ""}
    note = note_of(found)
    return {
        "where_now": found.where_now, "who_is_there": found.who_is_there, "problems": found.problems,
        "functions": found.functions, "work_related": found.work_related, "prognosis": found.prognosis,
        "agreed_release": found.agreed_release, "risk_asked": asked[found.risk_asked], "text": "",
        "note": note if note or found.revision else TEMPLATE,
    }  # fmt: skip
