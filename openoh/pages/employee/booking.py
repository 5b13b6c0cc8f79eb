"""Choose a time, book it, move it, cancel it, put it into a calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.pages.employee import forms, presenters
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pathway.clinics import actions
from openoh.pathway.clinics.access import visible_to
from openoh.pathway.clinics.invitation import invitation
from openoh.pathway.clinics.models import Appointment
from openoh.pathway.clinics.queries import free_slot, free_slots
from openoh.pathway.clinics.rules import choices
from openoh.pathway.requests.access import visible_to as requests_visible_to
from openoh.pathway.requests.actions import send
from openoh.pathway.requests.queries import direct_service
from openoh.pathway.services.queries import service_kind

AT_A_TIME = 12
ANY = "any"
BOOKABLE = ("started", "sent")


@dataclass(frozen=True)
class Wish:
    """Which times somebody wants to see: a mode or any, evenings only or not, after which instant."""

    mode: str = ANY
    evening: bool = False
    after: datetime | None = None

    @classmethod
    def read(cls, sent: QueryDict) -> Wish:
        """From the address of the page; what makes no sense there is left out."""
        mode = sent.get("mode", ANY)
        try:
            after = datetime.fromisoformat(sent.get("after", ""))
        except ValueError:
            after = None
        return cls(
            mode=mode if mode in choices("modes") else ANY,
            evening=sent.get("when") == "evening",
            after=after if after and after.tzinfo else None,
        )

    def address(self, after: datetime) -> str:
        """The same wish, continued after the last time of this page."""
        when = "evening" if self.evening else ANY
        return "?" + urlencode({"mode": self.mode, "when": when, "after": after.isoformat()})


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
            return redirect("employee:book", request_id=found.pk, slot_id=_chosen(request.POST))
        except Invalid as wrong:
            errors = {"slot": str(wrong)}
    return _show_times(
        request, service, errors, title="Choose a time", back=reverse("employee:check", args=[found.pk]),
        button="Continue",
    )  # fmt: skip


@page("own.record")
@require_http_methods(["GET", "POST"])
def book(request: Request, request_id: UUID, slot_id: UUID) -> HttpResponseBase:
    """What the clinician must know before it begins, then the booking itself."""
    found = requests_visible_to(request.actor).get(pk=request_id)
    times_page = redirect("employee:times", request_id=found.pk)
    service = direct_service(request.actor, found)
    if not service or found.state not in BOOKABLE:
        return redirect("employee:request", request_id=found.pk)
    try:
        slot = free_slot(request.actor, slot_id)
    except ObjectDoesNotExist:
        messages.warning(request, "Somebody has just taken this time. Choose another one.")
        return times_page
    errors: dict[str, str] = {}
    if request.method == "POST":
        needs = tuple(request.POST.getlist("needs"))
        try:
            send(
                by=request.actor, request_id=found.pk, slot_id=slot.pk, needs=needs,
                call_back=request.POST.get("call_back", "").strip()[:40],
            )  # fmt: skip
        except (Conflict, NotAllowed) as gone:
            messages.warning(request, str(gone))
            return times_page
        except Invalid as wrong:
            errors = {wrong.field or "needs": str(wrong)}
        else:
            return redirect("employee:request", request_id=found.pk)
    return render(
        request, "employee/book.jinja", status=422 if errors else 200, errors=errors, title="Before you book",
        slot=presenters.slot_line(slot), service=service_kind(service), back=times_page["Location"],
        fields=[
            forms.write(
                "call_back", "A telephone number for that time (optional)", kind="line", errors=errors,
                value=request.POST.get("call_back", ""), hint="If the line breaks, we call you back on it.",
            ),
            forms.choose(
                "needs", "What do you need? (optional)", choices("needs").items(), kind="many", errors=errors,
                given=request.POST.getlist("needs"), hint="Choose all that fit.",
            ),
        ],
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
            actions.move(by=request.actor, appointment_id=found.pk, slot_id=_chosen(request.POST))
        except (Invalid, Conflict, ObjectDoesNotExist) as wrong:
            gone = "This time is not there any more. Choose another one."
            errors = {"slot": gone if isinstance(wrong, ObjectDoesNotExist) else str(wrong)}
        else:
            messages.success(request, "Your appointment has a new time.")
            return here
    elif found.state != "booked":
        return here
    return _show_times(
        request, found.service, errors, title="Choose another time", back=here["Location"],
        button="Move to this time", now=presenters.appointment_line(found),
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


def _chosen(sent: QueryDict) -> UUID:
    try:
        return UUID(sent.get("slot", ""))
    except ValueError:
        raise Invalid("Choose a time", field="slot") from None


def _show_times(
    request: Request, service: str, errors: dict[str, str], *, title: str, back: str, button: str,
    now: presenters.Line | None = None,
) -> HttpResponse:  # fmt: skip
    wish = Wish.read(request.GET)
    found = free_slots(
        request.actor, service=service, mode=None if wish.mode == ANY else wish.mode,
        evening=True if wish.evening else None, after=wish.after, limit=AT_A_TIME + 1,
    )  # fmt: skip
    shown, more = found[:AT_A_TIME], len(found) > AT_A_TIME
    return render(
        request, "employee/times.jinja", status=409 if errors else 200, title=title, errors=errors, back=back,
        button_text=button, now_line=now, service=service_kind(service), wish=wish,
        narrowed=wish.mode != ANY or wish.evening,
        days=presenters.by_day(shown), more=wish.address(shown[-1].starts_at) if more else "",
        modes=[(ANY, "Any"), *choices("modes").items()],
    )  # fmt: skip
