"""A day of a nurse: risk first, triage, the diary, the note, the advice, and the copy that the manager gets."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from openoh.foundation.core import clock, facts
from openoh.foundation.core.scope import within
from openoh.pathway.cases.queries import case_about
from openoh.pathway.clinics import actions as clinics
from openoh.pathway.consultations import actions as consultations
from openoh.pathway.referrals import actions as referrals
from openoh.pathway.referrals.rules import Answers
from openoh.pathway.reports import actions as reports
from openoh.pathway.reports.models import Report
from openoh.pathway.reports.opening import copies_for
from openoh.pathway.triage import actions as triage
from tests.journeys.conftest import DESK, PHONE, check_accessible
from tests.pages.clinic_stories import index_everybody, sampled_report, sent
from tests.stories import open_case

pytestmark = pytest.mark.browser


def referred(world):
    """Dev refers Joe, who was shown it."""
    made = referrals.draft(by=world.as_dev, engagement=world.engagements["joe"].pk)
    today = clock.today()
    answers = Answers(
        reasons=["long-term-absence"], questions=["return-date", "adjustments"], shown_on=today, person_agrees=True,
        absent_since=today - timedelta(days=40), background="Away since a fall at home.",
    )  # fmt: skip
    referrals.save(by=world.as_dev, referral=made.pk, answers=answers)
    return referrals.send(by=world.as_dev, referral=made.pk)


def soon(world, name, case):
    """A time of the nurse that has just begun."""
    begin = clock.now() + timedelta(seconds=2)
    (slot,) = clinics.make_slots(
        by=world.as_nurse, clinician_id=world.clinicians["nia"].pk, service="nurse", start=begin,
        end=begin + timedelta(minutes=30), minutes=30, mode="video",
    ).slots  # fmt: skip
    booked = clinics.book(
        by=world.as_nurse,
        slot_id=slot.pk,
        person_id=world.people[name].pk,
        case_id=case.pk,
        call_back="01632 960123",
    )
    time.sleep(max((booked.starts_at - clock.now()).total_seconds(), 0))
    return booked


def newest_report(world):
    with within(world.as_worker.scope):
        return Report.objects.order_by("-made_at").first()


def the_case_about(world, request):
    with within(world.as_nurse.scope):
        return case_about(world.as_nurse, request_id=request.pk)


def write_and_sign_advice(page, *, picture: str | None) -> None:
    """From the case's page to a signed report."""
    page.get_by_role("button", name="Write a report").click()
    page.get_by_label("Fit with temporary adjustments").check()
    page.get_by_role("button", name="Update").first.click()
    page.locator("summary", has_text="Hours and shifts").click()
    page.get_by_label("No night shifts").first.check()
    page.get_by_role("button", name="Update").first.click()
    today = clock.today()
    page.get_by_label("From", exact=True).fill(today.isoformat())
    page.get_by_label("Last day", exact=True).fill((today + timedelta(days=28)).isoformat())
    page.get_by_label("Details the manager needs").fill("Days only, until we meet again")
    page.get_by_label("Phased return").fill("50, 75, 100")
    page.get_by_label("In your words").fill("She can do most of her work.")
    page.get_by_label("Agreed that it may be sent once they have seen it").check()
    if picture:
        page.get_by_role("button", name="Save draft").click()
        check_accessible(page, f"{picture}-report")
    page.get_by_role("button", name="See it as the manager will").click()
    if picture:
        check_accessible(page, f"{picture}-preview")
    page.get_by_role("button", name="Sign and give it to the person first").click()
    page.get_by_text("With the person").wait_for()


