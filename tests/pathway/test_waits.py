"""Clocks that follow requests, referrals, cases and reports: told in any order, any number of times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import system_actor
from openoh.foundation.core.models import Fact
from openoh.foundation.core.scope import within
from openoh.pathway.bookings import waits as booking_waits
from openoh.pathway.cases import actions as cases
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics import actions as clinics
from openoh.pathway.clocks import queries
from openoh.pathway.clocks.models import Clock
from openoh.pathway.referrals import actions as referrals
from openoh.pathway.reports import actions as reports
from openoh.pathway.reports import waits
from openoh.pathway.requests import actions as requests
from openoh.pathway.triage import actions as triage
from openoh.pathway.triage import consumers as triage_consumers
from tests.pathway.diary import SAFE, WEDNESDAY, request_of, session
from tests.stories import signed

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)


def on(day: int, hour: int = 10):
    """An hour of January 2026; the 12th is a Monday."""
    return clock.held_at(datetime(2026, 1, day, hour, 0, tzinfo=UTC))


def wait_of(world, kind, subject):
    with within(world.as_worker.scope):
        found = Clock.objects.prefetch_related("pauses").filter(kind=kind, subject_id=subject).first()
        if found is None:
            return None
        wait = queries.wait_of(found)
        return wait.own, wait.others, found.stopped_at is not None


def tell_again(world):
    """Hand every fact to the consumers of waits again, the newest first."""
    handlers = {
        **dict.fromkeys(triage_consumers.REQUEST_FACTS, triage_consumers.follow_request),
        **dict.fromkeys(triage_consumers.REFERRAL_FACTS, triage_consumers.follow_referral),
    }
    with within(world.as_worker.scope):
        told = list(Fact.objects.order_by("-at", "-id"))
    for fact in told:
        by = system_actor("again", provider=fact.provider_id)
        with within(by.scope):
            for kinds, handle in (
                ([fact.kind] if fact.kind in handlers else [], handlers.get(fact.kind)),
                (booking_waits.CONTACT_FACTS, booking_waits.follow_first_contact),
                (booking_waits.FIRST_FACTS, booking_waits.follow_first_appointment),
                (waits.FACTS, waits.follow_waits),
            ):
                if handle and fact.kind in kinds:
                    handle(fact, by)


def clocks(world):
    with within(world.as_worker.scope):
        rows = Clock.objects.order_by("kind", "subject_id")
        return [
            (row.kind, row.subject_id, row.started_at, row.due_at, row.stopped_at,
             sorted(row.pauses.values_list("owner", "from_at", "until_at")))
            for row in rows
        ]  # fmt: skip


def refer(world):
    made = referrals.draft(by=world.as_ben, engagement=world.engagements["amara"].id)
    from openoh.pathway.referrals.rules import Answers

    today = clock.today()
    answers = Answers(reasons=["long-term-absence"], questions=["return-date"], shown_on=today, person_agrees=True,
                      absent_since=today - timedelta(days=40))  # fmt: skip
    referrals.save(by=world.as_ben, referral=made.id, answers=answers)
    return referrals.send(by=world.as_ben, referral=made.id)


def case_of(world, **about) -> Case:
    with within(world.as_worker.scope):
        return Case.objects.get(**about)


def test_a_question_to_the_person_is_their_time_and_not_the_services(world):
    with on(12):
        request = requests.send(by=world.as_amara, request_id=request_of(world.as_amara).id)
    with on(13):
        triage.ask(by=world.as_nurse, request_id=request.id, question="Which days suit you?")
    with on(16):
        requests.save(by=world.as_amara, request_id=request.id, answers=SAFE)
        requests.send(by=world.as_amara, request_id=request.id)
    with on(19):
        triage.accept(by=world.as_nurse, request_id=request.id, route="nurse")
        facts.consume()
        # Monday to Tuesday and Friday to Monday were the service's, Tuesday to Friday the person's.
        assert wait_of(world, "triage", request.id) == (2, {"person": 3}, True)
        # The question was the first contact.
        assert wait_of(world, "self-referral-contact", request.id) == (1, {}, True)


def test_a_returned_referral_is_the_managers_time(world):
    with on(12):
        referral = refer(world)
        facts.consume()
        assert wait_of(world, "triage", referral.id) == (0, {}, False)
    with on(14):
        triage.ask(by=world.as_nurse, referral_id=referral.id, question="From which day?")
        facts.consume()
    with on(16):
        assert wait_of(world, "triage", referral.id) == (2, {"manager": 2}, False)
        referrals.resend(by=world.as_ben, referral=referral.id)
    with on(19):
        triage.accept(by=world.as_nurse, referral_id=referral.id, route="physician")
        facts.consume()
        assert wait_of(world, "triage", referral.id) == (3, {"manager": 2}, True)
        assert wait_of(world, "first-physician", case_of(world, referral=referral.id).id) == (0, {}, False)


@pytest.mark.parametrize("end", ["reject", "withdraw"])
def test_a_request_that_is_turned_away_or_taken_back_waits_no_more(world, end):
    with on(12):
        request = requests.send(by=world.as_amara, request_id=request_of(world.as_amara).id)
    with on(14):
        if end == "reject":
            triage.reject(by=world.as_nurse, request_id=request.id, reason="For the GP")
        else:
            requests.withdraw(by=world.as_amara, request_id=request.id)
        facts.consume()
    with on(20):
        assert wait_of(world, "triage", request.id) == (2, {}, True)
        assert wait_of(world, "self-referral-contact", request.id) == (2, {}, True)


def test_taking_back_what_was_never_sent_is_told_to_nobody(world):
    with on(12):
        request = request_of(world.as_amara)
        requests.withdraw(by=world.as_amara, request_id=request.id)
    with within(world.as_worker.scope):
        assert not Fact.objects.filter(kind="request.withdrawn").exists()


def test_from_acceptance_to_the_first_time_that_is_booked(world):
    with on(12):
        request = requests.send(by=world.as_amara, request_id=request_of(world.as_amara).id)
    with on(13):
        triage.accept(by=world.as_nurse, request_id=request.id, route="nurse")
        facts.consume()
    case = case_of(world, request=request.id)
    with on(15):
        first, second = session(world, clinician="nia", service="nurse", days=4)
        made = clinics.book(by=world.as_nurse, slot_id=first.id, person_id=world.amara.id, case_id=case.id)
        facts.consume()
    with on(16):
        clinics.move(by=world.as_nurse, appointment_id=made.id, slot_id=second.id)
        facts.consume()
        assert wait_of(world, "first-nurse", case.id) == (2, {}, True)
        assert wait_of(world, "self-referral-contact", request.id) == (3, {}, True)


def test_a_time_that_the_person_books_is_no_wait_for_triage_and_none_for_an_offer(world):
    with clock.held_at(WEDNESDAY):
        (slot,) = session(world, hours=1)
        request = request_of(world.as_amara, service="physiotherapy")
        requests.send(by=world.as_amara, request_id=request.id, slot_id=slot.id)
        facts.consume()
        case = case_of(world, request=request.id)
    with clock.held_at(WEDNESDAY + timedelta(days=7)):
        tell_again(world)
        assert wait_of(world, "triage", request.id) is None
        assert wait_of(world, "first-physiotherapy", case.id) == (0, {}, True)
        assert wait_of(world, "self-referral-contact", request.id) == (0, {}, True)


@pytest.fixture
def attended(world):
    """Referred on Monday the 12th, seen on Wednesday the 14th at 11 by the nurse."""
    with on(12):
        referral = refer(world)
    with on(13):
        triage.accept(by=world.as_nurse, referral_id=referral.id, route="nurse")
        case = case_of(world, referral=referral.id)
        (slot,) = session(world, clinician="nia", service="nurse", hours=1)
        made = clinics.book(by=world.as_nurse, slot_id=slot.id, person_id=world.amara.id, case_id=case.id)
    with on(14, 11):
        clinics.mark_attended(by=world.as_nurse, appointment_id=made.id)
        facts.consume()
    return case, made


def test_the_report_is_waited_for_without_the_days_in_which_the_person_reads_it(world, attended):
    case, appointment = attended
    with on(15):
        assert wait_of(world, "report", appointment.id) == (1, {}, False)
        report = signed(world, case)
        facts.consume()
    with on(19):
        assert wait_of(world, "report", appointment.id) == (1, {"person": 2}, False)
        reports.ask_correction(by=world.as_amara, report=report.id, words="I work on ward A1.")
    with on(20):
        reports.keep_as_written(by=world.as_nurse, report=report.id)
    with on(22):
        reports.agree(by=world.as_amara, report=report.id)
    with on(22, 11):
        facts.consume()
    with on(28):
        assert wait_of(world, "report", appointment.id) == (2, {"person": 4}, True)


def test_a_corrected_version_is_the_same_wait_and_a_later_appointment_another(world, attended):
    case, appointment = attended
    with on(15):
        report = signed(world, case)
    with on(16):
        reports.ask_correction(by=world.as_amara, report=report.id, words="I work on ward A1.")
    with on(19):
        newer = signed(world, case, replaces=report.id)
        (slot,) = session(world, clinician="nia", service="nurse", hours=1)
        again = clinics.book(by=world.as_nurse, slot_id=slot.id, person_id=world.amara.id, case_id=case.id)
        facts.consume()
    with on(20, 11):
        clinics.mark_attended(by=world.as_nurse, appointment_id=again.id)
    with on(21):
        reports.agree(by=world.as_amara, report=newer.id)
        facts.consume()
        assert wait_of(world, "report", appointment.id) == (2, {"person": 3}, True)
        assert wait_of(world, "report", again.id) == (1, {}, False)
    with on(23):
        cases.close_case(by=world.as_nurse, case_id=case.id)
        facts.consume()
        assert wait_of(world, "report", again.id) == (3, {}, True)


def test_no_report_is_owed_to_anybody_after_a_persons_own_request(world):
    with clock.held_at(WEDNESDAY):
        (slot,) = session(world, hours=1)
        request = request_of(world.as_amara, service="physiotherapy")
        requests.send(by=world.as_amara, request_id=request.id, slot_id=slot.id)
        facts.consume()
        case = case_of(world, request=request.id)
    with clock.held_at(WEDNESDAY + timedelta(days=1, hours=1)), within(world.as_worker.scope):
        from openoh.pathway.clinics.models import Appointment

        appointment = Appointment.objects.get(case_id=case.id)
        clinics.mark_attended(by=world.as_physiotherapist, appointment_id=appointment.id)
    facts.consume()
    assert wait_of(world, "report", appointment.id) is None


def test_told_in_reverse_then_in_order_makes_the_same_clocks(world, attended):
    case, _ = attended
    with on(15):
        signed(world, case)
        request = requests.send(by=world.as_amara, request_id=request_of(world.as_amara).id)
    with on(16):
        triage.ask(by=world.as_nurse, request_id=request.id, question="Which days suit you?")
    with on(19):
        tell_again(world)
        backwards = clocks(world)
        facts.consume()
        assert clocks(world) == backwards
        assert {kind for kind, *_ in backwards} == {
            "first-nurse",
            "report",
            "self-referral-contact",
            "triage",
        }


TURNS = st.lists(st.sampled_from(["service", "person", "manager"]), max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=TURNS, ends=st.booleans(), told=st.lists(st.integers(1, 10), max_size=4))
def test_however_often_a_history_is_told_its_days_add_up(world, turns, ends, told):
    """Each turn lasts one day of a week of working days; what was told in parts is as if told at once."""
    from openoh.foundation.core.identifiers import new_id
    from openoh.pathway.clocks.actions import follow
    from openoh.pathway.clocks.rules import Handover

    owners = ["service", *turns, *([""] if ends else [])]
    history = [
        Handover(MONDAY + timedelta(days=n + 2 * (n // 5)), owner, "awaiting-person" if owner else "")
        for n, owner in enumerate(owners)
    ]
    subject = new_id()
    with clock.held_at(history[-1].at):
        for length in [*told, len(history)]:
            follow(by=world.as_worker, kind="triage", subject_id=subject, employer=world.trust,
                   provider_id=world.provider.id, person_id=None, history=history[:length])  # fmt: skip
        own, others, stopped = wait_of(world, "triage", subject)
    assert stopped == ends
    assert own + sum(others.values()) == len(history) - 1
    for owner in ("person", "manager"):
        assert others.get(owner, 0) == owners[:-1].count(owner)
