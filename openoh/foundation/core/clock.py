"""The one clock. Everything asks here for the time, so that tests and drills can set it.

Instants are timezone-aware UTC; a "day" is a day in the United Kingdom.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

UK = ZoneInfo("Europe/London")
_held: ContextVar[datetime | None] = ContextVar("held_time", default=None)


def now() -> datetime:
    """This instant, in UTC."""
    return _held.get() or datetime.now(UTC)


def today() -> date:
    """Today's date in the United Kingdom."""
    return now().astimezone(UK).date()


@contextmanager
def held_at(instant: datetime) -> Iterator[None]:
    """Hold the clock at `instant` (timezone-aware), for tests and for drills."""
    if instant.tzinfo is None:
        raise ValueError(f"the clock needs an instant with a time zone, not {instant!r}")
    token = _held.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _held.reset(token)
