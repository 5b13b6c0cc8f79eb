"""What reports do when something happened: release what was agreed, tell the referrer that there is no advice."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from openoh.foundation.core import clock, facts, ticks
from openoh.foundation.core.actors import Actor, system_actor
from openoh.foundation.core.models import Fact
from openoh.foundation.notifications.actions import draft, queue
from openoh.foundation.notifications.rules import day_in_words
from openoh.pathway.cases.models import Case
from openoh.pathway.reports import waits
from openoh.pathway.reports.actions.releasing import (
    conclude_referral,
    follow_up_unopened,
    release,
    release_after_silence,
)
from openoh.pathway.reports.models import Report
from openoh.pathway.reports.released import ReleasedReport


def register() -> None:
    facts.register("reports: release", ["report.to-release"], release_agreed)
    facts.register("reports: no advice", ["report.blocked"], tell_referrer)
    facts.register("reports: tell the person", ["report.waiting-for-person"], tell_person)
    facts.register("reports: opened", ["report.opened"], note_opening)
    facts.register("reports: not opened", ["report.unopened"], remind_and_ask_clinician)
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
    until = day_in_words(report.decide_by.astimezone(clock.UK).date())
    _write(report, "document-to-check", f"report-to-check-{fact.id}", by, day=until)


def remind_and_ask_clinician(fact: Fact, by: Actor) -> None:
    """The window passed and the person never opened the report: remind them, and have somebody speak with them."""
    report = Report.objects.select_related("person").get(pk=fact.subject)
    if report.state != "with-person" or report.seen_at is not None:
        return
    _write(report, "document-waits", f"report-waits-{fact.id}", by)
    today = clock.today()
    # A step that is due already is done first; it leads to the same case.
    not_due = Q(next_step_on=None) | Q(next_step_on__gt=today)
    Case.objects.filter(not_due, pk=report.case_id).update(next_step="report-unopened", next_step_on=today)


def _write(report: Report, template: str, reference: str, by: Actor, **values: object) -> None:
    person = report.person
    message = draft(
        template=template, person_id=person.id, employer_id=report.employer_id, provider_id=report.provider_id,
        reference=reference,
        values={
            "given_name": person.known_as or person.given_name, "link": f"/me/reports/{report.id}", **values,
        },
    )  # fmt: skip
    queue(by=by, message=message)


def note_opening(fact: Fact, by: Actor) -> None:
    """The first opening is noted on the copy, on which a manager has no right to write."""
    ReleasedReport.objects.filter(pk=fact.subject, opened_at=None).update(opened_at=fact.at)


def end_windows() -> None:
    """The tick: release what was agreed in writing and met no objection in time; follow up what nobody opened."""
    by = system_actor("end of the window")
    release_after_silence(by=by)
    follow_up_unopened(by=by)
