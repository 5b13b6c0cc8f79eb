"""Requests for reports: of a case, of a person, what waits for the person, and one in the clear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from openoh.foundation.core import clock, keys
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.foundation.core.decisions import Decision
from openoh.pathway.medical_reports import rules
from openoh.pathway.medical_reports.access import visible_to
from openoh.pathway.medical_reports.models import MedicalReport

PRACTITIONER, QUESTIONS = "medical_reports.practitioner", "medical_reports.questions"


@dataclass(frozen=True)
class OpenedRequest:
    """A request with its words in the clear. `supply` says whether a report may be taken today, and why.

    `on_paper` says that the agreement is on signed paper and was written down by a clinician.
    """

    found: MedicalReport
    practitioner: str
    questions: str
    supply: Decision
    last_day: date | None
    agreed_at: datetime | None
    on_paper: bool


def opened(actor: Actor, request: UUID) -> OpenedRequest:
    """One request. Raises DoesNotExist for what the actor may not see."""
    found = visible_to(actor).select_related("person", "employer", "provider", "case").get(pk=request)
    return OpenedRequest(
        found, _unsealed(found, found.practitioner_sealed, PRACTITIONER),
        _unsealed(found, found.questions_sealed, QUESTIONS),
        rules.may_be_supplied(found.access, clock.today()),
        rules.last_day(found.notice_on) if found.notice_on else None, found.decided_at, found.decided_on_paper,
    )  # fmt: skip


@composed
def of_case(actor: Actor, case: UUID) -> QuerySet[MedicalReport]:
    """The requests of a case, the newest first."""
    return visible_to(actor).filter(case_id=case).order_by("-asked_at", "-id")


@composed
def about_me(actor: Actor) -> QuerySet[MedicalReport]:
    """Every request about the person, the newest first."""
    return visible_to(actor).order_by("-asked_at", "-id")


@composed
def waiting_for_person(actor: Actor) -> QuerySet[MedicalReport]:
    """The requests that wait for the person's decision."""
    return visible_to(actor).filter(state="asked").order_by("asked_at", "id")


def _unsealed(found: MedicalReport, sealed: bytes | memoryview, field: str) -> str:
    return keys.unseal(sealed, owner=found.person_id, provider=found.provider_id, field=field)
