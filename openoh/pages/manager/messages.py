"""Write to occupational health about one's own referral, or about advice that one was given."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from openoh.pages.gate import Request, page, show
from openoh.pages.render import render
from openoh.pages.submission import Submission
from openoh.pathway.correspondence.actions import write
from openoh.pathway.correspondence.queries import thread
from openoh.pathway.referrals.models import Referral
from openoh.pathway.referrals.queries import made_by
from openoh.pathway.reports.opening import copies_for
from openoh.pathway.reports.released import ReleasedReport


@page("referral.make")
@require_http_methods(["GET", "POST"])
def about_referral(request: Request, referral: UUID) -> HttpResponseBase:
    """The thread about one referral, and a new message."""
    found: Referral = made_by(request.actor).exclude(state="draft").get(pk=referral)
    back = reverse("manager:progress", args=[referral])
    return _thread(request, found, back, referral=referral)


@page("advice.read")
@require_http_methods(["GET", "POST"])
def about_advice(request: Request, released: UUID) -> HttpResponseBase:
    """The thread about one released report; not once it was taken back."""
    copies = copies_for(request.actor).filter(withdrawn_at=None).select_related("engagement", "provider")
    found: ReleasedReport = copies.get(pk=released)
    return _thread(request, found, reverse("manager:report", args=[released]), released=released)


def _thread(
    request: Request, found: Referral | ReleasedReport, back: str, *, referral: UUID | None = None,
    released: UUID | None = None,
) -> HttpResponseBase:  # fmt: skip
    submission = Submission(request.POST)
    if request.method == "POST":
        sent = submission.do(
            lambda: write(
                by=request.actor, words=submission.text("words"), referral_id=referral, released_id=released
            )
        )
        if sent:
            messages.success(request, "Your message is with occupational health.")
            return redirect(request.path)
    show(request, [found.person_id])
    return render(
        request, "manager/messages.jinja", title=f"Messages about {found.engagement}", back=back,
        written=thread(request.actor, referral=referral, released=released), provider=found.provider,
        name=str(found.engagement), words=submission.text("words"), errors=submission.errors,
        status=submission.status if submission.errors else 200,
    )  # fmt: skip
