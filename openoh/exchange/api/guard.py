"""What every operation passes: signed in with a good session and second step, or a program with a key; permission
held, one scope, reading kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest
from ninja.errors import HttpError

from openoh.foundation.access import programs, sessions
from openoh.foundation.access.arriving import arrival_of, was_stopped
from openoh.foundation.access.models import ApiKey
from openoh.foundation.access.permissions import known
from openoh.foundation.access.queries import choose
from openoh.foundation.access.readings import record_readings
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed, OpenOHError
from openoh.foundation.core.scope import within

Operation = TypeVar("Operation", bound=Callable[..., Any])
STATUS = {Invalid: 422, Conflict: 409, NotAllowed: 403}
NOTHING_HERE = 404
NOT_FOUND = "There is nothing here that you may see."


class Call(HttpRequest):
    """A request that passed the guard."""

    actor: Actor
    shown_people: set[UUID]
    key: ApiKey


def called_by_program(request: HttpRequest, sent: str) -> bool:
    """True, with the key in the request. Raises HttpError for a key that may not be used, and for too many calls."""
    place, wrong = get_adapter().get_client_ip(request), programs.wrong_keys()
    if wrong.reached(place):
        raise HttpError(429, "Too many wrong keys. Wait five minutes.")
    key = programs.holder_of(sent)
    if key is None:
        wrong.note(place)
        raise HttpError(401, "This key is not known, has expired or was revoked.")
    if programs.calls().reached(key.pk):
        raise HttpError(429, "Too many calls with this key. Wait a minute.")
    programs.calls().note(key.pk)
    cast(Call, request).key = key
    return True


def signed_in(request: HttpRequest) -> bool:
    """Whether the session may be used; ninja answers 401 when not."""
    return sessions.signed_in(request)


def operation(permission: str) -> Callable[[Operation], Operation]:
    """Guard an operation with `permission`, and run it inside the scope of the actor that has it."""
    known(permission)

    def wrap(function: Operation) -> Operation:
        @wraps(function)
        def guarded(request: HttpRequest, *arguments: Any, **parts: Any) -> Any:
            call = cast(Call, request)
            try:
                call.actor, call.shown_people = _actor(request, permission), set()
                return _inside_scope(function, call, arguments, parts)
            except HttpError as refused:
                if refused.status_code == NOTHING_HERE:
                    _note_guess(request)
                raise

        guarded.permission = permission  # type: ignore[attr-defined]  # read by the role table
        return cast(Operation, guarded)

    return wrap


def _inside_scope(
    function: Callable[..., Any], call: Call, arguments: tuple[Any, ...], parts: dict[str, Any]
) -> Any:
    with within(call.actor.scope, whole=True):
        try:
            answer = function(call, *arguments, **parts)
        except ObjectDoesNotExist:
            raise HttpError(NOTHING_HERE, NOT_FOUND) from None
        except OpenOHError as error:
            raise HttpError(STATUS.get(type(error), 409), str(error)) from None
        record_readings(by=call.actor, page=f"api:{function.__name__}", people=call.shown_people)
    return answer


def _actor(request: HttpRequest, permission: str) -> Actor:
    key: ApiKey | None = getattr(request, "key", None)
    if was_stopped(key.user_id) if key else arrival_of(request).stopped:
        raise HttpError(429, "Too many addresses that are not yours. Wait five minutes.")
    actor = (
        programs.actor_of(key, permission)
        if key
        else choose(arrival_of(request).grants, permission, request.session.get("assignment"))
    )
    if actor is None:
        raise HttpError(NOTHING_HERE, NOT_FOUND)
    if key is None and sessions.second_step_missing(request, actor):
        raise HttpError(403, "This role needs a second proof of who you are. Sign in on a page first.")
    return actor


def _note_guess(request: HttpRequest) -> None:
    """A program's wrong address counts as a person's does; the gate counts those of sessions."""
    if key := getattr(request, "key", None):
        sessions.note_guess(key.user_id)
