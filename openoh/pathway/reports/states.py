"""How a report moves from draft to the named manager, or is blocked."""

from openoh.foundation.core.lifecycle import Lifecycle, State

REPORT = Lifecycle(
    name="report",
    states={
        "draft": State("Being written", "grey"),
        "with-person": State("With the person", "blue", "Read it and decide"),
        "correction-asked": State("Correction asked for", "orange", "You asked for a correction"),
        "to-release": State(
            "To be sent to the named people", "aqua-green", "Being sent to the people named in it"
        ),
        "released": State("Released", "green", "Sent to the people named in it"),
        "blocked": State("Not released", "red", "You said no: nobody can read it"),
        "replaced": State("Replaced by a newer version", "grey", "There is a newer version"),
    },
    # "to-release" is a stop of seconds, or longer when nobody is left who may receive it.
    moves={
        "draft": ("with-person",),
        "with-person": ("correction-asked", "to-release", "blocked", "replaced"),
        "correction-asked": ("with-person", "to-release", "blocked", "replaced"),
        "to-release": ("released", "blocked"),
        "released": ("replaced", "blocked"),
        "blocked": ("to-release", "replaced"),
    },
)
