"""What the person and the clinician read: the manager's copy as it will go, and what waits for whom."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from openoh.foundation.codes import catalogue
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.pathway.reports import record
from openoh.pathway.reports.access import visible_to
from openoh.pathway.reports.models import Report
from openoh.pathway.reports.rules import Advice, Recommendation, Restriction, for_manager

OPINIONS = {
    "equality-act": ("equality_opinion", "equality-opinion"),
    "work-related": ("work_related", "work-relatedness"),
    "return-date": ("prognosis", "prognosis"),
}


@dataclass(frozen=True)
class ManagerCopy:
    """Exactly what a recipient will read; the lists hold codes with their words of today, dates as ISO text."""

    outcome: str
    restrictions: list[dict[str, Any]]
    recommendations: list[dict[str, Any]]
    phased_return: list[dict[str, int]]
    answers: list[dict[str, str]]
    words: str
    comment: str
    return_expected_on: Any
    review_on: Any
    content_versions: list[str]


def manager_copy(report: Report) -> ManagerCopy:
    """The copy that release would make now. The person is shown this one, so the two cannot differ."""
    whole = record.read(report)
    advice = for_manager(whole)
    asked = list(report.case.referral.questions) if report.case.referral else []
    return ManagerCopy(
        outcome=advice.outcome,
        restrictions=[_worded("restriction", each) for each in advice.restrictions],
        recommendations=[_worded("adjustment", each) for each in advice.recommendations],
        phased_return=[{"week": step.week, "percent": step.percent} for step in advice.phased_return],
        answers=[
            {"code": code, "question": catalogue.words("referral-question", code), "answer": text}
            for code in asked if (text := _answer(advice, code))
        ],
        words=advice.words,
        comment=record.unseal(report, "person_comment") if advice is whole else "",
        return_expected_on=advice.return_expected_on,
        review_on=advice.review_on,
        content_versions=report.content_versions,
    )  # fmt: skip


@composed
def reports_of(actor: Actor) -> QuerySet[Report]:
    """Every report that the actor may see: for a person, those about them."""
    return visible_to(actor)


@composed
def waiting_for_person(actor: Actor) -> QuerySet[Report]:
    """Reports on which the person has still to decide, the most urgent first."""
    return visible_to(actor).filter(state__in=["with-person", "correction-asked"]).order_by("decide_by", "id")


def without_recipient(actor: Actor) -> QuerySet[Report]:
    """Agreed, but nobody is left who may receive it: the clinician names somebody."""
    return visible_to(actor).filter(state="to-release").order_by("decide_by", "id")


def open_report(actor: Actor, report: UUID) -> tuple[Report, ManagerCopy]:
    """The report and the manager's copy of it. Raises DoesNotExist for what is not the actor's to see."""
    found = visible_to(actor).select_related("case", "case__referral", "employer").get(pk=report)
    return found, manager_copy(found)


def _answer(advice: Advice, question: str) -> str:
    """The clinician's words, then the coded opinion in words; only for what was asked."""
    parts = [advice.answers.get(question, "")]
    if question in OPINIONS:
        name, opinions = OPINIONS[question]
        if code := getattr(advice, name):
            parts.append(catalogue.words(opinions, code) + ("" if name == "equality_opinion" else "."))
    return " ".join(part for part in parts if part)


def _worded(name: str, each: Restriction | Recommendation) -> dict[str, Any]:
    values = {
        key: value.isoformat() if hasattr(value, "isoformat") else value
        for key, value in asdict(each).items()
    }
    return values | {"words": catalogue.words(name, each.code)}


def newest_of(actor: Actor, person: UUID) -> Report | None:
    """The newest signed report about a person that the actor may see: the last advice."""
    signed = visible_to(actor).filter(person_id=person, signed_at__isnull=False).exclude(state="replaced")
    return signed.select_related("case", "case__referral").order_by("-signed_at", "-id").first()
