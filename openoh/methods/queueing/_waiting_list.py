"""Waiting-list theory in one unit of time, and the statistics of a list."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openoh.methods._checks import Days, day, days, number
from openoh.methods._content import load

DAYS_PER_WEEK = 7


@dataclass(frozen=True)
class WaitingList:
    """The state of a waiting list on its last day; everything in weeks or per week.

    `target_capacity` is `None` while the queue is too big for it, and `relief_capacity` while it is not;
    `load` is `None` where nobody was removed. `queue_by_day` starts on the first day.
    """

    queue_size: int
    mean_wait_weeks: float
    demand: float
    capacity: float | None
    load: float | None
    pressure: float
    target_queue_size: float
    queue_too_big: bool
    target_capacity: float | None
    relief_capacity: float | None
    cv_demand: float
    cv_capacity: float | None
    queue_by_day: tuple[int, ...]
    target_wait: float
    rule_version: str


def queue_load(demand: float, capacity: float) -> float:
    """Demand over capacity; above 1 the queue grows. `demand` >= 0 and `capacity` > 0 in one unit of time.

    Source: Fong et al. (2022), medRxiv 2022.08.23.22279117.

    >>> round(queue_load(30, 27), 3)
    1.111
    """
    return number("demand", demand, minimum=0) / number("capacity", capacity, minimum=0, above=True)


def target_mean_wait(target_wait: float, factor: float = 4) -> float:
    """The mean wait at which almost everyone (98 % with factor 4) is seen within `target_wait`.

    Source: Fong et al. 2022, Understanding waiting lists pressures, medRxiv 2022.08.23.22279117.

    >>> target_mean_wait(52)
    13.0
    """
    return number("target_wait", target_wait, minimum=0, above=True) / number(
        "factor", factor, minimum=0, above=True
    )


def target_queue_size(demand: float, target_wait: float, factor: float = 4) -> float:
    """The queue that goes with the target wait: demand times the target mean wait, in one unit of time.

    Source: Fong et al. 2022 (see `target_mean_wait`), with Little's law.

    >>> target_queue_size(30, 52)
    390.0
    """
    return number("demand", demand, minimum=0) * target_mean_wait(target_wait, factor)


def target_capacity(
    demand: float, target_wait: float, factor: float = 4, cv_demand: float = 1, cv_capacity: float = 1
) -> float:
    """The capacity that keeps the queue at its target size, given how much demand and capacity vary.

    The coefficients of variation are of the intervals between arrivals and between removals (1 = random), >=
    0.

    Source: Fong et al. 2022 (see `target_mean_wait`), after Kingman 1962.

    >>> round(target_capacity(30, 52, 3, 1.1, 1.2), 6)
    30.076442
    """
    variation = (
        number("cv_demand", cv_demand, minimum=0) ** 2 + number("cv_capacity", cv_capacity, minimum=0) ** 2
    ) / 2
    return number("demand", demand, minimum=0) + variation / target_mean_wait(target_wait, factor)


def relief_capacity(
    demand: float, queue_size: float, target_queue_size: float, time_to_target: float
) -> float:
    """The capacity that brings the queue to its target size within `time_to_target` (> 0).

    Below the demand where the queue is smaller than its target.

    Source: Fong et al. 2022 (see `target_mean_wait`).

    >>> round(relief_capacity(30, 1200, 390, 26), 3)
    61.154
    """
    excess = number("queue_size", queue_size, minimum=0) - number(
        "target_queue_size", target_queue_size, minimum=0
    )
    return number("demand", demand, minimum=0) + excess / number(
        "time_to_target", time_to_target, minimum=0, above=True
    )


def waiting_list_pressure(mean_wait: float, target_wait: float) -> float:
    """Twice the mean wait over the target wait, both in the same unit; 1 or more is pressure.

    Source: Fong et al. 2022 (see `target_mean_wait`).

    >>> round(waiting_list_pressure(63, 52), 3)
    2.423
    """
    return (
        2
        * number("mean_wait", mean_wait, minimum=0)
        / number("target_wait", target_wait, minimum=0, above=True)
    )


def waiting_list(
    referrals: Sequence[datetime.date],
    removals: Sequence[datetime.date | None],
    *,
    start: datetime.date,
    end: datetime.date,
    target_wait: float,
) -> WaitingList:
    """Statistics of a waiting list from `start` to `end` (both inclusive); `target_wait` in weeks.

    `referrals` and `removals` are dates of the same people in order, `None` while waiting. Removals after
    `end` count as waiting, referrals after `end` are left out, and people referred before `start` are in the
    queue but not in the demand. Demand is the inverse of the mean interval between `start`, the arrivals and
    `end`, capacity that between `start` and the removals; the mean wait is that of the people waiting on
    `end` (0.0 when nobody is). All waits are in weeks: the reference program NHSRwaitinglist divides days by
    weeks in its pressure, which makes that seven times too high. Raises `ValueError` when `end` is not after
    `start`, when nobody was referred by `end`, and for a removal before its referral.
    Source: Fong et al. (2022), medRxiv 2022.08.23.22279117.

    >>> from datetime import date
    >>> waiting = waiting_list([date(2024, 1, 1), date(2024, 1, 4), date(2024, 1, 10)], [None, None, None],
    ...                        start=date(2024, 1, 1), end=date(2024, 1, 10), target_wait=4)
    >>> waiting.queue_by_day
    (1, 1, 1, 2, 2, 2, 2, 2, 2, 3)
    """
    arrived, removed = _checked_dates(referrals, removals, start, end)
    rules = load("queueing", "waiting-list")
    factor = rules.values["target_wait_factor"]
    first, last = np.datetime64(start, "D"), np.datetime64(end, "D")
    queue = _queue_by_day(arrived, removed, first, last)
    still = removed > last
    mean_wait = float((last - arrived[still]).astype(np.int64).mean()) / DAYS_PER_WEEK if still.any() else 0.0
    demand, cv_demand = _rate(np.concatenate([[first], arrived[arrived >= first], [last]]))
    taken = removed[(removed >= first) & ~still]
    capacity: float | None
    cv_capacity: float | None
    capacity, cv_capacity = _rate(np.concatenate([[first], taken])) if (taken > first).any() else (None, None)
    target_size = target_queue_size(demand, target_wait, factor)
    too_big = bool(queue[-1] > rules.values["queue_too_big_factor"] * target_size)
    return WaitingList(
        int(queue[-1]),
        mean_wait,
        demand,
        capacity,
        None if capacity is None else queue_load(demand, capacity),
        waiting_list_pressure(mean_wait, target_wait),
        target_size,
        too_big,
        None if too_big else target_capacity(demand, target_wait, factor, cv_demand, cv_capacity or 0.0),
        relief_capacity(demand, int(queue[-1]), target_size, rules.values["weeks_to_target"])
        if too_big
        else None,
        cv_demand,
        cv_capacity,
        tuple(queue.tolist()),
        target_wait,
        rules.rule_version,
    )


def _checked_dates(
    referrals: Sequence[datetime.date],
    removals: Sequence[datetime.date | None],
    start: datetime.date,
    end: datetime.date,
) -> tuple[Days, Days]:
    """Arrivals up to `end` and their removals; people still waiting leave after the last possible day."""
    if day("end", end) <= day("start", start):
        raise ValueError(f"end is {end}; it must be after start, {start}")
    if len(referrals) != len(removals):
        raise ValueError(
            f"there are {len(referrals)} referrals and {len(removals)} removals; they must be as many"
        )
    arrived = days("referrals", referrals)
    removed = days("removals", removals, gaps=True)
    removed = np.where(np.isnat(removed), np.datetime64(datetime.date.max), removed)
    wrong = removed < arrived
    if wrong.any():
        place = int(np.argmax(wrong))
        raise ValueError(
            f"removals[{place}] is {removed[place]}; it must not be before its referral, {arrived[place]}"
        )
    counted = arrived <= np.datetime64(end, "D")
    if not counted.any():
        raise ValueError(f"nobody was referred by {end}; a waiting list needs at least one referral")
    return arrived[counted], removed[counted]


def _queue_by_day(
    arrived: Days, removed: Days, first: np.datetime64, last: np.datetime64
) -> NDArray[np.int64]:
    dates = np.arange(first, last + np.timedelta64(1, "D"))
    joined = np.searchsorted(np.sort(arrived), dates, side="right")
    left = np.searchsorted(np.sort(removed), dates, side="right")
    return (joined - left).astype(np.int64)


def _rate(dates: Days) -> tuple[float, float]:
    """Events a week as the inverse of the mean interval (above 0), and the intervals' variation."""
    intervals = np.diff(np.sort(dates)).astype(np.int64)
    mean = float(intervals.mean())
    variation = float(intervals.std(ddof=1)) / mean if intervals.size > 1 else 0.0
    return DAYS_PER_WEEK / mean, variation
