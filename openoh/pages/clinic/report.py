"""A report that grows from coded choices: written, seen as the manager will, signed, corrected, sent on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from openoh.foundation.codes import catalogue
from openoh.foundation.core import clock
from openoh.pages.clinic import autosave, forms, presenters
from openoh.pages.clinic.refusals import WHOLE_PAGE, Refusal, refusals
from openoh.pages.gate import Request, page, show
from openoh.pages.render import render
from openoh.pathway.cases.queries import receives, recipients_of
from openoh.pathway.quality.queries import review_of
from openoh.pathway.quality.rules import choices as quality_words
from openoh.pathway.reports import actions, record
from openoh.pathway.reports.access import visible_to
from openoh.pathway.reports.models import Report
from openoh.pathway.reports.queries import manager_copy
from openoh.pathway.reports.rules import NOTHING_TO_CHANGE, UNABLE, Advice, problems
from openoh.pathway.reports.states import REPORT

CORRECTABLE = ("with-person", "correction-asked", "released", "blocked")


@page("report.write")
@require_GET
def report(request: Request, report: UUID) -> HttpResponse:
    """The draft as a form; a signed report as the manager reads it."""
    return _screen(request, report, Refusal())


@page("report.write")
@require_POST
def save(request: Request, report: UUID) -> HttpResponseBase:
    """Keep what is chosen; the page grows with what the choices need. `act` says where to go next."""
    asked = _open(request, report)
    with refusals() as refused:
        advice = forms.advice(request.POST, questions=_questions(asked))
        saved = actions.save(
            by=request.actor, report=report, revision=forms.whole(request.POST, "revision"), advice=advice
        )
        if autosave.is_asked(request):
            return autosave.saved(saved.revision)
        if request.POST.get("act") == "preview":
            return redirect("clinic:preview", report=report)
        messages.success(request, "Draft saved.")
    if autosave.is_asked(request):
        return autosave.refused(refused)
    return _screen(request, report, refused) if refused else redirect("clinic:report", report=report)


@page("report.write")
@require_GET
def preview(request: Request, report: UUID) -> HttpResponse:
    """Exactly what the manager would read, and the button that signs it."""
    return _preview(request, report, Refusal())


@page("report.write")
@require_POST
def sign(request: Request, report: UUID) -> HttpResponseBase:
    """Sign what the preview showed. It goes to the person first."""
    with refusals() as refused:
        signed = actions.sign(by=request.actor, report=report, revision=forms.whole(request.POST, "revision"))
        messages.success(
            request, f"Signed. It goes to {signed.person} first; they decide whether it is sent on."
        )
    return _preview(request, report, refused) if refused else redirect("clinic:report", report=report)


@page("report.write")
@require_POST
def correct(request: Request, report: UUID) -> HttpResponseBase:
    """Begin a corrected version of a signed report."""
    found = _open(request, report)
    with refusals() as refused:
        begun = actions.begin(by=request.actor, case=found.case_id, replaces=report)
        return redirect("clinic:report", report=begun.pk)
    return _screen(request, report, refused)


@page("report.write")
@require_POST
def keep(request: Request, report: UUID) -> HttpResponseBase:
    """Leave a report as it is although a correction was asked for; the person's words stay attached to it."""
    with refusals() as refused:
        actions.keep_as_written(by=request.actor, report=report)
        messages.success(
            request, "Kept as it is. The person's words go with it, and they have their time again."
        )
    return _screen(request, report, refused) if refused else redirect("clinic:report", report=report)


@page("report.write")
@require_POST
def send_again(request: Request, report: UUID) -> HttpResponseBase:
    """Send an agreed report that found nobody, after the case has named somebody else."""
    with refusals() as refused:
        actions.retry_release(by=request.actor, report=report)
        messages.success(request, "It is on its way to the people named in the case.")
    return _screen(request, report, refused) if refused else redirect("clinic:report", report=report)


def _open(request: Request, report: UUID) -> Report:
    related = ("case", "case__referral", "case__referral__recipient", "person", "employer", "replaces")
    found = visible_to(request.actor).select_related(*related).get(pk=report)
    show(request, [found.person_id])
    return found


def _questions(found: Report) -> Sequence[str]:
    return found.case.referral.questions if found.case.referral else ()


def _screen(request: Request, report: UUID, refused: Refusal) -> HttpResponse:
    found = _open(request, report)
    if found.state != "draft":
        return _signed(request, found, refused)
    advice = record.read(found)
    kept = _kept(found, advice)
    entered = forms.typed(request.POST if refused else None, kept)
    outcome = entered["outcome"]
    return render(
        request, "clinic/report.jinja", status=refused.status, title=f"Report about {found.person}",
        errors=refused.errors, back=f"/clinic/cases/{found.case_id}", found=found, typed=entered,
        conflict=refused.is_conflict,
        outcomes=[(code.code, f"{code.label}: {code.words}") for code in catalogue.codes("fitness-outcome").values()],
        unable=outcome == UNABLE, changes=bool(outcome) and outcome not in NOTHING_TO_CHANGE,
        lacking=_lacking(advice), adjustments=_grouped(entered["recommendations"]),
        restrictions=catalogue.choices("restriction"), chosen=_chosen(entered), questions=_asked(found),
        own_questions=found.case.referral.own_questions if found.case.referral else [],
        opinions={name: catalogue.choices(name) for name in (
            "equality-opinion", "work-relatedness", "prognosis", "unable-reason", "release-consent")},
    )  # fmt: skip


