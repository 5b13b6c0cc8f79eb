"""Erlang's formulas: losing, waiting and staffing in a queue of calls or callers."""

import math

from openoh.methods._checks import number, share, whole

# A million servers is far beyond any service; Erlang's recurrence takes one step for each.
MOST_SERVERS = 1_000_000


def erlang_b(traffic: float, servers: int) -> float:
    """The probability that an arrival finds all servers busy and is lost.

    `traffic` in erlangs (arrival rate times handling time), >= 0; `servers` whole, 0 to 1,000,000. Raises
    `ValueError` outside. Source: Erlang (1917).

    >>> round(erlang_b(123, 132), 4)
    0.0312
    """
    offered, count = number("traffic", traffic, minimum=0), whole("servers", servers, maximum=MOST_SERVERS)
    if offered == 0:
        return 1.0 if count == 0 else 0.0
    blocked = 1.0
    for busy in range(1, count + 1):
        blocked = _one_server_more(offered, busy, blocked)
    return blocked


def _one_server_more(traffic: float, servers: int, blocked: float) -> float:
    """Erlang's recurrence: the share that `servers` lose, from what one server less loses."""
    return traffic * blocked / (servers + traffic * blocked)


def erlang_c(traffic: float, servers: int) -> float:
    """The probability that an arrival must wait; 1.0 where the traffic is at least the number of servers.

    Ranges as `erlang_b`. Source: Erlang (1917).

    >>> round(erlang_c(123, 132), 4)
    0.3211
    """
    return _waiting(traffic, servers, erlang_b(traffic, servers))


def _waiting(traffic: float, servers: int, blocked: float) -> float:
    return 1.0 if traffic >= servers else blocked / (1 - traffic / servers * (1 - blocked))


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
    return _within_wait(traffic, servers, erlang_b(traffic, servers), wait / handling)


def _within_wait(traffic: float, servers: int, blocked: float, handling_times: float) -> float:
    """The share served within a wait of so many handling times."""
    if traffic >= servers:
        return 0.0
    return 1 - _waiting(traffic, servers, blocked) * math.exp(-(servers - traffic) * handling_times)


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
    share("level", level)
    servers = math.floor(number("traffic", traffic, minimum=0, maximum=MOST_SERVERS)) + 1
    blocked = erlang_b(traffic, servers)
    while _within_wait(traffic, servers, blocked, target_wait / handling_time) < level:
        servers += 1
        blocked = _one_server_more(traffic, servers, blocked)
    return servers


def rostered_for(servers: int, *, shrinkage: float) -> int:
    """How many people to roster for `servers` at work when the share `shrinkage` (0 to below 1) is away.

    Source: arithmetic: those present are a share of those rostered.

    >>> rostered_for(14, shrinkage=0.3)
    20
    """
    if number("shrinkage", shrinkage, minimum=0, maximum=1) == 1:
        raise ValueError(f"shrinkage is {shrinkage!r}; it must be at least 0 and below 1")
    return math.ceil(whole("servers", servers) / (1 - shrinkage) - 1e-9)
