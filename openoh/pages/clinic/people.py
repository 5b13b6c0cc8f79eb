"""Find a person, see what is known of them, book a time, or open a closed record in an emergency."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openoh.foundation.access import actions as access
from openoh.foundation.access.own_record import open_person
from openoh.foundation.access.permissions import holds
from openoh.foundation.access.queries import emergency_reasons, open_minutes, own_persons, people_closed_to
from openoh.foundation.core.actors import Actor
from openoh.foundation.people.access import visible_to as people_visible_to
from openoh.foundation.people.models import Person
from openoh.foundation.people.queries import engagements_of, find
from openoh.pages.clinic import presenters
from openoh.pages.clinic.forms import instant, optional_reference, reference, text, typed
from openoh.pages.clinic.refusals import Refusal, refusals
from openoh.pages.contents import not_confirmed
from openoh.pages.gate import Request, page, show
from openoh.pages.jinja import moment
from openoh.pages.render import render
from openoh.pathway.bookings.actions import book_for
from openoh.pathway.cases.queries import cases_of
from openoh.pathway.clinics.queries import appointments_of, free_slots
from openoh.pathway.clinics.rules import choices as booking_choices
from openoh.pathway.clinics.states import APPOINTMENT
from openoh.pathway.questionnaires.access import person_in_reach
from openoh.pathway.questionnaires.queries import scores_of
from openoh.pathway.risk.queries import open_flags
from openoh.pathway.services.queries import by_appointment
from openoh.population.offers.queries import decision_log

FOUND, TIMES = 20, 12


@page("diary.run")
@require_GET
def search(request: Request) -> HttpResponse:
    """People of the provider by any part of their name. Closed records say so; one's own is not there."""
    actor, sought = request.actor, request.GET.get("name", "").strip()
    found = find(actor, sought, FOUND) if sought else []
    closed = people_closed_to(actor, [person.pk for person in found]) if found else set()
    own = own_persons(actor) if found else set()
    shown = [person for person in found if person.pk not in own]
    show(request, [person.pk for person in shown])
    return render(
        request, "clinic/people.jinja", title="Find a person", sought=sought, closed=closed, to=_page_of(actor),
        may_break=holds(actor, "glass.break"),
        rows=[(person, engagements_of(actor, shown).get(person.pk, [])) for person in shown], many=len(found) == FOUND,
    )  # fmt: skip


@page("record.clinical")
@require_GET
def person(request: Request, person: UUID) -> HttpResponse:
    """Their cases, appointments and scores, and what the offer rules decided about them."""
    return _record(request, person, Refusal())


@page("record.clinical")
@require_POST
def declare(request: Request, person: UUID) -> HttpResponseBase:
    """Say that this is family or a friend: the record closes for you at once."""
    person_in_reach(request.actor, person)
    with refusals() as refused:
        access.declare_relation(by=request.actor, person=person)
        messages.success(request, "Noted. This record is closed to you now; colleagues look after them.")
    return _record(request, person, refused) if refused else redirect("clinic:people")


@page("diary.run")
@require_http_methods(["GET", "POST"])
def book(request: Request, person: UUID) -> HttpResponseBase:
    """Take one of the next free times for somebody: also for those who may not open what clinicians write."""
    actor = request.actor
    about = open_person.get(actor, person)
    show(request, [about.pk])
    with refusals() as refused:
        if request.method == "POST":
            booked = book_for(
                by=actor, slot_id=reference(request.POST, "slot", missing="Choose a time."), person_id=person,
                case_id=optional_reference(request.POST, "case"), call_back=text(request.POST, "call_back")[:40],
                needs=request.POST.getlist("needs"),
            )  # fmt: skip
            messages.success(request, f"Booked for {booked.person}: {moment(booked.starts_at)}.")
            return redirect(_page_of(actor), person=person)
    services = [each.code for each in by_appointment(actor)]
    chosen = request.GET.get("case", "")
    of_case = [
        each.service
        for each in cases_of(actor, person)
        if str(each.pk) == chosen and each.service in services
    ]
    service = request.GET.get("service") or next(iter(of_case + services), "")
    times = (
        free_slots(actor, service=service, after=instant(request.GET.get("after")), limit=TIMES + 1)
        if service in services
        else []
    )
    kept: dict[str, Any] = {"call_back": about.mobile, "needs": [], "slot": ""}
    return render(
        request, "clinic/book.jinja", status=refused.status, title="Book a time", errors=refused.errors, person=about,
        back=reverse(_page_of(actor), args=[person]),
        services=[(code, presenters.service_words(code)) for code in services],
        service=service, times=times[:TIMES], more=times[TIMES - 1].starts_at if len(times) > TIMES else None,
        modes=booking_choices("modes"), needs=list(booking_choices("needs").items()),
        cases=cases_of(actor, person), case=request.POST.get("case") or request.GET.get("case", ""),
        typed=typed(request.POST if refused else None, kept), service_words=presenters.service_words,
    )  # fmt: skip


@page("glass.break")
@require_http_methods(["GET", "POST"])
def emergency(request: Request, person: UUID) -> HttpResponseBase:
    """Open a closed record for a short time, with a reason; a lead is told, and the person can see it."""
    actor = request.actor
    about = people_visible_to(actor).exclude(pk__in=own_persons(actor)).get(pk=person)
    if not people_closed_to(actor, [person]):
        return redirect("clinic:person", person=person)
    with refusals() as refused:
        if request.method == "POST":
            access.break_glass(by=actor, person=person, reason=text(request.POST, "reason"))
            messages.success(request, "Open to you for a short time. The lead has been told.")
            return redirect("clinic:person", person=person)
    return render(
        request, "clinic/emergency.jinja", status=refused.status, title="Open a closed record in an emergency",
        errors=refused.errors, person=about, back="/clinic/people", minutes=open_minutes(),
        unconfirmed=not_confirmed(actor, ["foundation/access/break_glass"]),
        typed=typed(request.POST if refused else None, {"reason": ""}),
    )  # fmt: skip


def _page_of(actor: Actor) -> str:
    """Where somebody is looked at: their record, or only their times."""
    return "clinic:person" if holds(actor, "record.clinical") else "clinic:person-times"


def _reach(request: Request, person: UUID) -> Person:
    """The person, if their record is open to the actor."""
    about = person_in_reach(request.actor, person)
    show(request, [person])
    return about


def _record(request: Request, person: UUID, refused: Refusal) -> HttpResponse:
    about = _reach(request, person)
    actor = request.actor
    return render(
        request, "clinic/person.jinja", status=refused.status, title=str(about), errors=refused.errors,
        back="/clinic/people", person=about, posts=engagements_of(actor, [about]).get(person, []),
        cases=cases_of(actor, person), risks=[presenters.risk_line(flag) for flag in open_flags(actor, [person])],
        appointments=[(each, APPOINTMENT.states[each.state]) for each in appointments_of(actor, person)[:FOUND]],
        scores=[presenters.score_line(each) for each in scores_of(actor, person, limit=FOUND)],
        decisions=decision_log(actor, person_id=person, limit=FOUND), service_words=presenters.service_words,
        emergency=emergency_reasons(actor, [person]).get(person, ""),
    )  # fmt: skip
