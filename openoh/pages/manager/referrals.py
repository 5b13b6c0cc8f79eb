"""Begin a referral, see how far it has got, take it back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from openoh.foundation.codes import catalogue
from openoh.foundation.core import clock
from openoh.pages.gate import Request, page, show
from openoh.pages.manager.presenters import referral_line
from openoh.pages.render import render
from openoh.pages.submission import Submission, identifier
from openoh.pathway.referrals import actions, queries
from openoh.pathway.referrals.models import Referral
from openoh.pathway.referrals.rules import Absence
from openoh.pathway.referrals.states import REFERRAL
from openoh.pathway.reports.opening import advice_given
from openoh.population.absence.queries import recent

A_PAGE = 20


@page("referral.make")
@require_http_methods(["GET", "POST"])
def refer(request: Request, engagement: UUID) -> HttpResponseBase:
    """What is known already, and what occupational health can and cannot say; then begin."""
    known = queries.prefilled(request.actor, engagement)
    spells = recent(request.actor, engagement, queries.absences_from(clock.today()))
    submission = Submission(request.POST)
    if request.method == "POST":
        made = submission.do(
            lambda: actions.draft(
                by=request.actor, engagement=engagement, demands=known.demands,
                absences=[Absence(spell.started_on, spell.ended_on) for spell in spells],
            )
        )  # fmt: skip
        if made:
            return redirect("manager:write", referral=made.id, part="why")
    show(request, [known.person_id])
    return render(
        request, "manager/refer.jinja", title=f"Refer {known.name} to occupational health", back="/manager",
        known=known, spells=spells, errors=submission.errors,
        advice=advice_given(request.actor).filter(engagement_id=engagement)[:5],
        status=submission.status if submission.errors else 200,
    )  # fmt: skip


@page("referral.make")
@require_GET
def listing(request: Request) -> HttpResponse:
    """The manager's own referrals, newest first."""
    before = identifier(request.GET.get("before", ""))
    rows = queries.newest_made_by(request.actor, before=before, limit=A_PAGE + 1)
    shown = rows[:A_PAGE]
    show(request, [each.person_id for each in shown])
    return render(
        request, "manager/referrals.jinja", title="Referrals", lines=[referral_line(each) for each in shown],
        next=shown[-1].id if len(rows) > A_PAGE else None,
    )  # fmt: skip


@page("referral.make")
@require_GET
def progress(request: Request, referral: UUID) -> HttpResponse:
    """A line of steps with dates; never who holds it back."""
    return progress_page(request, referral)


def progress_page(
    request: Request, referral: UUID, *, errors: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    """The progress of a referral, also where something could not be done any more."""
    found: Referral = queries.made_by(request.actor).get(pk=referral)
    show(request, [found.person_id])
    advice = advice_given(request.actor).filter(referral_id=found.id).first()
    return render(
        request, "manager/progress.jinja", title=f"Referral of {found.engagement}", back="/manager/referrals",
        referral=found, steps=queries.progress(request.actor, referral), advice=advice,
        being_written=found.state in actions.BEING_WRITTEN, may_withdraw=REFERRAL.allows(found.state, "withdrawn"),
        returned_for=[catalogue.words("return-reason", code) for code in found.returned_for],
        provider=found.provider, errors=errors or {}, status=status,
    )  # fmt: skip


@page("referral.make")
@require_http_methods(["GET", "POST"])
def withdraw(request: Request, referral: UUID) -> HttpResponseBase:
    """Ask once, then take the referral back."""
    found: Referral = queries.made_by(request.actor).get(pk=referral)
    if request.method == "POST":
        submission = Submission(request.POST)
        if submission.do(lambda: actions.withdraw(by=request.actor, referral=referral)):
            messages.success(request, f"You have taken back the referral of {found.engagement}.")
            return redirect("manager:referrals")
        return progress_page(request, referral, errors=submission.errors, status=submission.status)
    show(request, [found.person_id])
    return render(
        request, "manager/withdraw.jinja", title=f"Take back the referral of {found.engagement}?",
        back=f"/manager/referrals/{referral}", referral=found,
    )  # fmt: skip
