"""A manager between two meetings: refers, follows, reads the advice, answers, asks somebody to cover."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from openoh.foundation.core import clock, facts
from openoh.foundation.core.scope import within
from openoh.pathway.cases.models import Case
from openoh.pathway.outcomes.actions import ask_and_chase
from openoh.pathway.referrals import actions as referrals
from openoh.pathway.referrals.models import Referral
from openoh.pathway.reports import actions as reports
from openoh.pathway.reports.rules import Restriction, Step
from openoh.population.absence.actions import record_spell
from tests.journeys.conftest import DESK, PHONE, Site, check_accessible
from tests.population.figures_world import a_quarter_of_teams
from tests.stories import refer, signed
from tests.world import World

pytestmark = pytest.mark.browser


def test_ben_writes_about_his_referral_and_amara_reads_it(site):
    world = site.world
    referral = refer(world)
    page = site.open(f"/manager/referrals/{referral.id}", who="ben", role="manager")
    page.get_by_role("link", name="Write to occupational health").click()
    check_accessible(page, "manager-messages")
    page.get_by_label("Your message").fill("Can she begin on the late shift?")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Your message is with occupational health.")).to_be_visible()
    clinic = site.open("/clinic/messages", who="nia", role="oh-nurse", width=DESK)
    check_accessible(clinic, "clinic-messages")
    clinic.get_by_label("Your answer to").fill("Yes, if she agrees.")
    clinic.get_by_role("button", name="Answer").first.click()
    expect(clinic.get_by_text("No manager waits for an answer.")).to_be_visible()
    amara = site.open("/me/record", who="amara", role="employee")
    amara.get_by_role("link", name="What your manager wrote to us").click()
    expect(amara.get_by_text("Yes, if she agrees.")).to_be_visible()
    check_accessible(amara, "employee-messages")


def type_day(page: Page, group: str, day: date) -> None:
    fields = page.get_by_role("group", name=group)
    for name, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        fields.get_by_label(name).fill(str(value))


def write_and_send(page: Page) -> None:
    """From the list of people to a sent referral, as a manager would."""
    page.get_by_role("link", name="Refer Amara Okafor").click()
    page.get_by_role("button", name="Begin the referral").click()
    page.get_by_label("Long-term absence").check()
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_label("Night shifts").check()
    page.get_by_label("We have talked about it").check()
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_label("When are they likely to be back").check()
    page.get_by_label("Your question 1").fill("Could she start with office work?")
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("button", name="Send to occupational health").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()  # nobody was shown it yet
    type_day(page, "When did Amara Okafor see this referral?", clock.today())
    page.get_by_label("Yes", exact=True).check()
    page.get_by_role("button", name="Send to occupational health").click()
    expect(page.get_by_text("With occupational health", exact=True)).to_be_visible()


def advise(world: World) -> None:
    """What happens behind the wall: accepted, seen, written, agreed."""
    with within(world.as_worker.scope):
        referral = Referral.objects.get()
    referrals.accept(by=world.as_nurse, referral=referral.id)
    with within(world.as_worker.scope):
        case = Case.objects.create(
            person=world.amara, employer=world.trust, provider=world.provider,
            engagement=world.engagements["amara"], referral=referral, service="nurse",
        )  # fmt: skip
    back = clock.today() + timedelta(days=9)
    report = signed(
        world, case, return_expected_on=back, words="She can do most of her work.\nStart with days.",
        phased_return=[Step(1, 40), Step(2, 60), Step(3, 80), Step(4, 100)],
        restrictions=[Restriction("lifting-limit", starts_on=back, ends_on=back + timedelta(days=28), details="5 kg")],
    )  # fmt: skip
    reports.comment(by=world.as_amara, report=report.id, words="I would like mornings.")
    reports.agree(by=world.as_amara, report=report.id)
    facts.consume()


def absent(world: World) -> None:
    first = clock.today() - timedelta(days=33)
    record_spell(by=world.as_hr, engagement=world.engagements["amara"], started_on=first)


def test_a_manager_refers_gets_advice_answers_and_asks_for_cover(site: Site):
    world = site.world
    absent(world)
    page = site.open("/manager", who="ben")
    expect(page.get_by_text("Nothing waits for you today.")).to_be_visible()
    check_accessible(page, "manager-people-quiet")
    page.get_by_role("link", name="Refer Amara Okafor").click()
    check_accessible(page, "manager-refer")
    page.get_by_role("button", name="Begin the referral").click()
    check_accessible(page, "manager-write-why")
    page.goto("/manager")
    write_and_send(page)
    check_accessible(page, "manager-progress")
    advise(world)

    page.goto("/manager")
    check_accessible(page, "manager-people")
    page.get_by_role("link", name="Amara Okafor Read the advice").click()
    expect(page.get_by_text("They can work, with adjustments for a time.")).to_be_visible()
    check_accessible(page, "manager-advice")
    page.get_by_role("button", name="Answer No night shifts").click()
    check_accessible(page, "manager-answer")
    page.get_by_label("Yes, it is planned").check()
    page.get_by_role("button", name="Continue").click()
    check_accessible(page, "manager-answer-planned")
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_role("link", name="Give the day.")).to_be_visible()
    type_day(page, "When will it be done?", clock.today() + timedelta(days=3))
    page.get_by_role("button", name="Send answer").click()
    page.get_by_role("button", name="Answer Extra or longer breaks").click()
    page.get_by_label("No, it cannot be done").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Why can it not be done?").select_option("service-need")
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_text("The service could not run.")).to_be_visible()
    check_accessible(page, "manager-advice-answered")

    page.goto("/manager/cover")
    page.get_by_label("Find a manager here by name").fill("shah")
    page.get_by_role("button", name="Find").click()
    page.get_by_label("Dev Shah").check()
    page.get_by_label("Amara Okafor").check()
    type_day(page, "First day", clock.today())
    type_day(page, "Last day", clock.today() + timedelta(days=7))
    check_accessible(page, "manager-cover-form")
    page.get_by_role("button", name="Ask them to cover").click()
    expect(page.get_by_role("button", name="End now Dev Shah")).to_be_visible()
    deputy = site.open("/manager", who="dev")
    expect(deputy.get_by_text("You are covering until")).to_be_visible()
    check_accessible(deputy, "manager-deputy")
    page.get_by_role("button", name="End now Dev Shah").click()
    deputy.reload()
    expect(deputy.get_by_text("Amara Okafor")).to_have_count(0)

    with clock.held_at(clock.now() + timedelta(days=29)):
        ask_and_chase(by=world.as_worker)
    page.goto("/manager")
    page.get_by_role("link", name=re.compile("Say how it went")).click()
    check_accessible(page, "manager-outcome")
    page.get_by_label("Coming back in steps").check()
    page.get_by_label("Very useful").check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Thank you.")).to_be_visible()

    desk = site.open("/manager", who="ben", width=DESK)
    for path, name in (("/manager", "people"), ("/manager/referrals", "referrals"), ("/manager/advice", "advice-list"),
                       ("/manager/cover", "cover")):  # fmt: skip
        desk.goto(path)
        check_accessible(desk, f"manager-{name}")
    desk.get_by_role("link", name="Advice").click()
    desk.get_by_role("link", name="Amara Okafor").click()
    check_accessible(desk, "manager-advice")


def test_a_manager_without_javascript_gets_as_far(site: Site):
    absent(site.world)
    page = site.open("/manager", who="ben", js=False, width=PHONE)
    write_and_send(page)
    advise(site.world)
    page.goto("/manager")
    page.get_by_role("link", name=re.compile("Answer: No night shifts")).click()
    page.get_by_label("Yes, it is done").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Send answer").click()  # today is filled in
    expect(page.get_by_text("Done on")).to_be_visible()
    page.goto("/manager/referrals")
    page.get_by_role("link", name="Amara Okafor").click()
    expect(page.get_by_text("Advice given")).to_be_visible()


def test_ben_looks_at_his_team_and_prepares_a_conversation(site: Site):
    a_quarter_of_teams(site.world)
    page = site.open("/manager", who="ben")
    page.get_by_role("link", name="Team", exact=True).click()
    expect(page.get_by_text("Ward A1")).to_be_visible()
    check_accessible(page, "manager-team")
    page.get_by_role("link", name="What the rate means").click()
    check_accessible(page, "manager-team-figure")
    page.get_by_role("link", name="Back").click()
    page.get_by_role("button", name="Open the conversation guide").click()
    expect(page.get_by_role("heading", name="You may ask")).to_be_visible()
    check_accessible(page, "manager-conversation")
    desk = site.open("/manager/team", who="dev", width=DESK)
    expect(desk.get_by_text("This is the smallest group")).to_be_visible()
    check_accessible(desk, "manager-team")
    desk.goto("/manager/team/conversation")
    check_accessible(desk, "manager-conversation")
