"""Messages to a person, calls to make, and where a message has to go."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from openoh.foundation.access.own_record import outside_own_circle
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.identifiers import NOBODY
from openoh.foundation.notifications import rules
from openoh.foundation.notifications.access import visible_to
from openoh.foundation.notifications.models import Message, Preference
from openoh.foundation.people.models import ContactStop

TOLD_BY_SOMEBODY = (Message.State.CALL, Message.State.FAILED)
LEFT_LYING = timedelta(minutes=15)


def calls_to_make(actor: Actor) -> QuerySet[Message]:
    """Messages whose recipients asked to be told by telephone, or whom no message reaches, oldest first; nobody calls
    their own colleagues."""
    calls = visible_to(actor).filter(
        outside_own_circle(actor), state__in=TOLD_BY_SOMEBODY, person__isnull=False
    )
    return calls.select_related("person").order_by("due_at", "id")


def not_carried(actor: Actor) -> QuerySet[Message]:
    """Messages that could not be sent, and those that wait because the carrier did not take them; newest first."""
    in_trouble = Q(state=Message.State.FAILED) | Q(state=Message.State.WAITING) & ~Q(failure="")
    return visible_to(actor).filter(in_trouble).select_related("user", "engagement").order_by("-due_at", "id")


def left_lying(actor: Actor) -> QuerySet[Message]:
    """Messages that nobody has tried to send although they were due a while ago: no worker runs."""
    long_due = clock.now() - LEFT_LYING
    return visible_to(actor).filter(state=Message.State.WAITING, failure="", attempts=0, due_at__lt=long_due)


def words_of(message: Message) -> tuple[str, str]:
    """What a message says, for somebody who tells it by telephone: subject and text."""
    return rules.words(
        message.template, message.values, channel="email", address_of_service=settings.PUBLIC_ADDRESS
    )


def preference_of(actor: Actor) -> Preference:
    """How the account wants to be told; the default when it never said."""
    user = actor.user or NOBODY
    return Preference.objects.filter(user_id=user).first() or Preference(user_id=user)


def route_of(message: Message) -> rules.Route | None:
    """Channel and address of the recipient as they are now; None when there is none that was not tried in vain."""
    preferred, addresses = _reached_by(message)
    return rules.route(
        preferred, {name: each for name, each in addresses.items() if name not in message.tried}
    )


def _reached_by(message: Message) -> tuple[str, dict[str, str]]:
    """The channel that comes first, and every address of the recipient."""
    if message.person:
        person = message.person
        preferred = person.channel if message.channel == "preferred" else message.channel
        return preferred, {"email": person.email, "sms": person.mobile, "letter": person.address}
    if message.engagement:
        return "email", {"email": message.engagement.email, "sms": message.engagement.mobile}
    if message.cover:
        return "sms", {"sms": message.cover.telephone}
    return "email", {"email": message.user.email if message.user else ""}


def stop_of(message: Message) -> str | None:
    """The contact stop that holds the message back today, if there is one."""
    if message.person_id is None:
        return None
    today = clock.today()
    stops = ContactStop.objects.filter(
        person_id=message.person_id, since__lte=today, kind__in=rules.stops_of(message.template)
    ).exclude(until__lt=today)
    return stops.values_list("kind", flat=True).first()