def write_and_sign_note(page, *, picture: str | None) -> None:
    """A consultation by video, from the diary."""
    page.get_by_label("Where are they now?").fill("At home, in the kitchen")
    page.get_by_label("Who is in the room with them?").fill("Nobody")
    page.get_by_role("textbox", name="Note").fill("Back pain for six weeks, better with movement.")
    page.get_by_role("group", name="Did you ask about risk?").get_by_label("Yes").check()
    page.get_by_label("Back or neck").check()
    page.get_by_label("Lifting and carrying").check()
    page.get_by_label("Made worse by work").check()
    page.get_by_label("Weeks").check()
    page.get_by_label("Agreed, after seeing it").check()
    if picture:
        page.get_by_role("button", name="Save draft").click()
        page.get_by_text("Draft saved.").wait_for()
        check_accessible(page, f"{picture}-consultation")
    page.get_by_role("button", name="Sign", exact=True).click()
    page.get_by_text("Signed. Write the report next").wait_for()


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_from_a_request_and_a_referral_to_the_managers_copy(site, width):
    world = site.world
    request = sent(world)
    referral = referred(world)
    index_everybody(world)
    page = site.open("/clinic/triage", who="nia", width=width)
    check_accessible(page, "clinic-triage")

    page.get_by_role("link", name="Joe Lindqvist").click()
    if site.javascript:
        page.get_by_text("Access key").first.wait_for()
    check_accessible(page, "clinic-triage-referral")
    page.get_by_label("Ask the manager").fill("Which tasks does the job have?")
    page.get_by_role("button", name="Ask").click()
    page.get_by_text("It comes back here when they answer.").wait_for()

    page.get_by_role("link", name="Amara Okafor").click()
    check_accessible(page, "clinic-triage-request")
    page.get_by_label("Occupational health nurse").check()
    page.get_by_role("button", name="Accept").click()
    page.get_by_text("The case of Amara Okafor is open.").wait_for()
    case = the_case_about(world, request)
    soon(world, "amara", case)

    page.goto("/clinic")
    page.get_by_text("Ask who is in the room").wait_for()
    check_accessible(page, "clinic-today")
    page.locator("summary", has_text="Running late?").click()
    page.get_by_label("20 minutes").check()
    page.get_by_role("button", name="Tell 1 person").click()
    page.get_by_text("1 person is told that it begins 20 minutes later.").wait_for()
    check_accessible(page, "clinic-today-late")
    page.get_by_role("button", name="Begin").click()
    write_and_sign_note(page, picture="clinic")

    page.get_by_role("link", name="Name somebody, or leave somebody out").click()
    check_accessible(page, "clinic-recipients")
    page.get_by_role("button", name=re.compile("Receives the report.*Ben Carter")).click()
    page.get_by_text("They receive the report.").wait_for()
    page.get_by_role("link", name="Back").click()
    write_and_sign_advice(page, picture="clinic")
    check_accessible(page, "clinic-report-signed")

    report = newest_report(world)
    reports.agree(by=world.as_amara, report=report.pk)
    facts.consume()
    with within(world.as_ben.scope):
        (copy,) = copies_for(world.as_ben)
        assert copy.words == "She can do most of her work."
        assert [each["code"] for each in copy.recommendations] == ["no-nights"]

    page.goto(f"/clinic/cases/{case.pk}")
    page.locator("li", has_text="No night shifts: waiting for an answer").wait_for()
    page.locator("summary", has_text="The timeline as a table").click()
    check_accessible(page, "clinic-case")
    for path, name in (("/clinic/caseload", "caseload"), ("/clinic/people?name=kaf", "people"),
                       (f"/clinic/people/{world.amara.pk}", "person"),
                       (f"/clinic/people/{world.amara.pk}/book", "book"), ("/clinic/offers", "offers"),
                       ("/clinic/offers/decisions", "decisions"), (f"/clinic/cases/{case.pk}/hand-over", "hand-over"),
                       (f"/clinic/triage/referral/{referral.pk}", "triage-asked")):  # fmt: skip
        page.goto(path)
        check_accessible(page, f"clinic-{name}")


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_risk_is_handled_to_the_end(site, width):
    world = site.world
    sent(world, **{"safe-now": "no"})
    page = site.open("/clinic", who="nia", width=width)
    check_accessible(page, "clinic-today-risk")
    page.get_by_role("link", name="Amara Okafor").first.click()
    page.get_by_role("button", name="I have this").click()
    page.get_by_role("button", name="I spoke with them").click()
    page.get_by_role("alert").get_by_text("Write in a sentence").wait_for()
    check_accessible(page, "clinic-risk-error")
    page.get_by_label("What the person said").fill("Safe now, at her sister's.")
    page.get_by_role("button", name="I spoke with them").click()
    check_accessible(page, "clinic-risk")
    page.get_by_label("The plan").fill("Sister stays tonight; we call at 9; 999 if it gets worse.")
    page.get_by_role("button", name="Close with this plan").click()
    page.get_by_text("Sister stays tonight").wait_for()
    lead = site.open("/clinic/lead", who="rita", width=width)
    expect(lead.get_by_text("No risk is open.")).to_be_visible()
    check_accessible(lead, "clinic-lead")


