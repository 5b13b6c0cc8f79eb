"""Forty invented cases, one or more at every stage, so that no page of the demonstration is empty.

Everything happens through the ordinary actions, by the people who would do it, with the clock at past working days.
Nothing is left to chance: the same extracts give the same stories.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

from openoh.demo import scenes
from openoh.demo.advice import advice_of
from openoh.demo.past import Past
from openoh.demo.progress import Progress
from openoh.demo.stage import (
    Stage,
    at,
    hour_of,
    identifiers,
    row,
    tell_everybody,
    working_day,
)
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, system_actor
from openoh.pathway.adjustments.actions import answer as answer_adjustment
from openoh.pathway.adjustments.models import Adjustment
from openoh.pathway.adjustments.rules import Answer
from openoh.pathway.cases.actions import close_case, plan_next_step
from openoh.pathway.clinics import actions as clinics
from openoh.pathway.outcomes.actions import answer_manager, answer_person, ask_and_chase
from openoh.pathway.outcomes.asked_manager import ManagerOutcome
from openoh.pathway.outcomes.models import PersonOutcome
from openoh.pathway.questionnaires import actions as questionnaires
from openoh.pathway.reports import actions as reports
from openoh.pathway.risk import actions as risks
from openoh.pathway.risk.models import RiskFlag
from openoh.pathway.triage import actions as triage

BEN, MEI = "RVA000014", "RVA000019"
LONG_AGO = 60  # days since the cases whose outcome is known were closed
ASKED_AGAIN = (32, 25, 18, 11)  # days ago on which the worker asked, reminded twice and gave up
Act = Callable[[], None]


def play() -> None:
    """Play every story. Shows progress; takes about forty seconds."""
    with Progress("Deciding offers"):
        tell_everybody()  # of the extracts, so that offers are there first
    stage = Stage(leader=BEN)
    acts = Past(stage).acts() + stories(stage)
    with Progress("Playing stories", len(acts), "stories") as progress:
        for name, act in acts:
            progress.doing(name)
            act()
            progress.add(1)


def stories(stage: Stage) -> list[tuple[str, Act]]:
    """What is played, oldest first: a name for whoever looks at progress, and the act."""
    ben = stage.manager(BEN)
    acts: list[tuple[str, Act]] = []
    acts += [("a case whose outcome is known", partial(concluded, stage, number)) for number in range(6)]
    acts += [("advice that Ben answered", partial(advised, stage, ben, ago=40, answered=True))]
    acts += [("a past appointment", partial(seen, stage, number)) for number in range(5)]
    acts += [("a missed appointment", partial(missed, stage, number)) for number in range(3)]
    acts += [("an open case", partial(in_care, stage, number)) for number in range(4)]
    acts += [("advice for Ben to answer", partial(advised, stage, ben, ago=6, answered=False))]
    acts += [("a report for Mei to read", partial(waiting_for_mei, stage))]
    acts += [("a report being written", partial(being_written, stage))]
    acts += [("a referral returned to Ben", partial(returned, stage, ben))]
    acts += [("an open risk", partial(at_risk, stage))]
    acts += [("a referral for triage", partial(referred, stage, number)) for number in range(2)]
    acts += [("a request for triage", partial(asking, stage, number)) for number in range(6)]
    acts += [("an appointment today", partial(today, stage, "physio", number)) for number in range(5)]
    acts += [("an appointment today", partial(today, stage, "nurse", number)) for number in range(5)]
    acts += [("a police case", partial(police_case, stage))]
    return acts


def concluded(stage: Stage, number: int) -> None:
    """A case of the spring: closed, asked about four weeks later; every third person never answers."""
    who, expert = stage.somebody(), stage.expert("physio" if number % 2 else "nurse")
    day = working_day(LONG_AGO)
    case = scenes.seen(stage, who, expert, day, number)
    closed_on = clock.today() - timedelta(days=LONG_AGO)
    with at(hour_of(max(closed_on, day), 16)):
        close_case(by=expert.actor, case_id=case, reason="goals-met")
    for ago in ASKED_AGAIN:
        with at(hour_of(clock.today() - timedelta(days=ago), 8)):
            ask_and_chase(by=system_actor("follow-up"))
    if number % 3:
        with at(hour_of(clock.today() - timedelta(days=9), 19)):
            answer_person(
                by=who.actor, outcome=row(PersonOutcome, case=case).pk, work="full" if number % 2 else "adjusted",
                health="better", useful="very" if number % 2 else "quite", more_help=number == 5,
            )  # fmt: skip


def advised(stage: Stage, manager: Actor, *, ago: int, answered: bool) -> None:
    """A referral of this manager that led to advice, which the person released; answered or still to answer."""
    who, nurse = stage.one_of_team(), stage.expert("nurse")
    report = scenes.reported(stage, who, manager, nurse, working_day(ago), signed_on=working_day(ago - 1))
    scenes.agreed(who, report, working_day(ago - 2))
    if not answered:
        return
    with at(hour_of(working_day(ago - 4), 9)):
        for adjustment, answer in zip(_adjustments(manager), _answers(), strict=False):
            answer_adjustment(by=manager, adjustment=adjustment, answer=answer)
    with at(hour_of(clock.today() - timedelta(days=20), 8)):
        ask_and_chase(by=system_actor("follow-up"))
    with at(hour_of(working_day(9), 8)):
        for asked in identifiers(ManagerOutcome, recipient_id=manager.engagement, state="asked"):
            answer_manager(by=manager, outcome=asked, work="adjusted", useful="very")


def seen(stage: Stage, number: int) -> None:
    """Came, was seen, the consultation is signed; the case goes on."""
    expert = stage.expert(("nurse", "physio", "psychologist", "physician", "nurse")[number])
    case = scenes.seen(stage, stage.somebody(), expert, working_day(3 + number), number)
    with at(hour_of(working_day(2), 15)):
        plan_next_step(
            by=expert.actor, case_id=case, step="review", on=clock.today() + timedelta(days=7 * (number - 1))
        )


def missed(stage: Stage, number: int) -> None:
    """Did not come. It closes nothing."""
    who, expert = stage.somebody(), stage.expert(("nurse", "physio", "psychologist")[number])
    day = working_day(2 + number)
    appointment = scenes.booked(stage, who, expert, day, number, lead=4)
    with at(appointment.starts_at + timedelta(minutes=20)):
        clinics.mark_did_not_attend(by=expert.actor, appointment_id=appointment.pk)


def in_care(stage: Stage, number: int) -> None:
    """Accepted, with or without an owner; the second has answered a questionnaire."""
    who, expert = stage.somebody(), stage.expert(("nurse", "psychologist", "physician", "nurse")[number])
    request = scenes.asked(who, working_day(6), number)
    if number == 1:
        with at(hour_of(working_day(6), 12)):
            begun = questionnaires.begin(by=who.actor, instrument="GAD-7", request_id=request)
            questionnaires.save_answers(
                by=who.actor,
                answer_set_id=begun.pk,
                answers={str(item): 1 + item % 2 for item in range(1, 8)},
            )
            questionnaires.complete(by=who.actor, answer_set_id=begun.pk)
    with at(hour_of(working_day(5), 10)):
        owner = expert.user if number < 3 else None
        triage.accept(by=stage.expert("nurse").actor, request_id=request, route=expert.service, owner=owner)


def waiting_for_mei(stage: Stage) -> None:
    """Ben referred Mei; the nurse has seen her and written; the report lies with Mei, who has not decided."""
    mei = stage.member(MEI)
    scenes.reported(
        stage, mei, stage.manager(BEN), stage.expert("nurse"), working_day(3), signed_on=working_day(2), window_days=5
    )  # fmt: skip


def being_written(stage: Stage) -> None:
    """A referral of another manager, seen by the physician, whose report is a draft."""
    who, manager = stage.somebody_managed()
    physician = stage.expert("physician")
    case, consultation = scenes.consulted(stage, who, manager, physician, working_day(3))
    with at(hour_of(working_day(2), 17)):
        draft = reports.begin(by=physician.actor, case=case, consultation=consultation)
        reports.save(by=physician.actor, report=draft.pk, revision=draft.revision, advice=advice_of(1))


def returned(stage: Stage, manager: Actor) -> None:
    """Triage needs to know more from the manager before it can decide."""
    who = stage.one_of_team()
    referral = scenes.referred(who, manager, working_day(4))
    with at(hour_of(working_day(3), 11)):
        triage.ask(
            by=stage.expert("nurse").actor, referral_id=referral, return_reasons=["duties-missing"],
            question="Please tell us which duties the post has at the moment.",
        )  # fmt: skip


def referred(stage: Stage, number: int) -> None:
    who, manager = stage.somebody_managed()
    scenes.referred(who, manager, working_day(1 + number), urgency="soon" if number else "routine")


def asking(stage: Stage, number: int) -> None:
    """In the queue of triage; one has been asked something, one waits longer than it should."""
    who = stage.somebody()
    ago = (4, 2, 2, 1, 1, 1)[number]
    request = scenes.asked(who, working_day(ago), number)
    if number == 1:
        with at(hour_of(working_day(1), 10)):
            triage.ask(
                by=stage.expert("nurse").actor, request_id=request,
                question="Which days and times suit you for a telephone call?",
            )  # fmt: skip


def at_risk(stage: Stage) -> None:
    """Somebody was not sure that they are safe. The nurse spoke with them; the plan is still to be made."""
    who, nurse = stage.somebody(), stage.expert("nurse")
    day = working_day(1)
    scenes.asked(who, day, 3, safe="unsure")
    flag = row(RiskFlag, person=who.person)
    with at(hour_of(day, 10, 20)):
        risks.acknowledge(by=nurse.actor, flag_id=flag.pk)
    with at(hour_of(day, 11)):
        risks.record_contact(
            by=nurse.actor, flag_id=flag.pk, reached=True,
            note="Spoke on the telephone. Not alone tonight, no plan, has our number. Rings again tomorrow at ten.",
        )  # fmt: skip


def today(stage: Stage, key: str, number: int) -> None:
    """An appointment of today, whatever day of the week it is, booked two working days ago."""
    scenes.booked(stage, stage.somebody(), stage.expert(key), clock.today(), number, lead=2)


def police_case(stage: Stage) -> None:
    """The other provider's: a sergeant's people are seen by their own service."""
    dale, nurse = stage.manager("PVL000014"), stage.expert("police-nurse")
    femi = stage.member("PVL000017")
    referral = scenes.referred(femi, dale, working_day(2), days_absent=0)
    with at(hour_of(working_day(1), 10)):
        triage.accept(by=nurse.actor, referral_id=referral, route="nurse", owner=nurse.user)


def _answers() -> list[Answer]:
    """One adjustment is in place, one in part."""
    return [
        Answer("done", on=clock.today(), words="From this week."),
        Answer("partly", on=clock.today(), reason="only-some-days", words="Not on theatre days."),
    ]


def _adjustments(manager: Actor) -> list[UUID]:
    return identifiers(Adjustment, recipient_id=manager.engagement, state="recommended")
