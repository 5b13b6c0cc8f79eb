"""A release makes recommendations to answer; what cannot be done goes back to the clinician; a report taken back or
replaced withdraws what was not yet done."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.content import load
from openoh.foundation.core.models import Fact
from openoh.foundation.notifications.actions import draft, queue
from openoh.foundation.notifications.rules import day_in_words
from openoh.pathway.adjustments.actions import answer_by, recommend, take_back
from openoh.pathway.adjustments.models import Adjustment
from openoh.pathway.cases.actions import bring_back
from openoh.pathway.clocks.queries import calendar_of
from openoh.pathway.reports.released import ReleasedReport


def register() -> None:
    facts.register("adjustments: recommend", ["report.released"], on_release)
    facts.register("adjustments: tell the manager", ["report.released"], tell_manager)
    facts.register("adjustments: take back", ["report.blocked", "report.replaced"], on_end_of_advice)
    facts.register("adjustments: cannot be done", ["adjustment.answered"], on_answer)


def on_release(fact: Fact, by: Actor) -> None:
    copy = ReleasedReport.objects.select_related("employer").get(pk=fact.subject)
    if copy.withdrawn_at is None:
        recommend(copy, by)


def tell_manager(fact: Fact, by: Actor) -> None:
    copy = ReleasedReport.objects.select_related("employer", "recipient").get(pk=fact.subject)
    if copy.withdrawn_at is not None:
        return
    message = draft(
        template="document-released", engagement_id=copy.recipient_id, employer_id=copy.employer_id,
        provider_id=copy.provider_id, reference=f"advice-{copy.id}",
        values={
            "given_name": copy.recipient.given_name, "day": day_in_words(answer_by(copy)),
            "link": f"/manager/advice/{copy.id}",
        },
    )  # fmt: skip
    queue(by=by, message=message)


def on_end_of_advice(fact: Fact, by: Actor) -> None:
    take_back(UUID(fact.subject), by, reason="replaced" if fact.kind == "report.replaced" else "")


def on_answer(fact: Fact, by: Actor) -> None:
    """What the manager cannot do is a clinician's to think about again: is there another way?"""
    if fact.data["state"] != "declined":
        return
    found = Adjustment.objects.select_related("released_report", "employer").get(pk=fact.subject)
    days = cast(int, load("openoh.pathway.adjustments", "answers")["declined_days"])
    on = calendar_of(found.provider_id, found.employer.nation).add(clock.today(), days)
    bring_back(by=by, case_id=found.released_report.case_id, step="adjustment-declined", on=on)
