"""A service manager reads today, a measure and the benchmark, and keeps the service; a board member glances."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Engagement, MatchCandidate, Person
from openoh.population.measures.actions import import_published
from openoh.population.measures.publishing import publish
from tests.journeys.conftest import DESK, PHONE, check_accessible
from tests.outside_data import outside_data
from tests.population.figures_world import two_years

pytestmark = pytest.mark.browser
ORGANISATIONS = outside_data("nhs-sickness-absence", "nhs_sickness_by_organisation_2024-04_2025-03.csv")


@pytest.fixture
def counted(site):
    """Two years of figures, published as the worker publishes them, and the NHS organisations beside them."""
    import_published(by=site.world.as_worker, path=ORGANISATIONS)
    two_years(site.world)
    publish()
    return site


def a_double_of_amara(world):
    with within(Scope(Audience.WORKER)):
        other = Person.objects.create(provider=world.provider, given_name="Amara", family_name="Okafor")
        second = Engagement.objects.create(
            employer=world.practice, number="G1", person=other, provider=world.provider, given_name="Amara",
            family_name="Okafor", title="Practice nurse", starts_on=date(2024, 1, 1),
        )  # fmt: skip
        MatchCandidate.objects.create(
            provider=world.provider, engagement=second, person=world.amara,
            reason="Same name and date of birth, no address in common",
        )  # fmt: skip


def test_a_service_manager_reads_figures_from_today_to_the_benchmark(counted):
    for width in (PHONE, DESK):
        page = counted.open("/service", who="sam", role="service-manager", width=width)
        named = page.get_by_role("heading", name="Occupational health", exact=True)
        waiting = page.locator(".oh-panel", has=named)
        assert "A decision about a request or a referral" in waiting.inner_text()
        assert "26" in waiting.inner_text()
        assert "too long: 8" in waiting.inner_text()
        assert (
            page.get_by_text("Appointments attended was higher than chance alone would explain").count() == 1
        )
        check_accessible(page, "service-today")
        page.get_by_role("link", name="Appointments attended").first.click()
        expect(page.get_by_role("img", name="Appointments attended")).to_be_visible()
        expect(page.get_by_text("People with an appointment in the month")).to_be_visible()
        check_accessible(page, "service-measure")
        page.get_by_role("link", name="Measures", exact=True).click()
        check_accessible(page, "service-measures")
        page.get_by_role("link", name="Waits", exact=True).click()
        check_accessible(page, "service-waits")
        page.get_by_role("link", name="Benchmarks").click()
        expect(page.get_by_text("5.15 %").first).to_be_visible()
        page.get_by_text("Show the working").click()
        expect(page.get_by_text("so a day is a seventh of a week of 37.5 hours")).to_be_visible()
        check_accessible(page, "service-benchmark")


def test_a_service_manager_keeps_the_service_without_javascript(site):
    a_double_of_amara(site.world)
    page = site.open("/service/matching", who="sam", role="service-manager", js=False)
    check_accessible(site.open("/service/matching", who="sam", role="service-manager"), "service-matching")
    page.get_by_role("button", name="The same person").click()
    expect(page.get_by_text("They are one person now")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("They are two people again")).to_be_visible()
    page.get_by_role("link", name="Administration").click()
    page.get_by_role("link", name="Roles").click()
    page.get_by_role("button", name="Give the role").click()
    expect(page.get_by_role("link", name="Choose a role.")).to_be_visible()
    page.get_by_label("Their e-mail address").fill("amara@example.org")
    page.get_by_label("OH administrator: runs diaries, recalls and letters").check()
    page.get_by_role("button", name="Give the role").click()
    expect(page.get_by_text("Amara Okafor works as OH administrator").first).to_be_visible()
    page.get_by_role("button", name="Amara Okafor, OH administrator").click()
    expect(page.get_by_text("Amara Okafor works until tonight as OH administrator")).to_be_visible()
    page.get_by_role("link", name="Audit").click()
    expect(page.get_by_role("listitem").filter(has_text="Role ended").first).to_be_visible()
    for width in (PHONE, DESK):
        desk = site.open("/service/administration", who="sam", role="service-manager", width=width)
        check_accessible(desk, "service-administration")
        for name in ("roles", "cover", "content"):
            desk.goto(f"/service/administration/{name}")
            check_accessible(desk, f"service-{name}")
        desk.goto("/service/administration/content/pathway-risk-times")
        check_accessible(desk, "service-content-file")
        desk.goto("/service/administration/content/exchange-hr_feed-mappings-police-absence")
        check_accessible(desk, "service-content-mapping")
        desk.goto("/service/audit")
        check_accessible(desk, "service-audit")


def test_a_service_manager_agrees_anew_confirms_and_ends_cover(site):
    page = site.open("/service/administration", who="sam", role="service-manager", js=False)
    page.get_by_role("link", name="Northshire Trust").click()
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_role("link", name="Enter the first day on which it counts.")).to_be_visible()
    check_accessible(page, "service-contract-error")
    tomorrow = clock.today() + timedelta(days=1)
    for part in ("day", "month", "year"):
        page.locator(f"input[name=starts_on-{part}]").fill(str(getattr(tomorrow, part)))
    page.get_by_label("Triage", exact=True).fill("1")
    page.get_by_label("Who agreed for the employer?").fill("Gita Director")
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_role("heading", name="Agreed to come")).to_be_visible()
    expect(page.get_by_text("Agreed with Gita Director")).to_be_visible()
    page.goto("/service/administration/cover")
    page.get_by_role("link", name="Read the times and confirm them").click()
    page.get_by_label("How do you know that they are right here?").fill("Clinical governance")
    page.get_by_role("button", name="Confirm for our service").click()
    expect(page.get_by_text("Confirmed by Sam Doyle")).to_be_visible()
    page.goto("/service/administration/cover")
    page.get_by_label("For whose people?").select_option("Mill Lane Practice")
    page.get_by_label("A partner with acknowledged handover").check()
    page.get_by_label("Name or team").fill("Mill Lane night line")
    page.get_by_label("Telephone").fill("01632 960777")
    page.get_by_label("Sunday").check()
    page.get_by_label("From").fill("08:00")
    page.get_by_label("Until").fill("17:30")
    page.get_by_role("button", name="Declare").click()
    expect(page.get_by_role("heading", name="Mill Lane Practice")).to_be_visible()
    expect(page.get_by_text("Monday, 00:00 to 24:00")).to_be_visible()
    page.get_by_role("button", name="End now Night crisis partner").click()
    expect(page.get_by_role("heading", name="Hours that nobody answers")).to_be_visible()
    for width in (PHONE, DESK):
        seen = site.open(page.url, who="sam", role="service-manager", width=width)
        check_accessible(seen, "service-cover-gaps")
        seen.goto("/service/administration")
        seen.get_by_role("link", name="Northshire Trust").click()
        check_accessible(seen, "service-contract")


def test_a_board_member_glances(counted):
    for width in (PHONE, DESK):
        page = counted.open("/insight", who="bo", role="board", width=width)
        expect(page.get_by_text("Organisations of our kind together")).to_be_visible()
        check_accessible(page, "board-glance")
        page.get_by_role("link", name="See our rate month by month").click()
        expect(page.get_by_role("img", name="Absence rate")).to_be_visible()
        check_accessible(page, "board-measure")
