"""A report, seen first by its person: what the manager would get, what stays private, and the decision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from openoh.foundation.core.errors import Conflict, Invalid
from openoh.pages.employee import advice, forms
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pathway.reports import actions
from openoh.pathway.reports.queries import open_report
from openoh.pathway.reports.receivers import receivers_in_words

DECIDABLE = ("with-person", "correction-asked")


@dataclass(frozen=True)
class Decision:
    """One thing that the person can do: what it means, what it asks for, and what was done afterwards."""

    slug: str
    choice: str
    title: str
    means: tuple[str, ...]
    button: str
    done: str
    act: Callable[..., Any]
    states: tuple[str, ...]
    words: str = ""
    hint: str = ""
    warning: bool = False


DECISIONS = (
    Decision(
        "agree", "Agree: it may be sent", "Agree to send this report",
        ("It is sent to the people named here, and to nobody else.",
         "Afterwards you can still take your agreement back. From then on nobody can open it."),
        "Agree and send", "You agreed. The report is on its way to the people named in it.", actions.agree,
        (*DECIDABLE, "blocked"),
    ),
    Decision(
        "correct", "Ask for a correction: a fact is wrong", "Ask for a correction",
        ("The clinician reads what you write, and corrects the report or explains why not.",
         "Nothing is sent meanwhile, however long it takes.",
         "A correction is for facts. An opinion that you do not share can be answered in a comment."),
        "Ask for the correction", "We have told the clinician. Nothing is sent meanwhile.", actions.ask_correction,
        ("with-person",), words="What is wrong, and what is right?",
    ),
    Decision(
        "comment", "Add a comment of your own", "Add a comment",
        ("Your comment is sent with the report, in your words. Everybody who gets the report reads it.",
         "It decides nothing: afterwards you can still agree, ask for a correction, or say no."),
        "Save the comment", "Your comment is saved with the report.", actions.comment, DECIDABLE,
        words="Your comment", hint="Leave it empty to take an earlier comment away.",
    ),
    Decision(
        "refuse", "Say no: nobody may get it", "Say no to this report",
        ("Nobody gets this report.",
         "Your manager reads only “occupational health cannot give advice; manage on what you know”, as for any "
         "other cause. They may then decide about your work without our advice.",
         "You can change your mind later and agree."),
        "Say no", "You said no. Nobody gets this report.", actions.refuse, (*DECIDABLE, "to-release"), warning=True,
    ),
    Decision(
        "take-back", "Take your agreement back", "Take your agreement back",
        ("From this moment nobody can open the report. What somebody has read already, they have read.",
         "Your manager reads only “occupational health cannot give advice; manage on what you know”."),
        "Take it back", "You took your agreement back. Nobody can open the report now.", actions.withdraw_consent,
        ("to-release", "released"), warning=True,
    ),
)  # fmt: skip


@page("own.record")
@require_http_methods(["GET", "POST"])
def report(request: Request, report_id: UUID) -> HttpResponseBase:
    """The report as the manager would get it, beside what stays private; then the choice what to do."""
    found, copy = open_report(request.actor, report_id)
    possible = [each for each in DECISIONS if found.state in each.states]
    errors: dict[str, str] = {}
    if request.method == "POST":
        chosen = request.POST.get("decision", "")
        if any(each.slug == chosen for each in possible):
            return redirect("employee:report-decision", report_id=found.pk, decision=chosen)
        errors = {"decision": "Choose what you want to do"}
    if found.seen_at is None:
        found.decide_by = actions.mark_seen(by=request.actor, report=found.pk).decide_by
    return render(
        request, "employee/report.jinja", status=422 if errors else 200, errors=errors, title="Your report",
        back="/me/record", found=found, copy=advice.in_words(copy), private=advice.private(found, copy),
        correction=advice.correction_of(found),
        receivers=receivers_in_words(found), state=advice.state_of(found), window=advice.window_of(found),
        field=possible and forms.choose(
            "decision", "What do you want to do?", [(each.slug, each.choice) for each in possible], errors=errors
        ),
    )  # fmt: skip


@page("own.record")
@require_http_methods(["GET", "POST"])
def decide(request: Request, report_id: UUID, decision: str) -> HttpResponseBase:
    """One decision: what it means, and the button that makes it."""
    found, _ = open_report(request.actor, report_id)
    chosen = next((each for each in DECISIONS if each.slug == decision), None)
    if chosen is None:
        raise Http404
    here = redirect("employee:report", report_id=found.pk)
    errors, said = {}, request.POST.get("words", "")
    if request.method == "POST":
        try:
            chosen.act(by=request.actor, report=found.pk, **({"words": said} if chosen.words else {}))
        except Invalid as wrong:
            errors = {wrong.field or "words": str(wrong)}
        except Conflict as over:
            messages.warning(request, str(over))
            return here
        else:
            messages.success(request, chosen.done)
            return here
    elif found.state not in chosen.states:
        return here
    elif chosen.slug == "comment":
        said = advice.comment_of(found)
    return _show(request, chosen, here["Location"], said, errors, receivers_in_words(found))


def _show(
    request: Request, chosen: Decision, back: str, said: str, errors: dict[str, str], receivers: list[str]
) -> HttpResponse:
    field = forms.write("words", chosen.words, value=said, hint=chosen.hint, errors=errors)
    return render(
        request, "employee/decide.jinja", status=422 if errors else 200, errors=errors, title=chosen.title,
        back=back, decision=chosen, receivers=receivers if chosen.slug == "agree" else [],
        field=field if chosen.words else None,
    )  # fmt: skip
