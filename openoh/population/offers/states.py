"""How an offer moves from the rule's decision to the person's answer."""

from openoh.foundation.core.lifecycle import Lifecycle, State

OFFER = Lifecycle(
    name="offer",
    states={
        "held": State("Waiting for a person to release it", "yellow"),
        "ready": State("Ready to send", "blue"),
        "sent": State("Sent", "aqua-green", "We have an offer of help for you"),
        "accepted": State("Accepted", "green", "You accepted this"),
        "declined": State("Not now", "grey", "You said not now"),
        "never": State("Never for this", "grey", "You asked us not to offer this again"),
        "stopped": State("Stopped", "red"),
        "lapsed": State("No answer", "grey"),
    },
    moves={
        "held": ("ready", "stopped"),
        "ready": ("sent", "stopped", "accepted", "declined", "never"),
        "sent": ("accepted", "declined", "never", "stopped", "lapsed"),
        "declined": ("accepted", "never"),
        "lapsed": ("accepted", "declined", "never"),
    },
)
