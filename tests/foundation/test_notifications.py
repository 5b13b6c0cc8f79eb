"""The outbox: neutral words, the way to each person, and sending once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.foundation.core import clock
from openoh.foundation.core.content import load
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.scope import within
from openoh.foundation.notifications import actions, outbox, queries, rules
from openoh.foundation.notifications.carriers import FileCarrier, Item, NotifyCarrier, RefusedError
from openoh.foundation.notifications.models import Message
from openoh.foundation.people.models import ContactStop, Person
from tests.notify import KEY, TEMPLATES, answering

NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)
OFFER = {"given_name": "Amara", "link": "/me", "telephone": "01632 960001"}


def words_that_tell(text: str) -> set[str]:
    beginnings = load(rules.PACKAGE, "health_words")["beginnings"]
    return {word for word in beginnings if re.search(rf"\b{re.escape(word)}", text.lower())}


@pytest.mark.parametrize("name", sorted(rules.templates()))
def test_no_template_holds_a_word_about_health(name):
    template = rules.template(name)
    text = " ".join([rules.sender(), template.subject, template.body, template.sms])
    assert words_that_tell(text) == set()


def test_the_list_of_words_finds_what_it_is_for():
    assert words_that_tell("Your referral to Occupational Health") == {"referral", "occupational", "health"}
    assert words_that_tell("You will still find it in the bill") == set()


@pytest.mark.parametrize("name", sorted(rules.templates()))
def test_each_template_needs_exactly_the_values_that_it_names(name):
    template = rules.template(name)
    fields = set(re.findall(r"{(\w+)}", template.subject + template.body + template.sms))
    assert fields == template.values
    assert len(template.sms) <= 160 - 40, "with an address of the service it must fit one text message"


@pytest.mark.parametrize(
    ("preferred", "addresses", "expected"),
    [
        ("email", {"email": "a@b.org", "sms": "07700"}, ("email", "a@b.org")),
        ("sms", {"email": "a@b.org", "sms": "07700"}, ("sms", "07700")),
        ("sms", {"email": "a@b.org", "sms": ""}, ("email", "a@b.org")),
        ("email", {"email": "", "sms": "", "letter": "1 Mill Lane"}, ("letter", "1 Mill Lane")),
        ("telephone", {"email": "a@b.org", "sms": "07700"}, ("telephone", "07700")),
        ("email", {"email": "", "sms": "", "letter": ""}, None),
    ],
)
def test_the_way_to_reach_somebody(preferred, addresses, expected):
    found = rules.route(preferred, addresses)
    assert (found and (found.channel, found.address)) == expected


def test_a_link_becomes_a_whole_address():
    _, text = rules.words("offer", OFFER, channel="sms", address_of_service="https://support.example.org/")
    assert text.endswith("https://support.example.org/me")


@given(st.integers(1, 20))
def test_attempts_lie_further_and_further_apart_and_end(attempts):
    first, then = rules.next_attempt(attempts, NOW), rules.next_attempt(attempts + 1, NOW)
    assert first is None or first > NOW
    assert then is None or (first is not None and then >= first)
    assert rules.next_attempt(20, NOW) is None


@pytest.mark.parametrize(
    "values",
    [
        {},
        OFFER | {"diagnosis": "none of your business"},
        OFFER | {"link": "https://elsewhere.example.org"},
        OFFER | {"given_name": "x" * 201},
    ],
)
def test_a_message_takes_its_own_values_only(values):
    with pytest.raises(Invalid):
        actions.draft(template="offer", person_id=clock.now(), values=values)


def test_a_message_has_one_recipient(world):
    with pytest.raises(Invalid, match="one person"):
        actions.draft(template="offer", values=OFFER, person_id=world.amara.id, user_id=world.users["ben"].id)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "mail"


def queue_offer(world, by, **more):
    message = actions.draft(template="offer", values=OFFER, person_id=world.amara.id,
                            provider_id=world.provider.id, **more)  # fmt: skip
    return actions.queue(by=by, message=message)


def states(world):
    with within(world.as_worker.scope):
        return sorted(Message.objects.values_list("state", flat=True))


def letters(folder):
    return [message_from_bytes(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]


@pytest.mark.parametrize("who", ["as_amara", "as_nurse", "as_service_manager", "as_ben", "as_worker"])
def test_every_audience_can_put_a_message_in_the_outbox(world, folder, who):
    queue_offer(world, getattr(world, who))
    assert outbox.send_due(FileCarrier(folder)) == 1
    (letter,) = letters(folder)
    assert letter["To"] == "amara@example.org"
    assert letter["From"] == "Staff support"
    assert "/me" in letter.get_payload()
    assert states(world) == ["sent"]


def test_a_message_waits_for_its_time(world, folder):
    queue_offer(world, world.as_nurse, due_at=clock.now() + timedelta(hours=1))
    assert outbox.send_due(FileCarrier(folder)) == 0
    with clock.held_at(clock.now() + timedelta(hours=2)):
        assert outbox.send_due(FileCarrier(folder)) == 1


def test_the_same_reference_is_the_same_message(world):
    for _ in range(2):
        queue_offer(world, world.as_nurse, reference="offer-1")
    assert states(world) == ["waiting"]


@pytest.mark.parametrize(
    ("kind", "template", "state"),
    [
        ("deceased", "offer", "stopped"),
        ("do-not-contact", "offer", "stopped"),
        ("do-not-contact", "sign-in-needed", "sent"),
        ("deceased", "sign-in-needed", "stopped"),
    ],
)
def test_stops_are_looked_up_at_the_moment_of_sending(world, folder, kind, template, state):
    values = {key: OFFER[key] for key in rules.template(template).values}
    message = actions.draft(
        template=template, values=values, person_id=world.amara.id, provider_id=world.provider.id
    )
    actions.queue(by=world.as_nurse, message=message)
    with within(world.as_worker.scope):
        ContactStop.objects.create(person=world.amara, provider=world.provider, kind=kind)
    outbox.send_due(FileCarrier(folder))
    assert states(world) == [state]


def test_who_asked_for_a_call_is_telephoned(world, folder):
    nurse, manager = world.as_nurse, world.as_service_manager
    with within(world.as_worker.scope):
        Person.objects.filter(pk=world.amara.pk).update(channel="telephone")
    queue_offer(world, nurse)
    assert outbox.send_due(FileCarrier(folder)) == 0
    with within(manager.scope):
        (call,) = queries.calls_to_make(manager)
        assert call.person == world.amara
    with pytest.raises(NotAllowed):
        actions.record_call(by=world.as_amara, message_id=call.pk)
    actions.record_call(by=nurse, message_id=call.pk)
    assert states(world) == ["sent"]
    with pytest.raises(Conflict):
        actions.record_call(by=nurse, message_id=call.pk)


def test_a_manager_is_reached_at_work(world, folder):
    message = actions.draft(
        template="answer-needed", engagement_id=world.engagements["ben"].id,
        values={"given_name": "Ben", "day": "Tuesday 3 March", "link": "/manager"},
    )  # fmt: skip
    actions.queue(by=world.as_worker, message=message)
    outbox.send_due(FileCarrier(folder))
    assert [letter["To"] for letter in letters(folder)] == ["ben@example.org"]


class Failing:
    """A carrier that is out of order."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def carry(self, item: Item) -> None:
        raise self.error


