"""The diary's pages: a week, making times, taking them back, and somebody on the telephone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache

from openoh.foundation.audit.models import Reading
from openoh.foundation.core import clock
from openoh.foundation.core.scope import within
from openoh.pathway.clinics import actions as clinics
from openoh.pathway.clinics.models import Appointment, Slot
from openoh.pathway.diaries.actions import make_times
from openoh.pathway.diaries.rules import Pattern
from tests.pages.browsing import MOST_QUERIES, day_fields, queries_of, words
from tests.pages.clinic_stories import declare_family, index_everybody
from tests.pathway.diary import WEDNESDAY, session
from tests.signing_in import client_of

pytestmark = pytest.mark.django_db
THURSDAY, FRIDAY = date(2026, 1, 15), date(2026, 1, 16)
WEEK = "/clinic/diary?week=2026-01-12&clinician=everybody"


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


def form(world, **changes):
    usual = {
        "whose": f"{world.clinicians['pat'].pk} physiotherapy", "weekdays": ["1", "2", "3", "4", "5"], "begins": "9",
        "ends": "12:00", "minutes": "", "mode": "video", "place": "", "do": "make",
        **day_fields("first", THURSDAY), **day_fields("last", FRIDAY),
    }  # fmt: skip
    return usual | changes


def away(world, do="check", **changes):
    usual = {
        "clinician": str(world.clinicians["pat"].pk), "do": do, **day_fields("first", THURSDAY),
        **day_fields("last", FRIDAY),
    }  # fmt: skip
    return usual | changes


def slots(world):
    with within(world.as_worker.scope):
        return list(Slot.objects.order_by("starts_at"))


def booked(world):
    with within(world.as_worker.scope):
        return list(Appointment.objects.order_by("starts_at"))


# Making times


def test_times_are_shown_before_they_are_made_and_the_usual_length_is_the_services(world):
    tess = client_of(world, "tess")
    page = words(tess.get("/clinic/diary/make"))
    assert "Pat Novak, physiotherapy (45 minutes)" in page
    assert "Uma Patel" not in page
    shown = tess.post("/clinic/diary/make", form(world, do="check"))
    assert "8 times of 45 minutes on 2 days" in words(shown)
    assert "Thursday 15 January: 9am, 9:45am, 10:30am, 11:15am" in words(shown)
    assert slots(world) == []
    made = tess.post("/clinic/diary/make", form(world))
    assert made.status_code == 302
    week = tess.get(made["Location"])
    assert "8 times made for Pat Novak, physiotherapy." in words(week)
    assert len(slots(world)) == 8


def test_bank_holidays_and_clashes_are_named_before_and_after(world):
    tess = client_of(world, "tess")
    tess.post("/clinic/diary/make", form(world, ends="9:45"))
    easter = day_fields("last", date(2026, 4, 3))
    shown = words(tess.post("/clinic/diary/make", form(world, do="check", **easter)))
    assert "No times on bank holidays Friday 3 April" in shown
    assert "Left out: Pat Novak has other times then Thursday 15 January: 9am Friday 16 January: 9am" in shown
    assert "9am, 9:45am, 10:30am, 11:15am" in shown
    made = tess.post("/clinic/diary/make", form(world, **easter))
    told = words(tess.get(made["Location"]))
    assert "No times on Friday 3 April: bank holidays." in told
    assert (
        "Left out, because Pat Novak has others then: Thursday 15 January 9am; Friday 16 January 9am." in told
    )
    nothing = tess.post("/clinic/diary/make", form(world))
    assert (nothing.status_code, "No time was made" in words(nothing)) == (409, True)


def test_a_registration_that_ends_before_the_last_day_is_pointed_out(world):
    with within(world.as_worker.scope):
        world.clinicians["pat"].registered_until = THURSDAY
        world.clinicians["pat"].save()
    shown = words(client_of(world, "tess").post("/clinic/diary/make", form(world, do="check")))
    assert "The registration that is recorded for Pat Novak ends on Thursday 15 January." in shown


@pytest.mark.parametrize("do", ["check", "make"])
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"whose": ""}, "Choose who sees people, and for what."), ({"whose": "x physiotherapy"}, "Choose who sees"),
        ({"weekdays": []}, "Choose at least one day"), ({"weekdays": ["8", "x"]}, "Choose at least one day"),
        ({"begins": "25:00"}, "Enter a time like"), ({"ends": "noon"}, "Enter a time like"),
        ({"ends": "08:00"}, "The end must be"), ({"minutes": "many"}, "Give a length between"),
        ({"minutes": "99999"}, "Give a length between"), ({"minutes": "4"}, "Give a length between"),
        ({"mode": "pigeon"}, "Choose how people are seen"), ({"mode": "in-person"}, "Say where people come to"),
        ({"first-day": "", "first-month": "", "first-year": ""}, "Enter the first day"),
        ({"last-day": "31", "last-month": "2"}, "This is not a date"), ({"last-year": "2027"}, "at most 13 weeks"),
        ({"first-year": "2025"}, "The first day is past"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_made(world, do, changes, sentence):
    refused = client_of(world, "tess").post("/clinic/diary/make", form(world, do=do, **changes))
    assert (refused.status_code, sentence in words(refused)) == (422, True), words(refused)
    assert slots(world) == []


# A week


def test_a_week_of_everybody_and_of_one(world):
    (slot, _), (other,) = session(world), session(world, clinician="quin", service="psychology", hours=1)
    clinics.book(by=world.as_amara, slot_id=slot.pk)
    tess = client_of(world, "tess")
    page = tess.get(WEEK)
    assert "Amara Okafor" in words(page)
    assert "Monday 12 January to Sunday 18 January" in words(page)
    assert "Thursday 15 January: 2 free, 1 booked" in words(page)
    with within(world.as_worker.scope):
        reading = Reading.objects.filter(user_id=world.users["tess"].pk, page="clinic:diary").latest("id")
        assert reading.person_ids == [world.amara.pk]
    one = words(tess.get(f"/clinic/diary?week=2026-01-15&clinician={world.clinicians['quin'].pk}"))
    assert "Amara" not in one
    assert "10am to 11am Psychological support" in one
    assert "Take back" in one
    assert other.starts_at.date() == THURSDAY


def test_a_clinician_begins_with_their_own_diary(world):
    session(world)
    assert "10am to 11am" in words(client_of(world, "pat").get("/clinic/diary"))
    assert "10am to 11am" not in words(client_of(world, "nia").get("/clinic/diary"))


@pytest.mark.parametrize("week", ["", "nonsense", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_week_that_is_none_is_this_week(world, week):
    page = client_of(world, "tess").get(f"/clinic/diary?week={week}")
    assert (page.status_code, "Monday 12 January" in words(page)) == (200, True)


def test_the_diary_of_another_services_clinician_does_not_exist(world):
    assert (
        client_of(world, "tess").get(f"/clinic/diary?clinician={world.clinicians['uma'].pk}").status_code
        == 404
    )


def test_a_full_week_asks_no_more_than_twelve_times(world):
    for clinician, service in (("pat", "physiotherapy"), ("nia", "nurse"), ("quin", "psychology")):
        make_times(
            by=world.actor("tess", "oh-administrator"), clinician_id=world.clinicians[clinician].pk, service=service,
            pattern=Pattern(
                frozenset(range(1, 6)), datetime(2026, 1, 1, 9).time(), datetime(2026, 1, 1, 17).time(), THURSDAY,
                THURSDAY + timedelta(days=20), 30,
            ),
            mode="video",
        )  # fmt: skip
    of_pat = [each for each in slots(world) if each.clinician_id == world.clinicians["pat"].pk]
    for who, slot in zip(("amara", "joe", "ben", "dev", "gita"), of_pat, strict=False):
        clinics.book(by=world.actor(who, "employee"), slot_id=slot.pk)
    tess = client_of(world, "tess")
    tess.post("/clinic/diary/take-back", away(world, do="take-back"))
    assert "must be moved" in words(tess.get(WEEK))
    for path in (
        WEEK, f"/clinic/diary?clinician={world.clinicians['pat'].pk}", "/clinic/diary/make", "/service",
        f"/clinic/people/{world.amara.pk}/times", f"/clinic/people/{world.amara.pk}/book",
        f"/clinic/diary/appointments/{booked(world)[0].pk}", "/clinic/people?name=a",
    ):  # fmt: skip
        asked = queries_of(tess, path)
        assert len(asked) <= MOST_QUERIES, (path, len(asked), asked)


# Taking back and giving back


def test_one_time_is_taken_back_and_given_back(world):
    slot, held = session(world)
    clinics.book(by=world.as_amara, slot_id=held.pk)
    tess = client_of(world, "tess")
    done = tess.post(f"/clinic/diary/times/{slot.pk}/take-back?week=2026-01-12&clinician=everybody")
    assert done["Location"] == WEEK
    assert "Thursday 15 January at 10am is taken back." in words(tess.get(WEEK))
    assert [each.withdrawn for each in slots(world)] == [True, False]
    refused = tess.post(f"/clinic/diary/times/{held.pk}/take-back")
    assert (refused.status_code, "Somebody holds this time" in words(refused)) == (409, True)
    tess.post(f"/clinic/diary/times/{slot.pk}/restore")
    assert [each.withdrawn for each in slots(world)] == [False, False]


def test_taking_back_shows_first_who_must_be_moved(world):
    slot, _ = session(world)
    clinics.book(by=world.as_amara, slot_id=slot.pk)
    tess = client_of(world, "tess")
    shown = words(tess.post("/clinic/diary/take-back", away(world)))
    assert "1 free time is taken back." in shown
    assert "1 person must be moved Thursday 15 January at 10am: Amara Okafor" in shown
    assert not any(each.withdrawn for each in slots(world))
    done = tess.post("/clinic/diary/take-back", away(world, do="take-back"))
    told = words(tess.get(done["Location"]))
    assert "2 times taken back. 1 person must be moved." in told
    assert all(each.withdrawn for each in slots(world))


def test_somebody_close_is_counted_among_those_to_be_moved_and_not_named(world):
    slot, _ = session(world)
    clinics.book(by=world.as_amara, slot_id=slot.pk)
    declare_family(world, "nia", "amara")
    nia = client_of(world, "nia")
    assert "somebody whose record is closed to you" in words(nia.post("/clinic/diary/take-back", away(world)))
    nia.post("/clinic/diary/take-back", away(world, do="take-back"))
    page = words(nia.get(WEEK))
    assert "1 person must be moved" in page
    assert "1 record is closed to you. Ask a colleague to move that person." in page
    assert "Amara" not in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"clinician": ""}, "Choose who is away."), ({"first-day": "x"}, "This is not a date"),
        ({"last-day": "14"}, "must not be before the first"), ({"first-day": "20", "last-day": "21"}, "no times"),
    ],
)  # fmt: skip
def test_days_that_cannot_be_taken_back_are_said_beside_the_field(world, changes, sentence):
    session(world)
    tess = client_of(world, "tess")
    for do in ("check", "take-back"):
        refused = tess.post("/clinic/diary/take-back", away(world, do=do, **changes))
        assert refused.status_code in (409, 422)
        assert sentence in words(refused)


# On the telephone


def test_an_administrator_finds_books_moves_and_cancels_without_a_record(world):
    index_everybody(world)
    session(world)
    tess = client_of(world, "tess")
    found = tess.get("/clinic/people?name=amara")
    assert f'href="/clinic/people/{world.amara.pk}/times"' in found.content.decode()
    assert "emergency" not in found.content.decode()
    first, second = slots(world)
    path = f"/clinic/people/{world.amara.pk}/book"
    done = tess.post(path, {"slot": str(first.pk), "call_back": "01632 960123", "needs": ["interpreter"]})
    assert done["Location"] == f"/clinic/people/{world.amara.pk}/times"
    page = words(tess.get(done["Location"]))
    assert "Booked for Amara Okafor: Thursday 15 January at 10am." in page
    (held,) = booked(world)
    here = f"/clinic/diary/appointments/{held.pk}"
    seen = words(tess.get(here))
    assert "01632 960123" in seen
    assert "An interpreter" in seen
    refused = tess.post(here, {})
    assert (refused.status_code, "Choose a time." in words(refused)) == (422, True)
    tess.post(here, {"slot": str(second.pk)})
    assert booked(world)[0].slot_id == second.pk
    refused = tess.post(f"{here}/cancel", {"reason": "bored"})
    assert (refused.status_code, "Say why it is cancelled." in words(refused)) == (422, True)
    tess.post(f"{here}/cancel", {"reason": "person"})
    assert booked(world)[0].state == "cancelled"
    with within(world.as_worker.scope):
        pages = set(Reading.objects.filter(user_id=world.users["tess"].pk).values_list("page", flat=True))
    assert {"clinic:people", "clinic:book", "clinic:person-times", "clinic:appointment"} <= pages


def test_an_administrator_opens_no_record_case_or_emergency(world):
    tess = client_of(world, "tess")
    for path in ("", "/emergency", "/relation"):
        assert tess.get(f"/clinic/people/{world.amara.pk}{path}").status_code == 404
        cache.clear()


def test_nobody_reaches_the_times_of_another_services_people_or_of_their_own_circle(world):
    slot, _ = session(world)
    held = clinics.book(by=world.as_amara, slot_id=slot.pk)
    paths = (
        f"/clinic/people/{world.amara.pk}/times", f"/clinic/people/{world.amara.pk}/book",
        f"/clinic/diary/appointments/{held.pk}", f"/clinic/diary/appointments/{held.pk}/cancel",
    )  # fmt: skip
    declare_family(world, "nia", "amara")
    for who in ("nia", "uma", "sam", "ben", "cara", "amara", "bo"):
        client = client_of(world, who)
        for path in paths:
            assert client.get(path).status_code == 404, (who, path)
            cache.clear()


def test_of_two_who_want_one_time_the_second_is_told(world):
    slot, other = session(world)
    held = clinics.book(by=world.as_amara, slot_id=slot.pk)
    clinics.book(by=world.actor("joe", "employee"), slot_id=other.pk)
    tess = client_of(world, "tess")
    refused = tess.post(f"/clinic/diary/appointments/{held.pk}", {"slot": str(other.pk)})
    assert (refused.status_code, "Somebody has just taken this time" in words(refused)) == (409, True)
    refused = tess.post(f"/clinic/people/{world.ella.pk}/book", {"slot": str(slot.pk)})
    assert refused.status_code == 409


def test_a_service_without_times_is_named_to_both_who_can_see_it(world):
    sentence = (
        "Physiotherapy has no free time until Wednesday 28 January; a first appointment is agreed within 10"
    )
    assert sentence in words(client_of(world, "tess").get("/clinic/diary"))
    assert sentence in words(client_of(world, "sam").get("/service"))
    session(world)
    assert "Physiotherapy has no free time" not in words(client_of(world, "sam").get("/service"))
    assert datetime(2026, 1, 15, 10, tzinfo=UTC) == slots(world)[0].starts_at


def test_whoever_runs_the_diary_says_who_is_here(world):
    [slot] = session(world, hours=1, minutes=60)
    held = clinics.book(by=world.as_amara, slot_id=slot.pk)
    page, marks = f"/clinic/diary/appointments/{held.pk}", f"/clinic/appointments/{held.pk}"
    assert "Who is here?" not in words(client_of(world, "tess").get(page)), "it is not today yet"
    with clock.held_at(slot.starts_at - timedelta(minutes=5)):
        tess = client_of(world, "tess")
        shown = words(tess.get(page))
        assert "Arrived" in shown
        assert "Did not attend" not in shown, "its time has not come"
        early = tess.post(f"{marks}/did-not-attend", {"from": "appointment"}, follow=True)
        assert "has not begun yet" in words(early)
        tess.post(f"{marks}/arrived", {"from": "appointment"})
    with clock.held_at(slot.starts_at + timedelta(minutes=10)):
        tess = client_of(world, "tess")
        assert "Did not attend" not in words(tess.get(page)), "who has arrived attends"
        done = tess.post(f"{marks}/attended", {"from": "appointment"}, follow=True)
        assert "attended." in words(done)
    assert [each.state for each in booked(world)] == ["attended"]
