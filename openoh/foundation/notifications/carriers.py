"""The port to the outside, and what carries messages through it: files, the console, GOV.UK Notify.

A carrier delivers one `reference` once, however often it is handed over: that is what makes sending happen
exactly once across a process that dies between the carrier and the database.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

# Its name, then the service's and the key's own identifiers.
NOTIFY_KEY = re.compile(r"[0-9a-fA-F-]{36}-[0-9a-fA-F-]{36}$")


@dataclass(frozen=True)
class Item:
    """One message, ready to go. `channel` is ``email sms letter``; `calendar` an iCalendar file for an e-mail.

    `new`: this reference was never handed over before, so that nobody need ask whether it was taken.
    """

    reference: str
    channel: str
    address: str
    sender: str
    subject: str
    text: str
    calendar: str = ""
    new: bool = False


class NotCarriedError(Exception):
    """The carrier did not take the message; the words say why, for whoever runs the service."""


class RefusedError(NotCarriedError):
    """The message can never be carried, e.g. the address does not exist."""


class UnreachableError(NotCarriedError):
    """The carrier takes nothing now, whichever message it is; try again later."""


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

    Notify sends no attachments: the page that the words link to has the calendar file. It does not recognise a
    reference by itself, so it is asked first whether it has it: also after an answer that never arrived.
    """

    def __init__(
        self, key: str, templates: Mapping[str, str], *, address: str | None = None, seconds: float = 10
    ) -> None:
        from notifications_python_client import notifications

        make_client: Any = notifications.NotificationsAPIClient
        self.whole = bool(NOTIFY_KEY.search(key))
        at = {"base_url": address} if address else {}
        self.client: Any = make_client(key, timeout=seconds, **at) if self.whole else None
        self.templates = templates

    def carry(self, item: Item) -> None:
        self._must_have_key()
        if item.channel not in self.templates:
            raise RefusedError(f"GOV.UK Notify has no template for the channel {item.channel}.")
        with _in_our_words():
            if item.new or not self.client.get_all_notifications(reference=item.reference)["notifications"]:
                self._send(item)

    def look(self) -> None:
        """Whether Notify answers, takes the key and has the templates. Raises NotCarriedError."""
        self._must_have_key()
        with _in_our_words():
            there = {each["id"] for each in self.client.get_all_templates()["templates"]}
        if missing := sorted(set(self.templates.values()) - there):
            raise RefusedError(
                f"GOV.UK Notify has no template {', '.join(missing)}: see OPENOH_NOTIFY_TEMPLATES."
            )

    def _must_have_key(self) -> None:
        if not self.whole:
            raise UnreachableError(
                "OPENOH_NOTIFY_KEY is not a key of GOV.UK Notify. Copy it again, all of it."
            )

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


@contextmanager
def _in_our_words() -> Iterator[None]:
    """What Notify's client raises, as errors with a sentence that an operator can read.

    Only a 400 is about the message. A key that is not taken (403) is mended by somebody, and until then every
    message would be refused: it waits as when nobody answers.
    """
    from notifications_python_client.errors import HTTPError, InvalidResponse

    try:
        yield
    except HTTPError as error:
        if error.response is None:
            raise UnreachableError("GOV.UK Notify does not answer.") from error
        said = _sentence(error.message)
        match error.status_code:
            case 400:
                raise RefusedError(f"GOV.UK Notify refused it: {said}") from error
            case 403:
                raise UnreachableError(
                    f"GOV.UK Notify does not take our key (OPENOH_NOTIFY_KEY): {said}"
                ) from error
            case 429:
                raise UnreachableError(f"GOV.UK Notify takes no more for now: {said}") from error
        raise UnreachableError(
            f"GOV.UK Notify does not answer as it should ({error.status_code})."
        ) from error
    except InvalidResponse as error:
        raise UnreachableError("What answers in the place of GOV.UK Notify is something else.") from error


def _sentence(said: object) -> str:
    """Notify's own words: a list of errors, each with a message, or one sentence."""
    errors = said if isinstance(said, list) else [said]
    return "; ".join(
        str(each.get("message", each)) if isinstance(each, dict) else str(each) for each in errors
    )


def chosen(*, seconds: float = 10) -> Carrier:
    """The carrier that the settings name: ``file`` (the default), ``console`` or ``notify``.

    `seconds` is how long an answer is waited for.
    """
    match settings.NOTIFY_ADAPTER:
        case "file":
            return FileCarrier(Path(settings.EMAIL_FILE_PATH))
        case "console":
            return ConsoleCarrier()
        case "notify":
            return NotifyCarrier(
                settings.NOTIFY_KEY, settings.NOTIFY_TEMPLATES, address=settings.NOTIFY_ADDRESS or None,
                seconds=seconds,
            )  # fmt: skip
        case other:
            raise LookupError(f"OPENOH_NOTIFY is {other!r}; it can be file, console or notify")
