"""What is checked before a service and an employer agree anew. Pure: facts in, complaints out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

LONGEST_NAME = 200
CONTROLLERS = frozenset(["controller", "joint"])
ROLES = frozenset([*CONTROLLERS, "processor"])


@dataclass(frozen=True)
class Terms:
    """What is agreed from `starts_on` on: services, working days of levels, who is controller or processor."""

    starts_on: date
    ends_on: date | None
    services: Collection[str]
    levels: Mapping[str, int]
    employer_role: str
    provider_role: str
    agreed_with: str


def complaint(
    terms: Terms, *, follows: tuple[date, date | None] | None, today: date, services: Collection[str],
    levels: Collection[str],
) -> tuple[str, str] | None:  # fmt: skip
    """The first thing that is wrong with these terms, as field and sentence; None when they can be agreed.

    `follows` are the first and the last day of the version before, None for a first contract, which may have begun
    long ago; `services` and `levels` are the known codes.
    """
    begun, ended = follows or (date.min, None)
    found = {
        ("starts_on", "Enter the first day on which it counts."): terms.starts_on == date.min,
        ("starts_on", "What is agreed counts from today at the earliest: what was decided before stays explained."):
            follows is not None and terms.starts_on < today,
        ("starts_on", "Begin later than the version before, which is kept."): terms.starts_on <= begun,
        ("starts_on", "Begin no later than the day after the version before ends: nobody would be served between."):
            ended is not None and terms.starts_on > ended + timedelta(days=1),
        ("ends_on", "The last day must not be before the first."):
            terms.ends_on is not None and terms.ends_on < terms.starts_on,
        ("services", "Choose at least one service."): not terms.services,
        ("services", "Choose from the list."): not set(terms.services) <= set(services),
        ("levels", "Choose from the list."): not set(terms.levels) <= set(levels),
        ("employer_role", "Choose what the employer is."): terms.employer_role not in ROLES,
        ("provider_role", "Choose what your service is."): terms.provider_role not in ROLES,
        ("provider_role", "Somebody must be controller: two processors answer to nobody."):
            not {terms.employer_role, terms.provider_role} & CONTROLLERS,
        ("agreed_with", "Write who agreed for the employer."):
            not 0 < len(terms.agreed_with.strip()) <= LONGEST_NAME,
    }  # fmt: skip
    wrong = next((told for told, holds in found.items() if holds), None)
    late = next((code for code, days in terms.levels.items() if not 0 <= days <= 365), None)
    return wrong or ((f"level-{late}", "Enter working days from 0 to 365.") if late else None)
