"""How a request for a report from the person's own doctor moves."""

from openoh.foundation.core.lifecycle import Lifecycle, State

MEDICAL_REPORT = Lifecycle(
    name="request for a report",
    states={
        "asked": State("Waiting for the person’s decision", "orange", "Decide whether we may ask"),
        "agreed": State("Agreed: write to the doctor", "blue", "You agreed. We write to your doctor"),
        "agreed-see-first": State(
            "Agreed, the person sees it first: write to the doctor", "blue",
            "You agreed, and see it first. We write to your doctor",
        ),
        "sent": State("With the doctor", "aqua-green", "With your doctor"),
        "sent-see-first": State(
            "With the doctor; the person sees it first", "aqua-green", "With your doctor. You see it first"
        ),
        "received": State("Received", "green", "We have the report"),
        "refused": State("The person said no", "red", "You said no"),
        "withdrawn": State("Taken back by us", "grey", "We no longer ask"),
    },
    moves={
        "asked": ("agreed", "agreed-see-first", "refused", "withdrawn"),
        "agreed": ("sent", "agreed-see-first", "refused", "withdrawn"),
        "agreed-see-first": ("sent-see-first", "agreed", "refused", "withdrawn"),
        "sent": ("sent-see-first", "received", "refused", "withdrawn"),
        "sent-see-first": ("received", "refused", "withdrawn"),
    },
)  # fmt: skip
OPEN = tuple(state for state in MEDICAL_REPORT.states if state not in MEDICAL_REPORT.ends())
BEFORE_LETTER = ("agreed", "agreed-see-first")
WITH_DOCTOR = ("sent", "sent-see-first")

# What the person can say, by the states in which they can.
SAID: dict[str, tuple[str, ...]] = {
    "see-first": ("asked", "agreed"),
    "agree": ("asked", "agreed-see-first"),
    "want-to-see": ("sent",),
    "arranged": ("sent-see-first",),
    "supply": ("sent-see-first",),
    "refuse": OPEN,
}
IN_WRITING = frozenset({"see-first", "agree", "supply"})
