"""Advice given or a case closed: schedule the questions of four weeks later."""

from __future__ import annotations

from uuid import UUID

from openoh.foundation.core import facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.models import Fact
from openoh.pathway.outcomes.actions import schedule, schedule_manager
from openoh.pathway.reports.released import ReleasedReport


def register() -> None:
    facts.register("outcomes: after advice", ["report.released"], after_advice)
    facts.register("outcomes: after closing", ["case.closed"], after_closing)


def after_advice(fact: Fact, by: Actor) -> None:
    copy = ReleasedReport.objects.get(pk=fact.subject)
    schedule_manager(copy)
    schedule(by=by, case=copy.case_id, from_day=copy.released_at.date())


def after_closing(fact: Fact, by: Actor) -> None:
    schedule(by=by, case=UUID(fact.subject))
