"""What every operation passes: signed in, session good, second step given, permission held, one scope, reading kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest
from ninja.errors import HttpError

from openoh.foundation.access import sessions
from openoh.foundation.access.arriving import arrival_of
from openoh.foundation.access.permissions import known
from openoh.foundation.access.queries import choose
from openoh.foundation.access.readings import record_readings
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed, OpenOHError
from openoh.foundation.core.scope import within

Operation = TypeVar("Operation", bound=Callable[..., Any])
STATUS = {Invalid: 422, Conflict: 409, NotAllowed: 403}
NOT_FOUND = "There is nothing here that you may see."


class Call(HttpRequest):
    """A request that passed the guard."""

    actor: Actor
    shown_people: set[UUID]


def signed_in(request: HttpRequest) -> bool:
    """Whether the session may be used; ninja answers 401 when not."""
    return bool(request.user.is_authenticated and sessions.still_good(request))


def operation(permission: str) -> Callable[[Operation], Operation]:
    """Guard an operation with `permission`, and run it inside the scope of the actor that has it."""
    known(permission)

    def wrap(function: Operation) -> Operation:
        @wraps(function)
        def guarded(request: HttpRequest, *arguments: Any, **parts: Any) -> Any:
            call = cast(Call, request)
            call.actor, call.shown_people = _actor(request, permission), set()
            with within(call.actor.scope, whole=True):
                try:
                    answer = function(call, *arguments, **parts)
                except ObjectDoesNotExist:
                    raise HttpError(404, NOT_FOUND) from None
                except OpenOHError as error:
                    raise HttpError(STATUS.get(type(error), 409), str(error)) from None
                record_readings(by=call.actor, page=f"api:{function.__name__}", people=call.shown_people)
            return answer

        guarded.permission = permission  # type: ignore[attr-defined]  # read by the role table
        return cast(Operation, guarded)

    return wrap


def _actor(request: HttpRequest, permission: str) -> Actor:
    arrived = arrival_of(request)
    if arrived.stopped:
        raise HttpError(429, "Too many addresses that are not yours. Wait five minutes.")
    actor = choose(arrived.grants, permission, request.session.get("assignment"))
    if actor is None:
        raise HttpError(404, NOT_FOUND)
    if sessions.second_step_missing(request, actor):
        raise HttpError(403, "This role needs a second proof of who you are. Sign in on a page first.")
    return actor
