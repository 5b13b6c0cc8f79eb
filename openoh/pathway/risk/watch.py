"""What risk does for earlier packages: it fills the ports of questionnaires, and follows appointments."""

from __future__ import annotations

from openoh.foundation.core import facts, ticks
from openoh.foundation.core.actors import Actor, system_actor
from openoh.foundation.core.models import Fact
from openoh.pathway.questionnaires import ports
from openoh.pathway.questionnaires.models import AnswerSet
from openoh.pathway.questionnaires.rules import Answers
from openoh.pathway.risk import rules
from openoh.pathway.risk.access import visible_to
from openoh.pathway.risk.actions import bring_forward, escalate_overdue, raise_flag
from openoh.pathway.risk.queries import must_be_open


def connect() -> None:
    """Called once, when the application is ready."""
    ports.must_be_covered.fill(must_be_open)
    ports.watch_answers.fill(watch_answers)
    facts.register("risk: missed appointments", ["appointment.ended"], follow_missed_appointment)
    ticks.register("overdue risks", 60, lambda: escalate_overdue(by=system_actor("overdue risks")))


def watch_answers(answer_set: AnswerSet, answers: Answers, finished: bool, by: Actor) -> None:
    """Raise a flag for every risky answer, in the transaction that keeps it."""
    for signal in rules.signals(answer_set.instrument, answers, finished=finished):
        raise_flag(
            by=by, person_id=answer_set.person_id, employer_id=answer_set.employer_id,
            provider_id=answer_set.provider_id, signal=signal, request_id=answer_set.request_id,
            answer_set_id=answer_set.pk, case_id=answer_set.case_id,
        )  # fmt: skip


def follow_missed_appointment(fact: Fact, by: Actor) -> None:
    """Not coming makes an open risk more urgent, and never smaller."""
    if fact.data.get("outcome") != "did-not-attend" or fact.person_id is None:
        return
    for flag in visible_to(by).filter(person_id=fact.person_id).exclude(state="closed"):
        bring_forward(by=by, flag_id=flag.pk)