def test_the_same_without_javascript(site):
    world = site.world
    request = sent(world)
    page = site.open("/clinic/triage", who="nia", js=False)
    page.get_by_role("link", name="Amara Okafor").click()
    assert page.get_by_text("Access key").count() == 0, "no key is promised where none works"
    page.get_by_label("Occupational health nurse").check()
    page.get_by_role("button", name="Accept").click()
    page.get_by_text("The case of Amara Okafor is open.").wait_for()
    soon(world, "amara", the_case_about(world, request))
    page.goto("/clinic")
    page.get_by_role("button", name="Begin").click()
    write_and_sign_note(page, picture=None)
    write_and_sign_advice(page, picture=None)
    assert newest_report(world).state == "with-person"


def test_a_note_saves_itself_and_a_second_window_never_overwrites_it(site, javascript):
    if not javascript:
        return  # then “Save draft” is there, which the other stories press
    world = site.world
    request = sent(world)
    triage.accept(by=world.as_nurse, request_id=request.pk, route="nurse", owner=world.users["nia"].pk)
    begun = consultations.begin(
        by=world.as_nurse, case_id=the_case_about(world, request).pk, mode="telephone"
    )
    path = f"/clinic/consultations/{begun.pk}"
    first = site.open(path, who="nia", width=DESK)
    second = site.open(path, who="nia")
    note = first.get_by_role("textbox", name="Note")
    note.fill("Written once.")
    note.blur()
    told = first.get_by_role("status")
    expect(told).to_have_text(re.compile(r"^Saved at \d"))
    first.get_by_label("Weeks").check()
    expect(first.locator("input[name=revision]")).to_have_value("2")
    check_accessible(first, "clinic-autosaved")

    other = second.get_by_role("textbox", name="Note")
    other.fill("Written in another window.")
    other.blur()
    expect(second.get_by_role("status")).to_have_text(re.compile("saved from another window"))
    second.get_by_role("button", name="Save draft").click()
    expect(second.get_by_role("heading", name="The newer version")).to_be_visible()
    expect(second.get_by_text("Written once.")).to_be_visible()
    expect(second.get_by_role("textbox", name="Note")).to_have_value("Written in another window.")
    check_accessible(second, "clinic-two-windows")

    note.fill("Written once, and pressed before it was saved.")
    first.get_by_role("button", name="Save draft").click()
    expect(first.get_by_text("Draft saved.")).to_be_visible()
    expect(note).to_have_value("Written once, and pressed before it was saved.")


def test_a_lead_reads_a_report_closes_an_incident_and_notes_supervision_without_javascript(site):
    world = site.world
    report = sampled_report(world)
    nurse = site.open(f"/clinic/people/{world.amara.pk}", who="nia", js=False)
    nurse.get_by_role("link", name="Write an incident down").click()
    nurse.get_by_label("On which day?").fill(clock.today().isoformat())
    nurse.get_by_label("What was it?").select_option(label="Somebody waited too long")
    nurse.get_by_label("Little harm").check()
    nurse.get_by_label("What happened?").fill("She waited two hours for a call.")
    nurse.get_by_role("button", name="Write it down").click()
    expect(nurse.get_by_text("The clinical lead sees it now.")).to_be_visible()

    lead = site.open("/clinic/lead", who="rita", js=False)
    lead.get_by_role("link", name="Quality:").click()
    pages = [("/clinic/incidents", "incidents"), ("/clinic/lead/quality", "quality")]
    pages += [(lead.get_by_role("link", name=name).first.get_attribute("href"), to) for name, to in (
        ("Amara Okafor", "review"), ("Somebody waited too long", "incident"), ("Nia Bevan", "supervision"),
    )]  # fmt: skip
    for width in (PHONE, DESK):
        seen = site.open("/clinic/lead", who="rita", width=width)
        for path, name in pages:
            seen.goto(path)
            check_accessible(seen, f"clinic-{name}")

    lead.get_by_role("link", name="Amara Okafor").click()
    lead.get_by_label("I want to discuss it with the author").check()
    lead.get_by_role("button", name="Keep my reading").click()
    expect(lead.get_by_role("link", name="Choose what you want to discuss.")).to_be_visible()
    lead.get_by_label("The advice is not clear enough to act on").check()
    lead.get_by_role("button", name="Keep my reading").click()
    expect(lead.get_by_text("No report waits for you.")).to_be_visible()
    lead.get_by_role("link", name="Somebody waited too long").click()
    lead.get_by_label("What was learned").fill("We ring by ten.")
    lead.get_by_role("button", name="Close it").click()
    expect(lead.get_by_text("Closed by Rita Costa")).to_be_visible()
    lead.goto("/clinic/lead/quality")
    lead.get_by_role("link", name="Nia Bevan").click()
    lead.get_by_label("On which day did they meet?").fill(clock.today().isoformat())
    lead.get_by_label("Who supervised?").fill("Omar Haddad")
    lead.get_by_role("button", name="Note it").click()
    expect(lead.get_by_text("Noted. The next is due by")).to_be_visible()
    nurse.goto(f"/clinic/reports/{report.pk}")
    expect(nurse.get_by_text("Read as a colleague by Rita Costa")).to_be_visible()


