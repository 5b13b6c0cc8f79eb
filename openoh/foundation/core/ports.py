"""A place where an earlier package lets a later one do part of its work, in the same transaction.

Facts tell later packages what happened, after it is kept. A port is for the few things that must be kept together
or not at all: the answer and the risk flag that it raises, the triage decision and the case that it opens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

Given = ParamSpec("Given")
Returned = TypeVar("Returned")


class PortNotFilled(LookupError):
    """No package has taken the work on: the installation lacks an application."""


class Port(Generic[Given, Returned]):
    """Called like the function that fills it. `name` says what the work is, for whoever reads the error."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._work: Callable[Given, Returned] | None = None

    def fill(self, work: Callable[Given, Returned]) -> None:
        """Take the work on, once, from an AppConfig's `ready`."""
        self._work = work

    def __call__(self, *args: Given.args, **kwargs: Given.kwargs) -> Returned:
        if self._work is None:
            raise PortNotFilled(f"nobody has taken on the work {self.name!r}")
        return self._work(*args, **kwargs)
