"""The lead's page: the 08:00 handover of open risks, and emergency openings to look at."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openoh.foundation.access import actions as access
from openoh.foundation.access.queries import openings_to_review
from openoh.foundation.core import clock
from openoh.pages import contents
from openoh.pages.clinic.presenters import risk_line
from openoh.pages.clinic.refusals import Refusal, refusals
from openoh.pages.gate import Request, page, show
from openoh.pages.render import render
from openoh.pathway.cases.queries import unowned
from openoh.pathway.risk.queries import hours_without_cover, open_flags


@page("quality.lead")
@require_GET
def lead(request: Request) -> HttpResponse:
    """Every open risk with its owner and time, cases that nobody has, records opened in an emergency."""
    return _screen(request, Refusal())


@page("glass.review")
@require_POST
def reviewed(request: Request, opening: UUID) -> HttpResponseBase:
    """Say that you have looked at an emergency opening; never one's own."""
    with refusals() as refused:
        access.review_break_glass(by=request.actor, opening=opening)
        messages.success(request, "Noted that you have looked at it.")
    return _screen(request, refused) if refused else redirect("clinic:lead")


CONTENT = "/clinic/lead/content"


@page("quality.lead")
@require_GET
def content(request: Request) -> HttpResponse:
    """Every file of reference data; what waits to be confirmed first."""
    return contents.listing(request, address=CONTENT, back="/clinic/lead/quality")


@page("quality.lead")
@require_http_methods(["GET", "POST"])
def content_file(request: Request, slug: str) -> HttpResponseBase:
    """Confirm what is unsure in one file."""
    return contents.one(request, slug, address=CONTENT)


def _screen(request: Request, refused: Refusal) -> HttpResponse:
    actor = request.actor
    flags = open_flags(actor)
    waiting = unowned(actor)
    openings = openings_to_review(actor)
    show(request, [flag.person_id for flag in flags] + [case.person_id for case in waiting])
    return render(
        request, "clinic/lead.jinja", status=refused.status, title="Lead", errors=refused.errors,
        lines=[risk_line(flag) for flag in flags], waiting=waiting, openings=openings, on=clock.today(),
        me=actor.user, gaps=hours_without_cover(actor),
    )  # fmt: skip
