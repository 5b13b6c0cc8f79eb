"""A sender that is killed between the database and the mail server: every message leaves once."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection

from openoh.foundation.core.scope import within
from openoh.foundation.notifications import actions, outbox
from openoh.foundation.notifications.carriers import FileCarrier, Item
from openoh.foundation.notifications.models import Message
from tests.faults.processes import Doomed, die

pytestmark = pytest.mark.faults
OFFER = {"given_name": "Amara", "link": "/me", "telephone": "01632 960001"}


class DyingCarrier(FileCarrier):
    """Dies as a process does that is killed, before or after the message is out."""

    def __init__(self, folder: Path, when: str) -> None:
        super().__init__(folder)
        self.when = when

    def carry(self, item: Item) -> None:
        if self.when == "before":
            die()
        super().carry(item)
        if self.when == "after":
            die()


def send(folder: Path, when: str) -> int:
    """Send what is due in a process of its own; its exit code."""
    code = Doomed(lambda _: outbox.send_due(DyingCarrier(folder, when))).ended()
    assert code in (0, -signal.SIGKILL)
    return code


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
    queue(committed_world, 1)

    def sends_elsewhere() -> int:
        try:
            return outbox.send_due(FileCarrier(tmp_path))
        finally:
            connection.close()

    with outbox._only_sender() as mine, ThreadPoolExecutor(1) as elsewhere:
        assert mine
        assert elsewhere.submit(sends_elsewhere).result(timeout=60) == 0
        assert states(committed_world) == ["waiting"]
    assert outbox.send_due(FileCarrier(tmp_path)) == 1
