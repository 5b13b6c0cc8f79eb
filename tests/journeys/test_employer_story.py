"""HR sends a dirty file, looks at what it would do, corrects what could not be taken, and types an absence."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from openoh.foundation.core import clock
from openoh.population.measures import publishing_offers
from tests.exchange.feed import PEOPLE, table
from tests.journeys.conftest import DESK, PHONE, Site, check_accessible
from tests.population.figures_world import staff
from tests.population.test_offer_figures import offer_to

pytestmark = pytest.mark.browser
FILE = table(
    PEOPLE,
    "E1,P1,Ann,Lee,1980-02-03,ann.lee@example.org,1,RNS-ben,2020-01-06,",
    "E2,P2,Bob,Ray,31/02/1975,bob.ray@example.org,0.6,E1,2021-03-01,",
    "E3,P3,Cy,Fox,1990-05-06,cy.fox@example.org,seven,E1,2021-03-01,",
    "E4,P4,Di,Orr,1991-05-06,di.orr@example.org,1,E99,2021-03-01,",
)
PAGES = {
    "/employer": "feeds",
    "/employer/people": "people",
    "/employer/people/add": "add",
    "/employer/offers": "offers",
    "/employer/offers/campaigns/new": "campaign-form",
    "/employer/purposes": "purposes",
    "/employer/purposes/offers-from-absence": "purpose",
}


def look(page: Page, name: str, *, js: bool) -> None:
    """The accessibility check needs JavaScript itself."""
    if js:
        check_accessible(page, f"employer-{name}")


@pytest.mark.parametrize("js", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_dirty_file_is_looked_at_taken_corrected_and_replayed(site: Site, js: bool):
    page = site.open("/employer", who="cara", js=js)
    look(page, "feeds-empty", js=js)
    page.get_by_role("button", name="Send a file").click()
    look(page, "upload", js=js)
    page.locator("input[type=file]").set_input_files(
        {"name": "starters march.csv", "mimeType": "text/csv", "buffer": FILE}
    )
    page.get_by_label("People, in OpenOH's own format").check()
    page.get_by_role("button", name="Send, and show me what it would do").click()
    expect(page.get_by_role("heading", name="What it would do")).to_be_visible()
    expect(page.get_by_text("There is no such date in the calendar")).to_be_visible()
    look(page, "preview", js=js)
    page.get_by_role("button", name="Take this file").click()
    expect(page.get_by_role("heading", name="What it did")).to_be_visible()
    look(page, "import", js=js)
    page.get_by_role("link", name="Correct line 3").click()
    look(page, "row", js=js)
    page.get_by_label("Date of birth").fill("30/02/1975")
    page.get_by_role("button", name="Take this row").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    page.get_by_label("Date of birth").fill("28/02/1975")
    page.get_by_role("button", name="Take this row").click()
    expect(page.get_by_text("Line 3 was corrected and taken.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the report (CSV)").click()
    assert "seven" in download.value.path().read_text(encoding="utf-8-sig")

    page.goto("/employer/people")
    page.get_by_label("Find by name or number").fill("ray")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Bob Ray").click()
    page.get_by_role("button", name="Add an absence").click()
    today = clock.today()
    first = page.get_by_role("group", name="First day absent")
    for label, value in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        first.get_by_label(label).fill(str(value))
    look(page, "absent", js=js)
    page.get_by_role("button", name="Record the absence").click()
    expect(page.get_by_text("Absent since")).to_be_visible()
    look(page, "person", js=js)


def test_every_page_of_an_employer_is_accessible_on_a_phone_and_at_a_desk(site: Site):
    for width in (PHONE, DESK):
        page = site.open("/employer/mapping", who="cara", width=width)
        page.locator("input[type=file]").set_input_files(
            {"name": "ours.csv", "mimeType": "text/csv", "buffer": b"Staff No,Forename,Surname\nE1,Ann,Lee\n"}
        )
        page.get_by_label("People").check()
        page.get_by_role("button", name="Propose a mapping").click()
        expect(page.get_by_text("We found no column for")).to_be_visible()
        check_accessible(page, "employer-mapping")
        for path, name in PAGES.items():
            page.goto(path)
            check_accessible(page, f"employer-{name}")


@pytest.mark.parametrize("js", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_cara_tells_everybody_and_amara_closes_the_card(site: Site, js: bool):
    people = staff(site.world, site.world.trust, 60)
    offer_to(site.world, people[:23], "musculoskeletal", ["accepted"] * 11 + ["declined"] * 12)
    publishing_offers.publish()
    page = site.open("/employer/offers", who="cara", js=js)
    expect(
        page.get_by_role("row", name="Help with back, joint or muscle problems About 25 About 10")
    ).to_be_visible()
    page.get_by_role("button", name="Write a campaign").click()
    page.get_by_label("Title").fill("Walk on Wednesdays")
    page.get_by_label("What you want to say").fill("Meet at the front door at noon. Any pace is right.")
    page.get_by_label("Who may find it useful").fill("For everybody who sits a lot")
    page.get_by_label("A page on the internet").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    look(page, "campaign-wrong", js=js)
    page.get_by_label("Address").fill("https://www.nhs.uk/live-well/exercise/")
    last = page.get_by_role("group", name="Last day")
    for name, value in (
        ("Day", clock.today().day),
        ("Month", clock.today().month),
        ("Year", clock.today().year),
    ):
        last.get_by_label(name).fill(str(value))
    page.get_by_role("button", name="Save").click()
    look(page, "campaign", js=js)
    page.get_by_role("button", name="Start it").click()
    expect(page.get_by_text("It runs.")).to_be_visible()
    page.goto("/employer/offers")
    look(page, "offers-full", js=js)
    amara = site.open("/me", who="amara", role="employee", js=js)
    expect(amara.get_by_role("heading", name="Walk on Wednesdays")).to_be_visible()
    look(amara, "me-with-campaign", js=js)
    amara.get_by_role("button", name="Not now").click()
    expect(amara.get_by_text("Closed. Nobody at work is told.")).to_be_visible()
    expect(amara.get_by_role("heading", name="Walk on Wednesdays")).to_have_count(0)
    if js:
        desk = site.open("/employer/offers", who="cara", width=DESK)
        look(desk, "offers-full", js=js)
