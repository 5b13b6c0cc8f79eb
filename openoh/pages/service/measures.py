"""The measures: a list by owner, and one page each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from openoh.foundation.core.actors import Actor
from openoh.foundation.organisations.models import Employer
from openoh.methods.disclosure import disclosure_rules
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pages.service import charts, presenters
from openoh.population.measures import catalogue, figures
from openoh.population.measures.figures import History


@page("service.measure")
@require_GET
def listing(request: Request) -> HttpResponse:
    """Every measure with its owner and newest figure."""
    known = figures.histories(request.actor)
    return render(
        request, "service/measures.jinja", title="Measures", content=catalogue.content(),
        cards=[(presenters.card(history), history.measure) for history in known.values()],
    )  # fmt: skip


@page("service.measure")
@require_GET
def measure(request: Request, code: str) -> HttpResponse:
    """One measure of the whole service, or of one employer that is large enough."""
    if code not in catalogue.measures():
        raise Http404
    employers = figures.employers_with_figures(request.actor)
    chosen = chosen_employer(request.GET.get("employer", ""), employers)
    if catalogue.measures()[code].kind == catalogue.RATE and chosen is None and employers:
        chosen = employers[0]
    history = figures.history(request.actor, code, chosen.pk if chosen else None)
    return render(
        request, "service/measure.jinja", back="/service/measures", employers=employers, chosen=chosen,
        by_employer=employer_rows(request.actor, history), **page_of(history),
    )  # fmt: skip


def chosen_employer(wanted: str, employers: list[Employer]) -> Employer | None:
    """The employer that was asked for; one that has no figures here does not exist."""
    if not wanted:
        return None
    try:
        return next(each for each in employers if each.pk == UUID(wanted))
    except (StopIteration, ValueError):
        raise Http404 from None


def employer_rows(actor: Actor, history: History) -> list[presenters.Row]:
    """The newest closed month of every employer, by name: never in the order of their figures."""
    if history.latest is None:
        return []
    values = figures.by_employer(actor, history.measure.code, history.latest.first)
    return presenters.employer_rows(values, history.measure)


def page_of(history: History) -> dict[str, Any]:
    """What the page of a measure shows, for the service and for the board."""
    shown, measure = history.shown, history.measure
    chart = None
    if len(shown) > 1:
        labels = [f"{value.first:%b %Y}" for value in shown]
        chart = charts.run_chart(
            history.chart(),
            history.points,
            labels,
            title=measure.title,
            kind=measure.kind,
            target=measure.target,
        )
    return {
        "title": measure.title,
        "measure": measure,
        "content": catalogue.content(),
        "direction": presenters.direction(measure),
        "card": presenters.card(history),
        "chart": chart,
        "reading": history.reading() or presenters.NO_CHART,
        "rows": presenters.rows(history),
        "threshold": disclosure_rules().threshold,
        "small": disclosure_rules().minimum_base["breakdown"],
    }
