"""Where is an employer among its kind: a funnel, and what reaching the best quarter would give back."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from openoh.foundation.core.actors import Actor
from openoh.foundation.organisations.models import Employer
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pages.service import charts, presenters
from openoh.pages.service.measures import chosen_employer
from openoh.population.measures import figures, queries
from openoh.population.measures.benchmark import Benchmark, benchmark, content, kind_of

DAYS = 365
PLACES = {
    0: "This is within the limits: chance and ordinary differences between organisations explain it.",
    1: "This is above the upper limit: more than chance and ordinary differences explain. Look for a reason.",
    -1: "This is below the lower limit: less than chance and ordinary differences explain. Look for what helps.",
}


@page("service.measure")
@require_GET
def benchmarks(request: Request) -> HttpResponse:
    """One employer among the published organisations of its kind, or of another kind that was chosen."""
    employers = figures.employers_with_figures(request.actor)
    chosen = chosen_employer(request.GET.get("employer", ""), employers) or (
        employers[0] if employers else None
    )
    kinds = queries.kinds(request.actor)
    wanted = request.GET.get("kind", "")
    if wanted and wanted not in kinds:
        raise Http404
    return render(
        request, "service/benchmarks.jinja", title="Benchmarks", employers=employers, chosen=chosen, kinds=kinds,
        **comparison(request.actor, chosen, wanted or kind_of(chosen)),
    )  # fmt: skip


def comparison(actor: Actor, employer: Employer | None, kind: str) -> dict[str, Any]:
    """What the benchmark shows; without a kind there is nothing like the employer to compare it with."""
    found = benchmark(actor, employer, kind=kind) if kind else None
    if found is None:
        return {"found": None, "kind": kind}
    return {
        "found": found,
        "kind": kind,
        "place": PLACES[found.funnel.outside[-1]] if found.has_own else "",
        "chart": _chart(found),
        "outside": sum(1 for side in _others(found) if side),
        "hours_per_week": content()["hours_per_week"],
        "days_in_year": DAYS,
        "source": content().source,
        "organisation": presenters.organisation,
    }


def _others(found: Benchmark) -> list[int]:
    return found.funnel.outside[: len(found.organisations)]


def _chart(found: Benchmark) -> str:
    sizes = [each.available / DAYS for each in found.organisations]
    if found.has_own:
        sizes.append(found.own.available / DAYS)
    title = f"Absence rates of {len(found.organisations)} organisations, by their size"
    name = found.employer.name if found.employer else ""
    return charts.funnel_chart(found.funnel, sizes, own=found.has_own, title=title, own_name=name)
