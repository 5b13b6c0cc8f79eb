"""Slots, bookings, attendance, invitations, registration."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from openoh.foundation.core import clock
from openoh.foundation.core.clock import UK
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.models import Fact
from openoh.foundation.core.scope import within
from openoh.pathway.clinics import actions
from openoh.pathway.clinics.access import registered_clinician, visible_to
from openoh.pathway.clinics.invitation import invitation
from openoh.pathway.clinics.models import Appointment, AppointmentStep
from openoh.pathway.clinics.queries import appointments_of, day, free_slots
from openoh.pathway.clinics.rules import Registration, may_act, slot_times
from tests.pathway.diary import WEDNESDAY, read, session


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


def free(actor, service="physiotherapy", **more):
    with within(actor.scope):
        return free_slots(actor, service=service, **more)


def facts(world, kind):
    with within(world.as_worker.scope):
        return list(Fact.objects.filter(kind=kind).order_by("at"))


# Rules


@pytest.mark.parametrize(
    ("profession", "number", "until", "allowed"),
    [
        ("nurse", "00A1", date(2026, 1, 14), True),
        ("nurse", "00A1", date(2026, 1, 13), False),
        ("nurse", "", date(2027, 1, 1), False),
        ("physician", "00A1", None, False),
        ("physiotherapist", "00A1", date(2027, 1, 1), True),
        ("technician", "", None, True),
    ],
)
def test_who_may_act_on_the_last_day_of_a_registration(profession, number, until, allowed):
    decision = may_act(Registration(profession, "", number, until), date(2026, 1, 14))
    assert decision.allowed is allowed
    assert decision.rule_version == "clinics/registration/2"


@given(
    start=st.datetimes(
        min_value=datetime(2026, 1, 1), max_value=datetime(2026, 12, 1), timezones=st.just(UK)
    ),
    length=st.integers(0, 600),
    minutes=st.integers(5, 240),
)
def test_slots_follow_each_other_and_never_leave_the_session(start, length, minutes):
    end = (start.astimezone(UTC) + timedelta(minutes=length)).astimezone(UK)
    slots = list(slot_times(start, end, minutes))
    assert len(slots) == length // minutes
    assert all((finish - begin) == timedelta(minutes=minutes) for begin, finish in slots)
    assert all(earlier[1] == later[0] for earlier, later in itertools.pairwise(slots))
    assert all(start <= begin and finish <= end for begin, finish in slots)


def test_a_night_session_over_the_clock_changes_has_as_many_slots_as_real_hours():
    def hours(day):
        start = datetime(2026, day[0], day[1], 0, 0, tzinfo=UK)
        return len(list(slot_times(start, datetime(2026, day[0], day[1], 6, 0, tzinfo=UK), 60)))

    assert hours((3, 28)) == 6
    assert hours((3, 29)) == 5  # clocks go forward
    assert hours((10, 25)) == 7  # clocks go back


# Making and finding times


def test_times_are_found_by_service_mode_and_evening(world):
    session(world, mode="video")
    evening = make_evening(world)
    assert {slot.mode for slot in free(world.as_amara, mode="video")} == {"video"}
    assert free(world.as_amara, mode="telephone") == []
    assert [slot.id for slot in free(world.as_amara, evening=True)] == [slot.id for slot in evening]
    assert len(free(world.as_amara, evening=False)) == 2
    assert free(world.as_amara, service="psychology") == []


def make_evening(world):
    return actions.make_slots(
        by=world.as_nurse, clinician_id=world.clinicians["pat"].id, service="physiotherapy",
        start=datetime(2026, 7, 1, 17, 30, tzinfo=UK), end=datetime(2026, 7, 1, 18, 30, tzinfo=UK), minutes=60,
        mode="in-person",
    ).slots  # fmt: skip


def test_pages_of_free_times_continue_after_the_last_one(world):
    session(world, hours=6)
    first = free(world.as_amara, limit=4)
    rest = free(world.as_amara, after=first[-1].starts_at)
    assert len(first) == 4
    assert len(rest) == 2
    assert not {slot.id for slot in first} & {slot.id for slot in rest}


def test_a_clinician_is_in_one_place_at_a_time(world):
    session(world)
    with pytest.raises(Conflict, match="already has times"):
        session(world, service="nurse", minutes=30)
    assert free(world.as_nurse, service="nurse") == []


def test_only_those_who_run_the_diary_make_times(world):
    with pytest.raises(NotAllowed):
        actions.make_slots(
            by=world.as_amara, clinician_id=world.clinicians["pat"].id, service="physiotherapy",
            start=WEDNESDAY, end=WEDNESDAY + timedelta(hours=1), minutes=60,
        )  # fmt: skip


def test_another_providers_clinician_gets_no_times_from_us(world):
    from openoh.pathway.clinics.models import Clinician

    with pytest.raises(Clinician.DoesNotExist):
        session(world, clinician="uma")


# Booking


def test_a_person_books_for_themselves_and_the_time_is_gone(world):
    slot, other = session(world)
    booked = actions.book(by=world.as_amara, slot_id=slot.id, call_back="07700 900123", needs=["interpreter"])
    assert booked.person_id == world.amara.id
    assert booked.employer_id == world.trust.id
    # Joe cannot see Amara's appointment, and still is not offered her time.
    assert [free_slot.id for free_slot in free(world.actor("joe", "employee"))] == [other.id]
    with pytest.raises(Conflict, match="just taken"):
        actions.book(by=world.actor("joe", "employee"), slot_id=slot.id)
    (fact,) = facts(world, "appointment.booked")
    assert fact.data["service"] == "physiotherapy"
    assert fact.person_id == world.amara.id


def test_nobody_books_for_somebody_else(world):
    slot, _ = session(world)
    with pytest.raises(world.joe.DoesNotExist):
        actions.book(by=world.as_amara, slot_id=slot.id, person_id=world.joe.id)


def test_those_who_run_the_diary_book_for_people(world):
    slot, _ = session(world)
    booked = actions.book(
        by=world.actor("tess", "oh-administrator"), slot_id=slot.id, person_id=world.amara.id
    )
    assert booked.employer_id == world.trust.id


def test_the_diary_does_not_book_for_another_providers_people(world):
    slot, _ = session(world)
    with pytest.raises(world.femi.DoesNotExist):
        actions.book(by=world.as_nurse, slot_id=slot.id, person_id=world.femi.id)


def test_a_person_is_in_one_place_at_a_time(world):
    (first, _), (second, _) = session(world), session(world, clinician="quin", service="psychology")
    actions.book(by=world.as_amara, slot_id=first.id)
    with pytest.raises(Conflict, match="another appointment"):
        actions.book(by=world.as_amara, slot_id=second.id)


def test_a_past_or_withdrawn_time_cannot_be_booked(world):
    slot, other = session(world)
    actions.withdraw_slot(by=world.as_nurse, slot_id=slot.id)
    with pytest.raises(Conflict, match="taken this time back"):
        actions.book(by=world.as_amara, slot_id=slot.id)
    with clock.held_at(other.starts_at), pytest.raises(Invalid, match="passed"):
        actions.book(by=world.as_amara, slot_id=other.id)


def test_an_unknown_need_is_refused(world):
    slot, _ = session(world)
    with pytest.raises(Invalid):
        actions.book(by=world.as_amara, slot_id=slot.id, needs=["champagne"])


def test_moving_keeps_the_appointment_and_frees_the_old_time(world):
    slot, other = session(world)
    booked = actions.book(by=world.as_amara, slot_id=slot.id)
    moved = actions.move(by=world.as_amara, appointment_id=booked.id, slot_id=other.id)
    assert (moved.id, moved.sequence, moved.starts_at) == (booked.id, 1, other.starts_at)
    assert [free_slot.id for free_slot in free(world.as_amara)] == [slot.id]


def test_who_moves_to_a_taken_time_keeps_the_old_one(world):
    slot, other = session(world)
    booked = actions.book(by=world.as_amara, slot_id=slot.id)
    actions.book(by=world.actor("joe", "employee"), slot_id=other.id)
    with pytest.raises(Conflict):
        actions.move(by=world.as_amara, appointment_id=booked.id, slot_id=other.id)
    kept = read(world.as_amara, booked)
    assert (kept.slot_id, kept.sequence, kept.state) == (slot.id, 0, "booked")


def test_cancelling_frees_the_time_for_somebody_else(world):
    slot, _ = session(world)
    booked = actions.book(by=world.as_amara, slot_id=slot.id)
    actions.cancel(by=world.as_amara, appointment_id=booked.id, reason="person")
    assert actions.book(by=world.actor("joe", "employee"), slot_id=slot.id).slot_id == slot.id
    (fact,) = facts(world, "appointment.ended")
    assert fact.data["outcome"] == "cancelled"
    assert fact.data["hours_notice"] == 24


def test_a_cancelled_appointment_does_not_come_back(world):
    slot, other = session(world)
    booked = actions.book(by=world.as_amara, slot_id=slot.id)
    actions.cancel(by=world.as_amara, appointment_id=booked.id)
    for again in (
        lambda: actions.cancel(by=world.as_amara, appointment_id=booked.id),
        lambda: actions.move(by=world.as_amara, appointment_id=booked.id, slot_id=other.id),
    ):
        with pytest.raises(Conflict):
            again()


def test_attendance_is_recorded_when_its_time_has_come(world):
    slot, _ = session(world)
    booked = actions.book(by=world.as_amara, slot_id=slot.id)
    with pytest.raises(Invalid, match="not begun"):
        actions.mark_did_not_attend(by=world.as_nurse, appointment_id=booked.id)
    with clock.held_at(slot.starts_at):
        with pytest.raises(NotAllowed):
            actions.mark_attended(by=world.as_amara, appointment_id=booked.id)
        actions.mark_arrived(by=world.as_nurse, appointment_id=booked.id)
        actions.mark_attended(by=world.as_nurse, appointment_id=booked.id)
    with within(world.as_nurse.scope):
        steps = AppointmentStep.objects.filter(subject=booked.id).values_list("state", flat=True)
        assert list(steps) == ["booked", "arrived", "attended"]


# A clinician's day


def test_a_full_day_is_read_in_two_queries(world):
    names = ["amara", "joe", "ben", "dev", "gita", "ella"]
    for name, slot in zip(names, session(world, hours=6), strict=True):
        actions.book(by=world.actor(name, "employee"), slot_id=slot.id)
    nurse = world.as_nurse
    with within(nurse.scope), CaptureQueriesContext(connection) as queries:
        found = day(nurse, world.clinicians["pat"].id, date(2026, 1, 15))
        names_shown = [str(appointment.person) for appointment in found.appointments]
    assert names_shown[0] == "Amara Okafor"
    assert len(names_shown) == 6
    assert found.free == []
    assert len(queries) == 2


def test_a_day_is_a_day_in_the_united_kingdom(world):
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UK)  # 22:30 UTC
    (slot,) = actions.make_slots(
        by=world.as_nurse, clinician_id=world.clinicians["pat"].id, service="physiotherapy", start=late,
        end=late + timedelta(minutes=60), minutes=60,
    ).slots  # fmt: skip
    nurse = world.as_nurse
    with within(nurse.scope):
        assert [s.id for s in day(nurse, world.clinicians["pat"].id, date(2026, 7, 1)).free] == [slot.id]
        assert day(nurse, world.clinicians["pat"].id, date(2026, 7, 2)).free == []


# Who sees what


def test_appointments_are_seen_by_the_person_and_their_provider(world):
    slot, _ = session(world)
    booked = actions.book(by=world.as_amara, slot_id=slot.id)
    for actor, sees in (
        (world.as_amara, True),
        (world.actor("joe", "employee"), False),
        (world.as_nurse, True),
        (world.actor("tess", "oh-administrator"), True),
        (world.as_service_manager, False),
        (world.as_other_nurse, False),
    ):
        with within(actor.scope):
            assert (booked in visible_to(actor)) is sees, actor.role


def test_the_next_appointments_of_a_person_come_soonest_first(world):
    slot, other = session(world)
    for each in (other, slot):
        actions.book(by=world.as_amara, slot_id=each.id)
    amara = world.as_amara
    with within(amara.scope):
        upcoming = appointments_of(amara, world.amara.id, upcoming=True)
    assert [appointment.slot_id for appointment in upcoming] == [slot.id, other.id]


# Registration


def test_a_clinician_off_the_register_is_refused_with_what_to_do(world):
    nurse = world.as_nurse
    with within(world.as_worker.scope):
        world.clinicians["nia"].registered_until = date(2026, 1, 13)
        world.clinicians["nia"].save()
    with within(nurse.scope), pytest.raises(NotAllowed, match="NMC ended on 13 January 2026"):
        registered_clinician(nurse)


def test_a_part_of_the_system_is_no_clinician(world):
    worker = world.as_worker
    with within(worker.scope), pytest.raises(NotAllowed, match="not entered as a clinician"):
        registered_clinician(worker)


# The invitation


def parsed(appointment):
    calendar = Calendar.from_ical(invitation(appointment))
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def test_an_invitation_says_nothing_about_health(world):
    slot, _ = session(world, place="Occupational Health, Level 2")
    booked = actions.book(by=world.as_amara, slot_id=slot.id, needs=["interpreter"], call_back="07700 900123")
    text = invitation(booked).decode()
    calendar, event = parsed(booked)
    assert event["summary"] == "Appointment"
    assert event.decoded("dtstart") == slot.starts_at
    assert event.decoded("dtend") == slot.ends_at
    assert (calendar["method"], event["status"], event["class"]) == ("PUBLISH", "CONFIRMED", "PRIVATE")
    for word in ("health", "physio", "Pat", "Novak", "interpreter", "07700", "Level 2", "Amara"):
        assert word.lower() not in text.lower()


def test_a_moved_appointment_replaces_and_a_cancelled_one_removes_the_calendar_entry(world):
    slot, other = session(world)
    booked = actions.book(by=world.as_amara, slot_id=slot.id)
    _, before = parsed(booked)
    moved = actions.move(by=world.as_amara, appointment_id=booked.id, slot_id=other.id)
    _, after = parsed(moved)
    cancelled = actions.cancel(by=world.as_amara, appointment_id=booked.id)
    calendar, gone = parsed(cancelled)
    assert before["uid"] == after["uid"] == gone["uid"]
    assert before["sequence"] < after["sequence"] < gone["sequence"]
    assert (calendar["method"], gone["status"]) == ("CANCEL", "CANCELLED")


def test_an_unknown_appointment_is_not_found(world):
    with pytest.raises(Appointment.DoesNotExist):
        actions.cancel(by=world.as_amara, appointment_id=uuid4())
