"""The second proof of who somebody is: setting it up, showing it again, and what it protects.

The ceremonies are the sign-in library's. Ours is that a session is looked at first as on every page, that setting up
begins with a fresh sign-in, and that whoever has just set a proof up is not asked for it again at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from openoh.foundation.access import sessions
from openoh.pages.gate import Request, public

View = Callable[..., HttpResponseBase]


def own(view: View) -> View:
    """A page of the account that is signed in, about its own sign-in; a session that has ended does not open it."""

    @public("only the account that is signed in, about its own sign-in")
    @never_cache
    @wraps(view, assigned=("__name__", "__doc__"))
    def guarded(request: HttpRequest, *arguments: Any, **parts: Any) -> HttpResponseBase:
        if not sessions.signed_in(request):
            return redirect_to_login(request.get_full_path())
        proofs = get_authentication_records(request, request.user)
        response = view(request, *arguments, **parts)
        if get_authentication_records(request, request.user) != proofs:
            # Whoever knew the session before it was worth more does not know it now.
            request.session.cycle_key()
        return response

    return guarded


def setting_up(view: View) -> View:
    """Somebody without a second proof adds one only straight after signing in: a found session is not enough."""

    @own
    @wraps(view, assigned=("__name__", "__doc__"))
    def guarded(request: HttpRequest, *arguments: Any, **parts: Any) -> HttpResponseBase:
        if not (is_mfa_enabled(request.user) or sessions.proved_lately(request)):
            logout(request)
            return redirect_to_login(request.get_full_path())
        return view(request, *arguments, **parts)

    return guarded


def removing(view: View) -> View:
    """Taking a proof away ends every other session, which a thief of the device may hold; without any proof left,
    this session counts as proven once again, so that a new one is set up first."""

    @own
    @wraps(view, assigned=("__name__", "__doc__"))
    def guarded(request: HttpRequest, *arguments: Any, **parts: Any) -> HttpResponseBase:
        held = Authenticator.objects.filter(user=request.user).count()
        response = view(request, *arguments, **parts)
        if Authenticator.objects.filter(user=request.user).count() < held:
            sessions.end_others(request)
            if not is_mfa_enabled(request.user):
                sessions.forget_second_step(request)
        return response

    return guarded


def proved_lately(view: View) -> View:
    """A page whose acts are worth a thief's trouble: asks for the proof again when it was given long ago.

    Stands below `@page`. A form that was sent too late is kept, and given back after the proof. Whoever has no proof
    of ours, because their employer's sign-in showed it, signs in again.
    """

    @wraps(view)
    def guarded(request: Request, *arguments: Any, **parts: Any) -> HttpResponseBase:
        if sessions.may_act(request):
            return view(request, *arguments, **parts)
        after = request.get_full_path() if request.method == "GET" else reverse("public:kept")
        elsewhere = sessions.proven_elsewhere(request)
        again = f"{reverse('mfa_reauthenticate')}?{urlencode({'next': after})}"
        response = redirect_to_login(after) if elsewhere else redirect(again)
        # Kept forms belong to the sign-in, which has no audience: kept when the scope of the page has ended.
        transaction.on_commit(lambda: sessions.keep_form(request, response))
        if elsewhere:
            transaction.on_commit(lambda: logout(request))
        return response

    return guarded


class SetUpApp(ActivateTOTPView):  # type: ignore[misc]  # the library has no types
    """Scan the picture, type the code: the app is the second proof from now on, and was just given."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _note(self.request, Authenticator.Type.TOTP)
        return response


class AddPasskey(AddWebAuthnView):  # type: ignore[misc]  # the library has no types
    """A passkey that stays on the device and asks for its finger, face or PIN, so that it can sign in alone."""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super().get_context_data(**context)
        return shown | {"options": auth.begin_registration(self.request.user, passwordless=True)}

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _note(self.request, Authenticator.Type.WEBAUTHN)
        return response


def _note(request: HttpRequest, kind: str) -> None:
    """The proof that was just set up was given with that: nobody is asked for it twice in a minute."""
    added = Authenticator.objects.filter(user=request.user, type=kind).order_by("-created_at", "-pk").first()
    post_authentication(request, added, reauthenticated=True)


set_up_app = setting_up(SetUpApp.as_view())
add_passkey = setting_up(AddPasskey.as_view())
