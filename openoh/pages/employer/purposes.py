"""Why the employer's data are used: what is in force, what is missing, and a declaration of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from openoh.foundation.codes import catalogue
from openoh.foundation.consent import actions, queries
from openoh.foundation.consent.models import Purpose
from openoh.foundation.consent.queries import Standing
from openoh.foundation.core import clock
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pages.submission import FORM, Submission, parts_of
from openoh.population.absence.reasons import PURPOSE

TEXTS = ("legal_ground", "impact_assessment", "notice_version")
DAYS = ("staff_side_consulted_on", "notice_sent_on", "valid_to")


@page("purpose.maintain")
@require_GET
def listing(request: Request) -> HttpResponse:
    """Every purpose: in force or not, since when, and everything that is missing."""
    return render(
        request, "employer/purposes.jinja", title="Purposes",
        purposes=queries.standing(request.actor, request.actor.employers[0]), reasons_of=_reasons_of,
    )  # fmt: skip


@page("purpose.maintain")
@require_http_methods(["GET", "POST"])
def declare(request: Request, code: str) -> HttpResponseBase:
    """Declare a purpose from a day on. It may be incomplete: the rule then keeps it out of force."""
    about = _standing(request, code)
    submission = Submission(request.POST)
    if request.method == "POST":
        days = {name: submission.day(name) for name in DAYS}
        first = submission.needed_day("valid_from", "Give the first day.")
        groups = catalogue.checked(
            "absence-reason", _known(submission.texts("reason_groups")), field="reason_groups"
        )
        if submission.do(
            lambda: actions.declare_purpose(
                by=request.actor, employer_id=request.actor.employers[0], code=code, valid_from=first,
                reason_groups=groups, valid_to=days["valid_to"], notice_sent_on=days["notice_sent_on"],
                staff_side_consulted_on=days["staff_side_consulted_on"],
                notice_version=submission.text("notice_version"),
                legal_ground=submission.text("legal_ground"), impact_assessment=submission.text("impact_assessment"),
            )
        ):  # fmt: skip
            messages.success(request, "The purpose is declared. Below you see whether it is in force.")
            return redirect("employer:purposes")
    newest = about.coming or about.declared
    return render(
        request, "employer/purpose.jinja", title=about.title, back="/employer/purposes", about=about,
        errors=submission.errors, typed=request.POST if submission.errors else _typed(newest),
        keeps_reasons=code == PURPOSE, groups=_groups(),
        ticked=submission.texts("reason_groups") if submission.errors else newest.reason_groups if newest else [],
        status=submission.status if submission.errors else 200,
    )  # fmt: skip


@page("purpose.maintain")
@require_http_methods(["GET", "POST"])
def end(request: Request, code: str) -> HttpResponseBase:
    """Ask once, then stop using the data for this purpose: today is the last day."""
    about = _standing(request, code)
    if about.declared is None:
        raise Http404
    if request.method == "GET":
        title = f"End “{about.title}” today?"
        return render(request, "employer/end_purpose.jinja", title=title, back="/employer/purposes")
    submission, declared = Submission(request.POST), about.declared
    if submission.do(lambda: actions.end_purpose(by=request.actor, purpose=declared, last_day=clock.today())):
        messages.success(request, "Today is the last day on which the data are used for this.")
    else:
        messages.info(request, submission.errors.get(FORM, "This purpose could not be ended."))
    return redirect("employer:purposes")


def _standing(request: Request, code: str) -> Standing:
    found = queries.standing(request.actor, request.actor.employers[0])
    chosen = next((each for each in found if each.code == code), None)
    if chosen is None:
        raise Http404
    return chosen


def _groups() -> list[tuple[str, str]]:
    return catalogue.choices("absence-reason")


def _known(chosen: list[str]) -> list[str]:
    return [code for code in chosen if code in catalogue.codes("absence-reason")]


def _reasons_of(purpose: Purpose) -> list[str]:
    return [catalogue.words("absence-reason", code) for code in purpose.reason_groups]


def _typed(purpose: Purpose | None) -> dict[str, str]:
    """What was declared before. The new declaration begins today, unless one is already to come."""
    if purpose is None:
        return parts_of("valid_from", clock.today())
    begins = purpose.valid_from if purpose.valid_from > clock.today() else clock.today()
    typed = {name: str(getattr(purpose, name)) for name in TEXTS}
    for name in DAYS:
        typed |= parts_of(name, getattr(purpose, name))
    return typed | parts_of("valid_from", begins)
