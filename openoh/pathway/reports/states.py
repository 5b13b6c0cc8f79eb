"""How a report moves from draft to the named manager, or is blocked."""

from openoh.foundation.core.lifecycle import Lifecycle, State

REPORT = Lifecycle(
    name="report",
    states={
        "draft": State("Being written", "grey"),
        "with-person": State("With the person", "blue", "Read it and decide"),
        "correction-asked": State("Correction asked for", "orange", "You asked for a correction"),
        "released": State("Released", "green", "Sent to the people named in it"),
        "blocked": State("Not released", "red", "You said no: nothing was sent"),
        "replaced": State("Replaced by a newer version", "grey"),
    },
    moves={
        "draft": ("with-person",),
        "with-person": ("correction-asked", "released", "blocked"),
        "correction-asked": ("with-person", "replaced", "blocked"),
        "released": ("replaced", "blocked"),
        "blocked": ("with-person",),
    },
)
