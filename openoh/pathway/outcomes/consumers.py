"""Advice given or a case closed: schedule the questions of four weeks later."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from openoh.foundation.core import clock, facts, ticks
from openoh.foundation.core.actors import Actor, system_actor
from openoh.foundation.core.content import load
from openoh.foundation.core.models import Fact
from openoh.foundation.notifications.actions import draft, queue
from openoh.foundation.notifications.rules import day_in_words
from openoh.pathway.cases.actions import bring_back
from openoh.pathway.clocks.queries import calendar_of
from openoh.pathway.outcomes.actions import ask_and_chase, schedule, schedule_manager
from openoh.pathway.outcomes.asked_manager import AskState, ManagerOutcome
from openoh.pathway.outcomes.models import PersonOutcome
from openoh.pathway.reports.released import ReleasedReport


def register() -> None:
    facts.register("outcomes: after advice", ["report.released"], after_advice)
    facts.register("outcomes: after closing", ["case.closed"], after_closing)
    facts.register("outcomes: more help wanted", ["outcome.more-help-wanted"], after_more_help_was_wanted)
    facts.register("outcomes: send the question", ["outcome.asked", "outcome.chased"], send_question)
    ticks.register("outcomes: ask", 3600, ask_what_is_due)


def ask_what_is_due() -> None:
    """The tick: ask, remind, count as lost."""
    ask_and_chase(by=system_actor("follow-up"))


def after_advice(fact: Fact, by: Actor) -> None:
    copy = ReleasedReport.objects.get(pk=fact.subject)
    schedule_manager(copy)
    schedule(by=by, case=copy.case_id, from_day=copy.released_at.date())


def after_closing(fact: Fact, by: Actor) -> None:
    schedule(by=by, case=UUID(fact.subject))


def after_more_help_was_wanted(fact: Fact, by: Actor) -> None:
    """Somebody calls the person, as they were promised."""
    asked = PersonOutcome.objects.select_related("employer").get(pk=fact.subject)
    days = cast(int, load("openoh.pathway.outcomes", "follow_up")["more_help_days"])
    on = calendar_of(asked.provider_id, asked.employer.nation).add(clock.today(), days)
    bring_back(by=by, case_id=asked.case_id, step="more-help", on=on)


def send_question(fact: Fact, by: Actor) -> None:
    """The question or its reminder, to the person or to the manager; nothing when it was answered meanwhile."""
    if fact.data["to"] == "manager":
        _to_manager(fact, by)
    else:
        _to_person(fact, by)


def _to_person(fact: Fact, by: Actor) -> None:
    asked = PersonOutcome.objects.select_related("person").get(pk=fact.subject)
    if asked.state == AskState.ASKED:
        name = asked.person.known_as or asked.person.given_name
        message = draft(
            template="how-it-went", person_id=asked.person_id, employer_id=asked.employer_id,
            provider_id=asked.provider_id, reference=f"how-it-went-{fact.id}",
            values={"given_name": name, "link": f"/me/how-it-went/{asked.id}"},
        )  # fmt: skip
        queue(by=by, message=message)


def _to_manager(fact: Fact, by: Actor) -> None:
    asked = ManagerOutcome.objects.select_related("recipient").get(pk=fact.subject)
    if asked.state == AskState.ASKED and asked.next_chase_on:
        message = draft(
            template="answer-needed", engagement_id=asked.recipient_id, employer_id=asked.employer_id,
            provider_id=asked.provider_id, reference=f"how-it-went-{fact.id}",
            values={"given_name": asked.recipient.given_name, "day": day_in_words(asked.next_chase_on),
                    "link": f"/manager/how-it-went/{asked.id}"},
        )  # fmt: skip
        queue(by=by, message=message)
