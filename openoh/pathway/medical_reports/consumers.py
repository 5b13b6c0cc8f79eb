"""The person hears that there is something to decide or to read; the clinician that the practice must be told."""

from __future__ import annotations

from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.models import Fact
from openoh.foundation.notifications.actions import draft, queue
from openoh.pathway.cases.models import Case
from openoh.pathway.medical_reports.models import MedicalReport

FOR_PERSON = ("medical-report.asked", "medical-report.sent", "medical-report.received")
FOR_CLINICIAN = ("medical-report.refused", "medical-report.see-first")


def register() -> None:
    facts.register("medical reports: tell the person", list(FOR_PERSON), tell_person)
    facts.register("medical reports: tell the practice", list(FOR_CLINICIAN), ask_clinician)


def tell_person(fact: Fact, by: Actor) -> None:
    found = MedicalReport.objects.select_related("person").get(pk=fact.subject)
    person = found.person
    message = draft(
        template="sign-in-needed", person_id=person.id, employer_id=found.employer_id, provider_id=found.provider_id,
        reference=f"{fact.kind}-{found.pk}",
        values={"given_name": person.known_as or person.given_name, "link": f"/me/letters/{found.pk}"},
    )  # fmt: skip
    queue(by=by, message=message)


def ask_clinician(fact: Fact, by: Actor) -> None:
    """The letter has gone already, so somebody has to tell the practice, today."""
    found = MedicalReport.objects.get(pk=fact.subject)
    Case.objects.filter(pk=found.case_id).exclude(state="closed").update(
        next_step="tell-practice", next_step_on=clock.today()
    )
