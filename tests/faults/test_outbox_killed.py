"""A sender that is killed between the database and the mail server: every message leaves once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from openoh.foundation.core.scope import within
from openoh.foundation.notifications import actions
from openoh.foundation.notifications.models import Message

pytestmark = pytest.mark.faults
CHECKOUT = Path(__file__).resolve().parents[2]
OFFER = {"given_name": "Amara", "link": "/me", "telephone": "01632 960001"}


def send(folder: Path, when: str) -> int:
    done = subprocess.run(
        [sys.executable, str(CHECKOUT / "tests/faults/sender.py"), str(folder), when],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "openoh.config.settings", "PYTHONPATH": str(CHECKOUT)},
        check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode


def queue(world, count):
    messages = [actions.draft(template="offer", values=OFFER, person_id=world.amara.id) for _ in range(count)]
    with within(world.as_worker.scope):
        actions.queue_many(by=world.as_worker, messages=messages)


def states(world):
    with within(world.as_worker.scope):
        return sorted(Message.objects.values_list("state", flat=True))


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_sender_loses_nothing_and_repeats_nothing(committed_world, tmp_path, when):
    queue(committed_world, 3)
    assert send(tmp_path, when) == -signal.SIGKILL
    assert states(committed_world) == ["sending"] * 3, (
        "what was begun was committed before the carrier was called"
    )
    delivered_before = {path.name: path.read_bytes() for path in tmp_path.glob("*.eml")}
    assert len(delivered_before) == (0 if when == "before" else 1)
    send(tmp_path, "after")  # dies again, after the next one
    assert send(tmp_path, "never") == 0
    assert states(committed_world) == ["sent"] * 3
    delivered = {path.name: path.read_bytes() for path in tmp_path.glob("*.eml")}
    assert len(delivered) == 3
    assert delivered.items() >= delivered_before.items(), "a message that was out was not written again"
    assert not list(tmp_path.glob("*.part"))


def test_two_senders_do_not_send_together(committed_world, tmp_path):
    from openoh.foundation.notifications import outbox
    from openoh.foundation.notifications.carriers import FileCarrier

    queue(committed_world, 1)
    with outbox._only_sender() as mine:
        assert mine
        assert send(tmp_path, "never") == 0
        assert states(committed_world) == ["waiting"]
    assert outbox.send_due(FileCarrier(tmp_path)) == 1
