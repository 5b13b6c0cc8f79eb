"""Team: how much absence there is in a group that gives nobody away, how to talk about it, and what to learn."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from openoh.foundation.organisations.models import Employer
from openoh.methods.disclosure import disclosure_rules
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pathway.services.guidance import conversation, courses
from openoh.pathway.services.queries import crisis_help
from openoh.population.measures.groups import NOBODY_LED, NONE_SAFE, NOT_YET, SMALL_EMPLOYER, figure_for
from openoh.population.measures.queries import definitions, group_rules

MISSING = {
    NOBODY_LED: "Nobody reports to you in the staff list, so there is no figure.",
    SMALL_EMPLOYER: "In an employer of fewer than 25 people a figure could tell about one of them, so there is none.",
    NOT_YET: "There is no figure yet. The first comes when the absence records cover three whole months of a quarter.",
    NONE_SAFE: "For these months no figure can be shown without telling about somebody, so there is none.",
}


@page("people.manage")
@require_GET
def team(request: Request) -> HttpResponse:
    """The figure first, then the guide and the courses."""
    figure = figure_for(request.actor)
    return render(
        request, "manager/team.jinja", title="Team", figure=figure, missing=MISSING.get(figure.missing, ""),
        courses=courses(),
    )  # fmt: skip


@page("people.manage")
@require_GET
def about_figure(request: Request) -> HttpResponse:
    """What the figure means, how it is counted, and how the people in it are protected."""
    least = disclosure_rules()
    return render(
        request, "manager/team_figure.jinja", title="About the absence rate", back="/manager/team",
        definition=definitions()["absence-rate"], definitions=definitions(), rules=group_rules(),
        people=least.minimum_base["breakdown"], absent=least.threshold,
    )  # fmt: skip


@page("people.manage")
@require_GET
def talk(request: Request) -> HttpResponse:
    """The conversation guide; it prints."""
    employer = Employer.objects.get(pk=request.actor.employers[0])
    return render(
        request, "manager/conversation.jinja", title="Talking about wellbeing", back="/manager/team",
        guide=conversation(), crisis=crisis_help(employer.nation),
    )  # fmt: skip
