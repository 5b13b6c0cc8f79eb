"""The decorator that every action wears, and the record of a reading.

    @action("referral.made")
    def refer(*, by: Actor, ...) -> Referral: ...

An action is keyword-only, names its actor, runs in one transaction inside the actor's scope, and leaves an audit
event in that transaction. It returns the thing that it changed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from openoh.foundation.audit.models import Event, Reading
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.postgresql.base import write_soon
from openoh.foundation.core.scope import current_scope, within

_verbs: set[str] = set()
Function = TypeVar("Function", bound=Callable[..., Any])


class AnonymousWrite(TypeError):
    """An action was called without an actor."""


def action(verb: str) -> Callable[[Function], Function]:
    """Make a function an audited action. `verb` is ``"<thing>.<past participle>"``."""

    _verbs.add(verb)

    def wrap(function: Function) -> Function:
        _must_be_keyword_only(function)

        @wraps(function)
        def audited(*, by: Actor, **arguments: Any) -> Any:
            if not isinstance(by, Actor):
                raise AnonymousWrite(f"{function.__qualname__} needs by=actor, not {by!r}")
            with within(current_scope() or by.scope):
                changed = function(by=by, **arguments)
                record(by=by, verb=verb, target=changed)
            return changed

        return audited  # type: ignore[return-value]  # the wrapper keeps the signature, which wraps cannot express

    return wrap


def verbs() -> list[str]:
    """Everything that an action of the service may be called in its audit, in the order of the alphabet."""
    return sorted(_verbs)


def record(*, by: Actor, verb: str, target: object = None, details: dict[str, object] | None = None) -> None:
    """Write one audit event; actions do it by themselves, bulk work calls it once for each batch."""
    write_soon(Event(
        user_id=by.user,
        actor=by.name,
        role=by.role,
        verb=verb,
        target=type(target).__name__ if target is not None else "",
        target_id=str(getattr(target, "pk", "") or ""),
        person_id=getattr(target, "person_id", None) or by.person,
        employer_id=getattr(target, "employer_id", None) or _only(by.employers),
        provider_id=getattr(target, "provider_id", None) or by.provider,
        details=details or getattr(target, "audit_details", None) or {},
    ))  # fmt: skip


def record_reading(*, by: Actor, page: str, people: Iterable[UUID]) -> None:
    """Write that `by` was shown these people's records on this page; one row a request, none for nobody."""
    shown = sorted(set(people), key=str)
    if shown:
        write_soon(Reading(
            user_id=by.user, actor=by.name, role=by.role, page=page, reason=by.reason, person_ids=shown,
            employer_id=_only(by.employers), provider_id=by.provider,
        ))  # fmt: skip


def _only(values: tuple[UUID, ...]) -> UUID | None:
    return values[0] if len(values) == 1 else None


def _must_be_keyword_only(function: Callable[..., Any]) -> None:
    parameters = inspect.signature(function).parameters
    wrong = [p.name for p in parameters.values() if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    if wrong or "by" not in parameters:
        raise TypeError(
            f"{function.__qualname__}: actions take keyword-only arguments and by=; wrong: {wrong}"
        )
