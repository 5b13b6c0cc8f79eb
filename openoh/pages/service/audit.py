"""Who did what, newest first, about whom and by whom if asked, and whether the record of it is sealed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from openoh.foundation.access.holders import accounts_called
from openoh.foundation.access.roles import ROLES
from openoh.foundation.audit import queries
from openoh.foundation.audit.actions import verbs
from openoh.foundation.audit.models import Event
from openoh.foundation.people.access import visible_to
from openoh.foundation.people.models import Person
from openoh.foundation.people.queries import find, find_by_number
from openoh.pages.gate import Request, page, show
from openoh.pages.render import render
from openoh.pages.submission import Submission

AUDIT = "/service/audit"


@dataclass
class Asked:
    """What was asked for in the form. `people` are several who fit, one of whom must be chosen."""

    sought: queries.Sought = queries.ANYTHING
    person: Person | None = None
    people: list[Person] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)


@page("audit.read")
@require_GET
def events(request: Request) -> HttpResponse:
    """A page of events; "Show more" goes on from the last."""
    try:
        before = UUID(request.GET["before"]) if "before" in request.GET else None
    except ValueError:
        raise Http404 from None
    asked = _asked(request)
    plain = not (asked.errors or asked.people)
    found = queries.events(request.actor, sought=asked.sought, before=before) if plain else []
    shown = found[: queries.PAGE]
    about = [asked.person] if asked.person else asked.people
    show(request, [person.pk for person in about])
    return render(
        request, "service/audit.jinja", title="Audit", back=AUDIT if before or asked.sought.said() else "",
        events=[(event, _what(event.verb), _role(event)) for event in shown], asked=asked, plain=plain,
        more=_address(request, before=shown[-1].pk) if len(found) > queries.PAGE else "",
        choices=[(_address(request, who=person.pk), person) for person in asked.people],
        kinds=[(verb, _what(verb)) for verb in verbs()], typed=request.GET, errors=asked.errors,
        seals=queries.seal_state(request.actor), most=queries.MOST_COUNTED,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if asked.errors else HTTPStatus.OK,
    )  # fmt: skip


def _asked(request: Request) -> Asked:
    form, asked = Submission(request.GET), Asked()
    first, last = form.day("first"), form.day("last")
    if first and last and last < first:
        form.errors["last"] = "The last day must not be before the first day."
    verb = form.text("kind")
    asked.sought = queries.Sought(verb=verb if verb in verbs() else "", first=first, last=last)
    if colleague := form.text("colleague"):
        accounts = accounts_called(request.actor, colleague)
        asked.sought = replace(asked.sought, colleagues=accounts)
        if not accounts:
            form.errors["colleague"] = "Nobody in this service has this name."
    _choose_person(request, form, asked)
    asked.errors = form.errors
    return asked


def _choose_person(request: Request, form: Submission, asked: Asked) -> None:
    """One whom the actor may see: chosen before, or the only one who fits."""
    text, chosen = form.text("person"), form.text("who")
    if chosen:
        try:
            asked.person = visible_to(request.actor).get(pk=UUID(chosen))
        except ValueError:
            raise Http404 from None
    elif text:
        people = find(request.actor, text) or find_by_number(request.actor, text)
        asked.person = people[0] if len(people) == 1 else None
        asked.people = people if len(people) > 1 else []
        if not people:
            form.errors["person"] = "Nobody in your records has this name or number."
    if asked.person:
        asked.sought = replace(asked.sought, person=asked.person.pk)


def _address(request: Request, **more: UUID) -> str:
    """This page with the same questions and one more."""
    kept = {
        name: value for name, value in request.GET.items() if value and name not in more and name != "before"
    }
    return f"{AUDIT}?{urlencode(kept | {name: str(value) for name, value in more.items()})}"


def _what(verb: str) -> str:
    """``match.decided`` as “Match decided”."""
    return verb.replace(".", " ").replace("-", " ").capitalize()


def _role(event: Event) -> str:
    return ROLES[event.role].title if event.role in ROLES else "The system"
