"""The board at a glance: is it working? Protected figures of closed months only, one employer, no rows."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from openoh.foundation.core.actors import Actor
from openoh.foundation.organisations.models import Employer
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pages.service import presenters
from openoh.pages.service.benchmarks import comparison
from openoh.pages.service.measures import page_of
from openoh.population.measures import catalogue, figures
from openoh.population.measures.benchmark import kind_of


@page("insight.read")
@require_GET
def glance(request: Request) -> HttpResponse:
    """One page: absence among our kind, what it costs in hours, and the figures of the service for this employer."""
    employer = _employer(request.actor)
    known = figures.histories(request.actor, employer.pk)
    beside = {"back-at-work": known["lost-to-follow-up"]}
    cards = [
        presenters.card(history, beside.get(code))
        for code, history in known.items()
        if code not in ("lost-to-follow-up", "absence-rate")
    ]
    return render(
        request, "service/glance.jinja", title="At a glance", employer=employer,
        cards=[card for card in cards if not card.empty], empty=[card for card in cards if card.empty],
        changed=presenters.readings(known), **comparison(request.actor, employer, kind_of(employer)),
    )  # fmt: skip


@page("insight.read")
@require_GET
def measure(request: Request, code: str) -> HttpResponse:
    """One measure of the board's own employer."""
    if code not in catalogue.measures():
        raise Http404
    employer = _employer(request.actor)
    return render(
        request, "service/measure.jinja", back="/insight", employers=[], chosen=employer, by_employer=[],
        **page_of(figures.history(request.actor, code, employer.pk)),
    )  # fmt: skip


def _employer(actor: Actor) -> Employer:
    """The employer whose board this is; a board of several reads the first, by code, here."""
    return Employer.objects.filter(pk__in=actor.employers).order_by("code")[:1].get()
