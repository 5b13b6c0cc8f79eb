"""Days lost by calendar month, by the full-time equivalent in force on each day."""

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence

from openoh.methods import _checks
from openoh.methods.absence._spells import ONE_DAY, checked


def fte_days(
    spell: tuple[dt.date, dt.date | None], fte_history: Sequence[tuple[dt.date, float]], *, upto: dt.date
) -> dict[dt.date, float]:
    """FTE days of a spell by calendar month (its first day), in order of time.

    Every calendar day counts the FTE in force that day, rest days and weekends included. ``fte_history``
    holds ``(first day, FTE)`` in any order, each in force until the next; FTE lies in 0 to 1, and 0 (a
    career break) counts nothing. Days after ``upto`` are left out, so a spell that still lasts counts to
    ``upto``. Given a period of employment instead of an absence, the same function gives FTE days
    *available*.

    Raises ``ValueError`` for an FTE outside 0 to 1 (overtime is not FTE), for two entries on one day, for
    a spell that begins before the history and for an end before its start. Source: NHS England Digital,
    NHS sickness absence rates, methodology (FTE x calendar days).

    >>> nurse = [(dt.date(2020, 1, 1), 0.6)]
    >>> spell = (dt.date(2024, 6, 3), dt.date(2024, 6, 14))
    >>> lost = fte_days(spell, nurse, upto=dt.date(2024, 6, 30))
    >>> {str(month): round(days, 6) for month, days in lost.items()}
    {'2024-06-01': 7.2}
    """
    start, end = checked(spell)
    _checks.day("upto", upto)
    last = upto if end is None else min(end, upto)
    history = _checked_history(fte_history, start)
    days: dict[dt.date, float] = {}
    for number, (since, fte) in enumerate(history):
        until = history[number + 1][0] - ONE_DAY if number + 1 < len(history) else last
        for month, count in _days_by_month(max(since, start), min(until, last)):
            days[month] = days.get(month, 0.0) + fte * count
    return days


def _checked_history(history: Sequence[tuple[dt.date, float]], start: dt.date) -> list[tuple[dt.date, float]]:
    in_order = sorted((_checks.day("fte_history", since), fte) for since, fte in history)
    for since, fte in in_order:
        _checks.number(f"FTE from {since}", fte, minimum=0, maximum=1)
    for (since, _), (following, _) in itertools.pairwise(in_order):
        if since == following:
            raise ValueError(f"fte_history has two entries from {since}; allowed: one a day")
    if not in_order or in_order[0][0] > start:
        first = in_order[0][0] if in_order else "nowhere"
        raise ValueError(f"start of the spell is {start}; allowed: from {first}, where fte_history begins")
    return in_order


def _days_by_month(first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, int]]:
    """Calendar days from ``first`` to ``last``, both included, by month; nothing when ``last`` comes
    first.
    """
    while first <= last:
        month = first.replace(day=1)
        following = (month + dt.timedelta(days=31)).replace(day=1)
        yield month, (min(last, following - ONE_DAY) - first).days + 1
        first = following
