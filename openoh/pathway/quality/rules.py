"""Pure decisions about quality: which reports are sampled, which codes exist, when supervision is due."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from openoh.foundation.core.content import Content, load

PACKAGE = "openoh.pathway.quality"


def content() -> Content:
    """The rule's numbers and codes."""
    return load(PACKAGE, "quality")


def is_sampled(report: UUID) -> bool:
    """Whether a colleague reads this report: by a digest of its identifier and of the rule's version.

    The same answer for everybody and for ever, and nobody can foresee or steer it while writing.
    """
    rule = content()
    digest = hashlib.sha256(f"{rule.rule_version}:{report}".encode()).digest()
    return int.from_bytes(digest, "big") % one_in() == 0


def one_in() -> int:
    """One report in so many is sampled."""
    return int(content()["one_in"])


def sampled_days() -> int:
    """For how many days after signing a sampled report waits for its reader."""
    return int(content()["sampled_days"])


def choices(table: str) -> dict[str, str]:
    """Codes and words of one table: ``outcomes points kinds severities``."""
    data: dict[str, Any] = content().data
    return dict(data[table])


def longest_text() -> int:
    """The most letters of what happened, and of what was learned."""
    return int(content()["longest_text"])


def next_supervision(held_on: date) -> date:
    """When the next supervision is due."""
    return held_on + timedelta(days=int(content()["supervision_days"]))
