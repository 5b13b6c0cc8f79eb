"""The start, the record, who has looked at it, and the passport."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openoh.foundation.access.roles import role
from openoh.foundation.audit import queries as audit
from openoh.foundation.core.errors import Invalid
from openoh.foundation.notifications.actions import keep_preference
from openoh.foundation.notifications.queries import preference_of
from openoh.foundation.people.access import visible_to
from openoh.foundation.people.actions import change_mobile, choose_channel
from openoh.pages.employee import forms, presenters
from openoh.pages.employee.waiting import waiting_for
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pathway.clinics.queries import appointments_of
from openoh.pathway.correspondence.queries import about_me
from openoh.pathway.medical_reports.queries import about_me as doctors_reports
from openoh.pathway.outcomes.queries import questions_to
from openoh.pathway.questionnaires.queries import scores_of, unfinished
from openoh.pathway.referrals.queries import referrals_about
from openoh.pathway.reports.queries import reports_of
from openoh.pathway.requests.queries import requests_of
from openoh.population.campaigns.actions import dismiss
from openoh.population.campaigns.queries import card_for
from openoh.population.offers.queries import offers_of

LINES_A_PAGE = 20
CHANNELS = (
    ("email", "By e-mail"), ("sms", "By text message"), ("letter", "By letter"), ("telephone", "Call me"),
)  # fmt: skip
WHEN = ("at-once", "Each thing when it happens"), ("daily", "What can wait, together once a day")
# Where a page of the person may lead back to: another page of theirs, and nowhere else.
OWN_PAGE = re.compile(r"/me(/[a-z0-9-]+)*")


@page("own.record")
@require_GET
def start(request: Request) -> HttpResponse:
    """Three ways on: ask for help, answer an invitation, see your record; and what waits."""
    actor = request.actor
    return render(
        request, "employee/start.jinja", title="Get help with your health at work",
        waiting=waiting_for(actor), campaign=card_for(actor),
        coming=[
            presenters.appointment_line(each)
            for each in appointments_of(actor, presenters.own(actor), upcoming=True)
        ],
    )  # fmt: skip


@page("own.record")
@require_POST
def close_campaign(request: Request, campaign: UUID) -> HttpResponseBase:
    """Not now: the card does not come back, and nobody is told."""
    dismiss(by=request.actor, campaign=campaign)
    messages.info(request, "Closed. Nobody at work is told.")
    return redirect("employee:start")


@page("own.record")
@require_GET
def record(request: Request) -> HttpResponse:
    """Everything that happened, newest first: requests, appointments, reports, answers, offers."""
    try:
        before = datetime.fromisoformat(request.GET.get("before", ""))
    except ValueError:
        before = None
    if before and before.tzinfo is None:
        before = None
    lines, more = presenters.newest_first(_lines(request), before=before, limit=LINES_A_PAGE)
    return render(
        request, "employee/record.jinja", title="Your record", back="/me", lines_here=lines, more=more,
        earlier=before is not None,
    )  # fmt: skip


@page("own.record")
@require_GET
def who_looked(request: Request) -> HttpResponse:
    """Everyone who opened the record, newest first, with the reason."""
    return render(
        request, "employee/who_looked.jinja", title="Who has looked at your record", back="/me/record",
        readings=audit.readings_of_own_record(request.actor), title_of=lambda name: role(name).title,
    )  # fmt: skip


@page("own.record")
@require_GET
def written_about_me(request: Request) -> HttpResponse:
    """What managers wrote to occupational health about the person, and the answers."""
    return render(
        request, "employee/messages.jinja", title="What your manager wrote", back="/me/record",
        written=about_me(request.actor),
    )  # fmt: skip


@page("own.record")
@require_http_methods(["GET", "POST"])
def contact(request: Request) -> HttpResponseBase:
    """The number on which the person is called; afterwards back to where they were."""
    then = request.POST.get("then") or request.GET.get("then", "")
    then = then if OWN_PAGE.fullmatch(then) else "/me/record"
    errors: dict[str, str] = {}
    number = request.POST.get("mobile", "")
    if request.method == "POST":
        try:
            change_mobile(by=request.actor, mobile=number)
        except Invalid as wrong:
            errors = {"mobile": str(wrong)}
        else:
            messages.success(request, "We have your number.")
            return redirect(then)
    else:
        number = visible_to(request.actor).values_list("mobile", flat=True).get()
    return render(
        request, "employee/contact.jinja", status=422 if errors else 200, title="Your telephone number",
        errors=errors, back=then, then=then, field=forms.write("mobile", "Your telephone number", value=number,
        kind="line", errors=errors, hint="Only occupational health sees it. We use it when you ask us to call, and "
        "when we worry about you."),
    )  # fmt: skip


@page("own.record")
@require_http_methods(["GET", "POST"])
def how_we_tell_you(request: Request) -> HttpResponseBase:
    """By which channel the person is told things, and whether what can wait comes once a day."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            choose_channel(by=request.actor, channel=request.POST.get("channel", ""))
            keep_preference(by=request.actor, digest=request.POST.get("when") == "daily")
        except Invalid as wrong:
            errors = {"channel": str(wrong)}
        else:
            messages.success(request, "From now on we tell you things in this way.")
            return redirect("employee:record")
    person = visible_to(request.actor).get()
    daily = preference_of(request.actor).digest
    return render(
        request, "employee/how_we_tell_you.jinja", status=422 if errors else 200, title="How we tell you things",
        errors=errors, back="/me/record", person=person,
        channel=forms.choose("channel", "How shall we tell you?", CHANNELS, given=[person.channel], errors=errors),
        when=forms.choose("when", "And when?", WHEN, given=["daily" if daily else "at-once"]),
    )  # fmt: skip


def _lines(request: Request) -> Iterator[presenters.Line]:
    actor, person = request.actor, presenters.own(request.actor)
    yield from map(presenters.request_line, requests_of(actor))
    yield from map(presenters.appointment_line, appointments_of(actor, person))
    yield from map(presenters.report_line, reports_of(actor))
    yield from map(presenters.doctors_report_line, doctors_reports(actor))
    yield from map(presenters.answers_line, [*scores_of(actor, person), *unfinished(actor)])
    yield from map(presenters.offer_line, offers_of(actor))
    yield from map(presenters.outcome_line, questions_to(actor))
    yield from map(presenters.referral_line, referrals_about(actor))
