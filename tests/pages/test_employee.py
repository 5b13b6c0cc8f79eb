"""Pages of somebody signed in for themselves: what they show, what they refuse, and attacks on them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from openoh.foundation.core import clock, facts
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.models import RiskCover
from openoh.foundation.people.models import Person as Person_
from openoh.pathway.adjustments import actions as adjustments
from openoh.pathway.adjustments.models import Adjustment
from openoh.pathway.adjustments.rules import Answer
from openoh.pathway.bookings.consumers import offer_and_chase
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics.models import Appointment
from openoh.pathway.outcomes import actions as outcomes
from openoh.pathway.questionnaires.models import AnswerSet
from openoh.pathway.reports.models import Report
from openoh.pathway.requests.actions import send, start
from openoh.pathway.requests.models import HelpRequest
from openoh.pathway.risk.models import RiskFlag
from openoh.pathway.triage.actions import accept, ask
from openoh.population.offers.models import Offer
from tests.pathway.diary import request_of, session
from tests.population.offer_world import enlarge, feed, row
from tests.stories import open_case, released, signed
from tests.world import World

pytestmark = pytest.mark.django_db
# A Wednesday in winter, so that local time is UTC; the service itself answers risks from 8 to 18.
MORNING = datetime(2026, 1, 14, 10, 0, tzinfo=UTC)
MOST_QUERIES = 12


@pytest.fixture(autouse=True)
def on_a_working_morning():
    cache.clear()
    with clock.held_at(MORNING):
        yield


class Person:
    """Somebody at their own pages: remembers nothing, follows every redirect."""

    def __init__(self, world: World, key: str) -> None:
        self.client = Client(HTTP_HOST="localhost")
        self.client.force_login(world.users[key])

    def get(self, path: str, status: int = 200) -> str:
        response = self.client.get(path, follow=True)
        assert response.status_code == status, (path, response.status_code)
        return response.content.decode()

    def post(self, path: str, status: int = 200, **fields) -> str:
        response = self.client.post(path, fields, follow=True)
        assert response.status_code == status, (path, response.status_code, response.content.decode()[-2000:])
        self.at = response.redirect_chain[-1][0] if response.redirect_chain else path
        return response.content.decode()


@pytest.fixture
def amara(world: World) -> Person:
    return Person(world, "amara")


@pytest.fixture
def joe(world: World) -> Person:
    return Person(world, "joe")


def kept(world: World, model, **where):
    with within(world.as_worker.scope):
        return model.objects.get(**where)


def count(world: World, model) -> int:
    with within(world.as_worker.scope):
        return model.objects.count()


def offered(world: World) -> Offer:
    with within(world.as_worker.scope):
        enlarge(world.trust, world.provider)
    feed(world, row(world.engagements["amara"], clock.today() - timedelta(days=2), reason="S11"))
    return kept(world, Offer)


def answer(person: Person, request: HelpRequest, step: str, status: int = 200, **fields) -> str:
    return person.post(f"/me/help/{request.pk}/{step}", status, **fields)


def answer_all(person: Person, answer_set: AnswerSet, **answers: str) -> str:
    for item, value in answers.items():
        name = item if not item.startswith("q") else f"question-{item[1:]}"
        page = person.post(
            f"/me/questions/{answer_set.pk}/question/{item.removeprefix('q')}", **{name: value}
        )
    return page


# The start and the record


def test_the_start_shows_three_ways_and_what_waits(world: World, amara: Person):
    page = amara.get("/me")
    assert page.index("Ask for help") < page.index("Answer an invitation") < page.index("See your record")
    assert "Waiting for you" not in page
    offered(world)
    page = amara.get("/me")
    assert "Waiting for you" in page
    assert "Help with back, joint or muscle problems" in page


def test_an_empty_record_says_what_to_do(amara: Person):
    assert "Nothing is in your record yet" in amara.get("/me/record")
    assert "Nothing is waiting for you" in amara.get("/me/offers")
    assert "No adjustments are in force" in amara.get("/me/passport")


def test_the_record_holds_what_happened_and_goes_on_page_by_page(world: World, amara: Person):
    for day in range(25):
        with clock.held_at(MORNING - timedelta(days=25 - day)):
            request_of(world.as_amara)
    page = amara.get("/me/record")
    assert page.count("You asked for help") == 20
    assert "Show earlier" in page
    older = page.split('href="?before=')[1].split('"')[0]
    assert amara.get(f"/me/record?before={older}").count("You asked for help") == 5
    assert amara.get("/me/record?before=yesterday").count("You asked for help") == 20


# Asking for help


def test_the_form_is_saved_at_every_step_and_goes_on_where_it_stopped(world: World, joe: Person):
    joe.post("/me/help")
    request = kept(world, HelpRequest)
    answer(joe, request, "safe", **{"safe-now": "yes"})
    answer(joe, request, "about", needs=["sleep", "money"])
    assert "What you answered is still there" in joe.get("/me/help")
    assert "How does it affect your work?" in joe.post("/me/help")
    assert count(world, HelpRequest) == 1
    assert kept(world, HelpRequest).needs == ["sleep", "money"]


def test_a_step_left_empty_says_what_to_do(world: World, joe: Person):
    joe.post("/me/help")
    request = kept(world, HelpRequest)
    page = answer(joe, request, "safe", status=422)
    assert "<title>Error: " in page
    assert page.count("Say whether you are safe right now") == 2  # in the summary and at the question
    page = answer(joe, request, "reach", status=422, **{"reach-when": ["evening"]})
    assert "Choose how we may reach you" in page
    assert 'value="evening" checked' in page  # what was typed is still there
    assert "Choose from the answers on the page" in answer(joe, request, "about", status=422, needs=["gold"])


@pytest.mark.parametrize(("reply", "severity"), [("no", 2), ("unsure", 1)])
def test_a_risk_answer_shows_help_at_once_and_who_answers_by_when(world: World, joe: Person, reply, severity):
    joe.post("/me/help")
    page = answer(joe, kept(world, HelpRequest), "safe", **{"safe-now": reply})
    assert "Call 999 now" in page
    assert "116 123" in page
    assert "<strong>Duty nurse</strong> answers for Northshire Occupational Health" in page
    by = {2: "Wednesday 14 January at 11am", 1: "Wednesday 14 January at 5pm"}[severity]
    assert f"by {by}" in page
    flag = kept(world, RiskFlag)
    assert (flag.severity, flag.state) == (severity, "raised")
    # The help stays on the page about the request until a clinician has closed the risk.
    for step, fields in (("about", {"needs": "back"}), ("work", {"effects": "struggling"}), ("wishes", {}),
                         ("reach", {"reach-by": "telephone"}), ("words", {})):  # fmt: skip
        answer(joe, kept(world, HelpRequest), step, **fields)
    page = joe.post(f"/me/help/{kept(world, HelpRequest).pk}/send")
    assert "Call 999 now" in page
    assert "We have what you told us" in page


def test_changing_the_safety_answer_later_shows_help_too(world: World, joe: Person):
    request = request_of(world.actor("joe", "employee"))
    assert "Call 999 now" in answer(joe, request, "safe?change", **{"safe-now": "no"})


def test_at_an_hour_when_nobody_answers_the_form_stays_closed_and_shows_help(world: World, joe: Person):
    with within(world.as_worker.scope):
        RiskCover.objects.filter(provider=world.provider, kind="partner").update(kind="nobody")
    with clock.held_at(MORNING.replace(hour=22)):
        for page in (joe.get("/me/help"), joe.post("/me/help", status=409)):
            assert "Nobody in Northshire Occupational Health reads this at this hour" in page
            assert "Thursday 15 January at 8am" in page
            assert "116 123" in page
    assert count(world, HelpRequest) == 0
    joe.post("/me/help")
    with clock.held_at(MORNING.replace(hour=22)):  # begun by day, opened again at night
        page = joe.get(f"/me/help/{kept(world, HelpRequest).pk}/safe")
    assert "Nobody in Northshire" in page


def test_a_service_without_declared_cover_opens_no_form(world: World, joe: Person):
    with within(world.as_worker.scope):
        RiskCover.objects.filter(provider=world.provider).update(provider=world.other_provider)
    assert "116 123" in joe.get("/me/help")
    assert count(world, HelpRequest) == 0


def test_what_is_sent_says_what_happens_next_and_by_when(world: World, joe: Person):
    request = request_of(world.actor("joe", "employee"), needs=["money"])
    page = joe.post(f"/me/help/{request.pk}/send")
    assert "by the end of Friday 16 January" in page  # two working days: the level of triage
    assert "We have what you told us" in joe.post(f"/me/help/{request.pk}/send")  # sent twice
    assert kept(world, HelpRequest).state == "sent"


def test_something_missing_is_not_sent(world: World, joe: Person):
    joe.post("/me/help")
    request = kept(world, HelpRequest)
    assert "Answer what is missing" in joe.get(f"/me/help/{request.pk}/check")
    assert "Answer this first" in joe.post(f"/me/help/{request.pk}/send")
    assert kept(world, HelpRequest).state == "started"


def test_taking_back(world: World, joe: Person):
    request = request_of(world.actor("joe", "employee"))
    joe.post(f"/me/help/{request.pk}/send")
    assert "Nobody works on it any more" in joe.get(f"/me/help/{request.pk}/take-back")
    assert "You have taken this back" in joe.post(f"/me/help/{request.pk}/take-back")
    assert kept(world, HelpRequest).state == "withdrawn"


def test_a_question_from_triage_is_answered_on_the_page(world: World, joe: Person):
    from openoh.pathway.triage import actions as triage

    request = request_of(world.actor("joe", "employee"), needs=["money"], words="Debts.")
    joe.post(f"/me/help/{request.pk}/send")
    triage.ask(by=world.as_nurse, request_id=request.pk, question="May we call you at noon?")
    assert "May we call you at noon?" in joe.get(f"/me/help/{request.pk}")
    joe.post(f"/me/help/{request.pk}", 422, words="  ")
    page = joe.post(f"/me/help/{request.pk}", words="Yes.")
    assert "We have what you told us" in page
    page = joe.get("/me/record")
    assert "A nurse will read it" in page


@pytest.mark.parametrize("number", ["", "07700 900 982", "+44 (0)7700 900982"])
def test_the_number_is_changed_where_somebody_may_be_called(world: World, joe: Person, number):
    joe.post("/me/help")
    request = kept(world, HelpRequest)
    page = answer(joe, request, "safe", **{"safe-now": "no"})
    assert "We call you on <strong>07700 900123</strong>" in page
    back = page.split("/me/contact?then=")[1].split('"')[0]
    page = joe.post("/me/contact", mobile=number, then=back)
    assert (
        f"We call you on <strong>{number}</strong>" if number else "We have no telephone number for you"
    ) in page
    assert kept(world, Person_, pk=world.people["joe"].pk).mobile == number


@pytest.mark.parametrize("number", ["call me", "123", "07700 900982; DROP", "0" * 16])
def test_what_is_no_number_is_refused(world: World, joe: Person, number):
    page = joe.post("/me/contact", 422, mobile=number)
    assert "like 07700 900 982" in page
    assert f'value="{number}"' in page
    assert kept(world, Person_, pk=world.people["joe"].pk).mobile == "07700 900123"


@pytest.mark.parametrize(
    "then", ["https://example.org/", "//example.org", "/me/../clinic", "/manager", "/me/help\n"]
)
def test_a_form_leads_back_to_own_pages_only(joe: Person, then):
    joe.post("/me/contact", mobile="07700 900982", then=then)
    assert joe.at == "/me/record"


# Questionnaires


def begun(world: World, person: Person, request: HelpRequest) -> AnswerSet:
    person.post(f"/me/help/{request.pk}/questions")
    with within(world.as_worker.scope):
        return AnswerSet.objects.filter(completed_at=None).get()


def test_low_mood_leads_from_two_questions_to_nine_and_item_nine_to_help(world: World, joe: Person):
    request = request_of(world.actor("joe", "employee"), needs=["low-mood"])
    short = begun(world, joe, request)
    assert short.instrument == "PHQ-2"
    page = joe.get(f"/me/questions/{short.pk}")
    assert "Your mood: question 1 of 2" in page
    page = answer_all(joe, short, q1="2", q2="2")
    assert "Your score is 4 out of 6" in page
    assert "A score is not a diagnosis" in page
    long = begun(world, joe, request)
    assert long.instrument == "PHQ-9"
    assert "question 3 of 9" in joe.get(f"/me/questions/{long.pk}")  # the first two are answered already
    page = answer_all(joe, long, q3="1", q4="1", q5="1", q6="1", q7="1", q8="0", q9="1")
    assert "Call 999 now" in page
    assert "Duty nurse" in page
    assert kept(world, RiskFlag).source == "PHQ-9/9"
    page = joe.get(f"/me/questions/{long.pk}/result")
    assert "Your score is 10 out of 27" in page
    assert "clear signs of low mood" in page
    assert "Call 999 now" in page
    assert begun(world, joe, request).instrument == "GAD-2"


def test_leaving_out_the_question_about_self_harm_shows_help(world: World, joe: Person):
    request = request_of(world.actor("joe", "employee"), needs=["low-mood"])
    answer_all(joe, begun(world, joe, request), q1="3", q2="3")
    page = answer_all(joe, begun(world, joe, request), **{f"q{n}": "0" for n in range(3, 9)}, q9="")
    assert "Call 999 now" in page
    assert kept(world, RiskFlag).severity == 1


def test_an_answer_that_does_not_exist_is_refused(world: World, joe: Person):
    request = request_of(world.actor("joe", "employee"), needs=["low-mood"])
    short = begun(world, joe, request)
    page = joe.post(f"/me/questions/{short.pk}/question/1", 422, **{"question-1": "9"})
    assert "Choose one of the answers on the page" in page
    joe.get(f"/me/questions/{short.pk}/question/7", 404)


def test_a_finished_questionnaire_cannot_be_changed_from_an_old_page(world: World, joe: Person):
    request = request_of(world.actor("joe", "employee"), needs=["anxiety"])
    short = begun(world, joe, request)
    answer_all(joe, short, q1="0", q2="0")
    page = joe.post(f"/me/questions/{short.pk}/question/1", **{"question-1": "3"})
    assert "Your score is 0 out of 6" in page


MSK_WELL = {
    "bladder-bowel": "no", "saddle-numbness": "no", "leg-weakness": "no", "chest-pain": "no", "major-injury": "no",
    "fever": "no", "cancer-weight-loss": "no", "constant-night-pain": "no", "where": "back",
    "duration": "over-6-weeks", "course": "worse", "work": "some",
}  # fmt: skip


def test_a_red_flag_shows_where_to_go_and_opens_no_times(world: World, joe: Person):
    session(world)
    request = request_of(world.actor("joe", "employee"))
    page = answer_all(joe, begun(world, joe, request), **(MSK_WELL | {"saddle-numbness": "yes"}))
    assert "See a doctor today" in page
    assert "Choose a time" not in joe.get(f"/me/help/{request.pk}/times")
    assert "Choose a time" not in joe.get(f"/me/help/{request.pk}/check")


def test_times_open_only_after_the_self_triage(world: World, joe: Person):
    session(world)
    request = request_of(world.actor("joe", "employee"))
    assert "Check what you tell us" in joe.get(f"/me/help/{request.pk}/times")
    page = answer_all(joe, begun(world, joe, request), **MSK_WELL)
    assert "A physiotherapist can help" in page
    assert "Choose a time" in joe.get(f"/me/help/{request.pk}/check")


# Booking


@pytest.fixture
def ready(world: World, joe: Person) -> HelpRequest:
    """Joe's request, ready for a physiotherapist's time."""
    request = request_of(world.actor("joe", "employee"))
    answer_all(joe, begun(world, joe, request), **MSK_WELL)
    return request


def book(joe: Person, request: HelpRequest, slot, **fields) -> str:
    joe.post(f"/me/help/{request.pk}/times", slot=str(slot.pk))
    return joe.post(f"/me/help/{request.pk}/times/{slot.pk}", **fields)


def test_booking_moving_and_cancelling(world: World, joe: Person, ready: HelpRequest):
    first, second = session(world, mode="video")
    page = book(joe, ready, first, call_back="07700 900456", needs=["interpreter", "step-free"])
    assert "Your appointment is booked" in page
    appointment = kept(world, Appointment)
    assert (appointment.call_back, appointment.needs) == ("07700 900456", ["interpreter", "step-free"])
    page = joe.get(f"/me/appointments/{appointment.pk}")
    assert "Thursday 15 January at 10am" in page
    assert "Pat Novak" in page
    assert "An interpreter" in page
    page = joe.post(f"/me/appointments/{appointment.pk}/move", slot=str(second.pk))
    assert "Thursday 15 January at 11am" in page
    page = joe.post(f"/me/appointments/{appointment.pk}/cancel")
    assert "Cancelled" in page
    assert "Choose another time" not in page
    assert "already" in joe.post(f"/me/appointments/{appointment.pk}/cancel")  # a replayed form


def test_once_a_nurse_accepted_the_person_chooses_a_time(world: World, joe: Person):
    """From the start page to the booked time; without a free one, what happens next is said."""
    request = send(
        by=world.actor("joe", "employee"), request_id=request_of(world.actor("joe", "employee")).pk
    )
    accept(by=world.as_nurse, request_id=request.pk, route="nurse")
    facts.consume()
    case = kept(world, Case)
    assert "You need not do anything" in joe.get(f"/me/cases/{case.pk}/times")
    assert "Choose a time" not in joe.get("/me")
    first, second = session(world, clinician="nia", service="nurse", mode="in-person", place="Mill House")
    offer_and_chase()
    facts.consume()
    assert "Choose a time for your appointment" in joe.get("/me")
    assert "Choose a time" in joe.get(f"/me/help/{request.pk}")
    times = f"/me/cases/{case.pk}/times"
    assert "Mill House" in joe.get(times)
    assert "no free time like this" in joe.get(f"{times}?place=Elsewhere")
    joe.post(times, slot=first.pk)
    page = joe.post(f"{times}/{first.pk}", needs=["step-free"], call_back="")
    assert "Step-free access" in page and "10am" in page
    appointment = kept(world, Appointment)
    assert joe.post(f"/me/appointments/{appointment.pk}/needs", needs=["interpreter"]).count("An interpreter")
    joe.post(f"/me/appointments/{appointment.pk}/cancel")
    assert "Choose another time" in joe.get(f"/me/appointments/{appointment.pk}")
    joe.post(f"{times}/{second.pk}")
    assert count(world, Appointment) == 2


def test_what_was_begun_and_what_was_asked_back_wait_on_the_start_page(world: World, joe: Person):
    me = world.actor("joe", "employee")
    request = request_of(me)
    assert "It has not been sent" in joe.get("/me")
    send(by=me, request_id=request.pk)
    assert "It has not been sent" not in joe.get("/me")
    ask(by=world.as_nurse, request_id=request.pk, question="Since when?")
    assert "We have a question for you" in joe.get("/me")


def test_the_calendar_file_says_nothing_about_health(world: World, joe: Person, ready: HelpRequest):
    book(joe, ready, session(world)[0])
    response = joe.client.get(f"/me/appointments/{kept(world, Appointment).pk}/appointment.ics")
    text = response.content.decode()
    assert response["Content-Type"].startswith("text/calendar")
    assert "attachment" in response["Content-Disposition"]
    assert "DTSTART:20260115T100000Z" in text
    assert not {"physio", "health", "pat novak", "clinic"} & {w for w in ("physio", "health", "pat novak", "clinic")
                                                              if w in text.lower()}  # fmt: skip


def test_the_next_times_come_first_and_can_be_narrowed(world: World, joe: Person, ready: HelpRequest):
    session(world, mode="video")
    with clock.held_at(datetime.combine(MORNING.date(), time(18), tzinfo=UTC)):
        session(world, days=1, mode="in-person", place="Room 3, General Hospital")
    page = joe.get(f"/me/help/{ready.pk}/times")
    assert page.index("10am") < page.index("11am") < page.index("6pm")
    evening = joe.get(f"/me/help/{ready.pk}/times?when=evening&mode=any")
    assert "10am" not in evening
    assert "Room 3, General Hospital" in evening
    assert "no free time like this" in joe.get(f"/me/help/{ready.pk}/times?mode=telephone")
    assert "10am" in joe.get(f"/me/help/{ready.pk}/times?mode=nonsense&after=soon")


def test_more_times_than_a_page_holds_follow_on_the_next(world: World, joe: Person, ready: HelpRequest):
    session(world, hours=4, minutes=15)
    page = joe.get(f"/me/help/{ready.pk}/times")
    assert page.count('name="slot"') == 12
    later = page.split("Show later times")[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert joe.get(f"/me/help/{ready.pk}/times{later}").count('name="slot"') == 4


def test_the_last_time_taken_by_somebody_else_is_told(world: World, joe: Person, ready: HelpRequest):
    (slot,) = session(world, hours=1)
    joe.get(f"/me/help/{ready.pk}/times/{slot.pk}")
    quick = Person(world, "amara")
    theirs = request_of(world.as_amara)
    answer_all(quick, begun(world, quick, theirs), **MSK_WELL)
    book(quick, theirs, slot)
    page = joe.post(f"/me/help/{ready.pk}/times/{slot.pk}")
    assert "Somebody has just taken this time" in page
    assert kept(world, HelpRequest, pk=ready.pk).state == "started"


def test_a_time_must_be_chosen(world: World, joe: Person, ready: HelpRequest):
    session(world)
    for chosen in ("", "not-a-time"):
        assert "Choose a time" in joe.post(f"/me/help/{ready.pk}/times", 409, slot=chosen)


# Offers and objections


def test_an_offer_says_why_and_that_the_manager_is_not_told(world: World, amara: Person):
    offer = offered(world)
    page = amara.get(f"/me/offers/{offer.pk}")
    assert "Your employer recorded an absence" in page
    assert "Your manager is not told" in page
    assert "Keep moving as well as you can" in page
    assert "offers/rules/1" in page
    assert "Say yes, not now, or no" in amara.post(f"/me/offers/{offer.pk}", 422)


@pytest.mark.parametrize(("reply", "state"), [("not-now", "declined"), ("never", "never")])
def test_no_is_an_answer(world: World, amara: Person, reply, state):
    offer = offered(world)
    assert "nobody at work is told" in amara.post(f"/me/offers/{offer.pk}", reply=reply)
    assert kept(world, Offer).state == state
    assert "Waiting for you" not in amara.get("/me")


def test_yes_leads_to_safety_first_and_twice_to_the_same_request(world: World, amara: Person):
    offer = offered(world)
    assert "Are you safe right now?" in amara.post(f"/me/offers/{offer.pk}", reply="accept")
    assert "Are you safe right now?" in amara.post(f"/me/offers/{offer.pk}", reply="accept")
    assert "Are you safe right now?" in amara.post(f"/me/offers/{offer.pk}/go-on")
    request = kept(world, HelpRequest)
    assert (request.offer_id, request.service, request.source) == (offer.pk, "physiotherapy", "offer")


def test_yes_at_an_hour_when_nobody_answers_is_kept_and_goes_on_by_day(world: World, amara: Person):
    offer = offered(world)
    with within(world.as_worker.scope):
        RiskCover.objects.filter(provider=world.provider, kind="partner").update(kind="nobody")
    with clock.held_at(MORNING.replace(hour=22)):
        assert "116 123" in amara.post(f"/me/offers/{offer.pk}", 409, reply="accept")
    assert kept(world, Offer).state == "accepted"
    assert "You accepted this" in amara.get(f"/me/offers/{offer.pk}")
    assert "Are you safe right now?" in amara.post(f"/me/offers/{offer.pk}/go-on")


def test_objecting_stops_offers_and_can_be_undone(world: World, amara: Person):
    page = amara.post("/me/choices")
    assert "You said no to" in page
    assert "Do not use my absence record for offers</button>" not in page
    with within(world.as_worker.scope):
        enlarge(world.trust, world.provider)
    feed(world, row(world.engagements["amara"], clock.today() - timedelta(days=2), reason="S11"))
    assert count(world, Offer) == 0
    undo = page.split('name="undo" value="')[1].split('"')[0]
    assert "You may get offers again" in amara.post("/me/choices", undo=undo)
    assert "You said no to" not in amara.get("/me/choices")


# The report


def test_the_report_stands_beside_what_stays_private(world: World, amara: Person):
    case = open_case(world)
    report = signed(world, case, equality_opinion="likely", work_related="made-worse")
    page = amara.get(f"/me/reports/{report.pk}")
    copy, private = page.split("What stays private")
    assert "No night shifts" in copy
    assert "In two weeks, in steps." in copy
    assert "Likely to be disabled" not in copy
    assert "Likely to be disabled" in private
    assert "Made worse by work" in private
    assert "2 working days left" in page
    assert "If you do nothing, nobody gets it." in page
    assert "Ben Carter, Ward manager" in page
    assert kept(world, Report).seen_at == MORNING


def test_silence_is_told_as_it_was_agreed(world: World, amara: Person):
    report = signed(world, open_case(world), consent_at_consultation="given")
    assert "it is sent then, because you agreed" in amara.get(f"/me/reports/{report.pk}")


def test_an_own_request_has_nobody_to_send_to(world: World, amara: Person):
    report = signed(world, open_case(world, referred=False))
    assert "Nobody but you and occupational health" in amara.get(f"/me/reports/{report.pk}")
    assert "there is nothing to agree to" in amara.post(f"/me/reports/{report.pk}/agree")


def test_comment_correction_refusal_and_taking_back(world: World, amara: Person):
    report = signed(world, open_case(world))
    here = f"/me/reports/{report.pk}"
    amara.post(here, 422)
    assert "What this means" in amara.post(here, decision="comment")
    assert (
        "I like mornings."
        in amara.post(f"{here}/comment", words="I like mornings.").split("stays private")[0]
    )
    amara.post(f"{here}/correct", 422, words=" ")
    page = amara.post(f"{here}/correct", words="It was the left knee.")
    assert "You asked for a correction" in page
    assert "It was the left knee." not in page.split("stays private")[0]
    assert "You said no: nobody can read it" in amara.post(f"{here}/refuse")
    amara.post(f"{here}/agree")
    facts.consume()
    assert "Sent to the people named in it" in amara.get(here)
    assert "Nobody can open the report now" in amara.post(f"{here}/take-back")
    assert "no longer possible" in amara.post(f"{here}/correct", words="Too late")  # a page kept open
    amara.get(f"{here}/burn", 404)


# The passport and the outcome


def test_the_passport_says_what_since_when_and_who_agreed(world: World, amara: Person):
    released(world)
    with within(world.as_ben.scope):
        nights = Adjustment.objects.get(code="no-nights")
    adjustments.answer(by=world.as_ben, adjustment=nights.pk, answer=Answer("done", on=clock.today()))
    page = amara.get("/me/passport")
    assert "No night shifts" in page
    assert "Wednesday 14 January" in page
    assert "Ben Carter" in page
    assert "Until 11 February 2026" in page
    assert "Extra or longer breaks" not in page  # not answered yet


def test_how_it_went(world: World, amara: Person):
    asked = outcomes.schedule(by=world.as_nurse, case=open_case(world, referred=False).id)
    with clock.held_at(MORNING + timedelta(days=28)):
        outcomes.ask_and_chase(by=world.as_worker)
        page = f"/me/how-it-went/{asked.pk}"
        shown = amara.post(page, 422, work="full")
        assert shown.count("Choose an answer") == 4
        assert 'value="full" checked' in shown
        whole = {"work": "full", "health": "better", "useful": "very", "more_help": "yes"}
        odd = {"back_on-day": "31", "back_on-month": "2", "back_on-year": "2026"}
        shown = amara.post(page, 422, **whole, **odd)
        assert "Give the day as in 27 3 2026" in shown
        assert 'value="31"' in shown
        assert "We contact you about more help" in amara.post(page, **whole)
        assert "We contact you about more help" in amara.post(page, **whole)  # the form sent twice


# Attacks


def test_another_persons_things_do_not_exist(world: World, joe: Person):
    offer = offered(world)
    mine = request_of(world.as_amara)
    theirs = Person(world, "amara")
    answers = begun(world, theirs, mine)
    slot = session(world)[0]
    report = signed(world, open_case(world))
    asked = outcomes.schedule(by=world.as_nurse, case=report.case_id)
    answer_all(theirs, answers, **MSK_WELL)
    book(theirs, mine, slot)
    appointment = kept(world, Appointment)
    case = kept(world, Case)
    paths = [
        f"/me/cases/{case.pk}/times", f"/me/cases/{case.pk}/times/{slot.pk}",
        f"/me/appointments/{appointment.pk}/needs",
        f"/me/help/{mine.pk}", f"/me/help/{mine.pk}/safe", f"/me/help/{mine.pk}/safety", f"/me/help/{mine.pk}/check",
        f"/me/help/{mine.pk}/questions", f"/me/help/{mine.pk}/times", f"/me/help/{mine.pk}/times/{slot.pk}",
        f"/me/help/{mine.pk}/take-back", f"/me/questions/{answers.pk}", f"/me/questions/{answers.pk}/result",
        f"/me/questions/{answers.pk}/safety", f"/me/questions/{answers.pk}/question/where",
        f"/me/offers/{offer.pk}", f"/me/appointments/{appointment.pk}", f"/me/appointments/{appointment.pk}/move",
        f"/me/appointments/{appointment.pk}/cancel", f"/me/appointments/{appointment.pk}/appointment.ics",
        f"/me/reports/{report.pk}", f"/me/reports/{report.pk}/agree", f"/me/how-it-went/{asked.pk}",
    ]  # fmt: skip
    for path in paths:
        cache.clear()  # guessing is stopped after thirty tries, which another test holds
        joe.get(path, 404)
        joe.get(path.replace(path.split("/")[3], str(uuid4())), 404)
        joe.client.post(path, {"reply": "never", "safe-now": "no", "words": "x", "work": "full"})
    assert kept(world, Offer).state == "sent"
    assert kept(world, Appointment).state == "booked"
    assert kept(world, Report).state == "with-person"
    assert count(world, RiskFlag) == 0
    for path in (f"/me/help/{mine.pk}/send", f"/me/offers/{offer.pk}/go-on"):
        joe.post(path, 404)


def test_a_free_time_of_another_provider_is_not_booked(world: World, joe: Person, ready: HelpRequest):
    from openoh.pathway.clinics.actions import make_slots

    begin = clock.now() + timedelta(days=1)
    foreign = make_slots(
        by=world.as_other_nurse, clinician_id=world.clinicians["uma"].id, service="physiotherapy", start=begin,
        end=begin + timedelta(hours=1), minutes=60,
    ).slots[0]  # fmt: skip
    assert "10am" not in joe.get(f"/me/help/{ready.pk}/times")
    joe.post(f"/me/help/{ready.pk}/times/{foreign.pk}")
    assert count(world, Appointment) == 0


def test_somebody_elses_objection_cannot_be_undone(world: World, amara: Person, joe: Person):
    undo = amara.post("/me/choices").split('name="undo" value="')[1].split('"')[0]
    joe.post("/me/choices", undo=undo)
    assert "You said no to" in amara.get("/me/choices")


def test_a_link_replayed_without_signing_in_shows_the_door(world: World):
    request = start(by=world.as_amara)
    response = Client(HTTP_HOST="localhost").get(f"/me/help/{request.pk}")
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in")


def test_what_the_person_writes_is_shown_as_text(world: World, amara: Person):
    report = signed(world, open_case(world))
    page = amara.post(f"/me/reports/{report.pk}/comment", words="<script>alert(1)</script>")
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_manager_who_is_also_a_person_sees_only_their_own(world: World):
    signed(world, open_case(world))
    ben = Person(world, "ben")
    assert "A report about you" not in ben.get("/me/record")


# Cost


def test_no_page_asks_the_database_more_than_it_may(world: World, amara: Person):
    offer = offered(world)
    mine = request_of(world.as_amara, needs=["low-mood", "back"])
    answers = begun(world, amara, mine)
    session(world)
    report = signed(world, open_case(world))
    for path in (
        "/me", "/me/record", "/me/record/who-looked", "/me/passport", "/me/help", "/me/offers", "/me/choices",
        f"/me/help/{mine.pk}/about", f"/me/help/{mine.pk}/check", f"/me/help/{mine.pk}/safety",
        f"/me/questions/{answers.pk}/question/where", f"/me/offers/{offer.pk}", f"/me/reports/{report.pk}",
    ):  # fmt: skip
        amara.get(path)
        with CaptureQueriesContext(
            connection,
        ) as ran:
            amara.get(path)
        asked = [
            q["sql"] for q in ran if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "SELECT set_config"))
        ]
        assert len(asked) <= MOST_QUERIES, (path, *asked)
