"""The person chooses a time for their case: invited, reminded, never forgotten; and whose turn it is meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from openoh.foundation.core import clock, facts
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.scope import within
from openoh.foundation.notifications.models import Message
from openoh.pathway.bookings import consumers
from openoh.pathway.bookings.actions import choose_time
from openoh.pathway.bookings.models import BookingInvitation
from openoh.pathway.cases.actions import close_case, plan_next_step
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics import actions as clinics
from openoh.pathway.clinics.consumers import remind
from openoh.pathway.clocks import queries as clocks
from openoh.pathway.clocks.models import Clock
from openoh.pathway.requests.actions import send
from openoh.pathway.triage.actions import accept, ask
from tests.pathway.diary import WEDNESDAY, request_of, session

pytestmark = pytest.mark.django_db
TEMPLATES = ("times-to-choose", "times-still-to-choose")


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


def later(days: int):
    return clock.held_at(WEDNESDAY + timedelta(days=days))


def accepted(world, route="nurse") -> Case:
    request = send(by=world.as_amara, request_id=request_of(world.as_amara).id)
    accept(by=world.as_nurse, request_id=request.id, route=route, owner=world.users["nia"].id)
    facts.consume()
    with within(world.as_worker.scope):
        return Case.objects.get(request=request.id)


def nurse_times(world, **more):
    return session(world, clinician="nia", service="nurse", days=more.pop("days", 3), **more)


def told(world) -> list[str]:
    with within(world.as_worker.scope):
        return list(
            Message.objects.filter(template__in=TEMPLATES).order_by("id").values_list("template", flat=True)
        )


def invitation(world) -> BookingInvitation:
    with within(world.as_worker.scope):
        return BookingInvitation.objects.latest("made_at")


def wait(world, case):
    with within(world.as_worker.scope):
        found = clocks.wait_of(Clock.objects.get(kind="first-nurse", subject_id=case.pk))
        return found.own, found.others


def test_once_accepted_the_person_is_told_of_times_and_chooses_one(world):
    slot, _ = nurse_times(world)
    case = accepted(world)
    assert told(world) == ["times-to-choose"]
    booked = choose_time(by=world.as_amara, case_id=case.pk, slot_id=slot.id, needs=["interpreter"])
    facts.consume()
    assert (booked.case_id, booked.request_id, booked.needs) == (case.pk, case.request_id, ["interpreter"])
    assert invitation(world).ended_by == "booked"


def test_nobody_is_told_to_choose_where_there_is_nothing_to_choose_from(world):
    """Until there is a free time it is the service's turn, and the person hears nothing."""
    case = accepted(world)
    assert told(world) == []
    with later(2):
        consumers.offer_and_chase()
        facts.consume()
        assert told(world) == []
        assert wait(world, case) == (2, {})
        nurse_times(world)
        consumers.offer_and_chase()
        facts.consume()
        assert told(world) == ["times-to-choose"]


def test_the_time_in_which_the_person_may_choose_is_theirs(world):
    nurse_times(world, days=8)
    case = accepted(world)
    with later(2):
        assert wait(world, case) == (0, {"person": 2})
        plan = nurse_times(world)
        choose_time(by=world.as_amara, case_id=case.pk, slot_id=plan[0].id)
        facts.consume()
    with later(9):
        assert wait(world, case) == (0, {"person": 2})


def test_silence_is_reminded_once_and_then_a_clinician_speaks_with_them(world):
    slot, _ = nurse_times(world, days=20)
    case = accepted(world)
    for days in (1, 2, 2, 5, 6):  # Thursday; Friday; the next Monday and Tuesday
        with later(days):
            consumers.offer_and_chase()
            facts.consume()
    assert told(world) == ["times-to-choose", "times-still-to-choose"]
    with later(7):  # the fifth working day
        consumers.offer_and_chase()
        facts.consume()
        assert invitation(world).ended_by == "silence"
        with within(world.as_worker.scope):
            assert Case.objects.get(pk=case.pk).next_step == "no-time-chosen"
    with later(9):
        assert wait(world, case) == (2, {"person": 5})
        # Whoever thinks of it late still gets a time.
        choose_time(by=world.as_amara, case_id=case.pk, slot_id=slot.id)


