"""Service today, and who waits for whom."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from openoh.foundation.access.permissions import holds
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pages.service import presenters
from openoh.pathway.diaries.queries import without_times
from openoh.population.measures import figures


@page("service.measure")
@require_GET
def today(request: Request) -> HttpResponse:
    """Five figures with direction and target, what changed, and whose turn it is."""
    known = figures.histories(request.actor)
    beside = {"back-at-work": known["lost-to-follow-up"]}
    # Rates stand with the employers and have no figure for the whole service.
    others = [
        presenters.card(history)
        for code, history in known.items()
        if code not in presenters.FEATURED and history.measure.kind != "rate"
    ]
    return render(
        request, "service/today.jinja", title="Service today",
        cards=[presenters.card(known[code], beside.get(code)) for code in presenters.FEATURED],
        others=others, changed=presenters.readings(known),
        turns=presenters.turns(figures.waiting(request.actor)), without=without_times(request.actor),
        runs_diary=holds(request.actor, "diary.run"),
    )  # fmt: skip


@page("service.measure")
@require_GET
def waits(request: Request) -> HttpResponse:
    """Who waits now, step by step, by whose turn it is; our own delay apart."""
    return render(
        request, "service/waits.jinja", title="Who is waiting", back="/service",
        turns=presenters.turns(figures.waiting(request.actor)),
        triage=presenters.card(figures.history(request.actor, "triage-in-time")),
        reports=presenters.card(figures.history(request.actor, "reports-in-time")),
    )  # fmt: skip