def _signed(request: Request, found: Report, refused: Refusal) -> HttpResponse:
    words = recipients_of(request.actor, found.case)
    return render(
        request, "clinic/report_signed.jinja", status=refused.status, title=f"Report about {found.person}",
        errors=refused.errors, back=f"/clinic/cases/{found.case_id}", found=found, copy=manager_copy(found),
        state=REPORT.states[found.state], receiver=receives(found.case, words),
        correction=record.unseal(found, "correction"), may_correct=found.state in CORRECTABLE,
        outcome_words=presenters.outcome_words, said_day=presenters.said_day,
        read=review_of(request.actor, found.pk), read_words=quality_words,
        lost=forms.text(request.POST, "words") if refused else "",
    )  # fmt: skip


def _preview(request: Request, report: UUID, refused: Refusal) -> HttpResponse:
    found = _open(request, report)
    if found.state != "draft":
        return _signed(request, found, refused)
    receiver = receives(found.case, recipients_of(request.actor, found.case))
    return render(
        request, "clinic/report_preview.jinja", status=refused.status, title="As the manager sees it",
        errors={WHOLE_PAGE: " ".join(refused.errors.values())} if refused else {}, found=found,
        back=f"/clinic/reports/{report}", copy=manager_copy(found), lacking=_lacking(record.read(found)),
        receiver=receiver, outcome_words=presenters.outcome_words, said_day=presenters.said_day,
    )  # fmt: skip


def _lacking(advice: Advice) -> list[str]:
    requires: Sequence[str] = ()
    if advice.outcome:
        requires = cast(Sequence[str], catalogue.code("fitness-outcome", advice.outcome).extra["requires"])
    return list(dict.fromkeys(each.sentence for each in problems(advice, requires, clock.today())))


def _asked(found: Report) -> list[tuple[str, str]]:
    """The referral's questions with their numbers, e.g. “2. When are they likely to be back?”."""
    codes = [catalogue.code("referral-question", code) for code in _questions(found)]
    return [(code.code, f"{code.extra['number']}. {code.words}") for code in codes]


def _grouped(chosen: Sequence[str]) -> list[tuple[str, list[tuple[str, str]], bool]]:
    """Adjustments by group, and whether any of the group is chosen."""
    groups = catalogue.codes("adjustment-group").values()
    of_group = {
        group.code: [c for c in catalogue.codes("adjustment").values() if c.group == group.code]
        for group in groups
    }
    return [
        (group.words, [(code.code, code.words) for code in of_group[group.code]],
         any(code.code in chosen for code in of_group[group.code]))
        for group in groups
    ]  # fmt: skip


def _chosen(entered: Any) -> list[tuple[str, str, str]]:
    """What was chosen and now needs dates: kind, code, words."""
    both = (("restriction", "restrictions"), ("adjustment", "recommendations"))
    return [
        (of, code, catalogue.words(of, code))
        for of, name in both
        for code in entered[name]
        if code in catalogue.codes(of)
    ]


def _kept(found: Report, advice: Advice) -> dict[str, Any]:
    kept: dict[str, Any] = {name: getattr(advice, name) for name in forms.REPORT_CHOICES}
    kept |= {
        "recommendations": [each.code for each in advice.recommendations],
        "restrictions": [each.code for each in advice.restrictions], "words": advice.words,
        "phased_return": ", ".join(str(step.percent) for step in advice.phased_return),
        "return_expected_on": _written(advice.return_expected_on), "review_on": _written(advice.review_on),
    }  # fmt: skip
    kept |= {f"answer-{code}": advice.answers.get(code, "") for code in _questions(found)}
    for each in advice.recommendations:
        kept |= _spans(f"adjustment-{each.code}", each) | {
            f"adjustment-{each.code}-review": _written(each.review_on)
        }
    for restriction in advice.restrictions:
        kept |= _spans(f"restriction-{restriction.code}", restriction)
    return kept


def _spans(of: str, each: Any) -> dict[str, str]:
    return {
        f"{of}-starts": _written(each.starts_on), f"{of}-ends": _written(each.ends_on), f"{of}-details": each.details,
        f"{of}-permanent": "yes" if each.permanent else "",
    }  # fmt: skip


def _written(day: date | None) -> str:
    return day.isoformat() if day else ""
