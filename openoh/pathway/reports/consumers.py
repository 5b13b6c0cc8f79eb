"""What reports do when something happened: release what was agreed, tell the referrer that there is no advice."""

from __future__ import annotations

from uuid import UUID

from openoh.foundation.core import facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.models import Fact
from openoh.pathway.reports.actions.releasing import conclude_referral, release
from openoh.pathway.reports.models import Report
from openoh.pathway.reports.released import ReleasedReport


def register() -> None:
    facts.register("reports: release", ["report.to-release"], release_agreed)
    facts.register("reports: no advice", ["report.blocked"], tell_referrer)
    facts.register("reports: opened", ["report.opened"], note_opening)


def release_agreed(fact: Fact, by: Actor) -> None:
    release(UUID(fact.subject), by)


def tell_referrer(fact: Fact, by: Actor) -> None:
    report = Report.objects.select_related("case", "case__referral").get(pk=fact.subject)
    conclude_referral(report, by)


def note_opening(fact: Fact, by: Actor) -> None:
    """The first opening is noted on the copy, on which a manager has no right to write."""
    ReleasedReport.objects.filter(pk=fact.subject, opened_at=None).update(opened_at=fact.at)
