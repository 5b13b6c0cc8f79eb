"""Pages of clinicians: what stands on them, what they refuse, who does not get in."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.audit.models import Reading
from openoh.foundation.core import clock, facts
from openoh.foundation.core.scope import within
from openoh.foundation.notifications.models import Message
from openoh.pathway.cases.models import Case, Recipient
from openoh.pathway.clinics import actions as clinics
from openoh.pathway.clinics.models import Appointment, Clinician
from openoh.pathway.clocks.models import Clock
from openoh.pathway.consultations.models import Consultation
from openoh.pathway.consultations.queries import note_of
from openoh.pathway.questionnaires import actions as questionnaires
from openoh.pathway.referrals.models import Referral
from openoh.pathway.reports import actions as reports
from openoh.pathway.reports.models import ReleasedReport, Report
from openoh.pathway.requests import actions as requests
from openoh.pathway.requests.models import HelpRequest
from openoh.pathway.risk.models import RiskFlag
from openoh.population.offers.models import Offer
from tests.pages.clinic_stories import (
    FOUND,
    accepted,
    begun,
    booked,
    declare_family,
    few_queries,
    index_everybody,
    sent,
    words,
)
from tests.pathway.diary import WEDNESDAY, request_of
from tests.population.offer_world import enlarge, feed, row
from tests.signing_in import client_of
from tests.stories import leave, open_case, released, signed

pytestmark = pytest.mark.django_db
TODAY = WEDNESDAY.date()


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


@pytest.fixture
def nia(world):
    return client_of(world, "nia")


def newest(world, model, **about):
    with within(world.as_worker.scope):
        return model.objects.filter(**about).order_by("-pk").first()


def at_risk(world, name="amara"):
    sent(world, name, **{"safe-now": "unsure"})
    return newest(world, RiskFlag, person=world.people[name])


# What it costs


def test_few_queries_however_much_there_is(world, nia):
    case = accepted(world, "joe")
    sent(world, **{"safe-now": "unsure"})
    booked(world, "joe")
    booked(world, "amara", minutes_from_now=90)
    nia.get("/clinic")
    for path in ("/clinic", "/clinic/triage", "/clinic/caseload", f"/clinic/cases/{case.pk}"):
        with few_queries():
            response = nia.get(path)
        assert response.status_code == 200
        assert "Joe" in words(response) or "Amara" in words(response)


# Today


def test_unanswered_risks_stand_above_the_diary_with_owner_time_and_cover(world, nia):
    booked(world, "joe")
    at_risk(world)
    page = words(nia.get("/clinic"))
    assert page.index("1 risk that nobody has answered") < page.index("My diary")
    assert "Nobody has it yet" in page
    assert "Cover: Duty nurse" in page
    assert "Acknowledge by Wednesday 14 January" in page


def test_the_diary_says_who_comes_why_and_what_is_missing(world, nia):
    booked(world, "joe", call_back="01632 960123", needs=["interpreter"])
    questionnaires.begin(by=world.actor("joe", "employee"), instrument="GAD-2")
    page = words(nia.get("/clinic"))
    for part in ("10:30am", "Joe Lindqvist", "video call", "01632 960123", "Needs: an interpreter",
                 "Missing: Ask where they are now",
                 "Not finished: Generali"):  # fmt: skip
        assert part in page, part


def test_where_the_person_is_stands_on_today_once_it_was_asked(world, nia):
    appointment = booked(world, "joe")
    begin = nia.post(f"/clinic/appointments/{appointment.pk}/consultation")
    consultation = newest(world, Consultation, appointment=appointment)
    assert begin.headers["Location"] == f"/clinic/consultations/{consultation.pk}"
    nia.post(f"{begin.headers['Location']}/save", FOUND | {"revision": 0, "where_now": "In the car park"})
    page = words(nia.get("/clinic"))
    assert "In the car park" in page
    assert "Ask where they are now" not in page


def test_running_late_tells_who_waits_and_not_who_is_being_seen(world, nia):
    seen, waits = booked(world, "joe"), booked(world, "amara", minutes_from_now=90)
    nia.post(f"/clinic/appointments/{seen.pk}/consultation")
    page = words(nia.get("/clinic"))
    assert "2 appointments, 1 still to come" in page
    unsaid = nia.post("/clinic/late")
    assert (unsaid.status_code, "Choose by how many minutes" in words(unsaid)) == (422, True)
    assert nia.post("/clinic/late", {"minutes": "20"}).status_code == 302
    page = words(nia.get("/clinic"))
    assert "1 person is told that it begins 20 minutes later" in page
    assert "Told: about 11:50am" in page
    facts.consume()
    with within(world.as_worker.scope):
        (message,) = Message.objects.filter(template="appointment-late")
    assert (message.person_id, message.values["expected"]) == (waits.person_id, "11:50am")
    seen = words(client_of(world, "amara").get(message.values["link"]))
    assert "We are running late: it begins at about 11:50am." in seen


def test_nobody_waits_and_nobody_else_is_told(world, nia):
    booked(world, "amara", clinician="omar")
    nobody = nia.post("/clinic/late", {"minutes": "20"})
    assert (nobody.status_code, "Nobody waits for you any more today" in words(nobody)) == (422, True)
    assert client_of(world, "tess").post("/clinic/late", {"minutes": "20"}).status_code == 403


def test_the_first_free_time_stands_beside_the_number_of_appointments(world, nia):
    booked(world, "joe")
    clinics.make_slots(
        by=world.as_nurse, clinician_id=world.clinicians["nia"].pk, service="nurse",
        start=clock.now() + timedelta(hours=3), end=clock.now() + timedelta(hours=4), minutes=30,
    )  # fmt: skip
    page = words(nia.get("/clinic"))
    assert "1 appointment, 1 still to come. Next free: 1pm, occupational health nurse." in page


def test_a_closed_diary_says_what_to_do(world, nia):
    assert "Nobody is booked with you today" in words(nia.get("/clinic"))


def test_not_attending_is_recorded_and_closes_no_risk(world, nia):
    flag = at_risk(world)
    appointment = booked(world, "amara")
    early = nia.post(f"/clinic/appointments/{appointment.pk}/did-not-attend")
    assert early.status_code == 422
    assert "has not begun yet" in words(early)
    with clock.held_at(appointment.starts_at + timedelta(minutes=10)):
        late = client_of(world, "nia")
        assert (
            late.post(f"/clinic/appointments/{appointment.pk}/did-not-attend").headers["Location"]
            == "/clinic"
        )
    facts.consume()
    assert newest(world, Appointment, pk=appointment.pk).state == "did-not-attend"
    assert newest(world, RiskFlag, pk=flag.pk).state == "raised"
    assert nia.post(f"/clinic/appointments/{appointment.pk}/closed").status_code == 404


# Risk


def test_a_risk_from_acknowledging_to_a_plan(world, nia):
    flag = at_risk(world)
    path = f"/clinic/risks/{flag.pk}"
    assert "Nobody yet" in words(nia.get(path))
    early = nia.post(f"{path}/close", {"plan": "Fine."})
    assert early.status_code == 409
    assert "must have spoken with the person" in words(early)
    nia.post(f"{path}/acknowledge")
    nia.post(f"{path}/contact", {"reached": "no", "note": "10:05, no answer."})
    silent = nia.post(f"{path}/contact", {"reached": "yes", "note": " "})
    assert (silent.status_code, "Write in a sentence" in words(silent)) == (422, True)
    nia.post(f"{path}/contact", {"reached": "yes", "note": "Safe at home."})
    unplanned = nia.post(f"{path}/close", {"plan": ""})
    assert unplanned.status_code == 422
    nia.post(f"{path}/close", {"plan": "Sister stays; call at 4pm."})
    page = words(nia.get(path))
    for part in ("Closed with a plan", "Sister stays; call at 4pm.", "10:05, no answer.", "Nia Bevan"):
        assert part in page, part


def test_somebody_elses_risk_is_taken_over_on_purpose_only(world, nia):
    flag = at_risk(world)
    nia.post(f"/clinic/risks/{flag.pk}/acknowledge")
    omar = client_of(world, "omar")
    refused = omar.post(f"/clinic/risks/{flag.pk}/acknowledge")
    assert refused.status_code == 409
    assert "Nia Bevan has this" in words(refused)
    assert omar.post(f"/clinic/risks/{flag.pk}/acknowledge", {"take_over": "yes"}).status_code == 302
    assert newest(world, RiskFlag, pk=flag.pk).owner_name == "Omar Haddad"


def test_closing_a_risk_needs_a_registration_in_date(world, nia):
    flag = at_risk(world)
    nia.post(f"/clinic/risks/{flag.pk}/acknowledge")
    nia.post(f"/clinic/risks/{flag.pk}/contact", {"reached": "yes", "note": "Safe."})
    expire(world, "nia")
    refused = nia.post(f"/clinic/risks/{flag.pk}/close", {"plan": "Call again tomorrow."})
    assert refused.status_code == 403
    assert "Ask your service manager" in words(refused)
    assert "Call again tomorrow." in refused.content.decode(), "what was typed is kept"


def test_a_clinician_raises_what_they_heard(world, nia):
    case = accepted(world)
    unsaid = nia.post(f"/clinic/cases/{case.pk}/risk", {"concern": "any-thought", "note": ""})
    assert unsaid.status_code == 422
    raised = nia.post(f"/clinic/cases/{case.pk}/risk", {"concern": "plan-means-intent", "note": "Has pills."})
    assert newest(world, RiskFlag, case_id=case.pk).severity == 2
    assert "Has pills." in words(nia.get(raised.headers["Location"]))


# Triage


def test_one_screen_has_reason_answers_suggestion_and_rule_version(world, nia):
    request = sent(world, needs=["back"], words="It began on the ward.")
    page = words(nia.get(f"/clinic/triage/request/{request.pk}"))
    for part in ("My back", "It began on the ward.", "Suggestion: Physiotherapy",
                 "It is about muscles, joints or an injury.",
                 "triage/suggestions/1", "No earlier case"):  # fmt: skip
        assert part in page, part


def test_accepting_opens_the_case_and_the_second_nurse_is_told(world, nia):
    request = sent(world)
    path = f"/clinic/triage/request/{request.pk}"
    choice = {"route": "nurse", "urgency": "soon", "owner": str(world.users["nia"].pk)}
    first = nia.post(f"{path}/accept", choice)
    case = newest(world, Case, request=request)
    assert first.headers["Location"] == f"/clinic/cases/{case.pk}"
    late = client_of(world, "omar").post(
        f"{path}/accept", choice | {"route": "physician", "reason": "Mine, please."}
    )
    assert late.status_code == 409
    for part in ("Somebody decided before you", "Nia Bevan: accept to", "Speak with them", "Mine, please."):
        assert part in words(late), part
    assert newest(world, Case, request=request).service == "nurse"


def test_asking_and_rejecting_keep_what_was_typed_when_refused(world, nia):
    request = sent(world, **{"safe-now": "unsure"})
    path = f"/clinic/triage/request/{request.pk}"
    refused = nia.post(f"{path}/reject", {"rejection": "For the GP."})
    assert (refused.status_code, "open risk" in words(refused)) == (403, True)
    assert "For the GP." in refused.content.decode()
    empty = nia.post(f"{path}/ask", {"question": ""})
    assert (empty.status_code, 'href="#question"' in empty.content.decode()) == (422, True)
    assert nia.post(f"{path}/ask", {"question": "Which days?"}).status_code == 302
    assert newest(world, HelpRequest, pk=request.pk).state == "asked"
    assert "Waiting for an answer" in words(nia.get("/clinic/triage"))


def test_the_queue_goes_on_where_the_page_ended(world, nia):
    with within(world.as_worker.scope):
        Referral.objects.bulk_create(
            Referral(
                person=world.joe, employer=world.trust, provider=world.provider, engagement=world.engagements["joe"],
                recipient=world.engagements["dev"], reasons=["long-term-absence"], state="sent", shown_on=TODAY,
                sent_at=clock.now() - timedelta(hours=number),
            )
            for number in range(25)
        )  # fmt: skip
    first = nia.get("/clinic/triage").content.decode()
    onward = first.split('class="nhsuk-action-link" href="')[1].split('"')[0].replace("&amp;", "&")
    second = nia.get(f"/clinic/triage{onward}").content.decode()
    links = [set(re.findall(r'href="/clinic/triage/referral/([^"]+)"', page)) for page in (first, second)]
    assert (len(links[0]), len(links[1]), links[0] & links[1]) == (20, 5, set())


def test_nonsense_in_a_place_of_the_queue_is_the_first_page(world, nia):
    assert nia.get("/clinic/triage?rank=x&since=never&id=1").status_code == 200
    assert nia.get("/clinic/caseload?rank=9&on=31/02&id=1").status_code == 200
    assert nia.get("/clinic/triage/parcel/01a200ee-88a1-71f2-9cf7-a822a66241cd").status_code == 404


# Case


def test_the_timeline_is_a_picture_and_a_table_with_everything(world, nia):
    report = released(world)
    case = newest(world, Case, pk=report.case_id)
    feed(world, row(world.engagements["amara"], date(2026, 1, 2), date(2026, 1, 9)))
    html = nia.get(f"/clinic/cases/{case.pk}").content.decode()
    assert '<title id="picture-title">Timeline of the case of Amara Okafor</title>' in html
    assert "style=" not in html.split("<svg")[1].split("</svg>")[0]
    page = words(nia.get(f"/clinic/cases/{case.pk}"))
    for part in ("2 Jan 2026 to 9 Jan 2026 Absent", "Referred by a manager", "Report: released",
                 "No night shifts: waiting for an answer", "Ben Carter , ward manager, receives"):  # fmt: skip
        assert part in page, part


def test_who_is_told_can_be_named_and_left_out(world, nia):
    case = open_case(world)
    path = f"/clinic/cases/{case.pk}/recipients"
    ben, gita = world.engagements["ben"], world.engagements["gita"]
    assert "Gita Director" in words(nia.get(path))
    nia.post(path, {"engagement": ben.pk, "word": "exclude"})
    page = words(nia.get(f"/clinic/cases/{case.pk}"))
    assert "Nobody receives a report" in page
    assert "Must not be told: Ben Carter" in page
    nia.post(path, {"engagement": gita.pk, "word": "name"})
    assert "Gita Director , director of nursing, receives" in words(nia.get(f"/clinic/cases/{case.pk}"))
    own = nia.post(path, {"engagement": world.engagements["amara"].pk, "word": "name"})
    assert own.status_code == 422
    other = nia.post(path, {"engagement": world.engagements["femi"].pk, "word": "name"})
    assert other.status_code == 404
    index_everybody(world)
    assert "Dev Shah" in words(nia.get(f"{path}?name=sha"))


def test_a_case_is_handed_over_planned_closed_and_opened_again(world, nia):
    case = accepted(world)
    path = f"/clinic/cases/{case.pk}"
    assert nia.post(f"{path}/hand-over", {"to": ""}).status_code == 422
    nia.post(f"{path}/hand-over", {"to": str(world.users["pat"].pk)})
    assert "Pat Novak has this case" in words(nia.get(path))
    assert nia.post(f"{path}/take").status_code == 409
    assert nia.post(f"{path}/next-step", {"step": "review", "on": "31/02/2026"}).status_code == 422
    nia.post(f"{path}/next-step", {"step": "review", "on": "2/3/2026"})
    assert "Review by Monday 2 March" in words(nia.get(path))
    nia.post(f"{path}/close", {"closing": "better"})
    nia.post(f"{path}/reopen")
    assert newest(world, Case, pk=case.pk).state == "open"


def test_a_case_does_not_close_while_a_risk_is_open(world, nia):
    case = accepted(world, **{"safe-now": "unsure"})
    refused = nia.post(f"/clinic/cases/{case.pk}/close", {"closing": "person-ended"})
    assert refused.status_code == 403
    assert "has an open risk" in words(refused)
    assert newest(world, Case, pk=case.pk).state == "open"


def test_the_caseload_begins_with_risk_and_shows_what_nobody_has(world, nia):
    accepted(world, "joe")
    accepted(world, "ella", owner=None)
    accepted(world, **{"safe-now": "unsure"})
    page = words(nia.get("/clinic/caseload"))
    assert page.index("Amara Okafor Open risk") < page.index("Joe Lindqvist No next step")
    assert page.index("Nobody has these yet") < page.index("Ella Marsh")
    unowned = newest(world, Case, person=world.ella)
    nia.post(f"/clinic/cases/{unowned.pk}/take")
    assert newest(world, Case, pk=unowned.pk).owner_name == "Nia Bevan"


# Consultation


def test_a_consultation_is_saved_signed_and_added_to(world, nia):
    case = accepted(world)
    begin = nia.post(f"/clinic/cases/{case.pk}/consultation").headers["Location"]
    unready = nia.post(f"{begin}/save", {"revision": 0, "note": "Moves well.", "act": "sign"})
    assert unready.status_code == 422
    assert "Write where the person is now." in words(unready)
    assert "Moves well." in words(nia.get(begin)), "what was typed is kept although it cannot be signed"
    signed_one = nia.post(f"{begin}/save", FOUND | {"revision": 1, "act": "sign"})
    assert signed_one.headers["Location"] == f"/clinic/cases/{case.pk}"
    assert "Add to this consultation" in words(nia.get(begin))
    late = nia.post(f"{begin}/save", FOUND | {"revision": 2, "note": "Changed my mind."})
    assert late.status_code == 409
    assert "Changed my mind." in words(late)
    nia.post(f"{begin}/addendum", {"text": "Reflexes were normal."})
    assert "Reflexes were normal." in words(nia.get(begin))


def test_of_two_windows_the_second_keeps_its_text_and_sees_the_first(world, nia):
    consultation = begun(world, accepted(world))
    path = f"/clinic/consultations/{consultation.pk}"
    nia.post(f"{path}/save", FOUND | {"revision": 0, "note": "From the first window."})
    late = nia.post(f"{path}/save", FOUND | {"revision": 0, "note": "From the second window."})
    assert late.status_code == 409
    assert "The newer version" in words(late)
    assert "From the first window." in words(late)
    assert "From the second window." in words(late)
    nurse = world.as_nurse
    kept = newest(world, Consultation, pk=consultation.pk)
    with within(nurse.scope):
        assert note_of(kept) == "From the first window."


def by_itself(client, path, form):
    return client.post(f"{path}/save", form, HTTP_ACCEPT="application/json")


def test_a_note_saves_itself_and_of_two_windows_none_overwrites(world, nia):
    consultation = begun(world, accepted(world))
    path = f"/clinic/consultations/{consultation.pk}"
    first = by_itself(nia, path, FOUND | {"revision": 0, "note": "Half a sen"})
    assert first.json() == {"revision": 1, "words": "Saved at 10am."}
    assert by_itself(nia, path, FOUND | {"revision": 1, "note": "Half a sentence."}).json()["revision"] == 2
    late = by_itself(nia, path, FOUND | {"revision": 1, "note": "From another window."})
    assert (late.status_code, late.json()["conflict"]) == (409, True)
    assert "saved from another window" in late.json()["words"]
    assert "Half a sentence." in words(nia.get(path))
    both = nia.post(f"{path}/save", FOUND | {"revision": 1, "note": "From another window."})
    assert "The newer version" in words(both)
    assert "data-autosave>" not in both.content.decode(), "what replaces a newer version is saved by a person"
    assert "data-autosave>" in nia.get(path).content.decode()


def test_saving_by_itself_says_what_it_could_not_save(world, nia):
    path = nia.post(f"/clinic/cases/{open_case(world).pk}/report").headers["Location"]
    assert by_itself(nia, path, report_form()).json()["revision"] == 1
    wrong = by_itself(nia, path, report_form(revision=1, review_on="31/02/2026"))
    assert (wrong.status_code, wrong.json()["conflict"]) == (422, False)
    assert "is not a day" in wrong.json()["words"]
    late = by_itself(client_of(world, "omar"), path, report_form(words="Another view."))
    assert (late.status_code, late.json()["conflict"]) == (409, True)
    seen = client_of(world, "omar").post(f"{path}/save", report_form(words="Another view."))
    assert "data-autosave>" not in seen.content.decode()


def test_a_colleague_reads_a_draft_and_cannot_write_in_it(world, nia):
    consultation = begun(world, accepted(world))
    omar = client_of(world, "omar")
    page = omar.get(f"/clinic/consultations/{consultation.pk}")
    assert "<textarea" not in page.content.decode()
    refused = omar.post(f"/clinic/consultations/{consultation.pk}/save", FOUND | {"revision": 0})
    assert refused.status_code == 409
    assert "Nia Bevan is writing this consultation" in words(refused)


def test_without_a_registration_in_date_nothing_clinical_begins(world, nia):
    case, appointment = accepted(world), booked(world, "joe")
    expire(world, "nia")
    for path in (f"/clinic/appointments/{appointment.pk}/consultation", f"/clinic/cases/{case.pk}/consultation",
                 f"/clinic/cases/{case.pk}/report"):  # fmt: skip
        refused = nia.post(path)
        assert refused.status_code == 403, path
        assert "Ask your service manager" in words(refused)
    assert "Ask your service manager" in words(nia.get("/clinic"))


# Report


def report_form(**changes):
    return {
        "outcome": "FIT_ADJ_T", "recommendations": ["no-nights"], "adjustment-no-nights-starts": "2026-01-15",
        "adjustment-no-nights-ends": "15/2/2026", "adjustment-no-nights-details": "Days only",
        "phased_return": "50, 75, 100",
        "answer-return-date": "In two weeks.", "review_on": "2026-02-20", "words": "She can do most of her work.",
        "consent_at_consultation": "given-see-first", "revision": 0,
    } | changes  # fmt: skip


def test_a_report_grows_from_choices_is_previewed_and_goes_to_the_person_first(world, nia):
    case = open_case(world)
    path = nia.post(f"/clinic/cases/{case.pk}/report").headers["Location"]
    assert "Days only" not in words(nia.get(path))
    assert "Adjustments" not in words(nia.get(path))
    nia.post(f"{path}/save", {"outcome": "FIT_ADJ_T", "revision": 0})
    page = words(nia.get(path))
    assert "Name at least one adjustment." in page
    assert "2. When are they likely to be back" in page
    to_preview = nia.post(f"{path}/save", report_form(revision=1, act="preview"))
    preview = words(nia.get(to_preview.headers["Location"]))
    for part in ("Ben Carter, ward manager, reads exactly this", "No night shifts : Days only",
                 "from Thursday 15 January until Sunday 15 February",
                 "75 % of full hours", "In two weeks.", "She can do most of her work."):  # fmt: skip
        assert part in preview, part
    assert nia.post(f"{path}/sign", {"revision": 2}).headers["Location"] == path
    assert "With the person" in words(nia.get(path))
    report = newest(world, Report, case=case)
    assert (report.state, len(report.phased_return)) == ("with-person", 3)
    with within(world.as_worker.scope):
        assert not ReleasedReport.objects.exists()


def test_a_wrong_date_or_code_is_told_and_everything_typed_stays(world, nia):
    case = open_case(world)
    path = nia.post(f"/clinic/cases/{case.pk}/report").headers["Location"]
    for wrong, told in (({"review_on": "31/02/2026"}, "is not a day"), ({"phased_return": "half"},
                         "one number for each week"),
                        ({"restrictions": ["no-thinking"]}, "Choose from the list")):  # fmt: skip
        refused = nia.post(f"{path}/save", report_form(**wrong))
        assert refused.status_code == 422
        assert told in words(refused)
        assert "She can do most of her work." in refused.content.decode()
        assert "<title>Error: " in refused.content.decode()


def test_two_who_write_one_report_the_second_is_told(world, nia):
    case = open_case(world)
    path = nia.post(f"/clinic/cases/{case.pk}/report").headers["Location"]
    nia.post(f"{path}/save", report_form())
    late = client_of(world, "omar").post(f"{path}/save", report_form(words="Another view."))
    assert late.status_code == 409
    assert "Another view." in late.content.decode()
    nia.post(f"{path}/sign", {"revision": 1})
    after = client_of(world, "omar").post(f"{path}/save", report_form(words="Too late."))
    assert after.status_code == 409
    assert "Too late." in words(after)


def test_a_correction_is_answered_with_a_new_version(world, nia):
    report = signed(world, open_case(world))
    reports.ask_correction(by=world.as_amara, report=report.pk, words="I start at seven.")
    path = f"/clinic/reports/{report.pk}"
    assert "I start at seven." in words(nia.get(path))
    corrected = nia.post(f"{path}/correct").headers["Location"]
    page = nia.get(corrected).content.decode()
    assert "Corrected version" in page
    assert "She can do most of her work." in page


def test_when_the_manager_has_left_another_recipient_gets_the_copy(world, nia):
    case = open_case(world)
    report = signed(world, case)
    leave(world, "ben")
    reports.agree(by=world.as_amara, report=report.pk)
    facts.consume()
    path = f"/clinic/reports/{report.pk}"
    assert "Who receives it?" in words(nia.get(path))
    nia.post(
        f"/clinic/cases/{case.pk}/recipients", {"engagement": world.engagements["gita"].pk, "word": "name"}
    )
    nia.post(f"{path}/send")
    facts.consume()
    assert newest(world, ReleasedReport).recipient_id == world.engagements["gita"].pk
    assert newest(world, Recipient).excluded is False


# People


def test_people_are_found_by_any_part_of_the_name(world, nia):
    index_everybody(world)
    page = words(nia.get("/clinic/people?name=kaf"))
    assert "Amara Okafor" in page
    assert "Joe" not in page
    assert "Nobody here has a name" in words(nia.get("/clinic/people?name=zzz"))


def test_a_persons_page_and_a_time_for_them(world, nia):
    case = accepted(world)
    booked(world, "joe", minutes_from_now=60)
    begin = clock.now() + timedelta(days=1)
    (slot,) = clinics.make_slots(
        by=world.as_nurse, clinician_id=world.clinicians["nia"].pk, service="nurse", start=begin,
        end=begin + timedelta(minutes=30), minutes=30,
    ).slots  # fmt: skip
    path = f"/clinic/people/{world.amara.pk}"
    assert "Thursday 15 January at 10am" in words(nia.get(f"{path}/book?service=nurse&case={case.pk}"))
    assert nia.post(f"{path}/book", {"case": case.pk}).status_code == 422
    nia.post(f"{path}/book", {"slot": slot.pk, "case": case.pk, "call_back": "01632 960999"})
    kept = newest(world, Appointment, person=world.amara)
    assert (kept.case_id, kept.call_back) == (case.pk, "01632 960999")
    lost = nia.post(f"/clinic/people/{world.joe.pk}/book", {"slot": slot.pk})
    assert lost.status_code == 409
    assert "just taken this time" in words(lost)
    assert "Thursday 15 January at 10am Booked" in words(nia.get(path))


def test_declaring_family_closes_the_record_at_once(world, nia):
    nia.post(f"/clinic/people/{world.amara.pk}/relation")
    assert nia.get(f"/clinic/people/{world.amara.pk}").status_code == 404


# Offers


def test_held_offers_are_released_or_stopped_by_a_person(world, nia):
    with within(world.as_worker.scope):
        enlarge(world.trust, world.provider)
    feed(
        world,
        row(world.engagements["amara"], TODAY, reason="S10"),
        row(world.engagements["joe"], TODAY, reason="S10"),
    )
    page = words(nia.get("/clinic/offers"))
    assert "Amara Okafor" in page
    assert "offers/rules/1" in page
    amara, joe = newest(world, Offer, person=world.amara), newest(world, Offer, person=world.joe)
    nia.post(f"/clinic/offers/{amara.pk}/release")
    again = nia.post(f"/clinic/offers/{amara.pk}/release")
    assert again.status_code == 409
    assert nia.post(f"/clinic/offers/{joe.pk}/stop", {"reason": "bored"}).status_code == 422
    nia.post(f"/clinic/offers/{joe.pk}/stop", {"reason": "do-not-contact"})
    assert {newest(world, Offer, pk=each.pk).state for each in (amara, joe)} == {"ready", "stopped"}
    log = words(nia.get("/clinic/offers/decisions"))
    assert "Help is offered once a clinician has released it." in log
    assert "offers/rules/1" in log


# Attacks


def paths_about(world):
    """Every page about Amara, with all that there is about her."""
    case = accepted(world, **{"safe-now": "unsure"})
    request, flag = (
        newest(world, HelpRequest, person=world.amara),
        newest(world, RiskFlag, person=world.amara),
    )
    consultation = begun(world, case)
    report = reports.begin(by=world.as_nurse, case=case.pk)
    appointment = booked(world)
    pages = [
        f"/clinic/cases/{case.pk}", f"/clinic/cases/{case.pk}/hand-over", f"/clinic/cases/{case.pk}/recipients",
        f"/clinic/cases/{case.pk}/risk", f"/clinic/risks/{flag.pk}", f"/clinic/triage/request/{request.pk}",
        f"/clinic/consultations/{consultation.pk}", f"/clinic/reports/{report.pk}",
        f"/clinic/reports/{report.pk}/preview",
        f"/clinic/people/{world.amara.pk}", f"/clinic/people/{world.amara.pk}/book",
    ]  # fmt: skip
    posts = [
        f"/clinic/cases/{case.pk}/take", f"/clinic/cases/{case.pk}/close", f"/clinic/cases/{case.pk}/consultation",
        f"/clinic/cases/{case.pk}/report", f"/clinic/risks/{flag.pk}/acknowledge",
        f"/clinic/consultations/{consultation.pk}/save", f"/clinic/reports/{report.pk}/save",
        f"/clinic/reports/{report.pk}/sign", f"/clinic/appointments/{appointment.pk}/arrived",
        f"/clinic/appointments/{appointment.pk}/consultation", f"/clinic/triage/request/{request.pk}/reject",
        f"/clinic/people/{world.amara.pk}/relation",
    ]  # fmt: skip
    return pages, posts


FILLED = FOUND | {"revision": 0, "closing": "better", "rejection": "No.", "outcome": "FIT"}


@pytest.mark.parametrize("who", ["other provider", "family", "colleague", "oneself", "manager", "employee"])
def test_what_is_not_yours_does_not_exist(world, nia, who):
    pages, posts = paths_about(world)
    attacker = {"other provider": "uma", "manager": "ben", "employee": "joe"}.get(who, "omar")
    if who == "family":
        declare_family(world, "omar", "amara")
    if who in ("colleague", "oneself"):
        holder = {"colleague": "pat", "oneself": "omar"}[who]
        with within(world.as_worker.scope):
            RoleAssignment.objects.create(
                user=world.users[holder], role="employee", employer=world.trust, provider=world.provider,
                person=world.amara, engagement=world.engagements["amara"], starts_on=date(2025, 1, 1),
            )  # fmt: skip
    for path in pages:
        assert client_of(world, attacker).get(path).status_code == 404, path
    for path in posts:
        assert client_of(world, attacker).post(path, FILLED).status_code == 404, path
    with within(world.as_worker.scope):
        assert not Reading.objects.filter(
            user_id=world.users[attacker].pk, person_ids__contains=[world.amara.pk]
        ).exists()
    if attacker == "omar":
        assert "Amara" not in words(client_of(world, "omar").get("/clinic/triage"))
        assert "Amara" not in words(client_of(world, "omar").get("/clinic"))


def test_a_closed_record_opens_in_an_emergency_with_a_reason_that_everybody_sees(world, nia):
    index_everybody(world)
    case = accepted(world)
    declare_family(world, "omar", "amara")
    omar = client_of(world, "omar")
    assert "Closed to you" in words(omar.get("/clinic/people?name=amara"))
    path = f"/clinic/people/{world.amara.pk}"
    assert omar.post(f"{path}/emergency", {"reason": "why"}).status_code == 422
    assert (
        omar.post(f"{path}/emergency", {"reason": "Collapsed at work, asks for her medicines"}).status_code
        == 302
    )
    assert "Open to you for a short time" in words(omar.get(path))
    sent(world, "joe")
    for shown in (path, f"/clinic/cases/{case.pk}", f"/clinic/cases/{case.pk}/recipients"):
        assert omar.get(shown).status_code == 200
        assert (
            newest_reasons(world, "omar", "amara")[0]
            == "In an emergency: Collapsed at work, asks for her medicines"
        )
    sent(world, "amara")
    both = words(omar.get("/clinic/triage"))
    assert "Joe" in both
    assert "Amara" in both
    assert newest_reasons(world, "omar", "joe") == [""], (
        "the reason is told to nobody whom it does not concern"
    )
    rita = client_of(world, "rita")
    lead = rita.get("/clinic/lead")
    assert "Collapsed at work" in words(lead)
    opening = lead.content.decode().split("/clinic/lead/openings/")[1].split("/")[0]
    rita.post(f"/clinic/lead/openings/{opening}/reviewed")
    assert "Collapsed at work" not in words(rita.get("/clinic/lead"))
    with clock.held_at(WEDNESDAY + timedelta(hours=2)):
        assert client_of(world, "omar").get(path).status_code == 404


def newest_reasons(world, who, about):
    """Why somebody looked at somebody's record, the newest look first."""
    with within(world.as_worker.scope):
        looks = Reading.objects.filter(
            user_id=world.users[who].pk, person_ids__contains=[world.people[about].pk]
        )
        return list(looks.order_by("-at", "-pk").values_list("reason", flat=True))


