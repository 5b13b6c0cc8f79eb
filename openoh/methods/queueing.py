"""Queues: Erlang's formulas, waiting-list theory in one unit of time, capacity of working time and slots."""

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openoh.methods._checks import number, whole
from openoh.methods._content import load

__all__ = [
    "WaitingList",
    "average_wait",
    "clinical_hours",
    "erlang_b",
    "erlang_c",
    "queue_load",
    "relief_capacity",
    "rostered_for",
    "servers_for",
    "service_level",
    "slots",
    "target_capacity",
    "target_mean_wait",
    "target_queue_size",
    "waiting_list",
    "waiting_list_pressure",
]


Days = NDArray[np.datetime64]
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


def erlang_b(traffic: float, servers: int) -> float:
    """The probability that an arrival finds all servers busy and is lost.

    `traffic` in erlangs (arrival rate times handling time), >= 0; `servers` whole, >= 0. Raises `ValueError`
    outside. Source: Erlang (1917).

    >>> round(erlang_b(123, 132), 4)
    0.0312
    """
    offered, count = number("traffic", traffic, minimum=0), whole("servers", servers)
    if offered == 0:
        return 1.0 if count == 0 else 0.0
    blocked = 1.0
    for busy in range(1, count + 1):
        blocked = offered * blocked / (busy + offered * blocked)
    return blocked


def erlang_c(traffic: float, servers: int) -> float:
    """The probability that an arrival must wait; 1.0 where the traffic is at least the number of servers.

    Ranges as `erlang_b`. Source: Erlang (1917).

    >>> round(erlang_c(123, 132), 4)
    0.3211
    """
    blocked = erlang_b(traffic, servers)
    if traffic >= servers:
        return 1.0
    return blocked / (1 - traffic / servers * (1 - blocked))


def service_level(traffic: float, servers: int, *, handling_time: float, target_wait: float) -> float:
    """The share of arrivals served within `target_wait`; 0.0 where the traffic is at least the number of
    servers.

    `handling_time` > 0 and `target_wait` >= 0 in the same unit of time.

    Source: Erlang 1917; the waiting time of a queue M/M/c is exponential.

    >>> round(service_level(10, 14, handling_time=180, target_wait=20), 3)
    0.888
    """
    handling = number("handling_time", handling_time, minimum=0, above=True)
    wait = number("target_wait", target_wait, minimum=0)
    waiting = erlang_c(traffic, servers)
    if traffic >= servers:
        return 0.0
    return 1 - waiting * math.exp(-(servers - traffic) * wait / handling)


def average_wait(traffic: float, servers: int, *, handling_time: float) -> float:
    """The mean wait of all arrivals, in the unit of `handling_time`; infinite where the traffic is too much.

    Source: Erlang 1917, the queue M/M/c.

    >>> round(average_wait(10, 14, handling_time=180), 1)
    7.8
    """
    handling = number("handling_time", handling_time, minimum=0, above=True)
    waiting = erlang_c(traffic, servers)
    return math.inf if traffic >= servers else waiting * handling / (servers - traffic)


def servers_for(traffic: float, *, handling_time: float, target_wait: float, level: float) -> int:
    """The fewest servers that serve at least `level` (above 0, below 1) of arrivals within `target_wait`.

    Source: as `service_level`.

    >>> servers_for(25 * 752 / 900, handling_time=752, target_wait=20, level=0.9)
    28
    """
    number("handling_time", handling_time, minimum=0, above=True)
    number("target_wait", target_wait, minimum=0)
    if not 0 < level < 1:
        raise ValueError(f"level is {level!r}; it must lie between 0 and 1, for example 0.8")
    servers = math.floor(number("traffic", traffic, minimum=0)) + 1
    while service_level(traffic, servers, handling_time=handling_time, target_wait=target_wait) < level:
        servers += 1
    return servers


def rostered_for(servers: int, *, shrinkage: float) -> int:
    """How many people to roster for `servers` at work when the share `shrinkage` (0 to below 1) is away.

    Source: arithmetic: those present are a share of those rostered.

    >>> rostered_for(14, shrinkage=0.3)
    20
    """
    if not 0 <= shrinkage < 1:
        raise ValueError(f"shrinkage is {shrinkage!r}; it must be at least 0 and below 1")
    return math.ceil(whole("servers", servers) / (1 - shrinkage) - 1e-9)


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


def clinical_hours(
    wte: float,
    *,
    hours_per_week: float | None = None,
    weeks_away: float | None = None,
    clinical_share: float | None = None,
) -> float:
    """Clinical hours a year of `wte` whole-time equivalents: hours a week, weeks at work, share spent with
    people.

    What is not given comes from the versioned seeds (37.5 hours, 10.2 weeks away, 70 % clinical).

    Source: NHS terms and conditions of service (hours, leave); shares as commonly planned.

    >>> round(clinical_hours(1))
    1097
    """
    seeds = load("queueing", "working-time").values
    hours = seeds["hours_per_week"] if hours_per_week is None else hours_per_week
    away = (
        seeds["leave_weeks"] + seeds["public_holiday_weeks"] + seeds["study_and_sickness_weeks"]
        if weeks_away is None
        else weeks_away
    )
    share = seeds["clinical_share"] if clinical_share is None else clinical_share
    year = float(seeds["weeks_per_year"])
    weeks = year - number("weeks_away", away, minimum=0, maximum=year)
    return (
        number("wte", wte, minimum=0)
        * number("hours_per_week", hours, minimum=0, maximum=24 * DAYS_PER_WEEK)
        * weeks
        * number("clinical_share", share, minimum=0, maximum=1)
    )


def slots(hours: float, *, slot_minutes: float, did_not_attend: float = 0.0) -> float:
    """Attended appointments that fit into `hours`, given the share of appointments that nobody attends.

    Source: arithmetic: hours in slots, less those missed.

    >>> round(slots(1000, slot_minutes=45, did_not_attend=0.1))
    1200
    """
    minutes = number("slot_minutes", slot_minutes, minimum=0, above=True)
    attended = 1 - number("did_not_attend", did_not_attend, minimum=0, maximum=1)
    return number("hours", hours, minimum=0) * 60 / minutes * attended


def _checked_dates(
    referrals: Sequence[datetime.date],
    removals: Sequence[datetime.date | None],
    start: datetime.date,
    end: datetime.date,
) -> tuple[Days, Days]:
    """Arrivals up to `end` and their removals; people still waiting leave after the last possible day."""
    if end <= start:
        raise ValueError(f"end is {end}; it must be after start, {start}")
    if len(referrals) != len(removals):
        raise ValueError(
            f"there are {len(referrals)} referrals and {len(removals)} removals; they must be as many"
        )
    arrived = np.array(referrals, dtype="datetime64[D]")
    removed = np.array([datetime.date.max if day is None else day for day in removals], dtype="datetime64[D]")
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
    days = np.arange(first, last + np.timedelta64(1, "D"))
    joined = np.searchsorted(np.sort(arrived), days, side="right")
    left = np.searchsorted(np.sort(removed), days, side="right")
    return (joined - left).astype(np.int64)


def _rate(days: Days) -> tuple[float, float]:
    """Events a week as the inverse of the mean interval (above 0), and the intervals' variation."""
    intervals = np.diff(np.sort(days)).astype(np.int64)
    mean = float(intervals.mean())
    variation = float(intervals.std(ddof=1)) / mean if intervals.size > 1 else 0.0
    return DAYS_PER_WEEK / mean, variation
