"""A case: its timeline as a picture, what is open, who may be told; and the caseload."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openoh.foundation.codes import catalogue
from openoh.foundation.core.errors import Invalid
from openoh.pages.clinic import presenters
from openoh.pages.clinic.forms import needed_day, reference, text, typed
from openoh.pages.clinic.refusals import Refusal, refusals
from openoh.pages.clinic.timeline import events_of, open_actions, picture
from openoh.pages.gate import Request, page, show
from openoh.pages.render import render
from openoh.pathway.cases import actions
from openoh.pathway.cases.access import visible_to
from openoh.pathway.cases.models import Case
from openoh.pathway.cases.queries import (
    NO_NEXT_STEP,
    ON_TIME,
    OVERDUE,
    RISK,
    Place,
    caseload,
    people_to_name,
    receives,
    recipients_of,
    unowned,
)
from openoh.pathway.cases.states import CASE
from openoh.pathway.clinics.queries import clinicians
from openoh.pathway.consultations import actions as consultations
from openoh.pathway.consultations.queries import of_case
from openoh.pathway.correspondence.queries import of_case_or_report
from openoh.pathway.outcomes.models import PersonOutcome
from openoh.pathway.outcomes.queries import of_case as outcomes_of_case
from openoh.pathway.outcomes.queries import words_of
from openoh.pathway.reports import actions as reports
from openoh.pathway.risk import actions as risks
from openoh.pathway.risk.actions import CONCERNS

PAGE = 20
RANKS = {
    RISK: ("Open risk", "red"), OVERDUE: ("Overdue", "orange"), NO_NEXT_STEP: ("No next step", "yellow"),
    ON_TIME: ("On time", "grey"),
}  # fmt: skip
CONCERN_WORDS = {
    "any-thought": "Any thought of suicide or self-harm",
    "plan-means-intent": "A plan, means or intent",
}


@page("record.clinical")
@require_GET
def load(request: Request) -> HttpResponse:
    """My cases: open risk, overdue, no next step, then by date; below, what nobody has taken."""
    actor = request.actor
    after = _place(request.GET)
    found = caseload(actor, after=after, limit=PAGE + 1)
    shown = found[:PAGE]
    waiting = [] if after else unowned(actor)
    show(request, [each.case.person_id for each in shown] + [case.person_id for case in waiting])
    return render(
        request, "clinic/caseload.jinja", title="Caseload", rows=shown, waiting=waiting, ranks=RANKS,
        more=shown[-1].place if len(found) > PAGE else None, service_words=presenters.service_words,
        next_step_words=presenters.next_step_words, continued=after is not None,
    )  # fmt: skip


@page("record.clinical")
@require_GET
def case(request: Request, case: UUID) -> HttpResponse:
    """The whole case on one page."""
    return _screen(request, case, Refusal())


@page("record.clinical")
@require_POST
def take(request: Request, case: UUID) -> HttpResponseBase:
    """Become the owner of a case that nobody has."""
    with refusals() as refused:
        actions.take(by=request.actor, case_id=case)
        messages.success(request, "This is your case now. Say what happens next.")
    return _screen(request, case, refused) if refused else redirect("clinic:case", case=case)


@page("record.clinical")
@require_POST
def next_step(request: Request, case: UUID) -> HttpResponseBase:
    """Say what happens next, and by when."""
    with refusals() as refused:
        step = text(request.POST, "step")
        if step not in presenters.NEXT_STEPS:
            raise Invalid("Choose what happens next.", field="step")
        on = needed_day(request.POST, "on", missing="Say by when.")
        actions.plan_next_step(by=request.actor, case_id=case, step=step, on=on)
        messages.success(request, "Planned.")
    return _screen(request, case, refused) if refused else redirect("clinic:case", case=case)


@page("record.clinical")
@require_POST
def close(request: Request, case: UUID) -> HttpResponseBase:
    """Close the case; refused while a risk of the person is open."""
    with refusals() as refused:
        reason = text(request.POST, "closing")
        if reason not in presenters.CLOSING:
            raise Invalid("Say why the case ends.", field="closing")
        actions.close_case(by=request.actor, case_id=case, reason=reason)
        messages.success(request, "Closed. You can open it again.")
    return _screen(request, case, refused) if refused else redirect("clinic:case", case=case)


@page("record.clinical")
@require_POST
def reopen(request: Request, case: UUID) -> HttpResponseBase:
    """Open a closed case again."""
    with refusals() as refused:
        actions.reopen(by=request.actor, case_id=case)
        messages.success(request, "Open again.")
    return _screen(request, case, refused) if refused else redirect("clinic:case", case=case)


@page("consultation.write")
@require_POST
def begin_consultation(request: Request, case: UUID) -> HttpResponseBase:
    """Write a consultation down that had no appointment, such as a telephone call."""
    with refusals() as refused:
        begun = consultations.begin(by=request.actor, case_id=case, mode="telephone")
        return redirect("clinic:consultation", consultation=begun.pk)
    return _screen(request, case, refused)


@page("report.write")
@require_POST
def begin_report(request: Request, case: UUID) -> HttpResponseBase:
    """Begin a report, from the newest signed consultation of the case when there is one."""
    found = visible_to(request.actor).get(pk=case)
    signed = next((each for each in of_case(request.actor, found.pk) if each.signed_at), None)
    with refusals() as refused:
        begun = reports.begin(by=request.actor, case=found.pk, consultation=signed.pk if signed else None)
        return redirect("clinic:report", report=begun.pk)
    return _screen(request, case, refused)


@page("record.clinical")
@require_http_methods(["GET", "POST"])
def hand_over(request: Request, case: UUID) -> HttpResponseBase:
    """Give the case to a colleague."""
    actor = request.actor
    found = _case(request, case)
    with refusals() as refused:
        if request.method == "POST":
            to = reference(request.POST, "to", missing="Choose who takes it.")
            actions.hand_over(by=actor, case_id=case, to=to)
            messages.success(request, "Handed over.")
            return redirect("clinic:case", case=case)
    others = [each for each in clinicians(actor) if each.user_id != found.owner]
    return render(
        request, "clinic/hand_over.jinja", status=refused.status, title="Hand the case over", errors=refused.errors,
        case=found, choices=presenters.clinician_choices(others, me=actor.user), back=f"/clinic/cases/{case}",
        typed=typed(request.POST if refused else None, {"to": ""}),
    )  # fmt: skip


@page("record.clinical")
@require_http_methods(["GET", "POST"])
def recipients(request: Request, case: UUID) -> HttpResponseBase:
    """Name who receives the report, or who must not."""
    actor = request.actor
    found = _case(request, case)
    with refusals() as refused:
        if request.method == "POST":
            chosen = reference(request.POST, "engagement", missing="Choose somebody.")
            leaves_out = request.POST.get("word") == "exclude"
            say = actions.exclude_recipient if leaves_out else actions.name_recipient
            say(by=actor, case_id=case, engagement_id=chosen)
            messages.success(request, "They will not be told." if leaves_out else "They receive the report.")
            return redirect("clinic:recipients", case=case)
    sought = request.GET.get("name", "").strip()
    return render(
        request, "clinic/recipients.jinja", status=refused.status, title="Who receives the report", case=found,
        errors=refused.errors, words=recipients_of(actor, found), people=people_to_name(actor, found, sought),
        sought=sought, back=f"/clinic/cases/{case}",
    )  # fmt: skip


@page("risk.handle")
@require_http_methods(["GET", "POST"])
def concern(request: Request, case: UUID) -> HttpResponseBase:
    """Say that you heard or saw a risk; it becomes an urgent task at once."""
    found = _case(request, case)
    with refusals() as refused:
        if request.method == "POST":
            flag = risks.raise_concern(
                by=request.actor, person_id=found.person_id, employer_id=found.employer_id, case_id=case,
                concern=text(request.POST, "concern"), note=text(request.POST, "note"),
            )  # fmt: skip
            return redirect("clinic:risk", flag=flag.pk)
    return render(
        request, "clinic/concern.jinja", status=refused.status, title="Raise a risk", errors=refused.errors,
        case=found, concerns=[(code, CONCERN_WORDS[code]) for code in CONCERNS], back=f"/clinic/cases/{case}",
        typed=typed(request.POST if refused else None, {"concern": "", "note": ""}),
    )  # fmt: skip


def _place(query: Mapping[str, str]) -> Place | None:
    try:
        return Place(int(query["rank"]), date.fromisoformat(query["on"]), UUID(query["id"]))
    except (KeyError, ValueError):
        return None


def _case(request: Request, case: UUID) -> Case:
    about = visible_to(request.actor).select_related(
        "person",
        "employer",
        "request",
        "referral",
        "referral__recipient",
        "engagement",
        "engagement__manager",
    )
    found = about.get(pk=case)
    show(request, [found.person_id])
    return found


def _went(asked: PersonOutcome) -> dict[str, Any]:
    """How it went, as the person says; nothing but the state while there is no answer."""
    answers = [
        catalogue.words(f"outcome-{name}", code)
        for name, code in (("work", asked.work), ("health", asked.health), ("useful", asked.useful)) if code
    ]  # fmt: skip
    return {"asked": asked, "answers": answers, "words": words_of(asked)}


def _screen(request: Request, case: UUID, refused: Refusal) -> HttpResponse:
    actor = request.actor
    found = _case(request, case)
    events = events_of(actor, found)
    written = of_case(actor, found.pk)
    words = recipients_of(actor, found)
    problems = [code for each in written for code in each.problems]
    kept: dict[str, Any] = {
        "step": found.next_step, "on": found.next_step_on.isoformat() if found.next_step_on else "", "closing": "",
    }  # fmt: skip
    return render(
        request, "clinic/case.jinja", status=refused.status, title=str(found.person), errors=refused.errors,
        back="/clinic/caseload", case=found, state=CASE.states[found.state], picture=picture(events), events=events,
        waiting=list(open_actions(events)), written=written, needs=presenters.need_words(found.needs),
        problems=presenters.finding_words(dict.fromkeys(problems), "problems"), words=words,
        written_by_managers=of_case_or_report(actor, found.referral_id, found.pk),
        went=[_went(each) for each in outcomes_of_case(actor, found.pk)],
        receiver=receives(found, words), service=presenters.service_words(found.service),
        step_words=presenters.next_step_words(found.next_step), steps=list(presenters.NEXT_STEPS.items()),
        closings=list(presenters.CLOSING.items()), mine=found.owner == actor.user,
        typed=typed(request.POST if refused else None, kept),
    )  # fmt: skip
