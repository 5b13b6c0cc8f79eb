"""Waits in working days, whose turn it was, and by when they are due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import ProgrammingError
from hypothesis import given
from hypothesis import strategies as st

from openoh.foundation.core import clock as time
from openoh.foundation.core.calendars import WorkingDays
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.scope import within
from openoh.pathway.clocks import actions, queries, rules
from openoh.pathway.clocks.models import Clock
from openoh.pathway.clocks.rules import Stretch, Wait

ENGLAND = WorkingDays("england")
MONDAY, FRIDAY = date(2026, 6, 15), date(2026, 6, 19)


def day(text: str) -> date:
    return date.fromisoformat(text)


# 2026: Good Friday 3 April, Easter Monday 6 April (not in Scotland), early May 4 May, Christmas on a Friday.
@pytest.mark.parametrize(
    ("nation", "started", "target", "due"),
    [
        ("england", "2026-06-15", 0, "2026-06-15"),
        ("england", "2026-06-15", 2, "2026-06-17"),
        ("england", "2026-06-19", 1, "2026-06-22"),
        ("england", "2026-06-20", 1, "2026-06-23"),  # a Saturday counts from Monday
        ("england", "2026-04-02", 2, "2026-04-08"),  # over Easter
        ("scotland", "2026-04-02", 2, "2026-04-07"),  # Easter Monday is a working day there
        ("northern-ireland", "2026-07-10", 1, "2026-07-14"),  # the twelfth, observed on the thirteenth
        ("england", "2026-07-10", 1, "2026-07-13"),
        ("wales", "2026-12-24", 1, "2026-12-29"),  # Boxing Day is moved to Monday
    ],
)
def test_the_due_day_is_counted_in_the_nations_working_days(nation, started, target, due):
    found = rules.due_at(day(started), target, [], WorkingDays(nation), day(started))
    assert found.date() == day(due)


@pytest.mark.parametrize(
    ("started", "offset_hours"),
    [("2026-03-27", 1), ("2026-10-23", 0)],  # Fridays before the clocks go forward and back
)
def test_a_day_closes_at_five_local_time_whatever_the_clocks_do(started, offset_hours):
    due = rules.due_at(day(started), 1, [], ENGLAND, day(started))
    assert due.astimezone(UTC).hour == 17 - offset_hours
    assert due.astimezone(time.UK).hour == 17


def test_the_day_of_an_instant_is_the_day_in_the_united_kingdom():
    assert rules.day_of(datetime(2026, 6, 15, 23, 30, tzinfo=UTC)) == day("2026-06-16")
    assert rules.day_of(datetime(2026, 12, 15, 23, 30, tzinfo=UTC)) == day("2026-12-15")


@pytest.mark.parametrize(
    ("pauses", "ended", "expected"),
    [
        ([], FRIDAY, Wait(4, 4, {})),
        ([Stretch("manager", MONDAY, day("2026-06-17"))], FRIDAY, Wait(4, 2, {"manager": 2})),
        ([Stretch("manager", MONDAY, MONDAY)], FRIDAY, Wait(4, 4, {"manager": 0})),
        (
            [Stretch("manager", MONDAY, day("2026-06-16")), Stretch("person", day("2026-06-17"), FRIDAY)],
            day("2026-06-22"),
            Wait(5, 2, {"manager": 1, "person": 2}),
        ),
        ([Stretch("outside", day("2026-06-16"))], None, Wait(6, 1, {"outside": 5})),
    ],
)
def test_a_wait_is_split_by_whose_turn_it_was(pauses, ended, expected):
    assert rules.wait(MONDAY, ended, pauses, ENGLAND, today=day("2026-06-23")) == expected


days = st.dates(date(2025, 1, 1), date(2026, 12, 31))
nations = st.sampled_from(["england", "wales", "scotland", "northern-ireland"])


@given(nations, days, st.lists(st.integers(0, 40), min_size=1, max_size=9))
def test_the_parts_of_a_wait_add_up_and_none_is_negative(nation, started, gaps):
    """Every second gap is a pause of a different owner, so that stretches never overlap."""
    calendar, at, pauses = WorkingDays(nation), started, []
    for number, gap in enumerate(gaps):
        until = at + timedelta(days=gap)
        if number % 2:
            pauses.append(Stretch(f"owner {number % 4}", at, until))
        at = until
    wait = rules.wait(started, at, pauses, calendar, today=at)
    assert wait.total == wait.own + sum(wait.others.values())
    assert wait.own >= 0
    assert all(days >= 0 for days in wait.others.values())


@given(nations, days, st.integers(0, 20), st.integers(0, 30), st.integers(0, 20))
def test_who_ends_on_the_due_day_has_used_the_target_exactly(nation, started, target, before, length):
    calendar = WorkingDays(nation)
    since = started + timedelta(days=min(before, target))
    pauses = [Stretch("person", since, since + timedelta(days=length))]
    due = rules.due_at(started, target, pauses, calendar, date(2028, 1, 1)).date()
    if due >= since + timedelta(days=length):  # else the wait was over before the pause
        assert rules.wait(started, due, pauses, calendar, due).own == target
        assert rules.wait(started, due + timedelta(days=10), pauses, calendar, due).own > target


def test_the_figures_of_eleven_waits():
    waits = [(Wait(own, own, {}), 5) for own in (1, 2, 2, 3, 3, 4, 5, 6, 7, 8)]
    found = rules.figures([*waits, (Wait(20, 0, {"manager": 20}), 5)])
    # 0 1 2 2 3 3 4 5 6 7 8: the middle one, the tenth of eleven, and eight of eleven within five days
    assert (found.count, found.median, found.centile_90) == (11, 3, 7)
    assert found.in_target_percent == pytest.approx(100 * 8 / 11)
    assert found.days_by_owner == {"service": 41, "manager": 20}


def test_no_waits_have_no_figures():
    assert rules.figures([]).median is None


def test_a_contract_overrides_the_level_and_the_version_says_so():
    assert rules.level("triage", {}).days == 2
    agreed = rules.level("triage", {"triage": 1})
    assert (agreed.days, agreed.version) == (1, "clocks/levels/1+contract")
    with pytest.raises(ValueError, match="365"):
        rules.level("triage", {"triage": -1})


@pytest.fixture
def at_nine():
    """Monday 15 June 2026, nine o'clock in London."""
    with time.held_at(datetime(2026, 6, 15, 8, tzinfo=UTC)):
        yield