def test_nobody_breaks_the_glass_of_their_own_or_another_providers_record(world, nia):
    with within(world.as_worker.scope):
        RoleAssignment.objects.create(
            user=world.users["omar"], role="employee", employer=world.trust, provider=world.provider,
            person=world.amara, engagement=world.engagements["amara"], starts_on=date(2025, 1, 1),
        )  # fmt: skip
    reason = {"reason": "It is really urgent"}
    assert (
        client_of(world, "omar").post(f"/clinic/people/{world.amara.pk}/emergency", reason).status_code == 404
    )
    assert (
        client_of(world, "uma").post(f"/clinic/people/{world.amara.pk}/emergency", reason).status_code == 404
    )
    assert client_of(world, "nia").get("/clinic/lead").status_code == 404


def test_every_page_with_a_record_on_it_is_written_down(world, nia):
    pages, _ = paths_about(world)
    for path in [*pages, "/clinic", "/clinic/triage", "/clinic/caseload"]:
        with within(world.as_worker.scope):
            before = Reading.objects.filter(person_ids__contains=[world.amara.pk]).count()
        assert nia.get(path).status_code == 200, path
        with within(world.as_worker.scope):
            after = Reading.objects.filter(person_ids__contains=[world.amara.pk]).count()
        shown = "Amara" in words(nia.get(path))
        assert (after > before) is shown, path


def expire(world, name):
    with within(world.as_worker.scope):
        Clinician.objects.filter(pk=world.clinicians[name].pk).update(
            registered_until=TODAY - timedelta(days=1)
        )


def test_the_queue_and_the_page_of_one_request_name_the_same_day(world):
    """A request has two waits, the decision and the first contact; triage is about the decision."""
    request = requests.send(by=world.as_amara, request_id=request_of(world.as_amara).pk)
    facts.consume()
    with within(world.as_worker.scope):
        due = {
            each.kind: each.due_at for each in Clock.objects.filter(subject_id=request.pk, stopped_at=None)
        }
    assert len(set(due.values())) > 1, "otherwise this shows nothing"
    nurse = client_of(world, "nia")
    day = f"{due['triage'].astimezone(clock.UK):%A %-d %B}"
    for path in ("/clinic/triage", f"/clinic/triage/request/{request.pk}"):
        assert day in words(nurse.get(path)), path
