"""Capacity of working time and of slots."""

from openoh.methods._checks import number
from openoh.methods._content import load
from openoh.methods._figure import Figure

HOURS_PER_WEEK = 24 * 7


def clinical_hours(
    wte: float,
    *,
    hours_per_week: float | None = None,
    weeks_away: float | None = None,
    clinical_share: float | None = None,
) -> Figure:
    """Clinical hours a year of `wte` whole-time equivalents: hours a week, weeks at work, share spent with
    people.

    What is not given comes from the versioned seeds (37.5 hours, 10.2 weeks away, 70 % clinical).

    Source: NHS terms and conditions of service (hours, leave); shares as commonly planned.

    >>> round(clinical_hours(1))
    1097
    """
    rules = load("queueing", "working-time")
    seeds = rules.values
    hours = seeds["hours_per_week"] if hours_per_week is None else hours_per_week
    away = (
        seeds["leave_weeks"] + seeds["public_holiday_weeks"] + seeds["study_and_sickness_weeks"]
        if weeks_away is None
        else weeks_away
    )
    spent = seeds["clinical_share"] if clinical_share is None else clinical_share
    year = float(seeds["weeks_per_year"])
    weeks = year - number("weeks_away", away, minimum=0, maximum=year)
    result = (
        number("wte", wte, minimum=0)
        * number("hours_per_week", hours, minimum=0, maximum=HOURS_PER_WEEK)
        * weeks
        * number("clinical_share", spent, minimum=0, maximum=1)
    )
    return Figure(result, rules.rule_version)


def slots(hours: float, *, slot_minutes: float, did_not_attend: float = 0.0) -> float:
    """Attended appointments that fit into `hours`, given the share of appointments that nobody attends.

    Source: arithmetic: hours in slots, less those missed.

    >>> round(slots(1000, slot_minutes=45, did_not_attend=0.1))
    1200
    """
    minutes = number("slot_minutes", slot_minutes, minimum=0, above=True)
    attended = 1 - number("did_not_attend", did_not_attend, minimum=0, maximum=1)
    return number("hours", hours, minimum=0) * 60 / minutes * attended
