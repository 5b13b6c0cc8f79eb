"""Who sees people: clinicians, their registration, and who holds a clinical role without being recorded."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from openoh.foundation.accounts.models import User
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pages.submission import Submission, parts_of
from openoh.pathway.clinics.access import registration_of
from openoh.pathway.clinics.models import Clinician
from openoh.pathway.clinics.registering import (
    PROFESSIONS,
    Entry,
    change_clinician,
    clinical_holders,
    clinicians_to_keep,
    register_clinician,
    registry,
)
from openoh.pathway.clinics.rules import Registration, body_names, profession_of, standing
from openoh.pathway.services.queries import by_appointment, catalogue

COLOURS = {"current": "green", "ends-soon": "yellow", "ended": "red", "not-recorded": "red", "none": "grey"}
WORDS = {
    "current": "In date", "ends-soon": "Ends soon", "ended": "Ended: cannot sign", "not-recorded": "Cannot sign",
    "none": "No register",
}  # fmt: skip
NO_REGISTER = "none"


@page("service.run")
@require_GET
def listing(request: Request) -> HttpResponse:
    """Who is to be completed, whose registration ends or has ended, and everybody else."""
    return render(
        request, "service/clinicians.jinja", title="Clinicians", back="/service/administration",
        found=registry(request.actor), colours=COLOURS, words=WORDS, kinds=catalogue(),
    )  # fmt: skip


@page("service.run")
@require_http_methods(["GET", "POST"])
def register(request: Request, user: UUID) -> HttpResponseBase:
    """Record somebody who holds a clinical role as a clinician."""
    held = clinical_holders(request.actor, user).first()
    if held is None:
        raise User.DoesNotExist
    submission = Submission(request.POST)
    if request.method == "POST":
        entry = _entry(submission)
        made = submission.do(lambda: register_clinician(by=request.actor, user=user, entry=entry))
        if made:
            messages.success(request, f"{made.name} is recorded as a clinician.")
            return redirect("service:clinicians")
    profession = profession_of(held.role)
    return _form(request, submission, str(held.user), {"name": held.user.name, "profession": profession}, [])


@page("service.run")
@require_http_methods(["GET", "POST"])
def change(request: Request, clinician: UUID) -> HttpResponseBase:
    """Change an entry, or record that a registration was renewed."""
    found = clinicians_to_keep(request.actor).get(pk=clinician)
    submission = Submission(request.POST)
    if request.method == "POST":
        entry = _entry(submission)
        changed = submission.do(
            lambda: change_clinician(by=request.actor, clinician_id=found.pk, entry=entry)
        )
        if changed:
            messages.success(request, f"The entry of {changed.name} is changed.")
            return redirect("service:clinicians")
    return _form(request, submission, found.name, _kept(found), found.services, found)


def _form(
    request: Request, submission: Submission, title: str, kept: dict[str, str], services: list[str],
    found: Clinician | None = None,
) -> HttpResponse:  # fmt: skip
    sent = request.method == "POST"
    return render(
        request, "service/clinician.jinja", title=title, back="/service/administration/clinicians", found=found,
        standing=standing(registration_of(found), clock.today()) if found else None, colours=COLOURS, words=WORDS,
        professions=list(PROFESSIONS.items()), services=_services(request.actor, services),
        bodies=[*((code, f"{name} ({code})") for code, name in body_names().items()), (NO_REGISTER, "No register")],
        typed=request.POST if sent else kept, ticked=request.POST.getlist("services") if sent else services,
        errors=submission.errors, status=submission.status if submission.errors else 200,
    )  # fmt: skip


def _services(actor: Actor, kept: list[str]) -> list[tuple[str, str]]:
    """What can be ticked: what is offered, and what the clinician is recorded for already."""
    possible = {each.code for each in by_appointment(actor)} | set(kept)
    return [(code, kind.title) for code, kind in catalogue().items() if code in possible]


def _entry(submission: Submission) -> Entry:
    body = submission.text("registration_body")
    if not body:
        submission.errors["registration_body"] = "Choose a register, or that there is none."
    return Entry(
        name=submission.text("name")[:200], qualification=submission.text("qualification")[:200],
        registration=Registration(
            profession=submission.text("profession"), body="" if body == NO_REGISTER else body,
            number=submission.text("registration_number")[:40], until=submission.day("registered_until"),
        ),
        services=submission.texts("services"),
    )  # fmt: skip


def _kept(found: Clinician) -> dict[str, str]:
    return parts_of("registered_until", found.registered_until) | {
        "name": found.name, "profession": found.profession, "qualification": found.qualification,
        "registration_body": found.registration_body or NO_REGISTER, "registration_number": found.registration_number,
    }  # fmt: skip
