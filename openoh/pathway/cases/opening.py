"""What cases do for earlier packages: open one when triage accepts, and when somebody books directly."""

from __future__ import annotations

from uuid import UUID

from openoh.foundation.core import facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.models import Fact
from openoh.pathway.cases.actions import open_case, open_for_appointment
from openoh.pathway.triage import ports
from openoh.pathway.triage.models import TriageDecision


def connect() -> None:
    """Called once, when the application is ready."""
    ports.open_case.fill(open_after_triage)
    facts.register("cases: direct bookings", ["request.sent"], open_after_booking)


def open_after_triage(decision: TriageDecision, owner: UUID | None, by: Actor) -> UUID:
    request, referral = decision.request, decision.referral
    case = open_case(
        by=by, person_id=decision.person_id, employer_id=decision.employer_id, service=decision.route,
        request_id=request.pk if request else None, referral_id=referral.pk if referral else None,
        engagement_id=request.engagement_id if request else referral.engagement_id if referral else None,
        needs=request.needs if request else referral.reasons if referral else (), owner=owner,
    )  # fmt: skip
    return case.pk


def open_after_booking(fact: Fact, by: Actor) -> None:
    """A person may not write clinical tables, so the case of a time that they booked is opened a moment later."""
    appointment = str(fact.data.get("appointment") or "")
    if appointment:
        open_for_appointment(by=by, appointment_id=UUID(appointment))
