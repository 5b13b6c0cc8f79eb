"""Messages to a person, calls to make, and where a message has to go."""

from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet

from openoh.foundation.access.own_record import outside_own_circle
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.identifiers import NOBODY
from openoh.foundation.notifications import rules
from openoh.foundation.notifications.access import visible_to
from openoh.foundation.notifications.models import Message, Preference
from openoh.foundation.people.models import ContactStop


def calls_to_make(actor: Actor) -> QuerySet[Message]:
    """Messages whose recipients asked to be told by telephone, oldest first; nobody calls their own colleagues."""
    calls = visible_to(actor).filter(
        outside_own_circle(actor), state=Message.State.CALL, person__isnull=False
    )
    return calls.select_related("person").order_by("due_at", "id")


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
    """Channel and address of the recipient as they are now; None when there is no address."""
    if message.person:
        person = message.person
        preferred = person.channel if message.channel == "preferred" else message.channel
        addresses = {"email": person.email, "sms": person.mobile, "letter": person.address}
        return rules.route(preferred, addresses)
    if message.engagement:
        addresses = {"email": message.engagement.email, "sms": message.engagement.mobile}
        return rules.route("email", addresses)
    if message.cover:
        return rules.route("sms", {"sms": message.cover.telephone})
    return rules.route("email", {"email": message.user.email if message.user else ""})


def stop_of(message: Message) -> str | None:
    """The contact stop that holds the message back today, if there is one."""
    if message.person_id is None:
        return None
    today = clock.today()
    stops = ContactStop.objects.filter(
        person_id=message.person_id, since__lte=today, kind__in=rules.stops_of(message.template)
    ).exclude(until__lt=today)
    return stops.values_list("kind", flat=True).first()
