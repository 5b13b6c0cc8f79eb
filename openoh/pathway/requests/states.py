"""How a person's own request moves."""

from openoh.foundation.core.lifecycle import Lifecycle, State

REQUEST = Lifecycle(
    name="request for help",
    states={
        "started": State("Being filled in", "grey", "You have not finished this yet"),
        "sent": State("Waiting for triage", "blue", "A nurse will read it"),
        "asked": State("Waiting for the person", "orange", "We have asked you something"),
        "booked": State("Booked directly", "aqua-green", "You have an appointment"),
        "accepted": State("Accepted", "green", "We have a plan for you"),
        "closed": State("Closed", "grey", "Finished"),
        "withdrawn": State("Withdrawn", "grey", "You took this back"),
    },
    moves={
        "started": ("sent", "booked", "withdrawn"),
        "sent": ("asked", "accepted", "booked", "closed", "withdrawn"),
        "asked": ("sent", "accepted", "closed", "withdrawn"),
        "booked": ("accepted", "closed", "withdrawn"),
        "accepted": ("closed", "withdrawn"),
    },
)
