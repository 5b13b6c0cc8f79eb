"""Which times a pattern makes, what clashes, a week as it is seen, and times that are taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from openoh.foundation.audit.models import Event
from openoh.foundation.core import clock
from openoh.foundation.core.calendars import WorkingDays
from openoh.foundation.core.clock import UK
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.scope import within
from openoh.pathway.bookings.actions import book_for
from openoh.pathway.bookings.models import BookingInvitation
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics import actions as clinics
from openoh.pathway.clinics.models import Appointment, Clinician, Slot
from openoh.pathway.clinics.queries import free_slots
from openoh.pathway.clocks.models import AddedHoliday
from openoh.pathway.diaries import queries, rules
from openoh.pathway.diaries.actions import make_times, take_back
from openoh.pathway.diaries.rules import Pattern
from openoh.pathway.services.actions import set_service
from tests.pathway.diary import WEDNESDAY, read, session

ENGLAND = WorkingDays("england")
EVERY_DAY = frozenset(range(1, 8))
WEEKDAYS = frozenset(range(1, 6))
THURSDAY, FRIDAY = date(2026, 1, 15), date(2026, 1, 16)


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


def pattern(**changes) -> Pattern:
    usual = {
        "weekdays": WEEKDAYS, "begins": time(9), "ends": time(12), "first": THURSDAY, "last": FRIDAY, "minutes": 45,
    }  # fmt: skip
    return Pattern(**(usual | changes))


def make(world, *, by=None, clinician="pat", service="physiotherapy", mode="video", place="", **changes):
    return make_times(
        by=by or tess(world), clinician_id=world.clinicians[clinician].pk, service=service,
        pattern=pattern(**changes), mode=mode, place=place,
    )  # fmt: skip


def tess(world):
    return world.actor("tess", "oh-administrator")


def seen(actor, act):
    with within(actor.scope):
        return act()


def moving(actor, world) -> tuple[list[object], int]:
    """Who must be moved, and how many of them are closed to the actor."""
    found = seen(actor, lambda: look(actor, world, *world.clinicians))
    return [each.pk for each in found.moving], found.closed


def look(actor, world, *clinicians):
    return queries.week(actor, date(2026, 1, 12), [world.clinicians[name].pk for name in clinicians])


def local(slots) -> list[str]:
    return [f"{each.starts_at.astimezone(UK):%a %H:%M}" for each in slots]


# Which times a pattern makes

PATTERNS = st.builds(
    lambda weekdays, begins, length, first, days, minutes: Pattern(
        weekdays, time(begins), time(begins + length), first, first + timedelta(days=days), minutes
    ),
    st.frozensets(st.integers(1, 7), min_size=1), st.integers(0, 18), st.integers(1, 5),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 90), st.sampled_from([30, 45, 60]),
)  # fmt: skip
LONG_AGO = datetime(2025, 12, 1, tzinfo=UTC)


@given(PATTERNS)
def test_times_lie_on_the_chosen_days_between_the_chosen_hours_and_on_no_bank_holiday(asked):
    plan = rules.plan(asked, ENGLAND, LONG_AGO)
    for begin, end in plan.times:
        at = begin.astimezone(UK)
        assert at.isoweekday() in asked.weekdays
        assert asked.first <= at.date() <= asked.last
        assert at.date() not in ENGLAND.holidays
        assert asked.begins <= at.time() < asked.ends
        assert end <= datetime.combine(at.date(), asked.ends, tzinfo=UK).astimezone(UTC)
        assert end - begin == timedelta(minutes=asked.minutes)
    assert plan.times == sorted(plan.times)
    assert all(one[1] <= next_one[0] for one, next_one in zip(plan.times, plan.times[1:], strict=False))


@given(PATTERNS)
def test_every_chosen_day_has_times_or_is_named_as_a_holiday(asked):
    plan = rules.plan(asked, ENGLAND, LONG_AGO)
    chosen = set(rules.days_of(asked))
    assert set(plan.holidays) == chosen & ENGLAND.holidays
    whole = (asked.ends.hour - asked.begins.hour) * 60 // asked.minutes
    assert all(len(times) == whole for day, times in rules.by_day(plan.times).items() if day not in CHANGES)
    assert set(rules.by_day(plan.times)) | set(plan.holidays) | CHANGES >= (chosen if whole else set())


CHANGES = {date(2026, 3, 29), date(2026, 10, 25)}


@given(PATTERNS, st.datetimes(datetime(2026, 1, 1), datetime(2027, 3, 1), timezones=st.just(UTC)))
def test_what_is_over_is_left_out_and_counted(asked, now):
    every, left = rules.plan(asked, ENGLAND, LONG_AGO), rules.plan(asked, ENGLAND, now)
    assert left.times == [each for each in every.times if each[0] > now]
    assert left.passed == len(every.times) - len(left.times)


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_a_session_from_nine_begins_at_nine_on_both_sides_of_a_clock_change(change):
    around = pattern(weekdays=EVERY_DAY, first=change - timedelta(days=1), last=change + timedelta(days=1))
    times = rules.by_day(rules.plan(around, ENGLAND, LONG_AGO).times)
    starts = {day: [f"{begin.astimezone(UK):%H:%M}" for begin, _ in of_day] for day, of_day in times.items()}
    assert set(map(tuple, starts.values())) == {("09:00", "09:45", "10:30", "11:15")}
    before, after = (times[change + timedelta(days=step)][0][0].hour for step in (-1, 1))
    assert {before, after} == {8, 9}, "the same hour on the wall is another hour in UTC"


@pytest.mark.parametrize(("change", "hours"), [(date(2026, 3, 29), 5), (date(2026, 10, 25), 7)])
def test_a_night_session_over_a_clock_change_has_as_many_times_as_real_hours(change, hours):
    night = pattern(weekdays=EVERY_DAY, begins=time(0), ends=time(6), first=change, last=change, minutes=60)
    assert len(rules.plan(night, ENGLAND, LONG_AGO).times) == hours


TIMES = st.lists(
    st.tuples(st.integers(0, 400), st.integers(1, 60)).map(
        lambda pair: (LONG_AGO + timedelta(minutes=pair[0]), LONG_AGO + timedelta(minutes=sum(pair)))
    ),
    max_size=12,
)


@given(st.integers(5, 60), st.integers(0, 12), TIMES)
def test_a_time_clashes_exactly_when_it_overlaps_with_one_that_is_held(minutes, count, held):
    step = timedelta(minutes=minutes)
    times = [(LONG_AGO + number * step, LONG_AGO + (number + 1) * step) for number in range(count)]
    parted = rules.part(times, held)
    overlapping = [each for each in times if any(one[0] < each[1] and each[0] < one[1] for one in held)]
    assert parted.clashing == overlapping
    assert parted.free == [each for each in times if each not in overlapping]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"minutes": 3}, "minutes"), ({"minutes": 300, "ends": time(23)}, "minutes"),
        ({"weekdays": frozenset()}, "weekdays"), ({"weekdays": frozenset({8})}, "weekdays"),
        ({"ends": time(9, 30)}, "ends"), ({"ends": time(8)}, "ends"), ({"first": date(2026, 1, 13)}, "first"),
        ({"last": date(2026, 1, 14)}, "last"), ({"last": date(2026, 4, 16)}, "last"),
    ],
)  # fmt: skip
def test_a_pattern_that_makes_no_sense_names_the_field(changes, field):
    with pytest.raises(Invalid) as refused:
        rules.check(pattern(**changes), clock.today())
    assert refused.value.field == field


def test_thirteen_weeks_are_the_most():
    rules.check(pattern(last=THURSDAY + timedelta(weeks=13, days=-1)), clock.today())


def test_too_many_times_at_once_are_refused():
    long_days = pattern(begins=time(0), ends=time(23), minutes=5, last=THURSDAY + timedelta(weeks=4))
    with pytest.raises(Invalid, match="1,000 can be made at once"):
        rules.plan(long_days, ENGLAND, LONG_AGO)


# Making times


@pytest.mark.django_db
def test_an_administrator_makes_times_and_people_find_them(world):
    made = make(world)
    assert local(made.slots) == [
        f"{day} {at}" for day in ("Thu", "Fri") for at in "09:00 09:45 10:30 11:15".split()
    ]
    assert made.clashing == []
    amara = world.as_amara
    assert len(seen(amara, lambda: free_slots(amara, service="physiotherapy"))) == 8
    with within(world.as_worker.scope):
        event = Event.objects.get(verb="slots.made")
        assert (event.actor, event.details["slots"]) == ("Tess Wood", 8)


@pytest.mark.django_db
def test_bank_holidays_of_the_services_nation_and_those_it_added_are_left_out(world):
    with within(world.as_worker.scope):
        AddedHoliday.objects.create(provider=world.provider, nation="england", day=date(2026, 4, 7))
    made = make(world, first=date(2026, 4, 2), last=date(2026, 4, 8))
    assert made.proposal.plan.holidays == [date(2026, 4, 3), date(2026, 4, 6), date(2026, 4, 7)]
    assert {each.starts_at.date() for each in made.slots} == {date(2026, 4, 2), date(2026, 4, 8)}


@pytest.mark.django_db
def test_times_that_clash_are_told_and_the_rest_are_made(world):
    make(world, first=FRIDAY, begins=time(10), ends=time(11), minutes=60)
    made = make(world)
    assert local(made.slots) == ["Thu 09:00", "Thu 09:45", "Thu 10:30", "Thu 11:15", "Fri 09:00", "Fri 11:15"]
    assert [f"{begin.astimezone(UK):%a %H:%M}" for begin, _ in made.clashing] == ["Fri 09:45", "Fri 10:30"]
    with pytest.raises(Conflict, match="No time was made: Pat Novak has other times"):
        make(world, ends=time(10), minutes=60)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"clinician": "quin"}, "service", "Quin Abara does not see people for physiotherapy"),
        ({"service": "self-help"}, "service", "not offered here by appointment"),
        ({"service": "case-conference"}, "service", "not offered here by appointment"),
        ({"mode": "pigeon"}, "mode", "Choose how"), ({"mode": "in-person"}, "place", "where people come"),
        ({"first": date(2026, 4, 3), "last": date(2026, 4, 3)}, "last", "bank holidays"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_field(world, changes, field, words):
    with pytest.raises(Invalid, match=words) as refused:
        make(world, **changes)
    assert refused.value.field == field


@pytest.mark.django_db
def test_times_are_made_only_by_those_who_run_the_diary_and_only_for_their_own_service(world):
    for outsider in (world.as_amara, world.as_service_manager):
        with pytest.raises(NotAllowed):
            make(world, by=outsider)
    with pytest.raises(Clinician.DoesNotExist):
        make(world, clinician="uma", service="nurse")


@pytest.mark.django_db
def test_thirteen_weeks_of_times_are_made_in_few_statements(world):
    with CaptureQueriesContext(connection) as captured:
        made = make(
            world, begins=time(9), ends=time(16), minutes=30, last=THURSDAY + timedelta(weeks=13, days=-1)
        )
    assert len(made.slots) > 800
    assert len([each for each in captured if each["sql"].startswith('INSERT INTO "clinics_slot"')]) == 5
    assert len(captured) <= 25


# A week


@pytest.mark.django_db
def test_a_week_shows_what_is_free_booked_and_taken_back_whatever_its_length_in_three_queries(world):
    slots = make(world, minutes=30).slots
    for who, slot in zip(("amara", "joe", "ben"), slots, strict=False):
        clinics.book(by=world.actor(who, "employee"), slot_id=slot.pk)
    clinics.withdraw_slot(by=tess(world), slot_id=slots[3].pk)
    actor = tess(world)
    with within(actor.scope), CaptureQueriesContext(connection) as captured:
        thursday = look(actor, world, "pat", "quin").days[3]
    assert len(captured) == 3
    states = ["booked" if each.held else "free" if each.free else "back" for each in thursday.entries]
    assert states == ["booked", "booked", "booked", "back", "free", "free"]
    assert [str(each.appointment.person) for each in thursday.entries[:2]] == [
        "Amara Okafor",
        "Joe Lindqvist",
    ]
    assert thursday.count() == (2, 3)
    assert thursday.count(world.clinicians["quin"].pk) == (0, 0)


@pytest.mark.django_db
def test_a_colleague_in_the_diary_is_booked_but_not_named(world):
    from openoh.foundation.access.models import RoleAssignment

    (slot, _) = session(world)
    clinics.book(by=world.as_amara, slot_id=slot.pk)
    with within(world.as_worker.scope):  # Amara works for the service as well
        RoleAssignment.objects.create(user=world.users["amara"], role="oh-nurse", provider=world.provider)
    actor = tess(world)
    entry = seen(actor, lambda: look(actor, world, "pat")).days[3].entries[0]
    assert (entry.held, entry.free, entry.appointment) == (True, False, None)


@pytest.mark.django_db
def test_who_does_not_run_a_diary_sees_no_week(world):
    for outsider in (world.as_amara, world.as_service_manager):
        with pytest.raises(NotAllowed):
            seen(outsider, lambda who=outsider: look(who, world, "pat"))
    other = world.as_other_nurse
    session(world)
    assert not any(day.entries for day in seen(other, lambda: look(other, world, "pat")).days)


# Taking back


@pytest.mark.django_db
def test_a_stretch_is_taken_back_whole_and_who_is_booked_is_named_until_moved(world):
    slots = make(world).slots
    booked = clinics.book(by=world.as_amara, slot_id=slots[0].pk)
    actor = tess(world)
    shown = seen(
        actor,
        lambda: queries.away(actor, clinician=world.clinicians["pat"].pk, first=THURSDAY, last=THURSDAY),
    )
    assert (len(shown.free), [each.appointment.pk for each in shown.held]) == (3, [booked.pk])
    taken = take_back(by=actor, clinician_id=world.clinicians["pat"].pk, first=THURSDAY, last=THURSDAY)
    assert (taken.slots, taken.held) == (4, 1)
    amara = world.as_amara
    left = seen(amara, lambda: free_slots(amara, service="physiotherapy"))
    assert {each.starts_at.date() for each in left} == {FRIDAY}
    assert read(amara, booked).state == "booked"
    assert moving(actor, world) == ([booked.pk], 0)
    clinics.move(by=actor, appointment_id=booked.pk, slot_id=slots[4].pk)
    assert moving(actor, world) == ([], 0)
    left = seen(amara, lambda: free_slots(amara, service="physiotherapy"))
    assert slots[0].pk not in {each.pk for each in left}, (
        "the time of somebody who is away is not offered again"
    )


@pytest.mark.django_db
def test_nobody_is_double_booked_when_times_are_made_over_somebody_who_was_not_moved_yet(world):
    slots = make(world).slots
    clinics.book(by=world.as_amara, slot_id=slots[0].pk)
    take_back(by=tess(world), clinician_id=world.clinicians["pat"].pk, first=THURSDAY, last=FRIDAY)
    again = make(world)
    assert [begin for begin, _ in again.clashing] == [slots[0].starts_at]
    assert len(again.slots) == 7


@pytest.mark.django_db
def test_a_time_is_given_back_when_the_clinician_is_there_after_all(world):
    slots = make(world).slots
    booked = clinics.book(by=world.as_amara, slot_id=slots[0].pk)
    actor = tess(world)
    take_back(by=actor, clinician_id=world.clinicians["pat"].pk, first=THURSDAY, last=THURSDAY)
    clinics.restore_slot(by=actor, slot_id=slots[0].pk)
    assert moving(actor, world) == ([], 0)
    assert read(world.as_amara, booked).slot_id == slots[0].pk
    make(world, last=THURSDAY, begins=time(9, 45), ends=time(10, 45), minutes=60)
    with pytest.raises(Conflict, match="already has times"):
        clinics.restore_slot(by=actor, slot_id=slots[1].pk)
    with pytest.raises(NotAllowed):
        clinics.restore_slot(by=world.as_service_manager, slot_id=slots[2].pk)
    with clock.held_at(slots[3].starts_at), pytest.raises(Conflict, match="passed"):
        clinics.restore_slot(by=actor, slot_id=slots[3].pk)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "last", "words"),
    [(FRIDAY, THURSDAY, "not be before"), (date(2026, 1, 1), date(2026, 1, 2), "over")],
)
def test_days_that_cannot_be_taken_back_are_refused(world, first, last, words):
    with pytest.raises(Invalid, match=words):
        take_back(by=tess(world), clinician_id=world.clinicians["pat"].pk, first=first, last=last)
    with pytest.raises(Conflict, match="no times on these days"):
        take_back(by=tess(world), clinician_id=world.clinicians["pat"].pk, first=THURSDAY, last=FRIDAY)


@pytest.mark.django_db
def test_only_what_is_still_to_come_is_taken_back_and_never_of_another_service(world):
    slots = make(world).slots
    with clock.held_at(slots[1].starts_at + timedelta(minutes=1)):
        taken = take_back(
            by=tess(world), clinician_id=world.clinicians["pat"].pk, first=THURSDAY, last=THURSDAY
        )
    assert taken.slots == 2
    for outsider, error in ((world.as_amara, NotAllowed), (world.as_other_nurse, Clinician.DoesNotExist)):
        with pytest.raises(error):
            take_back(by=outsider, clinician_id=world.clinicians["pat"].pk, first=THURSDAY, last=FRIDAY)
    with within(world.as_worker.scope):
        assert Slot.objects.filter(withdrawn=True).count() == 2


# Booking on the telephone


def invited(world, service="physiotherapy"):
    with within(world.as_worker.scope):
        case = Case.objects.create(
            person=world.amara, employer=world.trust, provider=world.provider,
            engagement=world.engagements["amara"], service=service,
        )  # fmt: skip
        return BookingInvitation.objects.create(
            case=case, person=world.amara, employer=world.trust, provider=world.provider, service=service
        )


@pytest.mark.django_db
def test_a_time_booked_on_the_telephone_is_for_the_case_that_waits_for_one(world):
    waiting, _ = invited(world), invited(world, "nurse")
    slot, other = session(world)
    actor = tess(world)
    booked = book_for(by=actor, person_id=world.amara.pk, slot_id=slot.pk)
    assert booked.case_id == waiting.case_id
    without = book_for(by=actor, person_id=world.joe.pk, slot_id=other.pk)
    assert without.case_id is None


@pytest.mark.django_db
def test_nobody_is_booked_into_another_services_invitation_or_by_who_does_not_run_a_diary(world):
    invited(world, "nurse")
    slot, other = session(world)
    assert book_for(by=tess(world), person_id=world.amara.pk, slot_id=slot.pk).case_id is None
    with pytest.raises(NotAllowed):
        book_for(by=world.as_service_manager, person_id=world.amara.pk, slot_id=other.pk)
    with pytest.raises(Slot.DoesNotExist):
        book_for(by=world.as_other_nurse, person_id=world.femi.pk, slot_id=other.pk)
    with within(world.as_worker.scope):
        assert Appointment.objects.count() == 1


# Services without times


@pytest.mark.django_db
def test_a_service_without_a_time_in_its_service_level_is_named(world):
    actor = world.as_service_manager
    found = {each.service.code: each for each in seen(actor, lambda: queries.without_times(actor))}
    assert set(found) == {"physiotherapy", "psychology", "nurse", "physician"}
    assert (found["nurse"].days, found["nurse"].until) == (10, date(2026, 1, 28))
    assert found["nurse"].sentence == (
        "Occupational health nurse has no free time until Wednesday 28 January; a first appointment is agreed within "
        "10 working days."
    )
    set_service(by=world.as_service_manager, code="psychology", active=False)
    (slot,) = session(world, clinician="nia", service="nurse", days=14, hours=1)
    (late,) = session(world, clinician="omar", service="physician", days=40, hours=1)
    found = {each.service.code: each for each in seen(actor, lambda: queries.without_times(actor))}
    assert set(found) == {"physiotherapy", "physician"}
    assert "The next is on Monday 23 February." in found["physician"].sentence
    clinics.book(by=world.as_amara, slot_id=slot.pk)
    assert "nurse" in {each.service.code for each in seen(actor, lambda: queries.without_times(actor))}
    assert late.starts_at.date() == date(2026, 2, 23)


@pytest.mark.parametrize(
    ("next_free", "late"),
    [
        (None, True), (datetime(2026, 1, 28, 23, 59, tzinfo=UK), False), (datetime(2026, 1, 29, tzinfo=UK), True),
    ],
)  # fmt: skip
def test_the_last_day_of_a_service_level_counts_whole(next_free, late):
    found = rules.too_late(next_free, 10, date(2026, 1, 14), ENGLAND)
    assert found == (date(2026, 1, 28) if late else None)
