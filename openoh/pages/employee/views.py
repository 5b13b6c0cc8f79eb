"""The start, the record, and who has looked at it."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from openoh.foundation.access.roles import role
from openoh.foundation.audit import queries as audit
from openoh.pages.gate import Request, page
from openoh.pages.render import render


@page("own.record")
@require_GET
def start(request: Request) -> HttpResponse:
    """Three ways on: ask for help, answer an invitation, see your record."""
    return render(request, "employee/start.jinja", title="Get help with your health at work")


@page("own.record")
@require_GET
def who_looked(request: Request) -> HttpResponse:
    """Everyone who opened the record, newest first, with the reason."""
    return render(
        request, "employee/who_looked.jinja", title="Who has looked at your record", back="/me/record",
        readings=audit.readings_of_own_record(request.actor), title_of=lambda name: role(name).title,
    )  # fmt: skip
