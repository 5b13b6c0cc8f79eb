"""HR's page of offers and campaigns, and the card on a person's start page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from openoh.foundation.core import clock
from openoh.foundation.core.scope import within
from openoh.population.campaigns import actions
from openoh.population.campaigns.models import Campaign
from openoh.population.measures import publishing_offers
from tests.pages.browsing import MOST_QUERIES, day_fields, queries_of, signed_in, words
from tests.population.figures_world import staff
from tests.population.test_campaigns import running, wording
from tests.population.test_offer_figures import offer_to
from tests.world import World

pytestmark = pytest.mark.django_db
NEW = "/employer/offers/campaigns/new"


@pytest.fixture
def cara(world: World) -> Client:
    return signed_in(world, "cara")


@pytest.fixture
def amara(world: World) -> Client:
    return signed_in(world, "amara")


def sent(**more) -> dict[str, str]:
    today = clock.today()
    form = {
        "title": "Walk on Wednesdays",
        "words": "Meet at noon.",
        "audience": "",
        "leads_to": "",
        "link": "",
    }
    return form | day_fields("starts_on", today) | day_fields("ends_on", today + timedelta(days=9)) | more


def the_campaign(world: World) -> Campaign:
    with within(world.as_worker.scope):
        return Campaign.objects.get()


def test_hr_writes_looks_starts_and_stops(world, cara, amara):
    address = cara.post(NEW, sent(leads_to="link", link="https://www.nhs.uk/live-well/")).headers["Location"]
    assert "As people see it" in words(cara.get(address))
    assert "Walk on Wednesdays" not in words(amara.get("/me"))
    cara.post(f"{address}/change", sent(words="Meet at one."))
    cara.post(address, {"do": "start"})
    card = words(amara.get("/me"))
    assert "Meet at one." in card
    assert "From Northshire Trust, to everybody" in card
    assert "Nobody at work learns whether you read or close this." in card
    assert cara.post(f"{address}/change", sent()).status_code == 409
    cara.post(address, {"do": "stop"})
    assert "Walk on Wednesdays" not in words(amara.get("/me"))
    assert cara.post(address, {"do": "start"}).status_code == 409
    assert cara.post(address, {"do": "nonsense"}).status_code == 422


def test_what_is_missing_is_said_beside_it_and_what_was_typed_stays(world, cara):
    page = cara.post(NEW, {"title": "Kept", "leads_to": "link"})
    assert page.status_code == 422
    for said in ("Give the first day.", "Give the last day.", "Give the address"):
        assert said in words(page)
    assert 'value="Kept"' in page.content.decode()
    assert cara.post(NEW, sent(words="")).status_code == 422


def test_not_now_closes_the_card_for_this_person_and_hr_sees_no_difference(world, cara, amara):
    made = running(world)
    address = f"/employer/offers/campaigns/{made.id}"
    before = words(cara.get("/employer/offers")), words(cara.get(address))
    assert amara.post(f"/me/campaigns/{made.id}/close").headers["Location"] == "/me"
    page = words(amara.get("/me"))
    assert "Closed. Nobody at work is told." in page
    assert "Walk on Wednesdays" not in page
    assert (words(cara.get("/employer/offers")), words(cara.get(address))) == before
    assert "Walk on Wednesdays" in words(signed_in(world, "joe").get("/me"))


def test_the_card_comes_after_the_three_ways_and_what_waits(world, amara):
    running(world)
    page = words(amara.get("/me"))
    assert page.index("See your record") < page.index("Walk on Wednesdays") < page.index("Who can see what")


def test_what_hr_types_is_words_and_never_code(world, cara, amara):
    running(world, title="<script>alert(1)</script>", words="{{ 7*7 }} <img src=x onerror=alert(1)>")
    page = amara.get("/me").content.decode()
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert "{{ 7*7 }}" in page


def test_nobody_elsewhere_opens_it(world, amara):
    made = running(world)
    hal, ben, nia = (signed_in(world, who) for who in ("hal", "ben", "nia"))
    for client in (hal, ben, nia):
        assert client.get(f"/employer/offers/campaigns/{made.id}").status_code == 404
        assert client.post(f"/employer/offers/campaigns/{made.id}", {"do": "stop"}).status_code == 404
    assert the_campaign(world).state == "running"
    assert signed_in(world, "femi").post(f"/me/campaigns/{made.id}/close").status_code == 404
    draft = actions.write(by=world.as_hr, wording=wording())
    assert amara.post(f"/me/campaigns/{draft.id}/close").status_code == 404


def test_hr_reads_what_runs_and_protected_figures(world, cara):
    people = staff(world, world.trust, 60)
    offer_to(world, people[:23], "musculoskeletal", ["accepted"] * 11 + ["declined"] * 12)
    offer_to(world, people[23:26], "psychological", ["accepted"] * 3)
    publishing_offers.publish()
    page = words(cara.get("/employer/offers"))
    assert "Help with back, joint or muscle problems" in page
    assert "Version 1, sent on" in page
    assert "offers/rules/1" in page
    assert "Too few to show" in page
    assert "3 people" not in page
    assert "Amara" not in page


def test_a_small_employer_reads_no_figures_and_may_still_tell_everybody(world, cara):
    page = words(cara.get("/employer/offers"))
    assert "fewer than 25 people no offers are made" in page
    assert "How many took them" not in page
    assert "Write a campaign" in page


def test_the_pages_ask_little(world, cara, amara):
    made = running(world)
    staff(world, world.trust, 40)
    publishing_offers.publish()
    for path in ("/employer/offers", NEW, f"/employer/offers/campaigns/{made.id}"):
        assert len(queries_of(cara, path)) <= MOST_QUERIES
    assert len(queries_of(amara, "/me")) <= MOST_QUERIES
