"""How it went: two minutes, four weeks on."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from openoh.foundation.codes.catalogue import choices
from openoh.foundation.core.errors import Conflict, Invalid
from openoh.pages.employee import forms
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pathway.outcomes.access import visible_to
from openoh.pathway.outcomes.actions import answer_person

QUESTIONS = (
    ("work", "Where are you with work now?"),
    ("health", "How is your health, compared with before?"),
    ("useful", "Was our help useful?"),
)
OPEN = ("asked", "lost")
# The catalogue speaks of the person to others; here it is the person who speaks.
OWN_WORDS = {"left": "I have left the organisation"}
ASK_AGAIN = ("yes", "Yes, please contact me"), ("no", "No, thank you")


@page("own.record")
@require_http_methods(["GET", "POST"])
def how_it_went(request: Request, outcome_id: UUID) -> HttpResponseBase:
    """Work, health, was it useful; then thanks, and a way to more help."""
    found = visible_to(request.actor).get(pk=outcome_id)
    errors: dict[str, str] = {}
    if request.method == "POST":
        errors = _answer(request, outcome_id)
        if not errors:
            return redirect("employee:how-it-went", outcome_id=outcome_id)
    if found.state not in OPEN:
        return render(
            request, "employee/thanks.jinja", title="Thank you", back="/me", more_help=bool(found.more_help),
            answered=found.state == "answered",
        )  # fmt: skip
    return render(
        request, "employee/how_it_went.jinja", status=422 if errors else 200, title="How did it go?", back="/me",
        errors=errors, fields=_fields(request.POST, errors), sent=request.POST,
    )  # fmt: skip


def _answer(request: Request, outcome_id: UUID) -> dict[str, str]:
    sent = request.POST
    errors = {name: "Choose an answer" for name, _ in QUESTIONS if not sent.get(name)}
    back_on = None
    if not errors:
        try:
            back_on = _day(sent)
            answer_person(
                by=request.actor, outcome=outcome_id, back_on=back_on, words=sent.get("words", ""),
                more_help={"yes": True, "no": False}.get(sent.get("more_help", "")),
                **{name: sent[name] for name, _ in QUESTIONS},
            )  # fmt: skip
        except Invalid as wrong:
            return {wrong.field or "work": str(wrong)}
        except Conflict as over:
            messages.info(request, str(over))
    return errors


def _day(sent: QueryDict) -> date | None:
    """The day that was typed in three boxes; None when all are empty. Raises Invalid."""
    parts = [sent.get(f"back_on-{part}", "").strip() for part in ("day", "month", "year")]
    if not any(parts):
        return None
    try:
        day, month, year = map(int, parts)
        return date(year, month, day)
    except ValueError:
        raise Invalid("Give the day as in 27 3 2026, or leave it empty.", field="back_on") from None


def _in_own_words(name: str) -> list[tuple[str, str]]:
    return [(code, OWN_WORDS.get(code, words)) for code, words in choices(f"outcome-{name}")]


def _fields(sent: QueryDict, errors: dict[str, str]) -> list[forms.Field]:
    asked = [
        forms.choose(name, text, _in_own_words(name), given=[sent.get(name, "")], errors=errors)
        for name, text in QUESTIONS
    ]
    more = forms.choose(
        "more_help", "Would you like more help?", ASK_AGAIN, given=[sent.get("more_help", "")]
    )
    words = forms.write(
        "words", "Is there anything else? (optional)", value=sent.get("words", ""), errors=errors
    )
    return [*asked, more, words]
