"""The person's time to read a report and decide, in working days; silence counts only when it has passed."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from openoh.foundation.core import clock
from openoh.foundation.core.calendars import WorkingDays
from openoh.foundation.core.content import Content, load
from openoh.foundation.core.errors import Invalid
from openoh.pathway.reports.models import Report


def window_content() -> Content:
    """Lengths of the window, versioned."""
    return load("openoh.pathway.reports", "release")


def end_of_window(report: Report, days: int | None = None) -> datetime:
    """The close of the last of `days` working days from today; the service's usual number without `days`.

    Raises Invalid for a window outside what the content allows.
    """
    window = window_content()
    days = days if days is not None else cast(int, window["window_days"])
    shortest, longest = cast(int, window["shortest_window_days"]), cast(int, window["longest_window_days"])
    if not shortest <= days <= longest:
        raise Invalid(f"Give the person {shortest} to {longest} working days.", field="window_days")
    calendar = WorkingDays(report.employer.nation)
    return calendar.end_of(calendar.add(clock.today(), days))


def end_after_opening(report: Report) -> datetime:
    """The window of a report that the person opens for the first time now: never shorter than the shortest one.

    Otherwise somebody who opens it late would be silent before they have read it to the end.
    """
    least = end_of_window(report, cast(int, window_content()["shortest_window_days"]))
    return max(report.decide_by, least) if report.decide_by else least


def window_is_over(report: Report) -> bool:
    return report.decide_by is not None and report.decide_by <= clock.now()