def test_nia_asks_amaras_doctor_and_amara_sees_the_report_first(site):
    case = open_case(site.world)
    clinic = site.open(f"/clinic/cases/{case.pk}", who="nia", width=DESK)
    clinic.get_by_role("link", name="Ask their doctor for a report").click()
    check_accessible(clinic, "clinic-medical-report-ask")
    clinic.get_by_role("button", name="Ask the person").click()
    expect(clinic.get_by_role("heading", name="There is a problem")).to_be_visible()
    clinic.get_by_label("GP", exact=True).check()
    clinic.get_by_label("Name and address").fill("Dr Gray\nMill Surgery\nNorthshire NS1 1AA")
    clinic.get_by_label("What you need to know").fill(
        "Which treatment is planned, and when?\nWhat can she lift?"
    )
    clinic.get_by_role("button", name="Ask the person").click()
    expect(clinic.get_by_text("Nothing is sent before they agree.")).to_be_visible()
    clinic.get_by_text("They told us on paper or by telephone").click()
    expect(clinic.get_by_label("The signed paper")).to_be_visible()
    check_accessible(clinic, "clinic-medical-report-asked")

    amara = site.open("/me", who="amara", role="employee")
    amara.get_by_role("link", name="A report from your own doctor").click()
    check_accessible(amara, "employee-doctors-report")
    amara.get_by_role("button", name="Send your decision").click()
    expect(amara.get_by_role("heading", name="There is a problem")).to_be_visible()
    amara.get_by_label("Yes, and I want to see the report before it is sent").check()
    amara.get_by_role("button", name="Send your decision").click()
    expect(amara.get_by_text("You agreed. You see the report before it is sent.")).to_be_visible()

    clinic.reload()
    clinic.get_by_role("button", name="Open the letter").click()
    expect(clinic.get_by_role("heading", name="They want to see it before you send it")).to_be_visible()
    check_accessible(clinic, "clinic-medical-report-letter")
    clinic.get_by_role("link", name="Back").click()
    clinic.get_by_role("button", name="It has been sent today").click()
    expect(clinic.get_by_role("heading", name="No report may be taken yet")).to_be_visible()
    check_accessible(clinic, "clinic-medical-report-waits")

    amara.reload()
    check_accessible(amara, "employee-doctors-report-sent")
    amara.get_by_label("I have seen it, and agree that it is sent").check()
    amara.get_by_role("button", name="Send your decision").click()
    clinic.reload()
    clinic.get_by_label("The report", exact=True).set_input_files(
        {
            "name": "report.txt",
            "mimeType": "text/plain",
            "buffer": b"She can lift five kilograms from May on.",
        }
    )
    clinic.get_by_label("Yes", exact=True).check()
    check_accessible(clinic, "clinic-medical-report-take")
    clinic.get_by_role("button", name="Keep it in the record").click()
    expect(clinic.get_by_text("The person can open it too.")).to_be_visible()
    amara.reload()
    with amara.expect_download() as download:
        amara.get_by_role("link", name="Open the report").click()
    assert b"five kilograms" in download.value.path().read_bytes()
    phone = site.open(clinic.url, who="nia", width=PHONE)
    check_accessible(phone, "clinic-medical-report")
