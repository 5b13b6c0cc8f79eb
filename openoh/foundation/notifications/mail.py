"""Mail that cannot wait in the outbox, such as sign-in codes: handed to the same carrier as every other message."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from openoh.foundation.core.identifiers import new_id
from openoh.foundation.notifications.carriers import Item, RefusedError, chosen


class CarrierBackend(BaseEmailBackend):
    """Carries each message at once. Raises UnreachableError when the carrier does not answer."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Returns how many were taken. A refused address is not told, so that nobody learns which ones exist."""
        carrier, taken = chosen(), 0
        for message in email_messages:
            for address in message.recipients():
                item = Item(
                    reference=f"sign-in-{new_id()}", channel="email", address=address, sender=message.from_email,
                    subject=str(message.subject), text=str(message.body),
                )  # fmt: skip
                try:
                    carrier.carry(item)
                except RefusedError:
                    continue
                taken += 1
        return taken
