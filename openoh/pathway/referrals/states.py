"""How a manager's referral moves. `person_words` are for the person; managers read pages/manager's own words."""

from openoh.foundation.core.lifecycle import Lifecycle, State

REFERRAL = Lifecycle(
    name="referral",
    states={
        "draft": State("Being written", "grey"),
        "sent": State("With occupational health", "blue"),
        "returned": State("Waiting for you", "orange"),
        "accepted": State("With occupational health", "blue"),
        "advised": State("Advice given", "green"),
        "no-advice": State("Occupational health cannot give advice", "grey"),
        "rejected": State("Not for occupational health", "grey"),
        "withdrawn": State("Withdrawn", "grey"),
    },
    moves={
        "draft": ("sent", "withdrawn"),
        "sent": ("accepted", "returned", "rejected", "withdrawn"),
        "returned": ("sent", "withdrawn"),
        "accepted": ("advised", "no-advice"),
        "advised": ("advised", "no-advice"),
        "no-advice": ("advised",),
    },
)
