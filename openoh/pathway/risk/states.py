"""How a risk flag may move. It is closed by a clinician's decision only, never by somebody not turning up."""

from openoh.foundation.core.lifecycle import Lifecycle, State

FLAG = Lifecycle(
    name="risk flag",
    states={
        "raised": State("Waiting for a clinician", "red"),
        "acknowledged": State("A clinician has it", "orange"),
        "contact-tried": State("Contact tried", "orange"),
        "contacted": State("Person contacted", "yellow"),
        "closed": State("Closed with a plan", "green"),
    },
    moves={
        "raised": ("acknowledged",),
        "acknowledged": ("acknowledged", "contact-tried", "contacted"),
        "contact-tried": ("acknowledged", "contact-tried", "contacted"),
        "contacted": ("acknowledged", "contact-tried", "closed"),
    },
)
