"""Who needs something from the manager today: one task for each thing, the oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from openoh.foundation.codes import catalogue
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.pages.jinja import day, url
from openoh.pathway.adjustments import queries as adjustments
from openoh.pathway.adjustments.models import Adjustment
from openoh.pathway.outcomes import answering_manager as outcomes
from openoh.pathway.referrals import queries as referrals
from openoh.pathway.referrals.models import Referral
from openoh.pathway.reports import opening
from openoh.pathway.reports.released import ReleasedReport

RETURNS_AHEAD = timedelta(days=14)


@dataclass(frozen=True)
class Task:
    """One line: about whom, what to do, by when (in words), and where."""

    name: str
    words: str
    when: str
    href: str
    since: date
    person: UUID | None


def tasks(actor: Actor) -> list[Task]:
    """Everything that waits for the manager, the longest waiting first."""
    found = [
        *map(_referral, referrals.to_act_on(actor)),
        *map(_report, opening.to_act_on(actor, clock.today() + RETURNS_AHEAD)),
        *map(_adjustment, adjustments.to_act_on(actor)),
        *(
            Task(
                str(asked.released_report.engagement), "Say how it went", "Takes one minute",
                url("manager:outcome", outcome=asked.id), asked.due_on, asked.person_id,
            )
            for asked in outcomes.to_act_on(actor)
        ),
    ]  # fmt: skip
    return sorted(found, key=lambda task: task.since)


def _referral(found: Referral) -> Task:
    returned = found.state == "returned"
    words = "Answer what occupational health asks about your referral" if returned else "Finish your referral"
    return Task(
        str(found.engagement), words, f"Begun on {day(found.made_at)}", url("manager:progress", referral=found.id),
        _local(found.made_at), found.person_id,
    )  # fmt: skip


def _report(copy: ReleasedReport) -> Task:
    words, when = "Read the advice", f"Came on {day(copy.released_at)}"
    if copy.opened_at:
        words, when = "Plan the return", f"Expected back on {day(copy.return_expected_on)}"
    return Task(
        str(copy.engagement), words, when, url("manager:report", released=copy.id), _local(copy.released_at),
        copy.person_id,
    )  # fmt: skip


def _adjustment(found: Adjustment) -> Task:
    words = catalogue.words("adjustment", found.code)
    if found.state in adjustments.IN_FORCE:
        asked, when = f"Look again at: {words}", f"Agreed for {day(found.review_on or found.ends_on)}"
    elif found.state == "planned":
        asked, when = f"Say whether this is done: {words}", f"Planned for {day(found.due_on)}"
    else:
        asked, when = f"Answer: {words}", f"Answer by {day(found.due_on)}"
    return Task(
        str(found.engagement), asked, when, url("manager:adjustment", adjustment=found.id),
        _local(found.made_at), found.person_id,
    )  # fmt: skip


def _local(at: datetime) -> date:
    return at.astimezone(clock.UK).date()
