"""Organisations, contracts, cover for risk, and the content that the rules work with."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openoh.foundation.access import programs
from openoh.foundation.access.holders import holders
from openoh.foundation.core import clock
from openoh.foundation.core.identifiers import NOBODY
from openoh.foundation.notifications.queries import not_carried
from openoh.foundation.organisations import actions, queries
from openoh.foundation.organisations.access import cover_visible_to
from openoh.foundation.organisations.models import RiskCover
from openoh.pages import contents
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pages.service.contracts import newest
from openoh.pages.submission import Submission, identifier
from openoh.pathway.clinics.registering import registry
from openoh.pathway.risk.queries import hours_without_cover

DAYS = [("1", "Monday"), ("2", "Tuesday"), ("3", "Wednesday"), ("4", "Thursday"), ("5", "Friday"), ("6", "Saturday"),
        ("7", "Sunday")]  # fmt: skip
RISK_TIMES = "pathway/risk/times"
KINDS = list(RiskCover.Kind.choices)


@page("service.run")
@require_GET
def start(request: Request) -> HttpResponse:
    """Contracts with what was agreed, and the ways to roles, cover and content."""
    content, clinicians = contents.lines(request.actor), registry(request.actor)
    return render(
        request, "service/administration.jinja", title="Administration", today=clock.today(),
        provider=queries.provider(request.actor), contracts=newest(queries.contracts(request.actor)),
        clinicians=len(clinicians.listed), to_complete=len(clinicians.missing),
        registrations=sum(1 for each in clinicians.listed if each.needs_something),
        roles=holders(request.actor).count(), covers=len(queries.cover(request.actor)),
        programs=programs.keys(request.actor).filter(revoked_at=None, expires_at__gt=clock.now()).count(),
        undelivered=not_carried(request.actor).count(),
        unsure=sum(1 for line in content if line.waits), files=len(content),
    )  # fmt: skip


@page("service.run")
@require_http_methods(["GET", "POST"])
def cover(request: Request) -> HttpResponseBase:
    """Who answers a risk, hour by hour, and the form to declare more."""
    return _cover(request, None)


@page("service.run")
@require_POST
def end_cover(request: Request, cover: UUID) -> HttpResponseBase:
    """Let one declaration count no more."""
    ended = actions.end_cover(by=request.actor, cover=cover)
    messages.success(request, f"{ended.name} answers no more from now on.")
    return redirect("service:cover")


@page("service.run")
@require_http_methods(["GET", "POST"])
def change_cover(request: Request, cover: UUID) -> HttpResponseBase:
    """Change one declaration."""
    return _cover(request, cover_visible_to(request.actor).get(pk=cover))


def _cover(request: Request, changed: RiskCover | None) -> HttpResponseBase:
    submission = Submission(request.POST)
    if request.method == "POST" and _declare(request, submission, changed):
        messages.success(request, "The cover is declared.")
        return redirect("service:cover")
    typed: object = request.POST
    days = request.POST.getlist("weekdays")
    if changed and request.method == "GET":
        days = [str(day) for day in changed.weekdays]
        typed = {
            "employer": str(changed.employer_id or ""),
            "kind": changed.kind, "name": changed.name, "telephone": changed.telephone,
            "starts_at": f"{changed.starts_at:%H:%M}", "ends_at": f"{changed.ends_at:%H:%M}",
        }  # fmt: skip
    return render(
        request, "service/cover.jinja", title="Change who answers" if changed else "Who answers a risk",
        back="/service/administration/cover" if changed else "/service/administration",
        gaps=[] if changed else hours_without_cover(request.actor),
        unconfirmed=[] if changed else contents.not_confirmed(request.actor, [RISK_TIMES]),
        groups=[] if changed else _by_employer(queries.cover(request.actor)), changed=changed, days=DAYS, kinds=KINDS,
        employers=_employers(request, changed),
        day_names=dict(DAYS), typed=typed, ticked=days, errors=submission.errors,
        status=submission.status if submission.errors else 200,
    )  # fmt: skip


def _by_employer(declared: list[RiskCover]) -> list[tuple[str, list[RiskCover]]]:
    """For whose people, and what is declared for them: all employers first."""
    everybody = "All other employers" if any(each.employer for each in declared) else "All employers"
    grouped = groupby(declared, key=attrgetter("employer"))
    return [(employer.name if employer else everybody, list(covers)) for employer, covers in grouped]


def _employers(request: Request, changed: RiskCover | None) -> list[tuple[str, str]]:
    """Whom the service serves today; and whose it is, so that a change never makes it everybody's unseen."""
    served = queries.served(request.actor)
    if changed and changed.employer and changed.employer not in served:
        served.append(changed.employer)
    return [(str(each.pk), each.name) for each in served]


def _declare(request: Request, submission: Submission, changed: RiskCover | None) -> RiskCover | None:
    weekdays = [int(day) for day in submission.texts("weekdays") if day in dict(DAYS)]
    whose = submission.text("employer")
    employer = (identifier(whose) or NOBODY) if whose else None
    starts_at, ends_at = submission.time_of_day("starts_at"), submission.time_of_day("ends_at")
    return submission.do(
        lambda: actions.declare_cover(
            by=request.actor, kind=submission.text("kind"), weekdays=weekdays, starts_at=starts_at, ends_at=ends_at,
            name=submission.text("name"), telephone=submission.text("telephone"),
            cover=changed.pk if changed else None, employer=employer,
        )
    )  # fmt: skip


CONTENT = "/service/administration/content"


@page("service.run")
@require_GET
def content(request: Request) -> HttpResponse:
    """Every file of reference data with version, source, status and review; what waits to be confirmed first."""
    return contents.listing(request, address=CONTENT, back="/service/administration")


@page("service.run")
@require_http_methods(["GET", "POST"])
def content_file(request: Request, slug: str) -> HttpResponseBase:
    """Confirm what is unsure in one file."""
    return contents.one(request, slug, address=CONTENT)
