"""A real installation begins: from an empty database and a file to somebody who has an appointment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from openoh.cli import main
from openoh.cli.begin import EXAMPLE
from openoh.foundation.core import clock
from tests.journeys.arriving import Post, ask_for_code, enrol
from tests.journeys.conftest import DESK, PHONE, Site, check_accessible, served
from tests.journeys.test_employee_story import answer_needs, choose, press
from tests.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def post(tmp_path) -> Post:
    return Post(tmp_path / "mail")


@pytest.fixture
def begun(committed_database, browser, javascript, tmp_path, monkeypatch, settings) -> Iterator[Site]:
    """A service outside the demonstration, on an empty database, into which only the file was entered."""
    monkeypatch.setenv("OPENOH_VAR", str(tmp_path))
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    settings.WATCHED_FOLDER, settings.AUDIT_ANCHORS = tmp_path / "watched", tmp_path / "audit.jsonl"
    file = tmp_path / "begin.toml"
    file.write_text(EXAMPLE)
    assert main(["begin", str(file)]) == 0
    with served(committed_database, OPENOH_VAR=str(tmp_path)) as url:
        nobody = World.__new__(World)  # stories here sign in by themselves
        running = Site(url.replace("127.0.0.1", "localhost"), nobody, browser, javascript)
        yield running
        running.close()


def fill_day(page: Page, name: str, day) -> None:
    for part in ("day", "month", "year"):
        page.locator(f"input[name={name}-{part}]").fill(str(getattr(day, part)))


def test_from_a_file_to_an_employee_with_an_appointment(begun, post):
    # The file's service manager was written to, signs in with a code, and sets up the second step.
    assert main(["worker", "--once"]) == 0
    assert "Sign in with this e-mail address" in post.newest_to("sam@oh.example")
    sam = begun.open("/", width=DESK)
    ask_for_code(sam, "sam@oh.example", post)
    enrol(sam)
    sam.goto("/service/administration")
    check_accessible(sam, "beginning-administration")

    # Nobody answers a risk yet, so nobody may be asked about one: Sam declares it.
    sam.get_by_role("link", name="Who answers a risk").click()
    sam.get_by_label("The service itself").check()
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"):
        sam.get_by_label(day).check()
    sam.get_by_label("From", exact=True).fill("00:00")
    sam.get_by_label("Until").fill("23:59")
    sam.get_by_label("Name or team").fill("Duty nurse")
    sam.get_by_label("Telephone").fill("01632 960010")
    sam.get_by_role("button", name="Declare").click()
    expect(sam.get_by_text("Duty nurse").first).to_be_visible()

    # A practice joins, from the page.
    sam.goto("/service/administration")
    sam.get_by_role("link", name="Begin to serve another employer").click()
    sam.get_by_role("button", name="Begin to serve this employer").click()
    expect(sam.get_by_role("link", name="Enter a name of at most 200 letters.")).to_be_visible()
    check_accessible(sam, "beginning-employer-error")
    sam.get_by_label("Name", exact=True).fill("Mill Lane Practice")
    sam.get_by_label("Short code").fill("GML")
    sam.get_by_label("GP practice").check()
    sam.get_by_label("England").check()
    fill_day(sam, "starts_on", clock.today() - timedelta(days=30))
    sam.get_by_label("Who agreed for the employer?").fill("Ivy Marsh, partner")
    sam.get_by_label("Name of the HR officer").fill("Ivy Marsh")
    sam.get_by_label("E-mail address of the HR officer").fill("ivy@practice.example")
    check_accessible(sam, "beginning-employer")
    sam.get_by_role("button", name="Begin to serve this employer").click()
    expect(sam.get_by_text("You serve Mill Lane Practice from")).to_be_visible()

    # A nurse is let in.
    sam.goto("/service/administration/roles")
    sam.get_by_label("Their e-mail address").fill("nia@oh.example")
    sam.get_by_label("Their name").fill("Nia Bevan")
    sam.get_by_label("OH nurse").check()
    sam.get_by_role("button", name="Give the role").click()
    expect(sam.get_by_text("Nia Bevan works as OH nurse from")).to_be_visible()
    check_accessible(sam, "beginning-roles")

    # She is recorded as a clinician, and gets times in the coming week.
    sam.goto("/service/administration/clinicians")
    sam.get_by_role("link", name="Complete the entry of Nia Bevan").click()
    sam.get_by_label("Nursing and Midwifery Council (NMC)").check()
    sam.get_by_label("Number on the register").fill("18A0001E")
    fill_day(sam, "registered_until", clock.today() + timedelta(days=300))
    sam.get_by_label("Occupational health nurse", exact=True).check()
    sam.get_by_role("button", name="Record").click()
    expect(sam.get_by_text("Nia Bevan is recorded as a clinician.")).to_be_visible()
    nia = begun.open("/", width=DESK)
    ask_for_code(nia, "nia@oh.example", post)
    enrol(nia)
    nia.goto("/clinic/diary")
    nia.get_by_role("link", name="Make times", exact=True).click()
    nia.get_by_label("Who sees people, and for what?").select_option(index=1)
    nia.get_by_role("radio", name="Video call").check()
    nia.get_by_label("From").fill("9")
    nia.get_by_label("To", exact=True).fill("12")
    fill_day(nia, "first", clock.today() + timedelta(days=1))
    fill_day(nia, "last", clock.today() + timedelta(days=8))
    nia.get_by_role("button", name="Continue").click()
    nia.get_by_role("button", name=re.compile(r"Make \d+ times")).click()
    expect(nia.get_by_text("times made for Nia Bevan")).to_be_visible()

    # The practice's HR officer was written to, signs in, and adds a starter by hand.
    assert main(["worker", "--once"]) == 0
    assert "Sign in with this e-mail address" in post.newest_to("ivy@practice.example")
    ivy = begun.open("/", width=PHONE)
    ask_for_code(ivy, "ivy@practice.example", post)
    ivy.goto("/employer/people/add")
    for label, text in (
        ("Employee number", "1"), ("Given name", "Amal"), ("Family name", "Haddad"),
        ("E-mail address", "amal@practice.example"), ("Job title", "Receptionist"),
    ):  # fmt: skip
        ivy.get_by_label(label, exact=False).first.fill(text)
    fill_day(ivy, "birth_date", date(1990, 5, 17))
    fill_day(ivy, "starts_on", clock.today() - timedelta(days=7))
    check_accessible(ivy, "beginning-starter")
    ivy.get_by_role("button", name="Add").click()
    expect(ivy.get_by_text("Amal Haddad").first).to_be_visible()

    # The starter signs in and asks for help; the nurse accepts; the starter chooses a time.
    assert main(["worker", "--once"]) == 0
    amal = begun.open("/", width=PHONE)
    ask_for_code(amal, "amal@practice.example", post)
    amal.goto("/me/help")
    press(amal, "Start now")
    choose(amal, "Yes")
    answer_needs(amal, "Sleep or tiredness")
    amal.get_by_role("link", name="Leave these questions out").click()
    press(amal, "Send")
    check_accessible(amal, "beginning-asked")
    nia.goto("/clinic/triage")
    check_accessible(nia, "beginning-triage")
    nia.get_by_role("link", name="Amal Haddad").click()
    nia.get_by_role("button", name="Accept").click()
    assert main(["worker", "--once"]) == 0
    assert "There are times for you to choose from" in post.newest_to("amal@practice.example")
    amal.goto("/me")
    amal.get_by_role("link", name="Choose a time for your appointment").click()
    amal.locator("input[name=slot]").first.check()
    press(amal, "Continue")
    press(amal, "Book this time")
    expect(amal.get_by_role("heading", level=1)).to_have_text("Your appointment")
    check_accessible(amal, "beginning-appointment")
