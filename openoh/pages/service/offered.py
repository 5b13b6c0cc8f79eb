"""What the service offers: which services, booked how, and how long an appointment lasts."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pages.submission import Submission
from openoh.pathway.services.actions import set_service
from openoh.pathway.services.models import Service
from openoh.pathway.services.queries import ServiceKind, terms
from openoh.population.offers.rules import rule_set

OFFERED = [("yes", "Yes"), ("no", "No")]
BOOKED = [("yes", "People choose a time themselves"), ("no", "After triage by a clinician")]
USUAL = Service()


@page("service.run")
@require_GET
def listing(request: Request) -> HttpResponse:
    """Every service of the catalogue, offered or not."""
    return render(
        request, "service/services.jinja", title="What we offer", back="/service/administration",
        rows=terms(request.actor),
    )  # fmt: skip


@page("service.run")
@require_http_methods(["GET", "POST"])
def service(request: Request, code: str) -> HttpResponseBase:
    """The terms of one service, and what it means to stop it."""
    kind, row = next((each for each in terms(request.actor) if each[0].code == code), (None, None))
    if kind is None:
        raise Http404
    submission = Submission(request.POST)
    if request.method == "POST" and (changed := _set(request, submission, kind)):
        words = "is offered like this from now on" if changed.active else "is not offered any more"
        messages.success(request, f"{kind.title} {words}.")
        return redirect("service:services")
    return render(
        request, "service/service.jinja", title=kind.title, back="/service/administration/services", kind=kind,
        row=row, offers=[rule.title for rule in rule_set().rules if code in rule.services], offered=OFFERED,
        booked=BOOKED, typed=request.POST if request.method == "POST" else _kept(row), errors=submission.errors,
        status=submission.status if submission.errors else 200,
    )  # fmt: skip


def _set(request: Request, submission: Submission, kind: ServiceKind) -> Service | None:
    active = submission.yes_or_no("active")
    if active is None:
        submission.errors["active"] = "Say whether you offer it."
    direct = submission.yes_or_no("direct_book")
    if kind.appointments and active and direct is None:
        submission.errors["direct_book"] = "Say how people come to a time."
    return submission.do(
        lambda: set_service(
            by=request.actor, code=kind.code, active=bool(active), direct_book=bool(direct),
            first_minutes=submission.whole("first_minutes", USUAL.first_minutes),
            review_minutes=submission.whole("review_minutes", USUAL.review_minutes),
        )
    )  # fmt: skip


def _kept(row: Service | None) -> dict[str, str]:
    terms = row or USUAL
    return {
        "active": "yes" if row and row.active else "no", "direct_book": "yes" if terms.direct_book else "no",
        "first_minutes": str(terms.first_minutes), "review_minutes": str(terms.review_minutes),
    }  # fmt: skip
