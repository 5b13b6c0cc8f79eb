"""Choose a time, book it, move it, cancel it, put it into a calendar."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from openoh.foundation.core import clock
from openoh.foundation.core.errors import Conflict, Invalid
from openoh.pages.employee import presenters
from openoh.pages.employee.times import book_one, chosen, needs_fields, needs_in, show_times
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pathway.bookings.actions import choose_time
from openoh.pathway.bookings.queries import appointments_of, may_choose, own_case
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics import actions
from openoh.pathway.clinics.access import visible_to
from openoh.pathway.clinics.invitation import invitation
from openoh.pathway.clinics.models import Appointment
from openoh.pathway.requests.access import visible_to as requests_visible_to
from openoh.pathway.requests.actions import send
from openoh.pathway.requests.queries import direct_service

BOOKABLE = ("started", "sent")


@page("own.record")
@require_http_methods(["GET", "POST"])
def times(request: Request, request_id: UUID) -> HttpResponseBase:
    """The next free times of the service that the request may book directly."""
    found = requests_visible_to(request.actor).get(pk=request_id)
    service = direct_service(request.actor, found) if found.state in BOOKABLE else ""
    if not service:
        return redirect("employee:check", request_id=found.pk)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            return redirect("employee:book", request_id=found.pk, slot_id=chosen(request.POST))
        except Invalid as wrong:
            errors = {"slot": str(wrong)}
    return show_times(
        request, service, errors, title="Choose a time", back=reverse("employee:check", args=[found.pk]),
        button="Continue",
    )  # fmt: skip


@page("own.record")
@require_http_methods(["GET", "POST"])
def book(request: Request, request_id: UUID, slot_id: UUID) -> HttpResponseBase:
    """What the clinician must know before it begins, then the booking itself."""
    found = requests_visible_to(request.actor).get(pk=request_id)
    service = direct_service(request.actor, found)
    done = reverse("employee:request", args=[found.pk])
    if not service or found.state not in BOOKABLE:
        return redirect(done)
    return book_one(
        request, slot_id, service, take=partial(send, by=request.actor, request_id=found.pk),
        times=reverse("employee:times", args=[found.pk]), done=done,
    )  # fmt: skip


@page("own.record")
@require_http_methods(["GET", "POST"])
def case_times(request: Request, case_id: UUID) -> HttpResponseBase:
    """The next free times for a case, when the person has been invited to choose one."""
    case = own_case(request.actor, case_id)
    if not may_choose(case).allowed:
        return _nothing_to_choose(request, case)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            return redirect("employee:case-book", case_id=case.pk, slot_id=chosen(request.POST))
        except Invalid as wrong:
            errors = {"slot": str(wrong)}
    return show_times(
        request, case.service, errors, title="Choose a time", back="/me", button="Continue",
        telephone=case.provider.telephone,
    )  # fmt: skip


@page("own.record")
@require_http_methods(["GET", "POST"])
def case_book(request: Request, case_id: UUID, slot_id: UUID) -> HttpResponseBase:
    """One free time for a case: needs, then the booking."""
    case = own_case(request.actor, case_id)
    if not may_choose(case).allowed:
        return redirect("employee:case-times", case_id=case.pk)
    times = reverse("employee:case-times", args=[case.pk])
    return book_one(
        request, slot_id, case.service, take=partial(choose_time, by=request.actor, case_id=case.pk),
        times=times, done=times,
    )  # fmt: skip


@page("own.record")
@require_GET
def appointment(request: Request, appointment_id: UUID) -> HttpResponse:
    """One appointment: when, with whom, how, and what can be done with it."""
    found = _own(request, appointment_id)
    return render(
        request, "employee/appointment.jinja", title="Your appointment", back="/me/record",
        appointment=presenters.appointment_line(found), found=found,
    )  # fmt: skip


@page("own.record")
@require_http_methods(["GET", "POST"])
def move(request: Request, appointment_id: UUID) -> HttpResponseBase:
    """Another time for the same appointment; the old one is kept until the new one is certain."""
    found = _own(request, appointment_id)
    here = redirect("employee:appointment", appointment_id=found.pk)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            actions.move(by=request.actor, appointment_id=found.pk, slot_id=chosen(request.POST))
        except (Invalid, Conflict, ObjectDoesNotExist) as wrong:
            gone = "This time is not there any more. Choose another one."
            errors = {"slot": gone if isinstance(wrong, ObjectDoesNotExist) else str(wrong)}
        else:
            messages.success(request, "Your appointment has a new time.")
            return here
    elif found.state != "booked":
        return here
    return show_times(
        request, found.service, errors, title="Choose another time", back=here["Location"],
        button="Move to this time", now=presenters.appointment_line(found),
    )  # fmt: skip


@page("own.record")
@require_http_methods(["GET", "POST"])
def needs(request: Request, appointment_id: UUID) -> HttpResponseBase:
    """What the person needs at this appointment, also when somebody else booked it."""
    found = _own(request, appointment_id)
    here = redirect("employee:appointment", appointment_id=found.pk)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            actions.state_needs(by=request.actor, appointment_id=found.pk, **needs_in(request.POST))
        except Invalid as wrong:
            errors = {"needs": str(wrong)}
        except Conflict as over:
            messages.warning(request, str(over))
            return here
        else:
            messages.success(request, "We have told the clinician what you need.")
            return here
    elif found.state != "booked":
        return here
    said = needs_in(request.POST) if errors else {"call_back": found.call_back, "needs": found.needs}
    return render(
        request, "employee/needs.jinja", status=422 if errors else 200, errors=errors, title="What you need",
        back=here["Location"], fields=needs_fields(errors, **said),
    )  # fmt: skip


@page("own.record")
@require_http_methods(["GET", "POST"])
def cancel(request: Request, appointment_id: UUID) -> HttpResponseBase:
    """Give the time back."""
    found = _own(request, appointment_id)
    here = redirect("employee:appointment", appointment_id=found.pk)
    if request.method == "POST":
        try:
            actions.cancel(by=request.actor, appointment_id=found.pk, reason="person")
        except Conflict as over:
            messages.warning(request, str(over))
        else:
            messages.success(request, "Your appointment is cancelled.")
        return here
    if found.state != "booked":
        return here
    return render(
        request, "employee/cancel.jinja", title="Cancel this appointment?", back=here["Location"],
        appointment=presenters.appointment_line(found),
    )  # fmt: skip


@page("own.record")
@require_GET
def calendar(request: Request, appointment_id: UUID) -> HttpResponse:
    """The appointment as a calendar file, which says nothing about health."""
    response = HttpResponse(
        invitation(_own(request, appointment_id)), content_type="text/calendar; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response


def _own(request: Request, appointment_id: UUID) -> Appointment:
    return visible_to(request.actor).select_related("clinician", "slot").get(pk=appointment_id)


def _nothing_to_choose(request: Request, case: Case) -> HttpResponseBase:
    """The appointment that there is already; else why there is nothing to choose."""
    coming = (
        appointments_of(case).filter(state="booked", ends_at__gt=clock.now()).order_by("starts_at").first()
    )
    if coming:
        return redirect("employee:appointment", appointment_id=coming.pk)
    return render(
        request, "employee/no_times.jinja", title="There is no time to choose", back="/me",
        reason=may_choose(case).reason, telephone=case.provider.telephone,
    )  # fmt: skip
