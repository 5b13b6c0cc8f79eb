"""The limits of what a file may do, from content."""

from __future__ import annotations

from datetime import date

from openoh.foundation.core.content import load


def _limit(name: str) -> object:
    return load("openoh.exchange.hr_feed", "limits")[name]


def whole(name: str) -> int:
    return int(str(_limit(name)))


def share(name: str) -> float:
    return float(str(_limit(name)))


def day_limit(name: str) -> date:
    return date.fromisoformat(str(_limit(name)))


def is_large(size: int, *, packed: bool) -> bool:
    """Whether a file of so many bytes is too large to be taken while somebody waits for a page."""
    return size > whole("at_once_packed_bytes" if packed else "at_once_bytes")


def asks_first(ended: int, active: int) -> bool:
    """Whether a file would end so many of the employer's `active` people that somebody must be asked."""
    return ended > max(share("ask_share") * active, whole("ask_number"))
