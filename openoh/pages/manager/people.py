"""My people: who needs something from me today, then everybody else."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from openoh.foundation.access.team import team
from openoh.foundation.core import clock
from openoh.pages.gate import Request, page, show
from openoh.pages.manager.today import tasks
from openoh.pages.render import render
from openoh.pages.submission import identifier
from openoh.population.absence.queries import absent_since

A_PAGE = 50


@page("people.manage")
@require_GET
def my_people(request: Request) -> HttpResponse:
    """Tasks first; then everybody, with since when they are absent, and never why."""
    after = identifier(request.GET.get("after", ""))
    people = team(request.actor, after=after, most=A_PAGE + 1)
    shown, more = people[:A_PAGE], people[A_PAGE:]
    waiting = [] if after else tasks(request.actor)
    show(request, [member.engagement.person_id for member in shown] + [task.person for task in waiting])
    return render(
        request, "manager/people.jinja", title="My people", people=shown, tasks=waiting, after=after,
        absent=absent_since(request.actor, [each.engagement.id for each in shown], clock.today()),
        next=shown[-1].engagement.id if more else None,
    )  # fmt: skip
