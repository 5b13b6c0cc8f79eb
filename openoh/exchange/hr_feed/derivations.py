"""Dates for files that do not say them, by rules that the mapping states among its assumptions."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from openoh.exchange.hr_feed.fields import Bad
from openoh.exchange.hr_feed.mapping import Mapping


@dataclass
class MonthAndWeekday:
    """A file in the order of time that gives a month (1-12), a weekday (Monday is 2) and the hours.

    The year begins with `first_year` and goes on by one whenever a month is earlier than the month before it. A
    month of 0 stands for the month of the row before. The first day absent is the first such weekday of the month;
    the last follows from the hours, at `hours_a_day` on Mondays to Fridays.
    """

    month: int
    weekday: int
    hours: int
    year: int
    hours_a_day: Decimal
    last_month: int = field(default=0)

    def dates(self, cells: list[str]) -> tuple[date, date]:
        """First and last day of the row. Raises Bad."""
        month, weekday = _whole(cells[self.month], 0, 12), _whole(cells[self.weekday], 2, 6)
        month = month or self.last_month
        if not month:
            raise Bad("The first row of the file has no month.")
        if month < self.last_month:
            self.year += 1
        self.last_month = month
        first = date(self.year, month, 1)
        started = first + timedelta(days=(weekday - 2 - first.weekday()) % 7)
        return started, _after_working_days(started, self._days(cells[self.hours]))

    def _days(self, cell: str) -> int:
        try:
            hours = Decimal(cell.strip() or "0")
        except InvalidOperation:
            raise Bad("The hours are not a number.") from None
        return max(int(-(-hours // self.hours_a_day)), 1)


def derivation(mapping: Mapping, header: list[str]) -> MonthAndWeekday | None:
    """What the mapping asks for, placed in a file with this header; None when it asks for nothing."""
    if not mapping.derive:
        return None
    asked = mapping.derive
    return MonthAndWeekday(
        month=mapping.column(header, asked["month_column"]),
        weekday=mapping.column(header, asked["weekday_column"]),
        hours=mapping.column(header, asked["hours_column"]),
        year=int(asked["first_year"]),
        hours_a_day=Decimal(asked["hours_a_day"]),
    )


def _whole(cell: str, least: int, most: int) -> int:
    value = cell.strip()
    if not value.isdigit() or not least <= int(value) <= most:
        raise Bad(f"This must be a whole number from {least} to {most}.")
    return int(value)


def _after_working_days(started: date, days: int) -> date:
    """The day on which the last of `days` working days (Monday to Friday) falls, counting the first day."""
    day, left = started, days - 1
    while left:
        day += timedelta(days=1)
        left -= calendar.weekday(day.year, day.month, day.day) < 5
    return day
