"""Waiting lists, Erlang's formulas and capacity."""

from openoh.cli.calc.charts import Chart, Line
from openoh.cli.calc.specification import Calculation, Parameter, Result, needed, optional

HELP = "waiting lists, telephone lines and capacity"

TRAFFIC = needed("traffic", "value", "arrivals times handling time (erlangs), or a column")
HANDLING = needed("handling_time", "value", "handling time, in the unit of the wait, or a column")
TARGET = needed("target_wait", "value", "target wait, or a column")
DEMAND = needed("demand", "value", "arrivals in a unit of time, or a column")


def _queue(result: Result) -> Chart:
    days = result.value.queue_by_day
    return Chart(
        "People waiting by day", (Line("waiting", days),), tuple(str(day + 1) for day in range(len(days)))
    )


def _formula(name: str, function: str, help_text: str, *parameters: Parameter) -> Calculation:
    return Calculation("queueing", name, function, help_text, parameters)


CALCULATIONS = (
    Calculation(
        "queueing",
        "waiting-list",
        "waiting_list",
        "size, waits, load and pressure of a list, and the capacity it needs",
        (
            needed("referrals", "dates", "the column of referral dates"),
            needed("removals", "dates", "the column of removal dates (blank = waiting)"),
            needed("start", "date", "first day"),
            needed("end", "date", "last day"),
            needed("target_wait", "number", "target wait in weeks"),
        ),
        chart=_queue,
    ),
    _formula(
        "erlang-b",
        "erlang_b",
        "share of calls lost",
        TRAFFIC,
        needed("servers", "value", "servers, or a column"),
    ),
    _formula(
        "erlang-c",
        "erlang_c",
        "share of calls that wait",
        TRAFFIC,
        needed("servers", "value", "servers, or a column"),
    ),
    _formula(
        "service-level",
        "service_level",
        "share of calls answered in time",
        TRAFFIC,
        needed("servers", "value", "servers, or a column"),
        HANDLING,
        TARGET,
    ),
    _formula(
        "servers",
        "servers_for",
        "fewest servers for a service level",
        TRAFFIC,
        HANDLING,
        TARGET,
        needed("level", "value", "share to be answered in time, or a column"),
    ),
    _formula(
        "target-queue",
        "target_queue_size",
        "the queue that goes with a target wait",
        DEMAND,
        TARGET,
        optional("factor", "number", "target wait over mean wait (4)"),
    ),
    _formula(
        "target-capacity",
        "target_capacity",
        "the capacity that keeps a queue at its target size",
        DEMAND,
        TARGET,
        optional("factor", "number", "target wait over mean wait (4)"),
        optional("cv_demand", "number", "variation of the intervals between arrivals (1)"),
        optional("cv_capacity", "number", "variation of the intervals between removals (1)"),
    ),
    _formula(
        "relief-capacity",
        "relief_capacity",
        "the capacity that brings a queue to its target size in time",
        DEMAND,
        needed("queue_size", "value", "people waiting, or a column"),
        needed("target_queue_size", "value", "the target size, or a column"),
        needed("time_to_target", "value", "time in which to reach it, or a column"),
    ),
)
