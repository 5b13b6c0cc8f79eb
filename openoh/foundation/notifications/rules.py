"""Words of a message, its channel and its next attempt. Pure: facts in, decision out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

from openoh.foundation.core.clock import UK
from openoh.foundation.core.content import load
from openoh.foundation.core.errors import Invalid

PACKAGE = "openoh.foundation.notifications"
CHANNELS = ("email", "sms", "letter")
REFERENCE = re.compile(r"[A-Za-z0-9._-]{1,80}")


@dataclass(frozen=True)
class Template:
    """The words of one message. `values` are the names that the words need."""

    name: str
    subject: str
    body: str
    sms: str
    values: frozenset[str]
    unsolicited: bool
    digest: bool


@dataclass(frozen=True)
class Route:
    """Where a message goes: a channel of CHANNELS, or ``telephone``, and the address there."""

    channel: str
    address: str


AGAIN = re.compile(r"(.+)\.[1-9]\d?")
# What the carrier says of a message that it took, in the words of whoever must do something about it.
RETURNED = {
    "permanent-failure": "the address does not exist",
    "temporary-failure": "it could not be delivered for three days: the mailbox may be full, the telephone off",
    "technical-failure": "the carrier had a fault of its own",
}
DELIVERED = "delivered"
ADDRESS_IS_WRONG = ("permanent-failure", "temporary-failure")
MOST_RETURNS = 4


def carried_as(reference: str, returned: int) -> str:
    """The name under which the carrier gets a message: another one after each time that it came back."""
    return f"{reference}.{returned}" if returned else reference


def references_of(carried: str) -> list[str]:
    """The references that a message may have that the carrier calls `carried`."""
    again = AGAIN.fullmatch(carried)
    return [carried, again[1]] if again else [carried]


def template(name: str) -> Template:
    """The template called `name`; raises Invalid naming the known ones."""
    found = templates().get(name)
    if found is None:
        raise Invalid(f"There is no message template {name!r}; known: {', '.join(sorted(templates()))}.")
    return found


def templates() -> dict[str, Template]:
    """Every template, by name."""
    content = load(PACKAGE, "templates")
    entries = cast(dict[str, dict[str, object]], content["templates"])
    return {
        name: Template(
            name=name, subject=str(entry["subject"]), body=str(entry["body"]).strip() + "\n",
            sms=str(entry["sms"]), values=frozenset(cast(list[str], entry["values"])),
            unsolicited=bool(entry.get("unsolicited")), digest=bool(entry.get("digest")),
        )
        for name, entry in entries.items()
    }  # fmt: skip


def sender() -> str:
    """The neutral name that messages come from."""
    return str(load(PACKAGE, "templates")["sender"])


def check_values(name: str, values: Mapping[str, object]) -> None:
    """Raise Invalid unless the values are those that the template needs, short, and links are paths."""
    needed = template(name).values
    if set(values) != needed:
        raise Invalid(f"The message {name!r} needs the values {sorted(needed)}, not {sorted(values)}.")
    for key, value in values.items():
        if len(str(value)) > 200:
            raise Invalid(f"The value {key!r} is too long for a message: names, dates and links only.")
    if "link" in values and not str(values["link"]).startswith("/"):
        raise Invalid("A link in a message is a path of this service, such as /me.")


def words(
    name: str, values: Mapping[str, object], *, channel: str, address_of_service: str
) -> tuple[str, str]:
    """Subject and text of a message for a channel; links become whole addresses."""
    chosen = template(name)
    filled = {key: str(value) for key, value in values.items()}
    if "link" in filled:
        filled["link"] = address_of_service.rstrip("/") + filled["link"]
    text = chosen.sms if channel == "sms" else chosen.body
    return chosen.subject.format_map(filled), text.format_map(filled)


def route(preferred: str, addresses: Mapping[str, str]) -> Route | None:
    """How to reach somebody: the preferred channel if there is an address for it, else the next one.

    None when there is no address at all. ``telephone`` is never replaced by writing.
    """
    if preferred == "telephone":
        return Route("telephone", addresses.get("sms", ""))
    for channel in (preferred, *CHANNELS):
        if addresses.get(channel):
            return Route(channel, addresses[channel])
    return None


def stops_of(name: str) -> frozenset[str]:
    """The contact stops that hold this message back."""
    stops = cast(dict[str, list[str]], load(PACKAGE, "sending")["stops"])
    return frozenset(stops["unsolicited" if template(name).unsolicited else "every_message"])


def stops_of_every_message() -> frozenset[str]:
    """The contact stops after which nobody is told anything any more."""
    return frozenset(cast(dict[str, list[str]], load(PACKAGE, "sending")["stops"])["every_message"])


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """When to try again after `attempts` failed attempts (1 or more); None when it is time to give up."""
    minutes = cast(list[int], load(PACKAGE, "sending")["retry_minutes"])
    if attempts > len(minutes):
        return None
    return now + timedelta(minutes=minutes[attempts - 1])


def pause_of_carrier() -> timedelta:
    """How long nothing is handed to a carrier that did not take some messages one after the other."""
    return timedelta(minutes=int(str(load(PACKAGE, "sending")["pause_minutes"])))


def digest_hour() -> int:
    """The hour of the UK day at which summaries are put together."""
    return int(str(load(PACKAGE, "sending")["digest_hour"]))


def time_in_words(instant: datetime) -> str:
    """The UK time of an instant as messages say it, e.g. "9am" or "2:30pm"."""
    local = instant.astimezone(UK)
    minutes = f":{local:%M}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{local:%p}".lower()


def day_in_words(day: date) -> str:
    """A day as messages say it, e.g. "Tuesday 3 March"."""
    return f"{day:%A} {day.day} {day:%B}"
