"""How an adjustment moves from a recommendation to an end."""

from openoh.foundation.core.lifecycle import Lifecycle, State

ADJUSTMENT = Lifecycle(
    name="adjustment",
    states={
        "recommended": State("Waiting for an answer", "orange"),
        "planned": State("Planned", "blue"),
        "done": State("Done", "green"),
        "partly": State("Partly done", "yellow"),
        "declined": State("Cannot be done", "red"),
        "ended": State("Ended", "grey"),
        "withdrawn": State("Withdrawn", "grey"),
    },
    moves={
        "recommended": ("planned", "done", "partly", "declined", "withdrawn"),
        "planned": ("done", "partly", "declined", "withdrawn", "ended"),
        "partly": ("planned", "done", "declined", "withdrawn", "ended"),
        "done": ("ended", "withdrawn", "partly"),
        "declined": ("planned", "done", "partly", "withdrawn"),
    },
)