def test_what_can_never_be_carried_fails_at_once(world):
    queue_offer(world, world.as_nurse)
    outbox.send_due(Failing(RefusedError("no such address")))
    assert states(world) == ["failed"]


def test_what_cannot_be_carried_now_is_tried_again_and_given_up_in_the_end(world, folder):
    from openoh.foundation.notifications.carriers import UnreachableError

    queue_offer(world, world.as_nurse)
    attempts, instant = 0, clock.now()
    while states(world) == ["waiting"]:
        with clock.held_at(instant):
            outbox.send_due(Failing(UnreachableError("timed out")))
        attempts, instant = attempts + 1, instant + timedelta(days=1)
    assert attempts == len(load(rules.PACKAGE, "sending")["retry_minutes"]) + 1
    assert states(world) == ["failed"]


def test_a_daily_summary_replaces_what_can_wait(world, folder):
    ben = world.as_ben
    actions.keep_preference(by=ben, digest=True)
    for name, values in (
        ("answer-needed", {"given_name": "Ben", "day": "Tuesday", "link": "/manager"}),
        ("document-released", {"given_name": "Ben", "day": "Tuesday", "link": "/manager"}),
        ("task-urgent", {"given_name": "Ben", "link": "/manager"}),
    ):
        actions.queue(
            by=world.as_worker, message=actions.draft(template=name, user_id=ben.user, values=values)
        )
    outbox.send_due(FileCarrier(folder))
    assert [letter["Subject"] for letter in letters(folder)] == ["Urgent: please sign in now"]
    tomorrow = clock.now().replace(hour=12) + timedelta(days=1)
    with clock.held_at(tomorrow):
        outbox.make_digests_at_their_hour()
        assert states(world).count("waiting") == 2, "it is not eight o'clock"
    with clock.held_at(tomorrow.astimezone(clock.UK).replace(hour=8)):
        outbox.make_digests_at_their_hour()
        outbox.make_digests_at_their_hour()
        outbox.send_due(FileCarrier(folder))
    assert "What is waiting for you: 2" in [letter["Subject"] for letter in letters(folder)]
    assert states(world) == ["sent", "sent", "stopped", "stopped"]


@pytest.fixture
def stand_in():
    with answering() as running:
        yield running


@pytest.fixture
def notify(stand_in):
    carrier = NotifyCarrier(KEY, TEMPLATES, address=stand_in.address)
    yield carrier
    carrier.client.request_session.close()


@pytest.mark.parametrize(
    ("channel", "address", "path"),
    [
        ("email", "a@example.org", "/v2/notifications/email"),
        ("sms", "07700 900123", "/v2/notifications/sms"),
        ("letter", "A Person\n1 Mill Lane\nNS1 1AA", "/v2/notifications/letter"),
    ],
)
def test_notify_takes_a_reference_once(notify, stand_in, channel, address, path):
    item = Item("offer-1", channel, address, "Staff support", "Subject", "Text")
    notify.carry(item)
    notify.carry(item)
    (taken,) = stand_in.taken
    assert taken["path"] == path
    assert taken["template_id"] == f"t-{channel}"
    assert taken["personalisation"]["text"] == "Text"
    if channel == "letter":
        assert taken["personalisation"]["address_line_3"] == "NS1 1AA"


def test_notify_refuses_a_wrong_address(notify):
    with pytest.raises(RefusedError):
        notify.carry(Item("offer-2", "email", "broken", "Staff support", "Subject", "Text"))
