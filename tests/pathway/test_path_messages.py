"""Who is told of a risk, an emergency opening and an appointment, in words that name no health and no body."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest
from icalendar import Calendar

from openoh.foundation.access.actions import break_glass, declare_relation
from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.scope import within
from openoh.foundation.notifications import outbox
from openoh.foundation.notifications.carriers import FileCarrier
from openoh.foundation.notifications.models import Message
from openoh.pathway.clinics import actions as clinics
from openoh.pathway.requests import actions as requests
from openoh.pathway.risk import actions as risks
from openoh.pathway.risk.models import RiskFlag
from tests.foundation.test_notifications import words_that_tell
from tests.pathway.diary import WEDNESDAY, request_of, session

pytestmark = pytest.mark.django_db
CLINICIANS = ["nia", "omar", "pat", "quin", "rita"]
EVENING = WEDNESDAY.replace(hour=22)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "mail"


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


def told(world, template) -> list[Message]:
    with within(world.as_worker.scope):
        return list(Message.objects.select_related("user", "cover").filter(template=template).order_by("id"))


def accounts(messages) -> list[str]:
    return sorted(message.user.email.partition("@")[0] for message in messages if message.user)


def sent(folder) -> list:
    outbox.send_due(FileCarrier(folder))
    return [message_from_bytes(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]


def in_danger(world):
    """Amara answers the first question of all with "unsure"."""
    request_of(world.as_amara, **{"safe-now": "unsure"})
    with within(world.as_worker.scope):
        return RiskFlag.objects.get(person=world.amara)


def test_a_risk_in_working_hours_is_told_to_the_clinicians_of_the_service(world, folder):
    in_danger(world)
    facts.consume()
    assert accounts(told(world, "task-urgent")) == CLINICIANS
    for letter in sent(folder):
        assert letter["Subject"] == "Urgent: please sign in now"
        assert words_that_tell(letter.as_string()) == set()
        assert "Amara" not in letter.as_string()


def test_a_risk_in_the_evening_is_told_to_the_partner_by_text_too(world, folder):
    with clock.held_at(EVENING):
        in_danger(world)
        facts.consume()
        letters = sent(folder)
    texts = [letter for letter in letters if letter["X-Channel"] == "sms"]
    assert [letter["To"] for letter in texts] == ["01632 960011"]
    assert len(letters) == len(CLINICIANS) + 1


def test_every_escalation_calls_again_and_a_repeated_fact_does_not(world):
    flag = in_danger(world)
    facts.consume()
    risks.escalate(by=world.as_worker, flag_id=flag.id, reason="overdue")
    facts.consume()
    assert accounts(told(world, "task-urgent")) == sorted(CLINICIANS * 2)


def test_who_must_not_open_the_record_is_not_told(world):
    declare_relation(by=world.as_physician, person=world.amara.id)
    with within(Scope(Audience.WORKER)):
        from openoh.foundation.access.models import RoleAssignment

        RoleAssignment.objects.create(
            user=world.users["joe"], role="oh-nurse", provider=world.other_provider,
            starts_on=clock.today() - timedelta(days=9),
        )  # fmt: skip
    in_danger(world)
    facts.consume()
    assert accounts(told(world, "task-urgent")) == ["nia", "pat", "quin", "rita"]


def test_a_risk_that_was_closed_before_the_message_calls_nobody(world):
    flag = in_danger(world)
    nurse = world.as_nurse
    risks.acknowledge(by=nurse, flag_id=flag.id)
    risks.record_contact(by=nurse, flag_id=flag.id, reached=True, note="Spoke at ten.")
    risks.close(by=nurse, flag_id=flag.id, plan="Rings again tomorrow.")
    facts.consume()
    assert told(world, "task-urgent") == []


@pytest.mark.parametrize(("who", "told_of_it"), [("as_physician", ["rita"]), ("as_lead", [])])
def test_an_emergency_opening_is_told_to_the_lead_unless_it_was_theirs(world, folder, who, told_of_it):
    break_glass(by=getattr(world, who), person=world.amara.id, reason="Collapsed on the ward just now")
    facts.consume()
    assert accounts(told(world, "look-today")) == told_of_it
    for letter in sent(folder):
        assert words_that_tell(letter["Subject"] + letter.get_payload()) == set()


def parts(letter):
    calendar = next(part for part in letter.walk() if part.get_content_type() == "text/calendar")
    (event,) = Calendar.from_ical(calendar.get_payload(decode=True)).walk("VEVENT")
    text = next(part for part in letter.walk() if part.get_content_type() == "text/plain")
    return event, text.get_payload(decode=True).decode()


@pytest.fixture
def booked(world):
    first, second = session(world, days=1, hours=2)
    request = request_of(world.as_amara, service="physiotherapy")
    requests.send(by=world.as_amara, request_id=request.id, slot_id=first.id)
    facts.consume()
    from openoh.pathway.clinics.models import Appointment

    with within(world.as_worker.scope):
        return Appointment.objects.get(request_id=request.id), second


def test_a_booked_time_goes_to_the_persons_own_calendar(world, folder, booked):
    (letter,) = sent(folder)
    event, text = parts(letter)
    assert letter["To"] == "amara@example.org"
    assert letter["Subject"] == "Your meeting on Thursday 15 January"
    assert "at 10am" in text
    assert event.decoded("dtstart") == datetime(2026, 1, 15, 10, 0, tzinfo=UTC)
    assert (event["status"], event["sequence"]) == ("CONFIRMED", 0)
    assert words_that_tell(text + str(event.to_ical())) == set()


def test_a_moved_time_replaces_it_and_a_cancelled_one_takes_it_away(world, folder, booked):
    appointment, later = booked
    clinics.move(by=world.as_nurse, appointment_id=appointment.id, slot_id=later.id)
    facts.consume()
    clinics.cancel(by=world.as_nurse, appointment_id=appointment.id, reason="service")
    facts.consume()
    letters = {letter["Subject"]: letter for letter in sent(folder)}
    moved, cancelled = (
        parts(letters["Your meeting has moved to Thursday 15 January"])[0],
        parts(letters["Your meeting on Thursday 15 January is cancelled"])[0],
    )
    assert moved.decoded("dtstart") == datetime(2026, 1, 15, 11, 0, tzinfo=UTC)
    assert moved["uid"] == cancelled["uid"]
    assert (moved["sequence"], cancelled["sequence"]) == (1, 2)
    assert cancelled["status"] == "CANCELLED"


def test_only_the_time_that_counts_is_told_when_it_changed_meanwhile(world, folder, booked):
    appointment, later = booked
    sent(folder)
    clinics.move(by=world.as_nurse, appointment_id=appointment.id, slot_id=later.id)
    clinics.cancel(by=world.as_nurse, appointment_id=appointment.id, reason="service")
    facts.consume()
    assert told(world, "appointment-moved") == []
    assert len(told(world, "appointment-cancelled")) == 1


def test_nothing_is_said_about_a_time_that_has_passed_and_nothing_to_a_manager(world, booked):
    appointment, _ = booked
    with clock.held_at(WEDNESDAY + timedelta(days=1, hours=1)):
        clinics.mark_did_not_attend(by=world.as_physiotherapist, appointment_id=appointment.id)
        facts.consume()
    with within(world.as_worker.scope):
        assert not Message.objects.filter(engagement__isnull=False).exists()
        assert set(Message.objects.values_list("person_id", flat=True)) == {world.amara.id}


def test_pressing_late_again_tells_nobody_twice_and_replaces_what_has_not_left(world):
    begin = clock.now() + timedelta(hours=1)
    (slot,) = clinics.make_slots(
        by=world.as_nurse, clinician_id=world.clinicians["nia"].pk, service="nurse", start=begin,
        end=begin + timedelta(hours=1), minutes=60,
    ).slots  # fmt: skip
    clinics.book(by=world.as_nurse, slot_id=slot.pk, person_id=world.amara.pk)
    times = []
    for minutes, left in ((20, True), (20, True), (30, False), (20, False), (45, True), (20, True)):
        clinics.run_late(by=world.as_nurse, minutes=minutes)
        while facts.consume():
            pass
        with within(world.as_worker.scope):
            waiting = Message.objects.filter(template="appointment-late", state="waiting")
            times.append([message.values["expected"] for message in waiting])
            if left:
                waiting.update(state="sent")
    assert times == [["11:20am"], [], ["11:30am"], ["11:20am"], ["11:45am"], ["11:20am"]]


def test_who_was_seen_or_told_again_meanwhile_is_not_told_the_old_time(world):
    begin = clock.now() + timedelta(hours=1)
    slots = clinics.make_slots(
        by=world.as_nurse, clinician_id=world.clinicians["nia"].pk, service="nurse", start=begin,
        end=begin + timedelta(hours=2), minutes=60,
    ).slots  # fmt: skip
    names = ("amara", "joe")
    amara, _ = (
        clinics.book(by=world.as_nurse, slot_id=slot.pk, person_id=world.people[name].pk)
        for slot, name in zip(slots, names, strict=True)
    )
    clinics.run_late(by=world.as_nurse, minutes=10)
    clinics.run_late(by=world.as_nurse, minutes=30)
    clinics.cancel(by=world.as_amara, appointment_id=amara.pk)
    facts.consume()
    (message,) = told(world, "appointment-late")
    assert (message.person_id, message.values["expected"]) == (world.joe.pk, "12:30pm")
