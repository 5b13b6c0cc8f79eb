"""Put a message in the outbox, take it out, say what became of it; keep a preference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q

from openoh.foundation.access.own_record import outside_own_circle
from openoh.foundation.audit.actions import action, record
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.identifiers import new_id
from openoh.foundation.core.scope import within
from openoh.foundation.notifications import rules
from openoh.foundation.notifications.access import may_send_again, may_telephone, visible_to
from openoh.foundation.notifications.carriers import Item
from openoh.foundation.notifications.models import Message, Preference
from openoh.foundation.notifications.queries import TOLD_BY_SOMEBODY, route_of, stop_of
from openoh.foundation.people.models import ContactStop

State = Message.State


def draft(
    *, template: str, values: dict[str, object], person_id: UUID | None = None, user_id: UUID | None = None,
    engagement_id: UUID | None = None, employer_id: UUID | None = None, provider_id: UUID | None = None,
    cover_id: UUID | None = None, due_at: datetime | None = None, reference: str = "", channel: str = "preferred",
    calendar: str = "",
) -> Message:  # fmt: skip
    """A message that is not stored yet. Raises Invalid for other values than the template needs.

    The recipient is a person, an account, an engagement (a manager at work) or declared risk cover. The same
    `reference` again is the same message. `calendar` is an iCalendar file, as neutral as the words.
    """
    rules.check_values(template, values)
    if sum(target is not None for target in (person_id, user_id, engagement_id, cover_id)) != 1:
        raise Invalid("A message goes to one person, one account, one engagement or one cover.")
    identifier = new_id()
    reference = reference or f"{template}-{identifier}"
    if not rules.REFERENCE.fullmatch(reference):
        raise Invalid("A reference has letters, digits, dots and dashes, 80 at most.", field="reference")
    return Message(
        id=identifier, template=template, values=values, person_id=person_id, user_id=user_id,
        engagement_id=engagement_id, cover_id=cover_id, employer_id=employer_id, provider_id=provider_id,
        due_at=due_at or clock.now(), reference=reference, channel=channel, calendar=calendar,
    )  # fmt: skip


@action("message.queued")
def queue(*, by: Actor, message: Message) -> Message:
    """Put a drafted message in the outbox, in the transaction of whatever causes it."""
    Message.objects.bulk_create([message], ignore_conflicts=True)
    return message


def queue_many(*, by: Actor, messages: Iterable[Message]) -> int:
    """Put drafted messages in the outbox at once, with one audit event, in the caller's scope; returns how many."""
    rows = list(messages)
    if rows:
        Message.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)
        record(by=by, verb="message.queued", details={"messages": len(rows), "template": rows[0].template})
    return len(rows)


@dataclass(frozen=True)
class Claim:
    """What one round of sending took out of the outbox."""

    items: list[tuple[UUID, Item]]
    held_back: int
    audit_details: dict[str, object] = field(default_factory=dict)


@action("message.claimed")
def claim(*, by: Actor, limit: int) -> Claim:
    """Mark due messages as being sent and say where each goes; the caller must be the only sender.

    Messages that a killed sender left behind come first. What a stop holds back, what must be told by
    telephone and what has no address is settled here.
    """
    items: list[tuple[UUID, Item]] = []
    held_back = _hold_back_calls(by)
    for message in _due(by, limit):
        item = _item_for(message)
        if item:
            message.state, message.attempts = State.SENDING, message.attempts + 1
            message.channel = item.channel
            items.append((message.id, item))
        else:
            held_back += 1
        message.save(update_fields=["state", "attempts", "channel", "failure"])
    return Claim(items, held_back, {"messages": len(items), "held back": held_back})


def _hold_back_calls(by: Actor) -> int:
    """Nobody calls about a message whose person has died since; staff who call may not read contact stops."""
    stopped = ContactStop.objects.filter(kind__in=rules.stops_of_every_message(), since__lte=clock.today())
    calls = visible_to(by).filter(state__in=TOLD_BY_SOMEBODY, person__in=stopped.values("person_id"))
    return calls.update(state=State.STOPPED, failure="held back: a contact stop")


