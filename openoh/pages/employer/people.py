"""Our people: find somebody, add a starter, say that somebody leaves."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from openoh.exchange.hr_feed.by_hand import add_starter, record_leaver
from openoh.exchange.hr_feed.fields import PEOPLE
from openoh.foundation.core import clock
from openoh.foundation.people.access import engagements_visible_to
from openoh.foundation.people.models import Engagement
from openoh.foundation.people.queries import staff
from openoh.pages.gate import Request, page, show
from openoh.pages.render import render
from openoh.pages.submission import Submission, identifier, parts_of
from openoh.population.absence.queries import absent_since, spells

A_PAGE = 50
SPELLS = 20
TEXTS = ("number", "given_name", "family_name", "email", "mobile", "title", "weekly_hours", "manager_number")
DAYS = ("birth_date", "starts_on")


@page("people.maintain")
@require_GET
def listing(request: Request) -> HttpResponse:
    """Everybody in the order of their names, or those whose name holds what was typed."""
    text, after = request.GET.get("find", "").strip(), identifier(request.GET.get("after", ""))
    people = staff(request.actor, text=text, after=after, most=A_PAGE + 1)
    shown = people[:A_PAGE]
    show(request, [each.person_id for each in shown])
    return render(
        request, "employer/people.jinja", title="Our people", people=shown, find=text, after=after,
        absent=absent_since(request.actor, [each.id for each in shown], clock.today()), today=clock.today(),
        next=shown[-1].id if len(people) > A_PAGE else None,
    )  # fmt: skip


@page("people.maintain")
@require_http_methods(["GET", "POST"])
def add(request: Request) -> HttpResponseBase:
    """A starter, typed in; goes the same way as a file of one row."""
    submission = Submission(request.POST)
    if request.method == "POST":
        values = {name: submission.text(name) for name in TEXTS}
        days = {name: submission.day(name) for name in DAYS}
        for name in ("number", "given_name", "family_name"):
            if not values[name]:
                submission.errors[name] = f"{PEOPLE[name].words}: fill it in."
        if days["starts_on"] is None:
            submission.errors.setdefault("starts_on", "Give the first day.")
        values |= {name: value.isoformat() for name, value in days.items() if value}
        made = submission.do(
            lambda: add_starter(by=request.actor, employer=request.actor.employers[0], values=values)
        )
        if made:
            messages.success(request, f"{made} is on the list.")
            return redirect("employer:person", engagement=made.id)
    return render(
        request, "employer/add.jinja", title="Add a starter", back="/employer/people", errors=submission.errors,
        typed=request.POST, status=submission.status if submission.errors else 200,
    )  # fmt: skip


@page("people.maintain")
@require_GET
def one(request: Request, engagement: UUID) -> HttpResponse:
    """One engagement with its absences: dates only."""
    listed = engagements_visible_to(request.actor).select_related("manager", "team", "site")
    found: Engagement = listed.get(pk=engagement)
    show(request, [found.person_id])
    return render(
        request, "employer/person.jinja", title=str(found), back="/employer/people", found=found,
        spells=list(spells(request.actor, engagement=engagement)[:SPELLS]), most=SPELLS, today=clock.today(),
    )  # fmt: skip


@page("people.maintain")
@require_http_methods(["GET", "POST"])
def leaves(request: Request, engagement: UUID) -> HttpResponseBase:
    """The last day of an engagement."""
    found: Engagement = engagements_visible_to(request.actor).get(pk=engagement)
    submission = Submission(request.POST)
    if request.method == "POST":
        last = submission.needed_day("ends_on", "Give the last day.")
        if submission.do(lambda: record_leaver(by=request.actor, engagement=engagement, last_day=last)):
            messages.success(request, f"The last day of {found} is kept.")
            return redirect("employer:person", engagement=engagement)
    show(request, [found.person_id])
    return render(
        request, "employer/leaves.jinja", title=f"{found} leaves", back=f"/employer/people/{engagement}", found=found,
        errors=submission.errors, typed=request.POST or parts_of("ends_on", found.ends_on),
        status=submission.status if submission.errors else 200,
    )  # fmt: skip
