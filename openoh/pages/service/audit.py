"""Who did what, newest first, and whether the record of it is sealed."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from openoh.foundation.access.roles import ROLES
from openoh.foundation.audit import queries
from openoh.foundation.audit.models import Event
from openoh.pages.gate import Request, page
from openoh.pages.render import render


@page("audit.read")
@require_GET
def events(request: Request) -> HttpResponse:
    """A page of events; "Show more" goes on from the last."""
    try:
        before = UUID(request.GET["before"]) if "before" in request.GET else None
    except ValueError:
        raise Http404 from None
    found = queries.events(request.actor, before=before)
    shown = found[: queries.PAGE]
    return render(
        request, "service/audit.jinja", title="Audit", back="/service/audit" if before else "",
        events=[(event, _what(event), _role(event)) for event in shown],
        more=shown[-1].pk if len(found) > queries.PAGE else None, seals=queries.seal_state(request.actor),
        most=queries.MOST_COUNTED,
    )  # fmt: skip


def _what(event: Event) -> str:
    """``match.decided`` as “Match decided”."""
    return event.verb.replace(".", " ").replace("-", " ").capitalize()


def _role(event: Event) -> str:
    return ROLES[event.role].title if event.role in ROLES else "The system"
