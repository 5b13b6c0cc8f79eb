"""What a page or operation needs before it is shown: a permission, or nothing, with the reason why nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class PageRule:
    """`permission` None means open to everybody, and `public_because` says why."""

    permission: str | None
    public_because: str = ""


def public(because: str) -> Callable[[View], View]:
    """Mark a view as open to everybody, and say why."""

    def wrap(view: View) -> View:
        view.page_rule = PageRule(None, because)  # type: ignore[attr-defined]  # read by the gate and the role table
        return view

    return wrap
