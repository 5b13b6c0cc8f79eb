"""Somebody is on the telephone: their times, and moving or cancelling one, without opening what clinicians write."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from openoh.foundation.access.own_record import open_person
from openoh.foundation.core import clock
from openoh.foundation.core.clock import UK
from openoh.foundation.core.errors import Invalid
from openoh.foundation.people.queries import engagements_of
from openoh.pages.clinic.forms import instant, reference, text
from openoh.pages.clinic.presenters import service_words
from openoh.pages.clinic.refusals import refusals
from openoh.pages.gate import Request, page, show
from openoh.pages.jinja import moment
from openoh.pages.render import render
from openoh.pathway.clinics import actions
from openoh.pathway.clinics.access import visible_to
from openoh.pathway.clinics.models import Appointment
from openoh.pathway.clinics.queries import appointments_of, free_slots
from openoh.pathway.clinics.rules import choices
from openoh.pathway.clinics.states import APPOINTMENT

PAST, TIMES = 10, 12
REASONS = [("person", "The person asked for it"), ("service", "We cannot keep it")]


@page("diary.run")
@require_GET
def person(request: Request, person: UUID) -> HttpResponse:
    """Who they are, how to reach them, and their times."""
    about = open_person.get(request.actor, person)
    show(request, [about.pk])
    every = appointments_of(request.actor, about.pk)
    coming = [each for each in reversed(every) if each.state in ("booked", "arrived")]
    return render(
        request, "clinic/person_times.jinja", title=str(about), back="/clinic/people", person=about,
        posts=engagements_of(request.actor, [about]).get(about.pk, []), coming=coming,
        past=[each for each in every if each not in coming][:PAST], states=APPOINTMENT.states,
        modes=choices("modes"), service_words=service_words,
    )  # fmt: skip


@page("diary.run")
@require_http_methods(["GET", "POST"])
def appointment(request: Request, appointment: UUID) -> HttpResponseBase:
    """One appointment, and the next free times that it can be moved to."""
    found = _held(request, appointment)
    with refusals() as refused:
        if request.method == "POST":
            slot = reference(request.POST, "slot", missing="Choose a time.")
            moved = actions.move(by=request.actor, appointment_id=found.pk, slot_id=slot)
            messages.success(request, f"Moved to {moment(moved.starts_at)}. {found.person} is told.")
            return redirect("clinic:appointment", appointment=found.pk)
    times = free_slots(
        request.actor, service=found.service, after=instant(request.GET.get("after")), limit=TIMES + 1
    )  # fmt: skip
    return render(
        request, "clinic/appointment.jinja", status=refused.status, title=str(found.person), errors=refused.errors,
        back=reverse("clinic:person-times", args=[found.person_id]), found=found, typed=request.POST,
        state=APPOINTMENT.states[found.state], times=times[:TIMES], modes=choices("modes"), needs=choices("needs"),
        more=times[TIMES - 1].starts_at if len(times) > TIMES else None, service_words=service_words,
        marks=_marks(found),
    )  # fmt: skip


def _marks(found: Appointment) -> list[tuple[str, str]]:
    """What can be said today of whether the person is here: attendance once the time has come."""
    if found.state not in ("booked", "arrived") or found.starts_at.astimezone(UK).date() != clock.today():
        return []
    here = [("arrived", "Arrived")] if found.state == "booked" else []
    if found.starts_at > clock.now():
        return here
    came = [*here, ("attended", "Attended")]
    return [*came, ("did-not-attend", "Did not attend")] if found.state == "booked" else came


@page("diary.run")
@require_http_methods(["GET", "POST"])
def cancel(request: Request, appointment: UUID) -> HttpResponseBase:
    """Give the time back, after asking why."""
    found = _held(request, appointment)
    with refusals() as refused:
        if request.method == "POST":
            reason = text(request.POST, "reason")
            actions.cancel(by=request.actor, appointment_id=found.pk, reason=_known(reason))
            messages.success(request, f"Cancelled. {found.person} is told.")
            return redirect("clinic:person-times", person=found.person_id)
    return render(
        request, "clinic/appointment_cancel.jinja", status=refused.status, title="Cancel this appointment?",
        errors=refused.errors, back=reverse("clinic:appointment", args=[found.pk]), found=found, reasons=REASONS,
        typed=request.POST, service_words=service_words,
    )  # fmt: skip


def _known(reason: str) -> str:
    if reason not in dict(REASONS):
        raise Invalid("Say why it is cancelled.", field="reason")
    return reason


def _held(request: Request, appointment: UUID) -> Appointment:
    found = (
        visible_to(request.actor)
        .select_related("person", "clinician", "slot", "employer")
        .get(pk=appointment)
    )
    show(request, [found.person_id])
    return found
