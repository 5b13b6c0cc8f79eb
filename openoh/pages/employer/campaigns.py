"""Offers and campaigns: what is on and how many took it, protected; what HR tells everybody."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from openoh.foundation.core import clock
from openoh.methods.disclosure import disclosure_rules
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pages.submission import Submission, parts_of
from openoh.population.campaigns import actions, rules
from openoh.population.campaigns.access import visible_to
from openoh.population.campaigns.models import Campaign
from openoh.population.campaigns.queries import campaigns_of
from openoh.population.campaigns.rules import Wording
from openoh.population.campaigns.states import CAMPAIGN
from openoh.population.measures.offered import offered
from openoh.population.measures.queries import definitions

LEADS_TO = (
    ("", "Nowhere"),
    ("help", "The page where people ask for help"),
    ("link", "A page on the internet"),
)


@page("campaign.run")
@require_GET
def offers(request: Request) -> HttpResponse:
    """Which offers run, under which purpose, and how many took them; then the campaigns."""
    return render(
        request, "employer/offers.jinja", title="Offers and campaigns", offered=offered(request.actor),
        threshold=disclosure_rules().threshold, base=disclosure_rules().rounding_base,
        fewest=definitions()["fewest_people"], campaigns=campaigns_of(request.actor), states=CAMPAIGN.states,
        shown=_is_shown,
    )  # fmt: skip


@page("campaign.run")
@require_http_methods(["GET", "POST"])
def write(request: Request, campaign: UUID | None = None) -> HttpResponseBase:
    """Write a campaign, or a draft anew. Saving shows it to nobody yet."""
    found = visible_to(request.actor).get(pk=campaign) if campaign else None
    submission = Submission(request.POST)
    if request.method == "POST":
        wording = _wording(submission)
        saved = submission.do(lambda: actions.write(by=request.actor, wording=wording, campaign=campaign))
        if saved:
            messages.success(request, "Saved. Nobody sees it before you start it.")
            return redirect("employer:campaign", campaign=saved.pk)
    return render(
        request, "employer/campaign_form.jinja", title="Change the campaign" if found else "A new campaign",
        back=f"/employer/offers/campaigns/{campaign}" if campaign else "/employer/offers", leads_to=LEADS_TO,
        longest=rules.content(), errors=submission.errors,
        typed=request.POST if request.method == "POST" else _typed(found),
        status=submission.status if submission.errors else 200,
    )  # fmt: skip


@page("campaign.run")
@require_http_methods(["GET", "POST"])
def one(request: Request, campaign: UUID) -> HttpResponseBase:
    """A campaign as people see it; start it, stop it."""
    found = visible_to(request.actor).select_related("employer").get(pk=campaign)
    submission = Submission(request.POST)
    if request.method == "POST":
        act = {"start": actions.start, "stop": actions.stop}.get(submission.text("do"))
        if act is None:
            submission.errors["form"] = "Choose what to do."
        elif submission.do(lambda: act(by=request.actor, campaign=campaign)):
            messages.success(
                request, "It runs." if act is actions.start else "It is stopped. Nobody sees it now."
            )
            return redirect("employer:campaign", campaign=campaign)
    return render(
        request, "employer/campaign.jinja", title=found.title, back="/employer/offers", campaign=found,
        state=CAMPAIGN.states[found.state], shown=_is_shown(found), errors=submission.errors,
        status=submission.status if submission.errors else 200,
    )  # fmt: skip


def _is_shown(campaign: Campaign) -> bool:
    return rules.is_shown(campaign.state, campaign.starts_on, campaign.ends_on, clock.today())


def _wording(submission: Submission) -> Wording:
    leads_to = submission.text("leads_to")
    if leads_to == "link" and not submission.text("link"):
        submission.errors["link"] = "Give the address, or choose that it leads nowhere."
    return Wording(
        title=submission.text("title"), words=submission.text("words"), audience=submission.text("audience"),
        link={"help": rules.HELP, "link": submission.text("link")}.get(leads_to, ""),
        starts_on=submission.needed_day("starts_on", "Give the first day."),
        ends_on=submission.needed_day("ends_on", "Give the last day."),
    )  # fmt: skip


def _typed(found: Campaign | None) -> dict[str, str]:
    if found is None:
        return parts_of("starts_on", clock.today())
    wording = Wording(found.title, found.words, found.audience, found.link, found.starts_on, found.ends_on)
    typed = {name: str(value) for name, value in asdict(wording).items()}
    typed["leads_to"] = "help" if found.link == rules.HELP else "link" if found.link else ""
    typed["link"] = "" if found.link == rules.HELP else found.link
    return typed | parts_of("starts_on", found.starts_on) | parts_of("ends_on", found.ends_on)
