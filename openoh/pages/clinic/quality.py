"""Quality: sampled reports to read as a colleague, incidents, supervision, content that nobody vouches for yet."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from openoh.pages import contents
from openoh.pages.clinic import presenters
from openoh.pages.clinic.forms import needed_day, optional_reference, text, typed
from openoh.pages.clinic.refusals import refusals
from openoh.pages.gate import Request, page, show
from openoh.pages.jinja import day
from openoh.pages.render import render
from openoh.pathway.clinics.access import colleague
from openoh.pathway.quality import actions
from openoh.pathway.quality.access import incidents_visible_to
from openoh.pathway.quality.queries import learning_of, open_incidents, sampled, supervision_due, what_of
from openoh.pathway.quality.rules import choices, one_in
from openoh.pathway.questionnaires.access import person_in_reach
from openoh.pathway.reports.access import visible_to as reports_visible_to
from openoh.pathway.reports.queries import manager_copy

SEVERITY_COLOURS = {"none": "grey", "low": "yellow", "moderate": "orange", "severe": "red"}
OVERVIEW = "/clinic/lead/quality"


@page("quality.lead")
@require_GET
def overview(request: Request) -> HttpResponse:
    """What waits for the clinical lead, beside the risks of the handover."""
    actor = request.actor
    reports, incidents = sampled(actor), open_incidents(actor)
    show(request, [each.person_id for each in reports] + [each.person_id for each in incidents])
    return render(
        request, "clinic/quality.jinja", title="Quality", back="/clinic/lead", reports=reports, incidents=incidents,
        due=supervision_due(actor), one_in=one_in(), kinds=choices("kinds"), severities=choices("severities"),
        colours=SEVERITY_COLOURS, to_confirm=sum(1 for line in contents.lines(actor) if line.waits),
    )  # fmt: skip


@page("quality.lead")
@require_http_methods(["GET", "POST"])
def review(request: Request, report: UUID) -> HttpResponseBase:
    """Read a sampled report as the manager does, and say whether one agrees."""
    found = reports_visible_to(request.actor).select_related("person").get(pk=report)
    show(request, [found.person_id])
    with refusals() as refused:
        if request.method == "POST":
            actions.review(
                by=request.actor, report=report, outcome=text(request.POST, "outcome"),
                points=request.POST.getlist("points"),
            )  # fmt: skip
            messages.success(request, "Your reading is kept with the report.")
            return redirect("clinic:quality")
    return render(
        request, "clinic/review.jinja", status=refused.status, title=f"Report about {found.person}",
        errors=refused.errors, back=OVERVIEW, found=found, copy=manager_copy(found), said_day=presenters.said_day,
        outcome_words=presenters.outcome_words, outcomes=list(choices("outcomes").items()),
        points=list(choices("points").items()),
        typed=typed(request.POST if refused else None, {"outcome": "", "points": []}),
    )  # fmt: skip


@page("record.clinical")
@require_http_methods(["GET", "POST"])
def incidents(request: Request) -> HttpResponseBase:
    """Write an incident down; below, those of one's own that are open."""
    actor = request.actor
    sent = request.POST if request.method == "POST" else None
    with refusals() as refused:
        about = optional_reference(request.POST or request.GET, "person")
        person = person_in_reach(actor, about) if about else None
        if sent is not None:
            actions.raise_incident(
                by=actor, happened_on=needed_day(sent, "happened_on", missing="Say on which day it happened."),
                kind=text(sent, "kind"), severity=text(sent, "severity"), what=text(sent, "what"), person=about,
            )  # fmt: skip
            messages.success(request, "Written down. The clinical lead sees it now.")
            return redirect("clinic:incidents")
    own = open_incidents(actor)
    show(request, [each.person_id for each in own] + [person.pk if person else None])
    kept = {"happened_on": "", "kind": "", "severity": "", "what": ""}
    return render(
        request, "clinic/incidents.jinja", status=refused.status, title="Write an incident down",
        errors=refused.errors, person=person, kinds=choices("kinds"), severities=choices("severities"), own=own,
        colours=SEVERITY_COLOURS, typed=typed(sent if refused else None, kept),
    )  # fmt: skip


@page("quality.lead")
@require_http_methods(["GET", "POST"])
def incident(request: Request, incident: UUID) -> HttpResponseBase:
    """What happened, and the form that closes it with what was learned."""
    found = incidents_visible_to(request.actor).select_related("person").get(pk=incident)
    show(request, [found.person_id])
    with refusals() as refused:
        if request.method == "POST":
            actions.close_incident(
                by=request.actor, incident=incident, learning=text(request.POST, "learning")
            )
            messages.success(request, "Closed, with what was learned.")
            return redirect("clinic:incident", incident=incident)
    return render(
        request, "clinic/incident.jinja", status=refused.status, title=choices("kinds")[found.kind],
        errors=refused.errors, back=OVERVIEW, found=found, what=what_of(found), learning=learning_of(found),
        severity=choices("severities")[found.severity], colour=SEVERITY_COLOURS[found.severity],
        typed=typed(request.POST if refused else None, {"learning": ""}),
    )  # fmt: skip


@page("quality.lead")
@require_http_methods(["GET", "POST"])
def supervision(request: Request, clinician: UUID) -> HttpResponseBase:
    """Note that a clinician met their supervisor."""
    about = colleague(request.actor, clinician)
    with refusals() as refused:
        if request.method == "POST":
            held = actions.note_supervision(
                by=request.actor, clinician=clinician, supervisor=text(request.POST, "supervisor"),
                held_on=needed_day(request.POST, "held_on", missing="Say on which day it was held."),
            )  # fmt: skip
            messages.success(request, f"Noted. The next is due by {day(held.next_on)}.")
            return redirect("clinic:quality")
    return render(
        request, "clinic/supervision.jinja", status=refused.status, title=f"Supervision of {about.name}",
        errors=refused.errors, back=OVERVIEW,
        typed=typed(request.POST if refused else None, {"held_on": "", "supervisor": ""}),
    )  # fmt: skip
