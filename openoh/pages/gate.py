"""The gate that every request passes: no page without a rule, no rule without an actor, one scope a request.

    @page("people.manage")
    def people(request): ...

The rule names one permission; the account's role that has it becomes the actor; the view runs, and its template is
rendered, inside that actor's scope; whose records it showed is written down in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from openoh.foundation.access import sessions
from openoh.foundation.access.arriving import arrival_of
from openoh.foundation.access.permissions import known
from openoh.foundation.access.queries import Grant, choose
from openoh.foundation.access.readings import record_readings
from openoh.foundation.access.rules_of_pages import PageRule, public
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.scope import within

__all__ = ["DenyByDefault", "PageRule", "Request", "page", "public", "show"]

View = Callable[..., HttpResponseBase]


class Request(HttpRequest):
    """A request that passed the gate. `actor` is who acts; `grants` every role the account holds today."""

    actor: Actor
    grants: list[Grant]
    shown_people: set[UUID]


def page(permission: str) -> Callable[[View], View]:
    """Mark a view as needing `permission`, and run it inside the scope of the actor that has it."""
    rule = PageRule(known(permission))

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *arguments: Any, **parts: Any) -> HttpResponseBase:
            if not sessions.signed_in(request):
                return _to_sign_in(request)
            passed = cast(Request, request)
            _refuse_unreadable(request)
            arrived = arrival_of(request)
            if arrived.stopped:
                return TooManyGuesses()
            passed.grants = arrived.grants
            actor = choose(arrived.grants, permission, request.session.get("assignment"))
            if actor is None:
                raise Http404  # what is not yours does not exist
            if detour := sessions.second_step_missing(request, actor):
                return detour
            passed.actor, passed.shown_people = actor, set()
            with within(actor.scope):
                try:
                    response = view(passed, *arguments, **parts)
                except (ObjectDoesNotExist, PermissionDenied):
                    raise Http404 from None
                record_readings(by=passed.actor, page=_name_of(passed), people=passed.shown_people)
            sessions.remember_account(request, response)
            return response

        guarded.page_rule = rule  # type: ignore[attr-defined]  # functions carry their rule for the role table
        return guarded

    return wrap


def show(request: Request, people: Iterable[UUID | None]) -> None:
    """Say whose records this page shows, so that the people can see who looked."""
    request.shown_people.update(person for person in people if person)


class DenyByDefault:
    """Refuses every view that has no rule: a forgotten decorator is a 404, not an open door."""

    # The API has its own guard, on every operation; the role table lists them.
    LIBRARY_PREFIXES = ("allauth.", "ninja.")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Ward computers are shared: what one person was shown must not come back for the next by pressing “back”.
        response.headers.setdefault("Cache-Control", "private, no-store")
        if response.status_code == HTTPStatus.NOT_FOUND and request.user.is_authenticated:
            sessions.note_guess(request.user.id)
        return response

    def process_view(self, request: HttpRequest, view: View, arguments: Any, parts: Any) -> None:
        if getattr(view, "page_rule", None) is None and not view.__module__.startswith(self.LIBRARY_PREFIXES):
            raise Http404


class TooManyGuesses(HttpResponse):
    """Somebody tries one address after another. They are asked to stop for a while."""

    status_code = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self) -> None:
        super().__init__("Too many pages that are not yours. Wait five minutes.", content_type="text/plain")


def _refuse_unreadable(request: HttpRequest) -> None:
    """The sign NUL is no text, and PostgreSQL keeps none; nobody types it who means well."""
    if any(
        "\0" in value
        for sent in (request.GET, request.POST)
        for _, values in sent.lists()
        for value in values
    ):
        raise BadRequest("NUL in what was sent")


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    response = redirect_to_login(request.get_full_path() if request.method == "GET" else "/kept")
    sessions.keep_form(request, response)
    return response


def _name_of(request: HttpRequest) -> str:
    match = request.resolver_match
    return (match.view_name if match else "") or request.path[:120]
