"""Contracts: whom the service serves, with what, how soon, and who is controller; changed by a new version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from openoh.foundation.core import clock
from openoh.foundation.core.clock import UK
from openoh.foundation.organisations import queries
from openoh.foundation.organisations.models import Contract
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pages.submission import Submission, parts_of
from openoh.pathway.clocks.actions import agree_contract
from openoh.pathway.clocks.agreements import Terms
from openoh.pathway.clocks.rules import level, level_codes
from openoh.pathway.risk.queries import cover_for
from openoh.pathway.services.queries import catalogue

ROLES = list(Contract.Role.choices)


def newest(contracts: list[Contract]) -> list[Contract]:
    """The newest version with each employer, in the order of the employers' names."""
    return list({each.employer_id: each for each in contracts}.values())


@page("service.run")
@require_http_methods(["GET", "POST"])
def contract(request: Request, contract: UUID) -> HttpResponseBase:
    """What is agreed with one employer, what was agreed before, and the form for what is agreed anew."""
    every = queries.contracts(request.actor)
    asked = next((each for each in every if each.pk == contract), None)
    if asked is None:
        raise Contract.DoesNotExist
    versions = [each for each in every if each.employer_id == asked.employer_id]
    latest = versions[-1]
    counts, covers = cover_for(request.actor, latest.employer_id)
    submission = Submission(request.POST)
    if request.method == "POST":
        agreed = submission.do(
            lambda: agree_contract(by=request.actor, contract=contract, terms=terms_of(submission))
        )
        if agreed:
            messages.success(request, f"What was agreed with {agreed.employer.name} is written down.")
            return redirect("service:contract", contract=agreed.pk)
    return render(
        request, "service/contract.jinja", title=latest.employer.name, back="/service/administration", latest=latest,
        counts=counts, covers=covers,
        versions=versions, kind=catalogue(), level=lambda code, days: level(code, {code: days}), today=clock.today(),
        levels=[level(code, latest.levels) for code in level_codes()], roles=ROLES, uk=UK,
        services=[(entry.code, entry.title) for entry in catalogue().values()],
        may_change=latest.employer_id in request.actor.employers, errors=submission.errors,
        typed=request.POST if request.method == "POST" else _kept(latest),
        ticked=request.POST.getlist("services") if request.method == "POST" else latest.services,
        status=submission.status if submission.errors else 200,
    )  # fmt: skip


def terms_of(submission: Submission) -> Terms:
    """What was typed as agreed."""
    return Terms(
        starts_on=submission.day("starts_on") or date.min, ends_on=submission.day("ends_on"),
        services=submission.texts("services"), levels=_levels(submission),
        employer_role=submission.text("employer_role"), provider_role=submission.text("provider_role"),
        agreed_with=submission.text("agreed_with"),
    )  # fmt: skip


def _levels(submission: Submission) -> Mapping[str, int]:
    """Working days by level; an empty field leaves the days of the content."""
    typed = {code: submission.text(f"level-{code}") for code in level_codes()}
    return {code: int(days) if days.isdecimal() else -1 for code, days in typed.items() if days}


def _kept(latest: Contract) -> dict[str, str]:
    kept = {f"level-{code}": str(days) for code, days in latest.levels.items()}
    ends = parts_of("ends_on", latest.ends_on)
    return kept | ends | {"employer_role": latest.employer_role, "provider_role": latest.provider_role}
