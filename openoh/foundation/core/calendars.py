"""Working days of the four UK nations.

Source: GOV.UK bank holidays (England and Wales, Scotland, Northern Ireland), Open Government Licence v3, as
shipped by the `govuk-bank-holidays` package, and days that a service adds later (`extra`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from openoh.foundation.core.clock import UK

DIVISIONS = {
    "england": "england-and-wales",
    "wales": "england-and-wales",
    "scotland": "scotland",
    "northern-ireland": "northern-ireland",
}
FRIDAY = 4


class WorkingDays:
    """The working calendar of one nation.

    `nation` is one of ``england wales scotland northern-ireland``; `extra` are bank holidays announced after
    this version was published. Raises ValueError for another nation.
    """

    def __init__(self, nation: str, *, extra: Iterable[date] = ()) -> None:
        if nation not in DIVISIONS:
            raise ValueError(f"unknown nation {nation!r}; known: {', '.join(DIVISIONS)}")
        self.nation = nation
        self.holidays = _published(DIVISIONS[nation]) | frozenset(extra)

    def is_working(self, day: date) -> bool:
        return day.weekday() <= FRIDAY and day not in self.holidays

    def add(self, day: date, working_days: int) -> date:
        """The day that lies `working_days` (0 or more) working days after `day`.

        Day 0 is `day` itself when it is a working day, else the next working day.
        """
        if working_days < 0:
            raise ValueError(f"working days must be 0 or more, not {working_days}")
        while not self.is_working(day):
            day += timedelta(days=1)
        for _ in range(working_days):
            day += timedelta(days=1)
            while not self.is_working(day):
                day += timedelta(days=1)
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after `start`, up to and including `end`; 0 when `end` is not later."""
        days = (start + timedelta(days=step) for step in range(1, (end - start).days + 1))
        return sum(1 for day in days if self.is_working(day))

    def end_of(self, day: date, closing: time = time(17, 0)) -> datetime:
        """The instant at which `day` closes, at `closing` local time, whatever the clocks do that night."""
        return datetime.combine(day, closing, tzinfo=UK)


@lru_cache(maxsize=4)
def _published(division: str) -> frozenset[date]:
    from govuk_bank_holidays.bank_holidays import BankHolidays

    return frozenset(event["date"] for event in BankHolidays(use_cached_holidays=True).get_holidays(division))
