"""What reports do when something happened: release what was agreed, tell the referrer that there is no advice."""

from __future__ import annotations

from uuid import UUID

from openoh.foundation.core import clock, facts, ticks
from openoh.foundation.core.actors import Actor, system_actor
from openoh.foundation.core.models import Fact
from openoh.foundation.notifications.actions import draft, queue
from openoh.foundation.notifications.rules import day_in_words
from openoh.pathway.reports import waits
from openoh.pathway.reports.actions.releasing import conclude_referral, release, release_after_silence
from openoh.pathway.reports.models import Report
from openoh.pathway.reports.released import ReleasedReport


def register() -> None:
    facts.register("reports: release", ["report.to-release"], release_agreed)
    facts.register("reports: no advice", ["report.blocked"], tell_referrer)
    facts.register("reports: tell the person", ["report.waiting-for-person"], tell_person)
    facts.register("reports: opened", ["report.opened"], note_opening)
    waits.register()
    ticks.register("reports: silence", 300, end_windows)


def release_agreed(fact: Fact, by: Actor) -> None:
    release(UUID(fact.subject), by)


def tell_referrer(fact: Fact, by: Actor) -> None:
    report = Report.objects.select_related("case", "case__referral").get(pk=fact.subject)
    conclude_referral(report, by)


def tell_person(fact: Fact, by: Actor) -> None:
    report = Report.objects.select_related("person").get(pk=fact.subject)
    if report.state != "with-person" or report.decide_by is None:
        return
    person = report.person
    message = draft(
        template="document-to-check", person_id=person.id, employer_id=report.employer_id,
        provider_id=report.provider_id, reference=f"report-to-check-{fact.id}",
        values={
            "given_name": person.known_as or person.given_name,
            "day": day_in_words(report.decide_by.astimezone(clock.UK).date()),
            "link": f"/me/reports/{report.id}",
        },
    )  # fmt: skip
    queue(by=by, message=message)


def note_opening(fact: Fact, by: Actor) -> None:
    """The first opening is noted on the copy, on which a manager has no right to write."""
    ReleasedReport.objects.filter(pk=fact.subject, opened_at=None).update(opened_at=fact.at)


def end_windows() -> None:
    """The tick: release what was agreed in writing and met no objection in time."""
    release_after_silence(by=system_actor("end of the window"))
