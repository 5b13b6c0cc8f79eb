"""How long an adjustment lasts, as a person and whoever they show it to read it."""

from __future__ import annotations

from datetime import date

from openoh.pathway.adjustments.queries import PassportEntry


def how_long(entry: PassportEntry) -> str:
    if entry.permanent:
        return "It stays" + (f", reviewed on {_short(entry.review_on)}" if entry.review_on else "")
    if entry.ends_on:
        return f"Until {_short(entry.ends_on)}"
    return f"Reviewed on {_short(entry.review_on)}" if entry.review_on else "No end is set"


def _short(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"
