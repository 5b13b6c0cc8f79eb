"""How a case moves."""

from openoh.foundation.core.lifecycle import Lifecycle, State

CASE = Lifecycle(
    name="case",
    states={
        "open": State("Open", "blue"),
        "monitoring": State("Waiting for the outcome", "aqua-green"),
        "closed": State("Closed", "grey"),
    },
    moves={"open": ("monitoring", "closed"), "monitoring": ("open", "closed"), "closed": ("open",)},
)
