"""The real worker on a real database: a feed becomes a message, and a killed worker loses and repeats nothing."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from openoh.exchange.hr_feed import actions
from openoh.exchange.hr_feed.models import ImportRun
from openoh.foundation.consent.models import Purpose
from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import system_actor
from openoh.foundation.core.identifiers import new_id
from openoh.foundation.core.models import Delivery
from openoh.foundation.core.scope import within
from openoh.foundation.notifications.models import Message
from openoh.foundation.people.models import Engagement
from openoh.population.offers.models import Offer, OfferDecision
from tests.exchange.feed import PEOPLE, table
from tests.population.offer_world import enlarge, spell

pytestmark = pytest.mark.faults
CHECKOUT = Path(__file__).resolve().parents[2]


@contextmanager
def worker(folder: Path):
    """The worker in a process of its own, killed at the end."""
    environment = {**os.environ, "OPENOH_VAR": str(folder), "PYTHONPATH": str(CHECKOUT)}
    with (folder / "worker.log").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", "from openoh.cli import main; raise SystemExit(main(['worker']))"],
            env=environment, stdout=output, stderr=output,
        )  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def eventually(condition, folder: Path, seconds: float = 60):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, (folder / "worker.log").read_text()
        time.sleep(0.05)


def feed(world, count: int) -> None:
    run = new_id()
    with within(world.as_worker.scope):
        enlarge(world.trust, world.provider)
        for key in ("amara", "joe", "ben", "dev")[:count]:
            spell(world.engagements[key], clock.today(), run=run, reason="S11")
        facts.append("absence.recorded", run, employer=world.trust.id, data={"run": str(run)})


def number_of(world, model, **conditions) -> int:
    with within(world.as_worker.scope):
        return model.objects.filter(**conditions).count()


def test_a_feed_is_decided_while_the_worker_runs_and_it_stops_when_asked(committed_world, tmp_path):
    with worker(tmp_path) as process:
        eventually(lambda: "running" in (tmp_path / "worker.log").read_text(), tmp_path)
        feed(committed_world, 4)
        eventually(lambda: number_of(committed_world, Offer) == 4, tmp_path)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, (tmp_path / "worker.log").read_text()
    assert number_of(committed_world, Delivery) == 0


def test_a_large_file_that_was_left_to_the_worker_is_taken_while_it_runs(committed_world, tmp_path, settings):
    settings.VAR = tmp_path
    by = system_actor("page", employers=(committed_world.trust.pk,))
    received = actions.receive(
        by=by, employer=committed_world.trust, kind="people", file_name="staff.csv", mapping="openoh-people",
        file=io.BytesIO(table(PEOPLE, "E1,P1,Ann,Lee,1980-02-03,ann.lee@example.org,1,,2020-01-06,")),
    )  # fmt: skip
    with worker(tmp_path):
        eventually(lambda: "running" in (tmp_path / "worker.log").read_text(), tmp_path)
        actions.leave_to_worker(by=by, run=received)
        eventually(lambda: number_of(committed_world, ImportRun, state="done") == 1, tmp_path)
    assert number_of(committed_world, Engagement, family_name="Lee") == 1


def test_a_worker_that_is_killed_again_and_again_loses_nothing_and_repeats_nothing(committed_world, tmp_path):
    feed(committed_world, 4)
    for wait in (0.3, 0.8, 1.2, 1.6):
        with worker(tmp_path) as process:
            time.sleep(wait)
            process.kill()
    with worker(tmp_path):
        eventually(lambda: number_of(committed_world, Delivery) == 0, tmp_path)
    assert number_of(committed_world, Offer) == number_of(committed_world, OfferDecision) == 4
    messages = number_of(committed_world, Message)
    assert messages == number_of(committed_world, Offer, state="sent")


def test_a_fact_that_nobody_can_handle_does_not_hold_up_the_others(committed_world, tmp_path):
    with within(committed_world.as_worker.scope):
        facts.append("absence.recorded", "broken", employer=new_id(), data={"run": "not a run"})
        assert Purpose.objects.exists()
    feed(committed_world, 1)
    with worker(tmp_path):
        eventually(lambda: number_of(committed_world, Offer) == 1, tmp_path)
        eventually(lambda: number_of(committed_world, Delivery) == 1, tmp_path)
    with within(committed_world.as_worker.scope):
        assert Delivery.objects.get().fact.subject == "broken"
