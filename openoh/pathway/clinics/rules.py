"""Pure decisions about diaries: times of slots, and who may act on their register."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from openoh.foundation.core.content import load
from openoh.foundation.core.decisions import Decision, allow, refuse

PACKAGE = "openoh.pathway.clinics"


@dataclass(frozen=True)
class Registration:
    """A clinician's entry on a professional register; `until` is the last day on it."""

    profession: str
    body: str
    number: str
    until: date | None


def bodies() -> dict[str, str]:
    """The register of each profession that has one, by profession."""
    return dict(_registers()["bodies"])


def body_names() -> dict[str, str]:
    """What the registers are called in full."""
    return dict(_registers()["names"])


def profession_of(role: str) -> str:
    """What somebody in this role usually is; empty where it can be anything."""
    usual: dict[str, str] = _registers()["professions_of_roles"]
    return usual.get(role, "")


def complaint_about(registration: Registration, today: date) -> tuple[str, str] | None:
    """The field that is wrong in an entry that somebody records today, and what to write; None when all is well.

    Source: content/registration.toml.
    """
    body = bodies().get(registration.profession, "")
    if registration.body != body:
        needed = f"the register of the {body} ({body_names()[body]})" if body else "no register"
        return "registration_body", f"Somebody of this profession is on {needed}. Choose that."
    if not body:
        extra = registration.number or registration.until
        return ("registration_number", "Without a register there is no number and no day.") if extra else None
    if not registration.number:
        return "registration_number", f"Enter the number on the register of the {body}."
    if registration.until is None:
        return "registered_until", "Enter the last day of the registration."
    if registration.until < today:
        return "registered_until", f"This day is past. Enter the day until which the {body} has renewed it."
    return None


CURRENT, ENDS_SOON, ENDED, NOT_RECORDED, NONE_NEEDED = "current", "ends-soon", "ended", "not-recorded", "none"


def standing(registration: Registration, today: date) -> Decision:
    """How a registration stands: ``current ends-soon ended not-recorded none``. Source: content/registration.toml."""
    content = load(PACKAGE, "registration")
    version, body = content.rule_version, bodies().get(registration.profession)
    if body is None:
        return Decision(NONE_NEEDED, "This profession has no register.", version)
    if not registration.number or registration.until is None:
        return Decision(NOT_RECORDED, f"No registration with the {body} is recorded: cannot sign.", version)
    days = (registration.until - today).days
    if days < 0:
        return Decision(
            ENDED, "The registration has ended: cannot sign until its renewal is recorded.", version
        )
    if days <= content["ends_soon_days"]:
        return Decision(
            ENDS_SOON, "Tonight" if days == 0 else f"In {days} day{'s' if days > 1 else ''}", version
        )
    return Decision(CURRENT, "In date", version)


def may_act(registration: Registration, today: date) -> Decision:
    """Whether a clinician may do a clinical act today. Professions without a register always may.

    Source: the laws that protect the titles (content/registration.toml).
    """
    content = load(PACKAGE, "registration")
    if registration.profession not in bodies():
        return allow("This profession has no register.", content.rule_version)
    body = registration.body or bodies()[registration.profession]
    if not registration.number or registration.until is None:
        return refuse(
            f"No registration with the {body} is recorded for you. Ask your service manager to add it.",
            content.rule_version,
        )
    if registration.until < today:
        return refuse(
            f"Your registration with the {body} ended on {registration.until.day} {registration.until:%B %Y}. "
            "Ask your service manager to record its renewal; until then you cannot do this.",
            content.rule_version,
        )
    return allow(f"Registered with the {body} until {registration.until}.", content.rule_version)


def slot_times(start: datetime, end: datetime, minutes: int) -> Iterator[tuple[datetime, datetime]]:
    """Whole slots of `minutes` (1 or more) between two instants with time zones, one after another.

    Lengths are of real time, so a session over a clock change has as many slots as it has real hours.
    Raises ValueError for an instant without a time zone or fewer than 1 minute.
    """
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("slots need instants with a time zone")
    if minutes < 1:
        raise ValueError(f"a slot lasts 1 minute or more, not {minutes}")
    length = timedelta(minutes=minutes)
    # Arithmetic on local times would count wall-clock hours, which a clock change repeats or skips.
    at, last = start.astimezone(UTC), end.astimezone(UTC)
    while at + length <= last:
        yield at, at + length
        at += length


def _registers() -> dict[str, Any]:
    return load(PACKAGE, "registration").data


def evening_from() -> time:
    """The local time from which a slot counts as in the evening."""
    content: dict[str, Any] = load(PACKAGE, "booking").data
    begins: time = content["evening_from"]
    return begins


def late_minutes() -> list[int]:
    """By how many minutes a clinician may say that they run late."""
    content: dict[str, Any] = load(PACKAGE, "booking").data
    return list(content["late_minutes"])


def worth_telling(told: datetime | None, expected: datetime) -> bool:
    """Whether somebody who was told that it begins at `told` is to be told that it begins at `expected`."""
    content: dict[str, Any] = load(PACKAGE, "booking").data
    return told is None or abs(expected - told) >= timedelta(minutes=content["late_told_again_minutes"])


def reminder_before() -> timedelta:
    """How long before an appointment its reminder goes out."""
    content: dict[str, Any] = load(PACKAGE, "booking").data
    return timedelta(hours=content["reminder_hours"])


def choices(table: str) -> dict[str, str]:
    """Codes and words of one table of content/booking.toml: ``modes`` or ``needs``, or the ``invitation``."""
    content: dict[str, Any] = load(PACKAGE, "booking").data
    return dict(content[table])
