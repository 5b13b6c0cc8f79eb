"""The passport: what is in force, and to whom the person shows it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openoh.exchange.passports import actions, rules
from openoh.exchange.passports.queries import shares_of
from openoh.foundation.core import clock
from openoh.foundation.core.errors import Conflict, Invalid
from openoh.pages.employee import forms
from openoh.pages.gate import Request, page
from openoh.pages.passport_words import how_long
from openoh.pages.render import render
from openoh.pathway.adjustments.queries import passport

# Kept in the session from making a link to the next page, which tells it once.
NEW_LINK = "new-passport-link"


@page("own.record")
@require_GET
def your_passport(request: Request) -> HttpResponse:
    """Adjustments in force: since when, agreed by whom, until when. Made to be printed, shown and shared."""
    now = clock.now()
    code = request.session.pop(NEW_LINK, "")
    return render(
        request, "employee/passport.jinja", title="Your passport", back="/me",
        entries=[(each, how_long(each)) for each in passport(request.actor)],
        link=request.build_absolute_uri(reverse("public:shared-passport", args=[code])) if code else "",
        shares=[
            (each, rules.is_open(ends_at=each.ends_at, revoked_at=each.revoked_at, now=now))
            for each in shares_of(request.actor)
        ],
    )  # fmt: skip


@page("own.record")
@require_http_methods(["GET", "POST"])
def share(request: Request) -> HttpResponseBase:
    """Whom it is for and for how long; then a link that is shown once."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        days = request.POST.get("days", "")
        try:
            made = actions.share(
                by=request.actor,
                for_whom=request.POST.get("for_whom", ""),
                days=int(days) if days.isdecimal() else 0,
            )
        except Invalid as wrong:
            errors = {wrong.field or "for_whom": str(wrong)}
        else:
            request.session[NEW_LINK] = made.code
            return redirect("employee:passport")
    lengths = [(str(days), "1 day" if days == 1 else f"{days} days") for days in rules.lengths()]
    return render(
        request, "employee/share.jinja", status=422 if errors else 200, title="Share your passport", errors=errors,
        back=reverse("employee:passport"), fields=[
            forms.write("for_whom", "Whom is it for?", kind="line", value=request.POST.get("for_whom", ""),
                        hint="For your own overview, such as “My new ward manager”.", errors=errors),
            forms.choose("days", "For how long?", lengths, given=[request.POST.get("days", "")], errors=errors),
        ],
    )  # fmt: skip


@page("own.record")
@require_POST
def revoke(request: Request, share_id: UUID) -> HttpResponseBase:
    """Take a link back, at once."""
    try:
        actions.revoke(by=request.actor, share_id=share_id)
    except Conflict as over:
        messages.warning(request, str(over))
    else:
        messages.success(request, "Nobody can open that link any more.")
    return redirect("employee:passport")
