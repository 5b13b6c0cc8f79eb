"""What happens in many stories: somebody asks, is seen, is referred, is reported on; at days of the past."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from openoh.demo.advice import NOTES, advice_of, findings_of
from openoh.demo.stage import Expert, Someone, Stage, at, earlier, hour_of, row
from openoh.foundation.core.actors import Actor
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics import actions as clinics
from openoh.pathway.clinics.models import Appointment
from openoh.pathway.consultations import actions as consultations
from openoh.pathway.referrals import actions as referrals
from openoh.pathway.referrals.models import Referral
from openoh.pathway.referrals.rules import Absence, Answers
from openoh.pathway.reports import actions as reports
from openoh.pathway.reports.models import Report
from openoh.pathway.requests import actions as requests
from openoh.pathway.requests.models import HelpRequest
from openoh.pathway.triage import actions as triage

# What people ask for: needs, how it affects work, their own words.
WISHES = (
    (("sleep", "stress"), ("struggling",), "I lie awake before every early shift."),
    (("menopause",), ("some-tasks",), "I need to get out of the heat on the ward now and then."),
    (("long-term-condition",), ("hours",), "My tablets make the mornings slow."),
    (("relationships-at-work",), ("with-others",), "I would like to talk to somebody outside my team."),
    (("returning",), ("off-work",), "I want to come back, but not all at once."),
    (("skin",), ("safety",), "The gloves make my hands worse."),
)


def asked(who: Someone, day: date, number: int, *, safe: str = "yes") -> UUID:
    """A request, sent in the morning of a day."""
    needs, effects, words = WISHES[number % len(WISHES)]
    with at(hour_of(day, 9, 10)):
        request: HelpRequest = requests.start(by=who.actor)
        requests.save(
            by=who.actor, request_id=request.pk,
            answers={
                "safe-now": safe, "needs": list(needs), "effects": list(effects), "wishes": ["talk"],
                "reach-by": "telephone", "words": words,
            },
        )  # fmt: skip
    with at(hour_of(day, 9, 30)):
        requests.send(by=who.actor, request_id=request.pk)
    return request.pk


def booked(stage: Stage, who: Someone, expert: Expert, day: date, number: int, *, lead: int) -> Appointment:
    """A time on `day`, booked `lead` working days before: by the person where they may, else after triage."""
    booked_on = earlier(day, lead)
    if expert.service == "physiotherapy":
        return _book_directly(stage, who, expert, day, booked_on)
    request = asked(who, earlier(booked_on, 2), number)
    with at(hour_of(earlier(booked_on, 1), 11)):
        triage.accept(
            by=stage.expert("nurse").actor, request_id=request, route=expert.service, owner=expert.user
        )
    case = row(Case, request=request)
    with at(hour_of(booked_on, 10)):
        made: Appointment = clinics.book(
            by=expert.actor, slot_id=stage.time_of(expert, day).pk, person_id=who.person, case_id=case.pk,
            request_id=request, call_back="07700 900123",
        )  # fmt: skip
    return made


def _book_directly(stage: Stage, who: Someone, expert: Expert, day: date, booked_on: date) -> Appointment:
    with at(hour_of(booked_on, 12)):
        request = requests.start(by=who.actor, service=expert.service)
        requests.save(
            by=who.actor, request_id=request.pk,
            answers={
                "safe-now": "yes", "needs": ["back"], "effects": ["some-tasks"], "wishes": ["treatment"],
                "reach-by": "telephone",
            },
        )  # fmt: skip
    with at(hour_of(booked_on, 12, 20)):
        requests.send(
            by=who.actor,
            request_id=request.pk,
            slot_id=stage.time_of(expert, day).pk,
            call_back="07700 900123",
        )
    return row(Appointment, request_id=request.pk)


def seen(stage: Stage, who: Someone, expert: Expert, day: date, number: int) -> UUID:
    """Came and was seen; returns the case."""
    appointment = booked(stage, who, expert, day, number, lead=3)
    return consult(expert, appointment, number)[0]


def consult(expert: Expert, appointment: Appointment, number: int) -> tuple[UUID, UUID]:
    """The consultation of an appointment, written and signed; returns the case and the consultation."""
    with at(appointment.starts_at + timedelta(minutes=5)):
        begun = consultations.begin(by=expert.actor, appointment_id=appointment.pk)
    with at(appointment.starts_at + timedelta(minutes=40)):
        saved = consultations.save(
            by=expert.actor, consultation_id=begun.pk, revision=begun.revision, values=findings_of(number),
            note=NOTES[number % len(NOTES)],
        )  # fmt: skip
        consultations.sign(by=expert.actor, consultation_id=begun.pk, revision=saved.revision)
    return begun.case_id, begun.pk


def referred(
    who: Someone, manager: Actor, day: date, *, urgency: str = "routine", days_absent: int = 20
) -> UUID:
    """A complete referral, sent in the afternoon of a day."""
    since = day - timedelta(days=days_absent)
    with at(hour_of(day, 13)):
        draft: Referral = referrals.draft(
            by=manager,
            engagement=who.engagement,
            absences=[Absence(since)],
            demands=["manual-handling", "nights"],
        )
        referrals.save(
            by=manager, referral=draft.pk,
            answers=Answers(
                reasons=["long-term-absence"], demands=["manual-handling", "nights"],
                questions=["return-date", "adjustments"], own_questions=["Is a phased return possible?"],
                absences=[Absence(since)], absent_since=since, shown_on=day, person_agrees=True, urgency=urgency,
                urgency_reason="The rota for next month closes on Friday." if urgency != "routine" else "",
            ),
        )  # fmt: skip
    with at(hour_of(day, 14)):
        referrals.send(by=manager, referral=draft.pk)
    return draft.pk


def consulted(stage: Stage, who: Someone, manager: Actor, expert: Expert, day: date) -> tuple[UUID, UUID]:
    """Seen on `day`; referred seven working days before, accepted the day after that."""
    referral = referred(who, manager, earlier(day, 7))
    with at(hour_of(earlier(day, 6), 10)):
        triage.accept(
            by=stage.expert("nurse").actor, referral_id=referral, route=expert.service, owner=expert.user
        )
    case, slot = row(Case, referral=referral), stage.time_of(expert, day)
    with at(hour_of(earlier(day, 5), 10)):
        appointment = clinics.book(
            by=expert.actor, slot_id=slot.pk, person_id=who.person,
            case_id=case.pk,
        )  # fmt: skip
    return consult(expert, appointment, 0)


def reported(
    stage: Stage, who: Someone, manager: Actor, expert: Expert, day: date, *, signed_on: date, window_days: int = 2
) -> UUID:  # fmt: skip
    """Referred, seen on `day`, and a report signed on `signed_on`; it lies with the person."""
    case, consultation = consulted(stage, who, manager, expert, day)
    with at(hour_of(signed_on, 16)):
        draft: Report = reports.begin(by=expert.actor, case=case, consultation=consultation)
        saved = reports.save(by=expert.actor, report=draft.pk, revision=draft.revision, advice=advice_of(0))
        reports.sign(by=expert.actor, report=draft.pk, revision=saved.revision, window_days=window_days)
    return draft.pk


def agreed(who: Someone, report: UUID, day: date) -> None:
    """The person opens the report in the evening of a day and agrees."""
    with at(hour_of(day, 20)):
        reports.mark_seen(by=who.actor, report=report)
        reports.agree(by=who.actor, report=report)
