"""The port to the outside, and what carries messages through it: files, the console, GOV.UK Notify.

A carrier delivers one `reference` once, however often it is handed over: that is what makes sending happen
exactly once across a process that dies between the carrier and the database.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings


@dataclass(frozen=True)
class Item:
    """One message, ready to go. `channel` is ``email sms letter``; `calendar` an iCalendar file for an e-mail."""

    reference: str
    channel: str
    address: str
    sender: str
    subject: str
    text: str
    calendar: str = ""


class RefusedError(Exception):
    """The message can never be carried, e.g. the address does not exist."""


class UnreachableError(Exception):
    """The carrier does not answer now; try again later."""


class Carrier(Protocol):
    """Carries messages. Raises RefusedError or UnreachableError."""

    def carry(self, item: Item) -> None: ...


class FileCarrier:
    """Writes each message as a file `<reference>.eml`; linking the finished file in makes it appear once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def carry(self, item: Item) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        message = EmailMessage()
        message["From"] = item.sender
        message["To"] = " ".join(item.address.split())
        message["Subject"] = item.subject
        message["Message-ID"] = f"<{item.reference}@openoh>"
        message["X-Channel"] = item.channel
        message.set_content(item.text)
        if item.calendar:
            message.add_attachment(item.calendar, subtype="calendar", filename="appointment.ics")
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part") as written:
            written.write(bytes(message))
            written.flush()
            os.fsync(written.fileno())
            try:
                os.link(written.name, self.folder / f"{item.reference}.eml")
            except FileExistsError:
                return  # this reference was delivered before


class ConsoleCarrier:
    """Prints each message, for developing. It remembers the references of its own process only."""

    def __init__(self) -> None:
        self.carried: set[str] = set()

    def carry(self, item: Item) -> None:
        if item.reference in self.carried:
            return
        self.carried.add(item.reference)
        sys.stdout.write(f"--- {item.channel} to {item.address}: {item.subject}\n{item.text}\n")


class NotifyCarrier:
    """GOV.UK Notify. Each channel has one template there, whose words are ((subject)) and ((text)).

    Notify sends no attachments: the page that the words link to has the calendar file.
    """

    def __init__(self, key: str, templates: Mapping[str, str], *, address: str | None = None) -> None:
        from notifications_python_client import notifications

        make_client: Any = notifications.NotificationsAPIClient
        self.client = make_client(key, **({"base_url": address} if address else {}))
        self.templates = templates

    def carry(self, item: Item) -> None:
        from notifications_python_client.errors import HTTPError

        if item.channel not in self.templates:
            raise RefusedError(f"GOV.UK Notify has no template for the channel {item.channel}.")
        try:
            if not self.client.get_all_notifications(reference=item.reference)["notifications"]:
                self._send(item)
        except HTTPError as error:
            if error.status_code == 400:
                raise RefusedError(str(error.message)) from error
            raise UnreachableError(str(error)) from error

    def _send(self, item: Item) -> None:
        template, fields = self.templates[item.channel], {"subject": item.subject, "text": item.text}
        match item.channel:
            case "email":
                self.client.send_email_notification(item.address, template, fields, item.reference)
            case "sms":
                self.client.send_sms_notification(item.address, template, fields, item.reference)
            case _:
                lines = {f"address_line_{n}": line for n, line in enumerate(item.address.splitlines(), 1)}
                self.client.send_letter_notification(template, fields | lines, item.reference)


def chosen() -> Carrier:
    """The carrier that the settings name: ``file`` (the default), ``console`` or ``notify``."""
    match settings.NOTIFY_ADAPTER:
        case "file":
            return FileCarrier(Path(settings.EMAIL_FILE_PATH))
        case "console":
            return ConsoleCarrier()
        case "notify":
            return NotifyCarrier(
                settings.NOTIFY_KEY, settings.NOTIFY_TEMPLATES, address=settings.NOTIFY_ADDRESS or None
            )
        case other:
            raise LookupError(f"OPENOH_NOTIFY is {other!r}; it can be file, console or notify")
