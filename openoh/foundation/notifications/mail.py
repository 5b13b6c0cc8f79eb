"""Mail that cannot wait in the outbox, such as sign-in codes: handed to the same carrier as every other message."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.core.cache import cache
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from openoh.foundation.core.identifiers import new_id
from openoh.foundation.notifications.carriers import Item, NotCarriedError, UnreachableError, chosen

# Somebody waits for the page, and while it waits the process answers nobody else.
SECONDS = 5
AWAY, AWAY_FOR = "carrier-away", 20  # seconds
log = logging.getLogger(__name__)


class CarrierBackend(BaseEmailBackend):
    """Carries each message at once. Raises NotCarriedError, whether or not anybody has an account there.

    A carrier that did not answer is left alone for some seconds: whoever asks then is told at once, so that a slow
    carrier does not keep everybody from every page.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Returns how many were taken: all of them."""
        items = [_item(message, address) for message in email_messages for address in message.recipients()]
        try:
            if cache.get(AWAY):
                raise UnreachableError("the carrier did not answer a moment ago")
            carrier = chosen(seconds=SECONDS)
            for item in items:
                carrier.carry(item)
        except NotCarriedError as error:
            # Without the address: a log is no place for who wanted to sign in.
            log.error("A sign-in code could not be sent: %s", error)
            if isinstance(error, UnreachableError):
                cache.add(AWAY, True, AWAY_FOR)
            raise
        return len(items)


def _item(message: EmailMessage, address: str) -> Item:
    return Item(
        reference=f"sign-in-{new_id()}", channel="email", address=address, sender=message.from_email,
        subject=str(message.subject), text=str(message.body), new=True,
    )  # fmt: skip
