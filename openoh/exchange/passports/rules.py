"""For how long a passport may be shared, and whether a link opens. Pure."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import cast

from openoh.foundation.core.content import Content, load


def sharing() -> Content:
    """How long, and how many tries, versioned."""
    return load("openoh.exchange.passports", "sharing")


def lengths() -> list[int]:
    """Days for which a passport can be shared, the shortest first."""
    return list(cast(list[int], sharing()["days"]))


def is_open(*, ends_at: datetime, revoked_at: datetime | None, now: datetime) -> bool:
    return revoked_at is None and now < ends_at


def digest(code: str) -> bytes:
    """What is kept of a code. A code has too many bits to be guessed from it."""
    return hashlib.sha256(code.encode()).digest()
