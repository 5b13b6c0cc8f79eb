"""Messages by GOV.UK Notify, told over real sockets: what it refuses, what it forgets, and what came of each."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from openoh.cli import main
from openoh.foundation.audit.models import Event
from openoh.foundation.core import clock
from openoh.foundation.core.scope import within
from openoh.foundation.notifications import actions, outbox, rules
from openoh.foundation.notifications.carriers import NotifyCarrier
from openoh.foundation.notifications.models import Message
from openoh.foundation.people.models import ContactStop, Person
from tests.notify import KEY, TEMPLATES, NotifyStandIn, answering
from tests.pages.clinic_stories import declare_family, words
from tests.signing_in import client_of
from tests.world import World

TOKEN = "receipts-" + "x" * 24
VALUES = {"given_name": "Amara", "link": "/me"}


@pytest.fixture
def notify():
    with answering() as stand_in:
        yield stand_in


def carrier(stand_in: NotifyStandIn, key: str = KEY, seconds: float = 2) -> NotifyCarrier:
    return NotifyCarrier(key, TEMPLATES, address=stand_in.address, seconds=seconds)


def queued(world: World, number: int = 1, **more: object) -> list[Message]:
    drafted = [
        actions.draft(
            template="sign-in-needed", values=VALUES, person_id=world.amara.pk, provider_id=world.provider.pk, **more
        )
        for _ in range(number)
    ]  # fmt: skip
    for each in drafted:
        actions.queue(by=world.as_nurse, message=each)
    return drafted


def now_of(world: World, message: Message) -> Message:
    with within(world.as_worker.scope):
        return Message.objects.get(pk=message.pk)


def reach_amara(world: World, **changes: str) -> None:
    with within(world.as_worker.scope):
        Person.objects.filter(pk=world.amara.pk).update(**changes)


# --- what is not taken ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_notify_does_not_take_now_is_tried_again_after_growing_pauses_and_sent_once(
    world, notify, status
):
    (message,) = queued(world)
    notify.failing_sends = [status] * 3
    instant, pauses = clock.now(), []
    for _ in range(3):
        with clock.held_at(instant):
            assert outbox.send_due(carrier(notify)) == 0
        waiting = now_of(world, message)
        assert waiting.state == Message.State.WAITING
        assert waiting.failure.startswith("GOV.UK Notify")
        pauses.append(waiting.due_at - instant)
        instant = waiting.due_at
    assert pauses == sorted(set(pauses))
    with clock.held_at(instant):
        assert outbox.send_due(carrier(notify)) == 1
        assert outbox.send_due(carrier(notify)) == 0
    assert notify.references == [message.reference]


def test_an_answer_that_came_too_late_makes_no_second_message(world, notify):
    (message,) = queued(world)
    notify.wait = 1.5
    assert outbox.send_due(carrier(notify, seconds=1)) == 0
    time.sleep(1)  # it is taken when we no longer wait for the answer
    notify.wait = 0
    with clock.held_at(clock.now() + timedelta(hours=1)):
        assert outbox.send_due(carrier(notify)) == 1
    assert notify.references == [message.reference]


def test_a_connection_that_breaks_after_sending_makes_no_second_message(world, notify):
    (message,) = queued(world)
    notify.forget = True
    assert outbox.send_due(carrier(notify)) == 0
    with clock.held_at(clock.now() + timedelta(hours=1)):
        assert outbox.send_due(carrier(notify)) == 1
    assert notify.references == [message.reference]


def test_a_refused_address_fails_at_once_with_a_reason_that_can_be_read(world, notify):
    (message,) = queued(world)
    notify.failing_sends = [400]
    outbox.send_due(carrier(notify))
    failed = now_of(world, message)
    assert failed.state == Message.State.FAILED
    assert failed.failure == "GOV.UK Notify refused it: email_address Not a valid email address"


@pytest.mark.parametrize(
    ("key", "why"), [(KEY, "does not take our key (OPENOH_NOTIFY_KEY): Invalid token"), ("half-a-key", "Copy it again")]
)  # fmt: skip
def test_a_wrong_key_loses_no_message_and_says_so(world, notify, key, why):
    (message,) = queued(world)
    notify.failing = 403
    outbox.send_due(carrier(notify, key))
    assert why in now_of(world, message).failure
    notify.failing = 0
    with clock.held_at(clock.now() + timedelta(hours=1)):
        assert outbox.send_due(carrier(notify)) == 1


def test_a_carrier_that_takes_nothing_is_asked_three_times_and_the_others_keep_their_tries(world, notify):
    made = queued(world, 20)
    notify.failing = 503
    assert outbox.send_due(carrier(notify)) == 0
    assert notify.asked == outbox.ENOUGH
    untried = [each for each in (now_of(world, m) for m in made) if each.attempts == 0]
    assert len(untried) == 20 - outbox.ENOUGH
    assert {each.state for each in untried} == {Message.State.WAITING}
    assert outbox.send_due(carrier(notify)) == 0
    assert notify.asked == outbox.ENOUGH, "it is left alone for a while"
    notify.failing = 0
    with clock.held_at(clock.now() + timedelta(hours=1)):
        assert outbox.send_due(carrier(notify)) == 20
    assert len(set(notify.references)) == len(notify.references) == 20


def test_refused_addresses_in_a_row_keep_nothing_back(world, notify):
    queued(world, 6)
    notify.failing_sends = [400] * 5
    assert outbox.send_due(carrier(notify)) == 1


# --- receipts -------------------------------------------------------------------------------------------------


def receipt(reference: str, status: str, token: str = TOKEN):
    cache.clear()
    sent = {
        "id": "740e5834",
        "reference": reference,
        "status": status,
        "to": "x",
        "notification_type": "email",
    }
    return Client(SERVER_NAME="localhost", enforce_csrf_checks=True).post(
        "/api/notify/receipts", sent, content_type="application/json", headers={"authorization": f"Bearer {token}"}
    )  # fmt: skip


@pytest.fixture
def told(settings):
    settings.NOTIFY_RECEIPTS_TOKEN = TOKEN


def test_a_receipt_says_that_a_message_was_delivered_once_and_in_the_audit(world, notify, told):
    (message,) = queued(world)
    outbox.send_due(carrier(notify))
    for _ in range(2):
        assert receipt(message.reference, "delivered").status_code == 204
    assert now_of(world, message).state == Message.State.DELIVERED
    with within(world.as_worker.scope):
        assert Event.objects.filter(verb="message.receipt-taken", target_id=str(message.pk)).count() == 1
    assert receipt(message.reference, "permanent-failure").status_code == 204
    assert now_of(world, message).state == Message.State.DELIVERED


@pytest.mark.parametrize("status", ["permanent-failure", "temporary-failure"])
def test_a_message_that_came_back_goes_by_the_next_channel_and_at_last_to_somebody(
    world, notify, told, status
):
    reach_amara(world, channel="sms", mobile="07700 900123", email="amara@example.org", address="")
    (message,) = queued(world)
    outbox.send_due(carrier(notify))
    for _ in range(2):
        receipt(message.reference, status)
    assert now_of(world, message).tried == ["sms"]
    assert outbox.send_due(carrier(notify)) == 1
    assert [each["path"].rpartition("/")[2] for each in notify.taken] == ["sms", "email"]
    assert len(set(notify.references)) == 2, "Notify is asked by the reference, so the second must be another"
    receipt(notify.references[0], status)
    assert now_of(world, message).state == Message.State.SENT, (
        "the receipt of the first says nothing of the second"
    )
    receipt(notify.references[1], status)
    failed = now_of(world, message)
    assert (failed.state, failed.tried) == (Message.State.FAILED, ["sms", "email"])
    assert failed.failure == f"email: {rules.RETURNED[status]}"
    assert outbox.send_due(carrier(notify)) == 0


def test_a_fault_of_the_carriers_own_is_tried_again_by_the_same_channel_and_not_for_ever(world, notify, told):
    (message,) = queued(world)
    for _ in range(10):
        outbox.send_due(carrier(notify))
        receipt(notify.references[-1], "technical-failure")
    assert now_of(world, message).state == Message.State.FAILED
    assert len(notify.taken) == len(set(notify.references)) == rules.MOST_RETURNS + 1


def test_a_receipt_that_overtakes_the_sender_stays(world, notify, told):
    (message,) = queued(world)
    actions.claim(by=world.as_worker, limit=1)
    receipt(message.reference, "delivered")
    actions.mark_sent(by=world.as_worker, message_id=message.pk)
    assert now_of(world, message).state == Message.State.DELIVERED


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], "é"])
def test_without_the_token_nothing_is_taken(world, notify, told, token):
    (message,) = queued(world)
    outbox.send_due(carrier(notify))
    assert receipt(message.reference, "delivered", token).status_code == 401
    assert now_of(world, message).state == Message.State.SENT


def test_who_guesses_tokens_is_stopped(world, told):
    answers = []
    for _ in range(40):
        answers.append(
            Client(SERVER_NAME="localhost").post("/api/notify/receipts", {}, headers={"authorization": "Bearer x"})
        )  # fmt: skip
    assert answers[-1].status_code == 429


def test_without_a_token_in_the_settings_there_is_no_such_address(world, settings):
    settings.NOTIFY_RECEIPTS_TOKEN = ""
    assert receipt("x", "delivered", "").status_code == 404


@pytest.mark.parametrize(
    "body", ["", "[]", "null", '"x"', "{}", '{"reference": "x"}', "[" * 100_000, '{"reference": 1, "status":']
)
def test_what_is_no_receipt_is_refused(db, told, body):
    cache.clear()
    answer = Client(SERVER_NAME="localhost").post(
        "/api/notify/receipts", body, content_type="application/json", headers={"authorization": f"Bearer {TOKEN}"}
    )  # fmt: skip
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "reference", ["nothing", "a\0b", "x" * 500, "sign-in-1", "'; DROP TABLE x", "a.1.2.3"]
)
def test_a_receipt_of_nothing_of_ours_changes_nothing(world, told, reference):
    assert receipt(reference, "delivered").status_code == 204


# --- somebody is told -----------------------------------------------------------------------------------------


def failed_message(world, notify) -> Message:
    (message,) = queued(world)
    notify.failing_sends = [400]
    outbox.send_due(carrier(notify))
    return message


def test_whom_no_message_reaches_is_called(world, notify):
    message = failed_message(world, notify)
    nia = client_of(world, "nia")
    shown = words(nia.get("/clinic/calls"))
    assert "Amara Okafor" in shown
    assert "Not a valid email address" in shown
    assert nia.post(f"/clinic/calls/{message.pk}").status_code == 302
    assert now_of(world, message).state == Message.State.SENT


def test_nobody_calls_somebody_who_has_died(world, notify):
    failed_message(world, notify)
    with within(world.as_worker.scope):
        ContactStop.objects.create(person=world.amara, provider=world.provider, kind="deceased")
    outbox.send_due(carrier(notify))
    assert "Amara" not in words(client_of(world, "nia").get("/clinic/calls"))


def test_who_runs_the_service_sees_what_was_not_sent_and_why_without_a_name_and_sends_it_again(world, notify):
    message = failed_message(world, notify)
    sam = client_of(world, "sam")
    assert "1 not sent" in words(sam.get("/service/administration"))
    shown = words(sam.get("/service/administration/messages"))
    assert "Something new for you" in shown
    assert "Not a valid email address" in shown
    assert "Amara" not in shown
    again = f"/service/administration/messages/{message.pk}/again"
    assert sam.post(again).status_code == 302
    assert outbox.send_due(carrier(notify)) == 1
    assert sam.post(again).status_code == 409


def test_no_other_service_and_no_employer_sends_or_sees_it(world, notify):
    message = failed_message(world, notify)
    for outsider in ("uma", "ben", "cara", "amara", "tess"):
        client = client_of(world, outsider)
        assert client.get("/service/administration/messages").status_code == 404
        assert client.post(f"/service/administration/messages/{message.pk}/again").status_code == 404
    declare_family(world, "sam", "amara")
    own = client_of(world, "sam").post(f"/service/administration/messages/{message.pk}/again")
    assert own.status_code == 404
    assert now_of(world, message).state == Message.State.FAILED


def test_doctor_says_what_notify_says_and_counts_what_was_not_sent(committed_world, notify, settings, capsys):
    settings.NOTIFY_ADAPTER, settings.NOTIFY_KEY, settings.NOTIFY_TEMPLATES = "notify", KEY, TEMPLATES
    settings.NOTIFY_ADDRESS = notify.address
    assert main(["doctor"]) == 0
    assert "ok    GOV.UK Notify answers, takes our key and has the templates" in capsys.readouterr().out
    failed_message(committed_world, notify)
    notify.failing = 403
    assert main(["doctor", "--quiet"]) == 1
    said = capsys.readouterr().out
    assert "WRONG GOV.UK Notify does not take our key (OPENOH_NOTIFY_KEY): Invalid token" in said
    assert "TO DO 1 messages could not be sent" in said
    notify.failing = 0
    settings.NOTIFY_TEMPLATES = TEMPLATES | {"email": "gone"}
    assert main(["doctor", "--quiet"]) == 1
    assert "WRONG GOV.UK Notify has no template gone" in capsys.readouterr().out


def test_doctor_notices_that_no_worker_runs(committed_world, capsys):
    queued(committed_world, due_at=clock.now() - timedelta(hours=1))
    assert main(["doctor", "--quiet"]) == 1
    assert "WRONG 1 messages were due a while ago and nobody tried: does openoh worker run?" in (
        capsys.readouterr().out
    )
