"""Today: unanswered risks above everything, then the diary of the one signed in."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from openoh.foundation.core import clock
from openoh.pages.clinic.forms import text
from openoh.pages.clinic.presenters import DiaryLine, diary_line, risk_line, service_words
from openoh.pages.clinic.refusals import Refusal, refusals
from openoh.pages.gate import Request, page, show
from openoh.pages.jinja import plural
from openoh.pages.render import render
from openoh.pathway.clinics import actions as clinics
from openoh.pathway.clinics.access import clinician_of, registration_of
from openoh.pathway.clinics.queries import Day, day
from openoh.pathway.clinics.rules import late_minutes, may_act
from openoh.pathway.consultations import actions as consultations
from openoh.pathway.consultations.models import Consultation
from openoh.pathway.consultations.queries import begun_today, beside
from openoh.pathway.questionnaires.models import AnswerSet
from openoh.pathway.questionnaires.queries import unfinished
from openoh.pathway.risk.queries import open_flags

MARKS = {
    "arrived": (clinics.mark_arrived, "has arrived"),
    "attended": (clinics.mark_attended, "attended"),
    "did-not-attend": (clinics.mark_did_not_attend, "did not attend"),
}


@page("diary.run")
@require_GET
def today(request: Request) -> HttpResponse:
    """Risks with owner, due time and cover; then who comes, why, and what is missing."""
    return _screen(request, Refusal())


@page("diary.run")
@require_POST
def mark(request: Request, appointment: UUID, outcome: str) -> HttpResponseBase:
    """Say that somebody has arrived, attended, or did not attend. Not attending closes nothing.

    Whoever runs the diary of others goes on where they said it.
    """
    if outcome not in MARKS:
        raise Http404
    work, words = MARKS[outcome]
    with refusals() as refused:
        marked = work(by=request.actor, appointment_id=appointment)
        show(request, [marked.person_id])
        messages.success(request, f"{marked.person} {words}.")
    if request.POST.get("from") != "appointment":
        return _screen(request, refused) if refused else redirect("clinic:today")
    for sentence in refused.errors.values():
        messages.info(request, sentence)
    return redirect("clinic:appointment", appointment=appointment)


@page("consultation.write")
@require_POST
def begin(request: Request, appointment: UUID) -> HttpResponseBase:
    """Begin the consultation of an appointment; coming back finds the one that was begun."""
    with refusals() as refused:
        begun = consultations.begin(by=request.actor, appointment_id=appointment)
        return redirect("clinic:consultation", consultation=begun.pk)
    return _screen(request, refused)


@page("diary.run")
@require_POST
def run_late(request: Request) -> HttpResponseBase:
    """Tell everybody who still waits today that it begins later; whose consultation has begun is not told."""
    chosen = text(request.POST, "minutes")
    with refusals() as refused:
        late = clinics.run_late(
            by=request.actor, minutes=int(chosen) if chosen.isdecimal() else 0, except_for=begun_today(request.actor)
        )  # fmt: skip
        show(request, [each.person_id for each in late.appointments])
        told = plural(len(late.appointments), "person is", "people are")
        messages.success(
            request, f"{told} told that it begins {late.minutes} minutes later." if late.appointments
            else "Everybody who waits knows this already. Nobody is told again."
        )  # fmt: skip
    return _screen(request, refused) if refused else redirect("clinic:today")


def _screen(request: Request, refused: Refusal) -> HttpResponse:
    actor = request.actor
    flags = open_flags(actor)
    clinician = clinician_of(actor)
    diary = day(actor, clinician.pk, clock.today()) if clinician else Day(clock.today(), [], [])
    written = beside(actor, [each.pk for each in diary.appointments])
    unsigned = [each for each in written if each.signed_at is None and each.clinician == actor.user]
    coming = [each.person_id for each in diary.appointments]
    lines = _lines(diary, {flag.person_id for flag in flags}, written, unfinished(actor, people=coming))
    show(request, [flag.person_id for flag in flags] + coming + [each.person_id for each in unsigned])
    free = [slot for slot in diary.free if slot.starts_at > clock.now()]
    waiting = [line for line in lines if line.waits and not line.consultation]
    registration = may_act(registration_of(clinician), clock.today()) if clinician else None
    return render(
        request, "clinic/today.jinja", status=refused.status, title="Today", errors=refused.errors,
        unanswered=[risk_line(flag) for flag in flags if flag.state == "raised"],
        handled=[risk_line(flag) for flag in flags if flag.state != "raised"], lines=lines, unsigned=unsigned,
        waiting=waiting, late_minutes=late_minutes(), next_free=free[:1], service_words=service_words,
        cannot_sign=registration.reason if registration and not registration.allowed else "", on=diary.on,
    )  # fmt: skip


def _lines(
    diary: Day, at_risk: set[UUID], written: list[Consultation], open_forms: list[AnswerSet]
) -> list[DiaryLine]:
    of_appointment = {each.appointment_id: each for each in written}
    forms: dict[UUID, list[AnswerSet]] = defaultdict(list)
    for form in open_forms:
        forms[form.person_id].append(form)
    return [
        diary_line(
            each, at_risk=each.person_id in at_risk, consultation=of_appointment.get(each.pk),
            unfinished=forms[each.person_id],
        )
        for each in diary.appointments
    ]  # fmt: skip
