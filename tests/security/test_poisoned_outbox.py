"""An attack: one message that cannot be sent is made to keep every other one back, urgent ones included."""

from __future__ import annotations

from datetime import timedelta

import pytest

from openoh.foundation.core import clock
from openoh.foundation.core.scope import within
from openoh.foundation.notifications import actions, outbox
from openoh.foundation.notifications.carriers import FileCarrier, Item
from openoh.foundation.notifications.models import Message
from openoh.foundation.people.models import Person
from tests.world import World

pytestmark = pytest.mark.django_db
VALUES = {"given_name": "Amara", "link": "/me"}


class Choking(FileCarrier):
    """A carrier whose other side cannot stand one address."""

    def carry(self, item: Item) -> None:
        if item.address.startswith("poison"):
            raise UnicodeError(item.address)
        super().carry(item)


def queued(world: World, who: str, **changes: object) -> Message:
    message = actions.draft(template="sign-in-needed", values=VALUES, person_id=world.people[who].pk)
    for name, value in changes.items():
        setattr(message, name, value)
    with within(world.as_worker.scope):
        return actions.queue(by=world.as_worker, message=message)


def state(world: World, message: Message) -> tuple[str, str]:
    with within(world.as_worker.scope):
        found = Message.objects.get(pk=message.pk)
        return found.state, found.failure


def test_an_address_that_chokes_the_carrier_keeps_no_other_message_back(world: World, tmp_path):
    with within(world.as_worker.scope):
        Person.objects.filter(pk=world.joe.pk).update(email="poison@example.org")
    poison, urgent = queued(world, "joe"), queued(world, "amara")
    assert outbox.send_due(Choking(tmp_path)) == 1
    assert state(world, urgent)[0] == Message.State.SENT
    assert state(world, poison) == (Message.State.WAITING, "could not be carried")
    assert outbox.send_due(Choking(tmp_path)) == 0, "it waits for its next attempt"


@pytest.mark.parametrize("broken", [{"template": "of-an-older-version"}, {"values": {"link": "/me"}}])
def test_a_message_without_words_keeps_no_other_message_back(world: World, tmp_path, broken):
    poison, urgent = queued(world, "joe", **broken), queued(world, "amara")
    assert outbox.send_due(FileCarrier(tmp_path)) == 1
    assert (state(world, poison)[0], state(world, urgent)[0]) == (Message.State.FAILED, Message.State.SENT)


def test_what_comes_after_the_days_summary_is_not_swallowed_by_it(world: World):
    ben, by = world.as_ben, world.as_worker
    actions.keep_preference(by=ben, digest=True)
    template = next(name for name, each in actions.rules.templates().items() if each.digest)
    values = {
        name: "/manager" if name == "link" else "Monday" for name in actions.rules.template(template).values
    }

    def one_more() -> Message:
        with within(by.scope):
            return actions.queue(
                by=by, message=actions.draft(template=template, values=values, user_id=ben.user)
            )

    first = one_more()
    actions.make_digests(by=by)
    later = one_more()
    actions.make_digests(by=by)
    assert (state(world, first)[0], state(world, later)[0]) == (Message.State.STOPPED, Message.State.WAITING)
    with clock.held_at(clock.now() + timedelta(days=1)):
        actions.make_digests(by=by)
    assert state(world, later)[0] == Message.State.STOPPED
