"""An absence typed in, ended, or taken back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from openoh.foundation.codes import catalogue
from openoh.foundation.core import clock
from openoh.foundation.core.identifiers import new_id
from openoh.foundation.people.access import engagements_visible_to
from openoh.foundation.people.models import Engagement
from openoh.pages.gate import Request, page, show
from openoh.pages.render import render
from openoh.pages.submission import Submission, identifier, parts_of
from openoh.population.absence import actions, reasons
from openoh.population.absence.models import Spell
from openoh.population.absence.queries import spells


@page("people.maintain")
@require_http_methods(["GET", "POST"])
def add(request: Request, engagement: UUID) -> HttpResponseBase:
    """First and last day. A reason is asked for only when a purpose in force may keep it, so never in a small
    employer. The form carries the key of the absence, so that sending it twice adds it once."""
    found: Engagement = engagements_visible_to(request.actor).get(pk=engagement)
    kept = reasons.kept_groups(found.employer_id, clock.today())
    submission = Submission(request.POST)
    key = identifier(submission.text("key")) or new_id()
    if request.method == "POST":
        first = submission.needed_day("started_on", "Give the first day.")
        last = submission.day("ended_on")
        reason = submission.text("reason") if submission.text("reason") in kept else None
        if submission.do(
            lambda: actions.record_spell(
                by=request.actor, engagement=found, started_on=first, ended_on=last, reason=reason,
                reference=f"hand-{key}",
            )
        ):  # fmt: skip
            messages.success(request, f"The absence of {found} is recorded.")
            return redirect("employer:person", engagement=engagement)
    show(request, [found.person_id])
    return render(
        request, "employer/absent.jinja", title=f"{found} is absent", back=f"/employer/people/{engagement}", key=key,
        errors=submission.errors, typed=request.POST, found=found,
        reasons=[(code, catalogue.words("absence-reason", code)) for code in sorted(kept)],
        status=submission.status if submission.errors else 200,
    )  # fmt: skip


@page("people.maintain")
@require_http_methods(["GET", "POST"])
def change(request: Request, spell: int) -> HttpResponseBase:
    """Say the last day of an absence, correct it, or take the absence back."""
    found: Spell = spells(request.actor).get(pk=spell)
    submission = Submission(request.POST)
    if request.method == "POST":
        if submission.text("do") == "retract":
            done = submission.do(lambda: actions.retract_spell(by=request.actor, spell=found))
        else:
            last = submission.needed_day("ended_on", "Give the last day.")
            done = submission.do(lambda: actions.end_spell(by=request.actor, spell=found, ended_on=last))
        if done:
            messages.success(request, "The absence is corrected.")
            return redirect("employer:person", engagement=found.engagement_id)
    show(request, [found.engagement.person_id])
    return render(
        request, "employer/absence.jinja", title=f"Absence of {found.engagement}", found=found,
        back=f"/employer/people/{found.engagement_id}", errors=submission.errors,
        typed=request.POST or parts_of("ended_on", found.ended_on),
        status=submission.status if submission.errors else 200,
    )  # fmt: skip