def start(world, by=None, kind="triage"):
    return actions.start(
        by=by or world.as_nurse, kind=kind, subject_id=uuid4(), employer=world.trust,
        provider_id=world.provider.id, person_id=world.amara.id,
    )  # fmt: skip


def on(text: str):
    return time.held_at(datetime.fromisoformat(f"{text}T09:00:00+00:00"))


def test_paused_days_move_the_due_day_and_are_not_the_services_delay(world, at_nine):
    nurse = world.as_nurse
    clock = start(world, nurse)
    assert clock.due_at.date() == day("2026-06-17")
    with on("2026-06-16"):
        actions.pause(by=nurse, clock=clock, owner="manager", reason="awaiting-referrer")
    with on("2026-06-18"), within(nurse.scope):
        paused = queries.running(nurse).get()
        assert queries.turn_of(paused).words == "The manager"
        assert not queries.is_late(paused)
    with on("2026-06-19"):
        clock = actions.resume(by=nurse, clock=clock)
        assert rules.day_of(clock.due_at) == day("2026-06-22")
    with on("2026-06-23"):
        clock = actions.stop(by=nurse, clock=clock)
        with within(nurse.scope):
            assert queries.wait_of(clock) == Wait(6, 3, {"manager": 3})
            assert queries.is_late(clock)
            found = queries.figures(nurse, "triage", since=day("2026-06-23"), until=day("2026-06-23"))
            assert (found.count, found.median, found.in_target_percent) == (1, 3, 0)


def test_starting_twice_leaves_the_first(world, at_nine):
    nurse = world.as_nurse
    clock = start(world, nurse)
    again = actions.start(by=nurse, kind="triage", subject_id=clock.subject_id, employer=world.trust,
                          provider_id=world.provider.id)  # fmt: skip
    assert again == clock


@pytest.mark.parametrize("step", [actions.resume, actions.stop])
def test_moves_that_cannot_be(world, at_nine, step):
    nurse = world.as_nurse
    clock = start(world, nurse)
    if step is actions.stop:
        actions.stop(by=nurse, clock=clock)
    with pytest.raises(Conflict):
        step(by=nurse, clock=clock)


def test_a_pause_cannot_be_paused_and_names_a_known_owner(world, at_nine):
    nurse = world.as_nurse
    clock = start(world, nurse)
    with pytest.raises(Invalid):
        actions.pause(by=nurse, clock=clock, owner="service", reason="see-first")
    with pytest.raises(Invalid):
        actions.pause(by=nurse, clock=clock, owner="person", reason="lazy")
    actions.pause(by=nurse, clock=clock, owner="person", reason="see-first")
    with pytest.raises(Conflict):
        actions.pause(by=nurse, clock=clock, owner="person", reason="see-first")


def test_an_unknown_level_is_refused(world, at_nine):
    with pytest.raises(Invalid):
        start(world, kind="tea")


def test_a_bank_holiday_that_is_added_later_moves_running_clocks_only(world, at_nine):
    nurse, manager = world.as_nurse, world.as_service_manager
    running, stopped = start(world, nurse), start(world, nurse)
    actions.stop(by=nurse, clock=stopped)
    with pytest.raises(NotAllowed):
        actions.add_holiday(by=nurse, nation="england", day=day("2026-06-16"), name="Day of mourning")
    actions.add_holiday(by=manager, nation="england", day=day("2026-06-16"), name="Day of mourning")
    with within(nurse.scope):
        moved = {clock.id: rules.day_of(clock.due_at) for clock in Clock.objects.all()}
    assert moved == {running.id: day("2026-06-18"), stopped.id: day("2026-06-17")}


def test_a_bank_holiday_of_another_nation_or_provider_moves_nothing(world, at_nine):
    clock, manager = start(world), world.as_service_manager
    actions.add_holiday(by=manager, nation="scotland", day=day("2026-06-16"), name="Day of mourning")
    with within(world.as_worker.scope):
        assert Clock.objects.get().due_at == clock.due_at


def test_the_tick_moves_a_clock_that_is_still_paused(world, at_nine):
    nurse = world.as_nurse
    clock = start(world, nurse)
    actions.pause(by=nurse, clock=clock, owner="person", reason="see-first")
    with on("2026-06-25"):
        actions.recompute(by=world.as_worker)
        with within(nurse.scope):
            assert rules.day_of(Clock.objects.get().due_at) == day("2026-06-29")


def test_no_employer_sees_a_clock_and_no_other_provider(world, at_nine):
    start(world)
    other = world.as_other_nurse
    with within(other.scope):
        assert not queries.running(other).exists()
    for actor in (world.as_ben, world.as_hr):
        with pytest.raises(ProgrammingError, match="permission denied"), within(actor.scope):
            Clock.objects.count()


def test_a_person_sees_their_own_wait(world, at_nine):
    start(world)
    amara, joe = world.as_amara, world.actor("joe", "employee")
    with within(amara.scope):
        assert queries.running(amara).count() == 1
    with within(joe.scope):
        assert queries.running(joe).count() == 0
