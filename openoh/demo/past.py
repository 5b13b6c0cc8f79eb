"""Two past months of ordinary work, so that the figures of the demonstration have something to say.

The same scenes as the stories, in numbers: enough people come, stay away, are reported on, answer or are lost that no
figure has to be hidden, and not all of it goes well. The weeks after them are played last, as the worker would have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from openoh.demo import scenes
from openoh.demo.stage import CALENDAR, Someone, Stage, at, hour_of, identifiers, tell_everybody
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, system_actor
from openoh.pathway.adjustments.actions import answer as answer_adjustment
from openoh.pathway.adjustments.models import Adjustment
from openoh.pathway.adjustments.rules import Answer
from openoh.pathway.cases.actions import close_case
from openoh.pathway.clinics import actions as clinics
from openoh.pathway.outcomes.actions import answer_person, ask_and_chase
from openoh.pathway.outcomes.models import PersonOutcome

MONTHS = 2
SEEN, MISSED, REPORTED = 20, 6, 12  # people a month
LATE = 5  # of the reports; as many managers put an adjustment off
UNANSWERED, STILL_OFF = 4, 3  # every fourth person is lost; of those who answer, every third is not back
Act = Callable[[], None]


@dataclass
class Past:
    """What is played, and whom it was about: they are asked weeks later how it went."""

    stage: Stage
    people: dict[UUID, Someone] = field(default_factory=dict)

    def acts(self) -> list[tuple[str, Act]]:
        """A name for whoever looks at progress, and the act; the months first, then the weeks since."""
        acts: list[tuple[str, Act]] = []
        for back in range(MONTHS, 0, -1):
            days = working_days_of(month_before(clock.today(), back))
            acts += [("a case of a past month", partial(self.seen, days, number)) for number in range(SEEN)]
            acts += [("a missed appointment", partial(self.missed, days, number)) for number in range(MISSED)]
            acts += [
                ("advice of a past month", partial(self.reported, days, number)) for number in range(REPORTED)
            ]
        acts += [("how it went", partial(self.asked, week)) for week in self.weeks()]
        return acts

    def seen(self, days: list[date], number: int) -> None:
        """Seen in the first days of the month, and closed the same afternoon."""
        who = self._somebody()
        expert = self.stage.expert(("physio", "nurse")[number % 2])
        day = days[number // 4]
        case = scenes.seen(self.stage, who, expert, day, number)
        with at(hour_of(day, 17)):
            close_case(by=expert.actor, case_id=case, reason="goals-met")

    def missed(self, days: list[date], number: int) -> None:
        expert = self.stage.expert("physio")
        appointment = scenes.booked(self.stage, self._somebody(), expert, days[8 + number], number, lead=3)
        with at(appointment.starts_at + timedelta(minutes=20)):
            clinics.mark_did_not_attend(by=expert.actor, appointment_id=appointment.pk)

    def reported(self, days: list[date], number: int) -> None:
        """Referred, seen and reported on; the person agrees, and the manager answers or puts it off."""
        who, manager = self.stage.somebody_managed()
        self.people[who.person] = who
        nurse, on_time = self.stage.expert("nurse"), number >= LATE
        seen, signed = days[6 + number // 3], days[(7 if on_time else 11) + number // 3]
        report = scenes.reported(self.stage, who, manager, nurse, seen, signed_on=signed)
        scenes.agreed(who, report, signed)
        answered = days[min(14 + number // 4, len(days) - 1)]
        answer = Answer("done", on=answered) if on_time else Answer("declined", reason="service-need")
        with at(hour_of(answered, 9)):
            for adjustment in identifiers(Adjustment, person_id=who.person, recipient_id=manager.engagement):
                answer_adjustment(by=manager, adjustment=adjustment, answer=answer)

    def weeks(self) -> Iterator[date]:
        """One day a week, from the first that somebody may have to be asked on until a week ago."""
        day = month_before(clock.today(), MONTHS)
        while (day := day + timedelta(days=7)) < clock.today() - timedelta(days=7):
            yield day

    def asked(self, week: date) -> None:
        """The worker asks and reminds; most people answer the next evening, the first time that they are asked."""
        with at(hour_of(week, 8)):
            asked = ask_and_chase(by=system_actor("follow-up"))
        first = [
            each
            for each in asked
            if isinstance(each, PersonOutcome) and each.chased == 0 and each.state == "asked"
        ]
        with clock.held_at(hour_of(week + timedelta(days=1), 19)):
            for number, outcome in enumerate(first):
                if outcome.person_id in self.people and number % UNANSWERED:
                    self._answer(self.people[outcome.person_id].actor, outcome, back=number % STILL_OFF > 0)
        tell_everybody()

    def _answer(self, who: Actor, outcome: PersonOutcome, *, back: bool) -> None:
        work, health, useful = ("adjusted", "better", "very") if back else ("off", "same", "quite")
        answer_person(by=who, outcome=outcome.pk, work=work, health=health, useful=useful, more_help=False)

    def _somebody(self) -> Someone:
        who = self.stage.somebody()
        self.people[who.person] = who
        return who


def month_before(day: date, back: int) -> date:
    """The first day of the month that lies `back` months before the month of `day`."""
    months = day.year * 12 + day.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


def working_days_of(month: date) -> list[date]:
    days = (month + timedelta(days=number) for number in range(31))
    return [day for day in days if day.month == month.month and CALENDAR.is_working(day)]