def test_after_cancelling_another_time_can_be_chosen_at_once(world):
    first, second = nurse_times(world)
    case = accepted(world)
    booked = choose_time(by=world.as_amara, case_id=case.pk, slot_id=first.id)
    with pytest.raises(NotAllowed, match="already"):
        choose_time(by=world.as_amara, case_id=case.pk, slot_id=second.id)
    clinics.cancel(by=world.as_amara, appointment_id=booked.id, reason="person")
    choose_time(by=world.as_amara, case_id=case.pk, slot_id=second.id)


def test_after_a_missed_time_a_clinician_decides_first(world):
    first, _ = nurse_times(world, days=1)
    later_one, _ = nurse_times(world, days=6)
    case = accepted(world)
    booked = choose_time(by=world.as_amara, case_id=case.pk, slot_id=first.id)
    with later(2):
        clinics.mark_did_not_attend(by=world.as_nurse, appointment_id=booked.id)
        facts.consume()
        with pytest.raises(NotAllowed):
            choose_time(by=world.as_amara, case_id=case.pk, slot_id=later_one.id)
        plan_next_step(by=world.as_nurse, case_id=case.pk, step="appointment", on=clock.today())
        facts.consume()
        assert told(world) == ["times-to-choose", "times-to-choose"]
        choose_time(by=world.as_amara, case_id=case.pk, slot_id=later_one.id)


def test_a_time_of_another_service_and_one_that_has_gone_are_refused(world):
    physio, _ = session(world)
    slot, _ = nurse_times(world)
    case = accepted(world)
    with pytest.raises(Invalid, match="another service"):
        choose_time(by=world.as_amara, case_id=case.pk, slot_id=physio.id)
    clinics.book(by=world.as_nurse, slot_id=slot.id, person_id=world.joe.id)
    with pytest.raises(Conflict, match="just taken"):
        choose_time(by=world.as_amara, case_id=case.pk, slot_id=slot.id)


def test_somebody_elses_case_does_not_exist(world):
    slot, _ = nurse_times(world)
    case = accepted(world)
    with pytest.raises(Case.DoesNotExist):
        choose_time(by=world.actor("joe", "employee"), case_id=case.pk, slot_id=slot.id)


def test_a_closed_case_and_a_route_without_appointments_invite_nobody(world):
    nurse_times(world)
    case = accepted(world, route="written-advice")
    assert told(world) == []
    with within(world.as_worker.scope):
        assert not BookingInvitation.objects.exists()
    close_case(by=world.as_nurse, case_id=case.pk)
    facts.consume()
    plan_next_step(by=world.as_nurse, case_id=case.pk, step="appointment", on=clock.today())
    facts.consume()
    assert told(world) == []


def test_no_employer_and_no_manager_learns_of_an_invitation(world):
    nurse_times(world)
    accepted(world)
    with within(world.as_worker.scope):
        assert not Message.objects.filter(engagement_id__isnull=False).exists()


def test_the_person_hears_that_it_came_that_we_ask_and_is_reminded_the_day_before(world):
    request = send(by=world.as_amara, request_id=request_of(world.as_amara).id)
    facts.consume()
    ask(by=world.as_nurse, request_id=request.id, question="Which days suit you?")
    facts.consume()
    slot, _ = session(world, days=3)
    late, _ = session(world, days=1, hours=2)
    clinics.book(by=world.as_amara, slot_id=slot.id)
    clinics.book(by=world.as_amara, slot_id=late.id)
    for hours in (1, 48, 49, 50):
        with clock.held_at(WEDNESDAY + timedelta(hours=hours)):
            remind()
    with within(world.as_worker.scope):
        names = list(Message.objects.order_by("id").values_list("template", flat=True))
    assert [name for name in names if "appointment" not in name] == ["request-received", "sign-in-needed"]
    # The one booked a day before needs no reminder; the other gets one.
    assert names.count("appointment-reminder") == 1
