"""How an appointment may move. From booked to booked is a new time for the same appointment."""

from openoh.foundation.core.lifecycle import Lifecycle, State

APPOINTMENT = Lifecycle(
    name="appointment",
    states={
        "booked": State("Booked", "blue"),
        "arrived": State("Arrived", "aqua-green"),
        "attended": State("Attended", "green"),
        "did-not-attend": State("Did not attend", "orange"),
        "cancelled": State("Cancelled", "grey"),
    },
    moves={
        "booked": ("booked", "arrived", "attended", "did-not-attend", "cancelled"),
        "arrived": ("attended", "cancelled"),
        "did-not-attend": ("attended",),
    },
)
