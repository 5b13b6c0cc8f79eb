"""Queues: Erlang's formulas, waiting-list theory in one unit of time, capacity of working time and slots."""

from openoh.methods._figure import Figure
from openoh.methods.queueing._capacity import clinical_hours, slots
from openoh.methods.queueing._erlang import (
    average_wait,
    erlang_b,
    erlang_c,
    rostered_for,
    servers_for,
    service_level,
)
from openoh.methods.queueing._waiting_list import (
    WaitingList,
    queue_load,
    relief_capacity,
    target_capacity,
    target_mean_wait,
    target_queue_size,
    waiting_list,
    waiting_list_pressure,
)

__all__ = [
    "Figure",
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
