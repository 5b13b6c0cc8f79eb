"""What Amara and Joe live through, in a real browser."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from openoh.foundation.core import clock, facts
from openoh.foundation.core.scope import within
from openoh.foundation.notifications.actions import draft, queue
from openoh.foundation.notifications.outbox import send_due
from openoh.pathway.adjustments import actions as adjustments
from openoh.pathway.adjustments.models import Adjustment
from openoh.pathway.adjustments.rules import Answer
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics.models import Appointment
from openoh.pathway.outcomes import actions as outcomes
from openoh.pathway.reports import actions as reports
from openoh.pathway.reports.models import Report
from openoh.pathway.requests import actions as requests
from openoh.pathway.risk.models import RiskFlag
from openoh.pathway.triage.actions import accept
from openoh.population.offers.models import Offer
from tests.journeys.conftest import DESK, PHONE, check_accessible
from tests.pathway.diary import request_of, session
from tests.population.offer_world import enlarge, feed, row
from tests.stories import advice, open_case, signed
from tests.world import World

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_amara_chooses_a_time_after_a_nurse_accepted(site, width):
    world = site.world
    sent = requests.send(by=world.as_amara, request_id=request_of(world.as_amara).pk)
    accept(by=world.as_nurse, request_id=sent.pk, route="nurse")
    session(world, clinician="nia", service="nurse", days=1, hours=2, minutes=60)
    facts.consume()
    page = site.open("/me", who="amara", role="employee", width=width)
    page.get_by_role("link", name="Choose a time for your appointment").click()
    heading(page, "Choose a time")
    check_accessible(page, "employee-choose-time")
    page.locator("input[name=slot]").first.check()
    press(page, "Continue")
    page.get_by_label("Step-free access").check()
    press(page, "Book this time")
    heading(page, "Your appointment")
    page.get_by_role("link", name="Tell us what you need").click()
    heading(page, "What you need")
    check_accessible(page, "employee-needs")
    press(page, "Save")
    expect(page.get_by_text("We have told the clinician what you need.")).to_be_visible()


def test_amara_shares_her_passport_and_sees_who_opened_it(site):
    page = site.open("/me/passport/share", who="amara", role="employee")
    check_accessible(page, "employee-share-passport")
    page.get_by_label("Whom is it for?").fill("My new ward manager")
    page.get_by_label("7 days").check()
    press(page, "Make the link")
    check_accessible(page, "employee-passport-shared")
    link = page.locator(".oh-break").inner_text()
    reader = site.open(link[link.index("/shared/") :])
    check_accessible(reader, "shared-passport-door")
    reader.get_by_label("Your name and what you do").fill("Kim, ward manager")
    press(reader, "Read it")
    expect(reader.get_by_text("No changes are in force today.")).to_be_visible()
    check_accessible(reader, "shared-passport")
    page.goto("/me/passport")
    expect(page.get_by_text("Opened by “Kim, ward manager”")).to_be_visible()
    press(page, "Take this link back from My new ward manager")
    expect(page.get_by_text("Nobody can open that link any more.")).to_be_visible()


WELL = 8  # the first questions of the self-triage are about signs that need a doctor


def offer_after_absence(world: World) -> Offer:
    with within(world.as_worker.scope):
        enlarge(world.trust, world.provider)
    feed(world, row(world.engagements["amara"], clock.today() - timedelta(days=2), reason="S11"))
    with within(world.as_worker.scope):
        return Offer.objects.get()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def choose(page: Page, *answers: str) -> None:
    """Tick the answers, and go on."""
    for answer in answers:
        page.get_by_label(answer, exact=True).check()
    press(page, "Save and continue")


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def answer_needs(page: Page, *needs: str) -> None:
    """The needs assessment from its second question to the end."""
    choose(page, *needs)
    choose(page, "I cannot do some of my tasks")
    choose(page, "Treatment, such as physiotherapy or talking therapy")
    choose(page, "Telephone call", "Afternoon")
    page.get_by_label("Is there anything you want to say in your own words? (optional)").fill(
        "Lifting hurts."
    )
    press(page, "Save and continue")


def self_triage(page: Page) -> None:
    for _ in range(WELL):
        choose(page, "No")
    choose(page, "Back")
    choose(page, "More than 6 weeks")
    choose(page, "It is getting worse")
    choose(page, "Some of it")


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_amara_takes_an_offer_and_books_a_physiotherapist(site, width):
    world = site.world
    offer_after_absence(world)
    session(world, days=1, hours=3, minutes=60)
    page = site.open("/me", who="amara", role="employee", width=width)
    check_accessible(page, "employee-start")
    page.get_by_role("link", name="Answer an invitation").click()
    check_accessible(page, "employee-invitations")
    page.get_by_role("link", name="Help with back, joint or muscle problems").click()
    expect(page.get_by_text("Your manager is not told")).to_be_visible()
    check_accessible(page, "employee-offer")
    page.get_by_label("Yes, I would like this").check()
    press(page, "Send your answer")

    heading(page, "Are you safe right now?")
    check_accessible(page, "employee-safe-now")
    press(page, "Save and continue")
    expect(page.get_by_role("alert")).to_contain_text("Say whether you are safe right now")
    check_accessible(page, "employee-safe-now-error")
    choose(page, "Yes")
    heading(page, "What is it about?")
    check_accessible(page, "employee-about")
    answer_needs(page, "My back")

    check_accessible(page, "employee-assess")
    press(page, "Answer the questions")
    check_accessible(page, "employee-question")
    page.goto("/me")  # stops, and comes back
    page.get_by_role("link", name="See your record").click()
    check_accessible(page, "employee-record")
    page.get_by_role("link", name="Your muscles, joints or back").click()
    self_triage(page)
    heading(page, "What your answers say")
    check_accessible(page, "employee-result")
    page.get_by_role("button", name="Continue").click()
    check_accessible(page, "employee-check")
    page.get_by_role("button", name="Choose a time", exact=True).click()
    check_accessible(page, "employee-times")
    press(page, "Continue")
    expect(page.get_by_role("alert")).to_contain_text("Choose a time")
    page.get_by_label("Pat Novak").first.check()
    press(page, "Continue")
    page.get_by_label("A telephone number for that time (optional)").fill("07700 900456")
    page.get_by_label("An interpreter", exact=True).check()
    check_accessible(page, "employee-book")
    press(page, "Book this time")
    heading(page, "Your appointment is booked")
    check_accessible(page, "employee-booked")

    page.get_by_role("link", name="Physiotherapy with Pat Novak").click()
    check_accessible(page, "employee-appointment")
    with page.expect_download() as download:
        page.get_by_role("link", name="Add it to your calendar").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "SUMMARY:Appointment" in text
    assert "hysio" not in text
    page.get_by_role("button", name="Choose another time").click()
    page.get_by_label("Pat Novak").last.check()
    check_accessible(page, "employee-move")
    press(page, "Move to this time")
    with within(world.as_worker.scope):
        moved = Appointment.objects.get()
        assert (moved.sequence, moved.call_back, moved.needs) == (1, "07700 900456", ["interpreter"])
    facts.consume()
    with within(world.as_worker.scope):
        assert Case.objects.get().request.offer_id == Offer.objects.get().pk
    page.goto("/me")
    check_accessible(page, "employee-start-later")


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_joe_asks_for_help_and_is_not_left_alone(site, width):
    world = site.world
    page = site.open("/me", who="joe", role="employee", width=width)
    page.get_by_role("link", name="Ask for help").last.click()
    check_accessible(page, "employee-ask")
    press(page, "Start now")
    choose(page, "I am not sure")
    heading(page, "Get help now")
    expect(page.get_by_role("main").get_by_text("116 123")).to_be_visible()
    expect(page.get_by_text("answers for Northshire Occupational Health at this hour")).to_be_visible()
    check_accessible(page, "employee-safety")
    with within(world.as_worker.scope):
        assert RiskFlag.objects.get().source == "needs-assessment/safe-now"
    page.get_by_role("button", name="Go on with the questions").click()
    answer_needs(page, "Low mood", "Sleep or tiredness")
    press(page, "Answer the questions")
    for _ in range(2):
        choose(page, "More than half the days")
    check_accessible(page, "employee-score")
    page.get_by_role("button", name="Continue").click()
    press(page, "Answer the questions")
    for _ in range(3, 9):
        choose(page, "Several days")
    choose(page, "Nearly every day")
    heading(page, "Get help now")
    page.get_by_role("button", name="Go on with the questions").click()
    check_accessible(page, "employee-score-at-risk")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Leave these questions out").click()
    press(page, "Send")
    heading(page, "We have what you told us")
    expect(page.get_by_text("A nurse reads it")).to_be_visible()
    check_accessible(page, "employee-sent")
    page.goto("/me/choices")
    press(page, "Do not use my absence record for offers")
    check_accessible(page, "employee-choices")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Do not use my absence record for offers")).to_be_visible()


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_amara_reads_her_report_first_corrects_it_and_says_how_it_went(site, width):
    world = site.world
    report = signed(world, open_case(world), equality_opinion="likely", words="She hurt her right knee.")
    page = site.open("/me", who="amara", role="employee", width=width)
    page.get_by_role("link", name="A report about you").click()
    heading(page, "Your report")
    check_accessible(page, "employee-report")
    page.get_by_label("Ask for a correction: a fact is wrong").check()
    press(page, "Continue")
    page.get_by_label("What is wrong, and what is right?").fill("It is the left knee.")
    check_accessible(page, "employee-correct")
    press(page, "Ask for the correction")
    expect(page.get_by_text("Nothing is sent while the clinician looks")).to_be_visible()
    check_accessible(page, "employee-report-correction")

    draft = reports.begin(by=world.as_nurse, case=report.case_id, replaces=report.pk)
    reports.save(
        by=world.as_nurse, report=draft.id, revision=0, advice=advice(words="She hurt her left knee.")
    )
    with within(world.as_nurse.scope):
        revision = Report.objects.get(pk=draft.pk).revision
    reports.sign(by=world.as_nurse, report=draft.pk, revision=revision)
    page.goto("/me/offers")
    page.get_by_role("link", name="A report about you").click()
    expect(page.get_by_text("She hurt her left knee.")).to_be_visible()
    page.get_by_label("Agree: it may be sent").check()
    press(page, "Continue")
    check_accessible(page, "employee-agree")
    press(page, "Agree and send")
    facts.consume()
    page.reload()
    expect(page.get_by_text("Sent to the people named in it")).to_be_visible()
    check_accessible(page, "employee-report-sent")

    with within(world.as_ben.scope):
        wanted = Adjustment.objects.get(code="no-nights")
    adjustments.answer(by=world.as_ben, adjustment=wanted.pk, answer=Answer("done", on=clock.today()))
    page.get_by_role("link", name="Your passport").click()
    expect(page.get_by_text("No night shifts")).to_be_visible()
    check_accessible(page, "employee-passport")

    with clock.held_at(clock.now() + timedelta(days=29)):
        outcomes.ask_and_chase(by=world.as_worker)
    page.goto("/me")
    page.get_by_role("link", name="How did it go?").click()
    for answer in ("At work, with adjustments", "Better", "Very useful", "No, thank you"):
        page.get_by_label(answer, exact=True).check()
    check_accessible(page, "employee-how-it-went")
    press(page, "Send")
    heading(page, "Thank you")
    check_accessible(page, "employee-thanks")
    page.goto("/me/record")
    check_accessible(page, "employee-record-full")


def test_the_whole_way_without_javascript(site):
    world = site.world
    offer = offer_after_absence(world)
    session(world, days=1, hours=2, minutes=60)
    page = site.open(f"/me/offers/{offer.pk}", who="amara", role="employee", js=False)
    page.get_by_label("Yes, I would like this").check()
    press(page, "Send your answer")
    choose(page, "Yes")
    answer_needs(page, "My back")
    press(page, "Answer the questions")
    self_triage(page)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Choose a time", exact=True).click()
    page.get_by_text("Only video, telephone, one place or evenings").click()
    page.get_by_label("Evenings").check()
    press(page, "Show these times")
    page.get_by_label("Any time of day").check()
    press(page, "Show these times")
    page.get_by_label("Pat Novak").first.check()
    press(page, "Continue")
    press(page, "Book this time")
    heading(page, "Your appointment is booked")
    page.get_by_role("link", name="Physiotherapy with Pat Novak").click()
    page.get_by_role("button", name="Cancel").click()
    press(page, "Cancel the appointment")
    expect(page.get_by_text("Your appointment is cancelled.")).to_be_visible()
    page.goto("/me/passport")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_amara_wants_to_be_called_and_a_nurse_calls_her(site, width):
    page = site.open("/me/record", who="amara", width=width)
    page.get_by_role("link", name="How we tell you things").click()
    check_accessible(page, "employee-how-we-tell-you")
    page.get_by_label("Call me").check()
    press(page, "Save")
    page.get_by_text("From now on we tell you things in this way.").wait_for()
    message = draft(
        template="document-to-check", person_id=site.world.amara.pk, provider_id=site.world.provider.pk,
        values={"given_name": "Amara", "link": "/me", "day": "Friday 16 January"},
    )  # fmt: skip
    queue(by=site.world.as_nurse, message=message)
    send_due()
    nurse = site.open("/clinic/calls", who="nia", width=width)
    nurse.get_by_text("Amara Okafor").first.wait_for()
    check_accessible(nurse, "clinic-calls")
    nurse.get_by_role("button", name="I told them").click()
    nurse.get_by_text("Nobody waits for a call.").wait_for()
