"""Of two who want the same, the database decides who was first; the second is told in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError

from openoh.foundation.core.errors import Conflict
from openoh.foundation.core.scope import undone_on_error

TAKEN = {
    "one_appointment_per_slot": "Somebody has just taken this time. Choose another one.",
    "person_in_one_place_at_a_time": "There is another appointment at this time. Move or cancel that one first.",
    "clinician_in_one_place_at_a_time": "The clinician already has times then. Choose a stretch that is free.",
    "one_clinician_per_account": "They are recorded as a clinician already. Change that entry instead.",
}


@contextmanager
def or_conflict() -> Iterator[None]:
    """A block whose broken constraint is a Conflict that says what to do."""
    try:
        with undone_on_error():
            yield
    except IntegrityError as error:
        violated = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if violated not in TAKEN:
            raise
        raise Conflict(TAKEN[violated]) from None
