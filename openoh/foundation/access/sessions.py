"""What a session must be before a page is shown: not idle for too long, from the browser it began in, and proven
twice for those who read other people's records."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from allauth.account.internal.flows.login import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
)
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout, update_session_auth_hash
from django.contrib.sessions.backends.db import SessionStore
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse, HttpResponseBase, parse_cookie
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from openoh.foundation.access.arriving import stop
from openoh.foundation.access.limits import Limit
from openoh.foundation.accounts import kept_forms
from openoh.foundation.accounts.employer_sign_in import PROVIDER
from openoh.foundation.accounts.models import User
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience

IDLE_LIMIT = timedelta(minutes=30)
NOTED_EVERY = timedelta(minutes=2)
LAST_ACCOUNT_COOKIE = "last-account"
KEPT_FORM_COOKIE = "kept-form"
NEEDS_SECOND_STEP = frozenset({Audience.CLINICAL, Audience.SERVICE})
PROOF_HOLDS = timedelta(minutes=15)
GUESSES = Limit("guesses", allowed=30, seconds=300)


def still_good(request: HttpRequest) -> bool:
    """Whether the session may go on; ends it when it was idle too long or comes from another browser."""
    now, session = clock.now(), request.session
    seen = session.get("seen")
    browser = _browser(request)
    moved = session.get("browser", browser) != browser
    idle = seen is not None and now - datetime.fromisoformat(seen) > IDLE_LIMIT
    if moved or idle:
        logout(request)
        return False
    if seen is None or now - datetime.fromisoformat(seen) > NOTED_EVERY:
        session["seen"], session["browser"] = now.isoformat(), browser
    return True


def signed_in(request: HttpRequest) -> bool:
    """Whether somebody is signed in with a session that may go on."""
    return bool(request.user.is_authenticated and still_good(request))


def comes_signed_in(environ: Mapping[str, object]) -> bool:
    """Whether a request that nobody has read yet brings the session of somebody signed in."""
    cookies = parse_cookie(str(environ.get("HTTP_COOKIE", "")))
    key = cookies.get(settings.SESSION_COOKIE_NAME)
    return bool(key) and SESSION_KEY in SessionStore(key)


def second_step_missing(request: HttpRequest, actor: Actor) -> HttpResponse | None:
    """Where to send somebody whose role needs a second proof and who has not given it; None when all is well."""
    if settings.DEMO or actor.audience not in NEEDS_SECOND_STEP:
        return None
    if any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user)):
        return None
    name = "mfa_reauthenticate" if is_mfa_enabled(request.user) else "mfa_activate_totp"
    return redirect(f"{reverse(name)}?{urlencode({'next': request.get_full_path()})}")


def proven_elsewhere(request: HttpRequest) -> bool:
    """Whether the second proof of this session was the employer's: there may be none of ours to ask for again."""
    records = get_authentication_records(request, request.user)
    return any(each.get("method") == "mfa" and each.get("type") == PROVIDER for each in records)


def proved_lately(request: HttpRequest) -> bool:
    """Whether the account has shown who it is a short while ago, by signing in or by its second proof."""
    since = (clock.now() - PROOF_HOLDS).timestamp()
    return any(record["at"] >= since for record in get_authentication_records(request, request.user))


def may_act(request: HttpRequest) -> bool:
    """Whether an act worth a thief's trouble may be done now; in a demonstration nobody has a second proof."""
    return settings.DEMO or proved_lately(request)


def end_others(request: HttpRequest) -> None:
    """End every session of the account but this one: they are tied to a value that changes here."""
    user = cast(User, request.user)
    user.set_unusable_password()
    user.save(update_fields=["password"])
    update_session_auth_hash(request, user)


def forget_second_step(request: HttpRequest) -> None:
    """This session was proven by something that is no longer there."""
    records = get_authentication_records(request, request.user)
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [r for r in records if r.get("method") != "mfa"]


def remember_account(request: HttpRequest, response: HttpResponseBase) -> None:
    """Leave a signed note of whose browser this is, so that a form sent too late goes back to the same account."""
    if _last_account(request) == request.user.pk or not hasattr(response, "set_cookie"):
        return
    response.set_cookie(
        LAST_ACCOUNT_COOKIE, Signer().sign(str(request.user.pk)), max_age=86_400, httponly=True,
        secure=settings.SECURE_COOKIES, samesite="Lax",
    )  # fmt: skip


def keep_form(request: HttpRequest, response: HttpResponse) -> None:
    """Keep a form that arrived without a session, if we know whose browser sent it."""
    account = _last_account(request)
    if request.method != "POST" or account is None:
        return
    fields = [(n, v) for n, values in request.POST.lists() for v in values if n != "csrfmiddlewaretoken"]
    token = kept_forms.keep(
        kept_forms.Form(request.get_full_path(), [(n, str(v)) for n, v in fields]), account=account
    )
    if token:
        response.set_cookie(
            KEPT_FORM_COOKIE,
            token,
            max_age=86_400,
            httponly=True,
            secure=settings.SECURE_COOKIES,
            samesite="Lax",
        )


def note_guess(account: UUID) -> None:
    """Count one page that was not this account's; too many of them stop it."""
    GUESSES.note(account)
    if GUESSES.reached(account):
        stop(account)


def _last_account(request: HttpRequest) -> UUID | None:
    try:
        return UUID(Signer().unsign(request.COOKIES.get(LAST_ACCOUNT_COOKIE, "")))
    except (BadSignature, ValueError):
        return None


def _browser(request: HttpRequest) -> str:
    return hashlib.sha256(request.headers.get("User-Agent", "").encode()).hexdigest()[:16]
