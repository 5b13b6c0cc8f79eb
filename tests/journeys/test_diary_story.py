"""A new physiotherapist: recorded, given times, booked, and then ill, so that who is booked is moved."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.accounts.models import User
from openoh.foundation.core import clock, facts
from openoh.foundation.core.scope import within
from openoh.pathway.bookings.actions import invite, offer_times
from openoh.pathway.cases.models import Case
from tests.journeys.conftest import DESK, PHONE, check_accessible
from tests.pages.clinic_stories import index_everybody
from tests.pathway.diary import session

pytestmark = pytest.mark.browser


def newcomer(world) -> None:
    """Vera has an account, and was given the role of a physiotherapist."""
    with within(world.as_worker.scope):
        world.users["vera"] = User.objects.create_user("vera@example.org", "Vera Lang")
        RoleAssignment.objects.create(
            user=world.users["vera"], role="physiotherapist", provider=world.provider
        )


def accepted(world) -> Case:
    """Amara was accepted for physiotherapy, and is asked to choose a time as soon as there is one."""
    with within(world.as_worker.scope):
        case = Case.objects.create(
            person=world.amara, employer=world.trust, provider=world.provider,
            engagement=world.engagements["amara"], service="physiotherapy",
        )  # fmt: skip
    invite(by=world.as_nurse, case_id=case.pk)
    return case


def fill_day(page: Page, name: str, day: date) -> None:
    for part in ("day", "month", "year"):
        page.locator(f"input[name={name}-{part}]").fill(str(getattr(day, part)))


def next_monday() -> date:
    return clock.today() + timedelta(days=7 - clock.today().weekday())


def record_the_physiotherapist(site, width: int) -> None:
    page = site.open("/service/administration", who="sam", role="service-manager", width=width)
    expect(page.get_by_text("1 to be completed")).to_be_visible()
    check_accessible(page, "diary-administration")
    page.get_by_role("link", name="What we offer").click()
    check_accessible(page, "diary-services")
    page.get_by_role("link", name="Physiotherapy").click()
    page.get_by_text("What it means to stop").click()
    expect(page.get_by_text("Who is booked keeps their time")).to_be_visible()
    check_accessible(page, "diary-service")
    page.get_by_label("Minutes of a first appointment").fill("1")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Give a length between 5 and 240 minutes.")).to_be_visible()
    page.get_by_label("Minutes of a first appointment").fill("40")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("First appointment 40 minutes").first).to_be_visible()
    page.goto("/service/administration/clinicians")
    check_accessible(page, "diary-clinicians")
    page.get_by_role("link", name="Complete the entry of Vera Lang").click()
    expect(page.get_by_label("Profession", exact=True)).to_have_value("physiotherapist")
    page.get_by_label("General Medical Council (GMC)").check()
    page.get_by_label("Physiotherapy", exact=True).check()
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_role("link", name=re.compile("on the register of the HCPC"))).to_be_visible()
    check_accessible(page, "diary-clinician-error")
    page.get_by_label("Health and Care Professions Council (HCPC)").check()
    page.get_by_label("Number on the register").fill("PH12345")
    fill_day(page, "registered_until", clock.today() + timedelta(days=50))
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_text("Vera Lang is recorded as a clinician.")).to_be_visible()
    expect(page.get_by_text("In 50 days")).to_be_visible()
    expect(page.get_by_text("To be completed")).to_have_count(0)
    check_accessible(page, "diary-clinicians-recorded")


def make_two_weeks(site, width: int) -> None:
    page = site.open("/service", who="tess", width=width)
    expect(page.get_by_text("Physiotherapy has no free time until").first).to_be_visible()
    check_accessible(page, "diary-service-today")
    page.get_by_role("link", name="Make times in the diary").click()
    page.get_by_role("link", name="Make times", exact=True).click()
    page.get_by_label("Who sees people, and for what?").select_option(
        label="Vera Lang, physiotherapy (40 minutes)"
    )
    page.get_by_label("From").fill("9")
    page.get_by_label("To", exact=True).fill("11.40")
    page.get_by_role("radio", name="In person").check()
    fill_day(page, "first", next_monday())
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("link", name="Say where people come to.")).to_be_visible()
    expect(page.get_by_role("link", name="Enter the last day.")).to_be_visible()
    check_accessible(page, "diary-make-error")
    page.get_by_label("Where, if in person").fill("Clinic room 2, General Hospital")
    fill_day(page, "last", next_monday() + timedelta(days=11))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("9am, 9:40am, 10:20am, 11am").first).to_be_visible()
    check_accessible(page, "diary-make-check")
    page.get_by_role("button", name=re.compile(r"Make \d+ times")).click()
    expect(page.get_by_text("times made for Vera Lang, physiotherapy")).to_be_visible()
    expect(page.get_by_text("Free", exact=True).first).to_be_visible()
    check_accessible(page, "diary-week-of-one")
    page.get_by_label("Whose diary").select_option(label="Everybody")
    page.get_by_role("button", name="Show").click()
    page.locator("summary").first.click()
    expect(page.get_by_role("cell", name="Vera Lang").first).to_be_visible()
    check_accessible(page, "diary-week-of-all")


def book_the_first(site, case: Case, width: int) -> None:
    offer_times(by=site.world.as_nurse)
    page = site.open(f"/me/cases/{case.pk}/times", who="amara", role="employee", width=width)
    page.get_by_label(re.compile("Vera Lang")).first.check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Book").click()
    expect(page.get_by_text("Physiotherapy with Vera Lang")).to_be_visible()
    facts.consume()


def move_who_was_booked(site, width: int) -> None:
    page = site.open("/clinic/diary", who="tess", width=width)
    page.get_by_role("link", name="Somebody is away").click()
    page.get_by_label("Who is away?").select_option(label="Vera Lang")
    fill_day(page, "first", clock.today())
    fill_day(page, "last", next_monday() + timedelta(days=11))
    check_accessible(page, "diary-away")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="1 person must be moved")).to_be_visible()
    expect(page.get_by_text("Amara Okafor")).to_be_visible()
    check_accessible(page, "diary-away-check")
    page.get_by_role("button", name="Take them back").click()
    expect(page.get_by_text("1 person must be moved.").first).to_be_visible()
    page.goto(f"/clinic/diary?week={next_monday()}")
    check_accessible(page, "diary-to-move")
    page.get_by_role("link", name="Amara Okafor").first.click()
    expect(page.get_by_text("Vera Lang is not there")).to_be_visible()
    check_accessible(page, "diary-appointment")
    page.get_by_label(re.compile("Pat Novak")).first.check()
    page.get_by_role("button", name="Move to the time that you chose").click()
    expect(page.get_by_text("Amara Okafor is told.")).to_be_visible()
    expect(page.get_by_text("Physiotherapy with Pat Novak")).to_be_visible()
    page.get_by_role("link", name="Back").click()
    check_accessible(page, "diary-person")
    page.get_by_role("link", name="Move or cancel").click()
    page.get_by_role("link", name="Cancel this appointment").click()
    check_accessible(page, "diary-cancel")
    page.get_by_role("link", name="Keep it").click()
    page.goto("/clinic/diary")
    expect(page.get_by_text("must be moved")).to_have_count(0)


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_new_physiotherapist_gets_a_diary_and_falls_ill(site, width):
    world = site.world
    newcomer(world)
    index_everybody(world)
    case = accepted(world)
    record_the_physiotherapist(site, width)
    make_two_weeks(site, width)
    book_the_first(site, case, width)
    session(world, days=20, hours=2)  # Pat has times later
    move_who_was_booked(site, width)
    page = site.open("/me", who="amara", role="employee", width=width)
    expect(page.get_by_text("Physiotherapy with Pat Novak")).to_be_visible()
    facts.consume()


def test_an_administrator_books_for_somebody_on_the_telephone_without_javascript(site):
    world = site.world
    index_everybody(world)
    session(world, clinician="nia", service="nurse", hours=2)
    page = site.open("/clinic/diary", who="tess", js=False)
    page.get_by_role("link", name="Book for somebody on the telephone").click()
    page.get_by_label("Any part of the name").fill("amar")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Amara Okafor").click()
    expect(page.get_by_text("ask for their date of birth")).to_be_visible()
    page.get_by_role("link", name="Book a time").click()
    page.get_by_label("Service").select_option(label="Occupational health nurse")
    page.get_by_role("button", name="Show times").click()
    page.get_by_label(re.compile("Nia Bevan")).first.check()
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.get_by_text("Booked for Amara Okafor")).to_be_visible()
    page.get_by_role("link", name="Move or cancel").click()
    page.get_by_role("link", name="Cancel this appointment").click()
    page.get_by_label("The person asked for it").check()
    page.get_by_role("button", name="Cancel the appointment").click()
    expect(page.get_by_text("Cancelled. Amara Okafor is told.")).to_be_visible()
    for width in (PHONE, DESK):
        check_accessible(site.open(page.url, who="tess", width=width), "diary-person-past")
