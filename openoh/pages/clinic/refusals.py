"""What a form says when an action refuses: nothing is lost, and the sentence tells what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.pages.submission import complaint

WHOLE_PAGE = "page"
"""The name under which an error stands that belongs to no field; every page has this anchor."""


@dataclass
class Refusal:
    """Empty while all is well. `errors` are sentences by field; `status` is that of the page that shows them."""

    errors: dict[str, str] = field(default_factory=dict)
    status: HTTPStatus = HTTPStatus.OK

    def __bool__(self) -> bool:
        return bool(self.errors)

    @property
    def is_conflict(self) -> bool:
        """Whether somebody else acted first."""
        return self.status is HTTPStatus.CONFLICT


@contextmanager
def refusals() -> Iterator[Refusal]:
    """Run one action; what it refuses is in the yielded refusal afterwards."""
    refusal = Refusal()
    try:
        yield refusal
    except (Invalid, Conflict, NotAllowed) as error:
        field, sentence, refusal.status = complaint(error, elsewhere=WHOLE_PAGE)
        refusal.errors = {field: sentence}