def _due(by: Actor, limit: int) -> list[Message]:
    summarised = Q(
        template__in=[name for name, template in rules.templates().items() if template.digest],
        user_id__in=Preference.objects.filter(digest=True).values("user_id"),
    )
    due = visible_to(by).filter(
        Q(state=State.SENDING) | Q(state=State.WAITING, due_at__lte=clock.now()) & ~summarised
    )
    rows = due.select_related("person", "engagement", "user", "cover").select_for_update(of=("self",))
    return list(rows.order_by("state", "due_at")[:limit])


def _item_for(message: Message) -> Item | None:
    """What to carry; None, with the message's new state, when nothing is to be carried.

    A message that cannot be put into words is settled here, so that it keeps no other one back.
    """
    if message.template not in rules.templates():
        message.state, message.failure = State.FAILED, "its words are no longer here"
        return None
    if stop := stop_of(message):
        message.state, message.failure = State.STOPPED, f"held back: {stop}"
        return None
    route = route_of(message)
    if route is None:
        message.state, message.failure = (
            State.FAILED,
            message.failure if message.tried else "there is no address",
        )
        return None
    if route.channel == "telephone":
        message.state = State.CALL
        return None
    try:
        subject, text = rules.words(
            message.template,
            message.values,
            channel=route.channel,
            address_of_service=settings.PUBLIC_ADDRESS,
        )
    except KeyError as missing:
        message.state, message.failure = State.FAILED, f"its words need {missing}"
        return None
    calendar = message.calendar if route.channel == "email" else ""
    reference = rules.carried_as(message.reference, message.returned)
    return Item(reference, route.channel, route.address, rules.sender(), subject, text, calendar)


@action("message.sent")
def mark_sent(*, by: Actor, message_id: UUID) -> Message:
    """Write that the carrier has taken the message, unless its receipt came before this."""
    message = visible_to(by).select_for_update().get(pk=message_id)
    if message.state == State.SENDING:
        message.state, message.sent_at, message.failure = State.SENT, clock.now(), ""
        message.save(update_fields=["state", "sent_at", "failure"])
    return message


@action("message.not-carried")
def mark_failed(*, by: Actor, message_id: UUID, why: str, for_good: bool) -> Message:
    """Write why the carrier did not take the message, and try again later unless it never will."""
    message = visible_to(by).get(pk=message_id)
    again = None if for_good else rules.next_attempt(message.attempts, clock.now())
    message.failure = why[:300]
    message.state = State.WAITING if again else State.FAILED
    message.due_at = again or message.due_at
    message.save(update_fields=["state", "due_at", "failure"])
    return message


def put_back(*, by: Actor, message_ids: list[UUID], why: str) -> None:
    """Let messages wait that were claimed and not handed over, because the carrier takes none now."""
    with within(by.scope):
        visible_to(by).filter(pk__in=message_ids, state=State.SENDING).update(
            state=State.WAITING, attempts=F("attempts") - 1, failure=why[:300],
            due_at=clock.now() + rules.pause_of_carrier(),
        )  # fmt: skip
        record(by=by, verb="message.put-back", details={"messages": len(message_ids)})


def take_receipt(*, by: Actor, carried: str, status: str) -> bool:
    """Write what the carrier says became of a message that it took; whether this changed anything.

    The same receipt again, one of a message that was sent anew since, and one of nothing of ours change nothing.
    """
    if not rules.REFERENCE.fullmatch(carried) or status not in (rules.DELIVERED, *rules.RETURNED):
        return False
    with within(by.scope):
        found = visible_to(by).filter(
            reference__in=rules.references_of(carried), state__in=[State.SENDING, State.SENT]
        ).select_related("person", "engagement", "user", "cover").select_for_update(of=("self",))  # fmt: skip
        for message in found:
            if rules.carried_as(message.reference, message.returned) == carried:
                _note_receipt(by=by, message=message, status=status)
                return True
    return False


@action("message.receipt-taken")
def _note_receipt(*, by: Actor, message: Message, status: str) -> Message:
    message.sent_at = message.sent_at or clock.now()
    if status == rules.DELIVERED:
        message.state = State.DELIVERED
    else:
        _returned(message, status)
    message.save(
        update_fields=["state", "sent_at", "due_at", "attempts", "channel", "failure", "returned", "tried"]
    )
    return message


