"""One form that somebody sent: reading its fields, calling the action, and keeping what is wrong for the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from http import HTTPStatus
from typing import TypeVar
from uuid import UUID

from django.http import QueryDict

from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed

Result = TypeVar("Result")
LONGEST_NUMBER = 6  # digits
FORM = "form"
"""Where a complaint goes that belongs to no field: the id of the form itself."""


def complaint(
    error: Invalid | Conflict | NotAllowed, *, elsewhere: str = FORM
) -> tuple[str, str, HTTPStatus]:
    """What a page says of an action's refusal: the field (`elsewhere` when it is of none), the sentence, the status."""
    if isinstance(error, Invalid):
        return error.field or elsewhere, str(error), HTTPStatus.UNPROCESSABLE_ENTITY
    status = HTTPStatus.CONFLICT if isinstance(error, Conflict) else HTTPStatus.FORBIDDEN
    return elsewhere, str(error), status


class Submission:
    """What was sent. `errors` maps a field to a sentence; `status` is what the page is answered with when it has any.

    A date is three fields: `<name>-day`, `<name>-month`, `<name>-year`.
    """

    def __init__(self, sent: QueryDict) -> None:
        self.sent = sent
        self.errors: dict[str, str] = {}
        self.status = HTTPStatus.UNPROCESSABLE_ENTITY

    def text(self, name: str) -> str:
        return self.sent.get(name, "").strip()

    def texts(self, name: str) -> list[str]:
        """Every value that was sent under this name: ticked boxes, repeated inputs."""
        return self.sent.getlist(name)

    def yes_or_no(self, name: str) -> bool | None:
        return {"yes": True, "no": False}.get(self.text(name))

    def day(self, name: str) -> date | None:
        """None when all three parts are empty; complains about what is no date."""
        parts = [self.text(f"{name}-{part}") for part in ("year", "month", "day")]
        if not any(parts):
            return None
        try:
            return date(*map(int, parts))
        except (ValueError, OverflowError):
            self.errors[name] = "This is not a date. Write it like 27 3 2026."
            return None

    def needed_day(self, name: str, sentence: str) -> date:
        """The day; complains with `sentence` when there is none, and gives the first of all days."""
        found = self.day(name)
        if found is None:
            self.errors.setdefault(name, sentence)
        return found or date.min

    def whole(self, name: str, usual: int) -> int:
        """A whole number; `usual` for an empty field, and -1, which is never right, for anything else."""
        written = self.text(name)
        if not written:
            return usual
        return int(written) if written.isdecimal() and len(written) <= LONGEST_NUMBER else -1

    def time_of_day(self, name: str) -> time:
        """A time like 8:30, 08.30 or 17:30; complains about what is none, and gives midnight."""
        hours, _, minutes = self.text(name).replace(".", ":").partition(":")
        try:
            return time(int(hours), int(minutes or 0))
        except (ValueError, OverflowError):
            self.errors[name] = "Enter a time like 08:00 or 17:30."
            return time.min

    def do(self, act: Callable[[], Result], *, names: dict[str, str] | None = None) -> Result | None:
        """Call the action unless something is wrong already. What it complains about is kept; then None comes back.

        `names` turns the action's name of a field into the form's.
        """
        if self.errors:
            return None
        try:
            return act()
        except (Invalid, Conflict, NotAllowed) as error:
            field, sentence, self.status = complaint(error)
            self.errors[(names or {}).get(field, field)] = sentence
        return None


def identifier(text: str) -> UUID | None:
    """An identifier from an address; None for anything else, which then stands for nothing."""
    try:
        return UUID(text)
    except ValueError:
        return None


def parts_of(name: str, value: date | None) -> dict[str, str]:
    """A date as the three fields of a form, to fill it in."""
    if value is None:
        return {}
    return {f"{name}-day": str(value.day), f"{name}-month": str(value.month), f"{name}-year": str(value.year)}
