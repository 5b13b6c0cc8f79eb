"""A release makes recommendations to answer; a report taken back or replaced withdraws what was not yet done."""

from __future__ import annotations

from uuid import UUID

from openoh.foundation.core import facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.models import Fact
from openoh.pathway.adjustments.actions import recommend, take_back
from openoh.pathway.reports.released import ReleasedReport


def register() -> None:
    facts.register("adjustments: recommend", ["report.released"], on_release)
    facts.register("adjustments: take back", ["report.blocked", "report.replaced"], on_end_of_advice)


def on_release(fact: Fact, by: Actor) -> None:
    copy = ReleasedReport.objects.select_related("employer").get(pk=fact.subject)
    if copy.withdrawn_at is None:
        recommend(copy, by)


def on_end_of_advice(fact: Fact, by: Actor) -> None:
    take_back(UUID(fact.subject), by, reason="replaced" if fact.kind == "report.replaced" else "")