def _returned(message: Message, status: str) -> None:
    """It came back: by the next channel there is an address for, or to somebody of the service."""
    message.failure = f"{message.channel}: {rules.RETURNED[status]}"
    message.returned, message.attempts, message.due_at = message.returned + 1, 0, clock.now()
    if status in rules.ADDRESS_IS_WRONG:
        message.tried = [*message.tried, message.channel]
        message.channel = "preferred"
    again = route_of(message) is not None and message.returned <= rules.MOST_RETURNS
    message.state = State.WAITING if again else State.FAILED


@action("message.sent-again")
def send_again(*, by: Actor, message_id: UUID) -> Message:
    """Try a message anew that could not be sent: the address or the carrier's key is right now. Raises NotAllowed,
    Conflict, and DoesNotExist."""
    if not may_send_again(by):
        raise NotAllowed("Only staff of the service send messages again.")
    locked = visible_to(by).filter(outside_own_circle(by)).select_for_update().get(pk=message_id)
    if locked.state != State.FAILED:
        raise Conflict("This message was sent again already, or somebody was told by telephone.")
    locked.state, locked.channel, locked.tried = State.WAITING, "preferred", []
    locked.attempts, locked.failure, locked.due_at = 0, "", clock.now()
    locked.save(update_fields=["state", "channel", "tried", "attempts", "failure", "due_at"])
    return locked


@action("message.telephoned")
def record_call(*, by: Actor, message_id: UUID) -> Message:
    """Somebody told the person by telephone. Raises NotAllowed, Conflict when it was done already, and DoesNotExist
    for a message to a person of the actor's own circle."""
    if not may_telephone(by):
        raise NotAllowed("Only staff of the service record calls.")
    locked = visible_to(by).filter(outside_own_circle(by)).select_for_update().get(pk=message_id)
    if locked.state not in TOLD_BY_SOMEBODY:
        raise Conflict("This call was already made.")
    locked.state, locked.sent_at = State.SENT, clock.now()
    locked.save(update_fields=["state", "sent_at"])
    return locked


@action("messages.called-off")
def call_off(*, by: Actor, beginning: str) -> Claim:
    """Stop what waits under references that begin like this: something newer is said instead."""
    waiting = visible_to(by).filter(reference__startswith=beginning, state=State.WAITING)
    stopped = waiting.update(state=State.STOPPED, failure="something newer was said")
    return Claim([], stopped, {"stopped": stopped})


@action("preference.kept")
def keep_preference(*, by: Actor, digest: bool) -> Preference:
    """Be told at once, or once a day of everything that can wait."""
    if by.user is None:
        raise NotAllowed("Only somebody who is signed in has preferences.")
    preference, _ = Preference.objects.update_or_create(user_id=by.user, defaults={"digest": digest})
    return preference


@action("digest.made")
def make_digests(*, by: Actor) -> Claim:
    """Replace what waits for each account that wants a daily summary by one message."""
    digestible = [name for name, template in rules.templates().items() if template.digest]
    waiting = visible_to(by).filter(
        state=State.WAITING, due_at__lte=clock.now(), template__in=digestible,
        user_id__in=Preference.objects.filter(digest=True).values("user_id"),
    ).select_related("user").select_for_update(of=("self",)).order_by("due_at")  # fmt: skip
    per_user: dict[UUID, list[Message]] = {}
    for message in waiting:
        if message.user_id:
            per_user.setdefault(message.user_id, []).append(message)
    for user_id, messages in per_user.items():
        reference = f"digest-{user_id}-{clock.today().isoformat()}"
        if Message.objects.filter(reference=reference).exists():
            continue  # the day's summary is out and does not speak of these: they wait for tomorrow's
        summary = draft(
            template="digest", user_id=user_id, provider_id=messages[0].provider_id,
            values={"given_name": messages[0].values["given_name"], "count": len(messages), "link": "/"},
            reference=reference,
        )  # fmt: skip
        summary.save(force_insert=True)
        Message.objects.filter(pk__in=[m.pk for m in messages]).update(
            state=State.STOPPED, failure=f"told in {reference}"
        )
    return Claim([], len(per_user), {"summaries": len(per_user)})
