"""Spells of absence: what one is, and merging the overlapping records of one person."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from openoh.methods import _checks

ONE_DAY = dt.timedelta(days=1)


class Spell(NamedTuple):
    """A continuous absence from ``start`` to ``end``, both days included; ``end`` is ``None`` while it lasts.

    >>> Spell(dt.date(2024, 6, 3), dt.date(2024, 6, 14)).days
    12
    """

    start: dt.date
    end: dt.date | None

    @property
    def days(self) -> int | None:
        """Calendar days, rest days and weekends included; ``None`` while the spell lasts (use
        ``days_by``).
        """
        return None if self.end is None else (self.end - self.start).days + 1

    def days_by(self, as_of: dt.date) -> int:
        """Calendar days up to and including ``as_of``; 0 when the spell begins later."""
        last = as_of if self.end is None else min(self.end, as_of)
        return max(0, (last - self.start).days + 1)


def checked(spell: tuple[dt.date, dt.date | None]) -> Spell:
    """``spell`` as a ``Spell``, or ``ValueError`` when it ends before it starts or is not made of dates."""
    start, end = spell
    _checks.day("start of the spell", start)
    if end is not None and _checks.day("end of the spell", end) < start:
        raise ValueError(f"end of the spell is {end}; allowed: {start} (its start) or later, or None")
    return Spell(start, end)


def merge_spells(
    spells: Iterable[tuple[dt.date, dt.date | None]], *, join_next_day: bool = False
) -> list[Spell]:
    """One person's spells without overlap, in order of time.

    ``spells`` are ``(start, end)`` dates, both included, in any order; ``end=None`` is an absence that
    still lasts and swallows every later one. Spells that share a day are one spell; a spell that begins
    the day after another ends is a new one, unless ``join_next_day``. No spells give an empty list.

    Raises ``ValueError`` for an end before its start and for anything but dates. Source: the definition
    of a spell as a continuous period in NHS England Digital's sickness absence methodology; same rule as
    the NHS-R community's episode merging.

    >>> june = dt.date(2024, 6, 1)
    >>> merge_spells([(june, dt.date(2024, 6, 9)), (dt.date(2024, 6, 9), dt.date(2024, 6, 12))])
    [Spell(start=datetime.date(2024, 6, 1), end=datetime.date(2024, 6, 12))]
    >>> len(merge_spells([(june, june), (dt.date(2024, 6, 2), None)]))
    2
    """
    merged: list[Spell] = []
    for spell in sorted((checked(spell) for spell in spells), key=lambda spell: spell.start):
        if merged and _touches(merged[-1], spell.start, join_next_day):
            merged[-1] = Spell(merged[-1].start, _later_end(merged[-1].end, spell.end))
        else:
            merged.append(spell)
    return merged


def _touches(earlier: Spell, start: dt.date, join_next_day: bool) -> bool:
    if earlier.end is None:
        return True
    return start <= earlier.end or (join_next_day and start - ONE_DAY == earlier.end)


def _later_end(one: dt.date | None, other: dt.date | None) -> dt.date | None:
    return None if one is None or other is None else max(one, other)
