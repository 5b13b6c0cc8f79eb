"""How a campaign moves."""

from openoh.foundation.core.lifecycle import Lifecycle, State

CAMPAIGN = Lifecycle(
    name="campaign",
    states={
        "draft": State("Draft", "grey"),
        "running": State("Running", "green"),
        "stopped": State("Stopped", "grey"),
    },
    moves={"draft": ("running", "stopped"), "running": ("stopped",)},
)
