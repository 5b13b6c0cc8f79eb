"""`openoh worker --once` and `openoh import published`, on a database of their own."""

from __future__ import annotations

import time

from openoh.cli import main
from openoh.exchange.hr_feed import folder as watched
from openoh.foundation.core import ticks
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Engagement
from openoh.population.measures.models import PublishedRate
from openoh.population.offers.models import Offer
from tests.outside_data import outside_data
from tests.population.offer_world import enlarge


def test_every_tick_can_be_called_and_the_watched_folder_becomes_offers(
    committed_world, tmp_path, settings, monkeypatch
):
    world = committed_world
    settings.WATCHED_FOLDER, settings.AUDIT_ANCHORS = tmp_path / "watched", tmp_path / "audit.jsonl"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    with within(world.as_worker.scope):
        enlarge(world.trust, world.provider)
        number = Engagement.objects.get(pk=world.engagements["amara"].pk).number
    folder = settings.WATCHED_FOLDER / world.trust.code / "absence" / "openoh-absence"
    folder.mkdir(parents=True)
    today = time.strftime("%d/%m/%Y")
    file = folder / "today.csv"
    file.write_text(
        f"number,reference,started_on,ended_on,hours,reason,retracted\n{number},A1,{today},,,S11,\n"
    )
    monkeypatch.setattr(watched, "whole", lambda name: 1)
    time.sleep(1.1)
    for _ in range(2):  # the second round hands out what the first one's ticks brought in
        assert main(["worker", "--once"]) == 0
    with within(world.as_worker.scope):
        assert [offer.person_id for offer in Offer.objects.all()] == [world.amara.id]
    assert {"outbox", "watched folder", "offers", "long absences", "audit seal"} <= {
        t.name for t in ticks.registered()
    }


def test_published_figures_come_in_by_the_command(committed_world, capsys):
    file = outside_data("nhs-sickness-absence", "nhs_england_monthly_rate_as_found_dirty.csv")
    assert main(["import", "published", str(file)]) == 0
    assert "Line 79 was left out" in capsys.readouterr().out
    with within(committed_world.as_worker.scope):
        assert PublishedRate.objects.count() == 197
