"""The button of the employer's own sign-in: going there and coming back."""

from __future__ import annotations

import logging
from dataclasses import asdict
from http import HTTPStatus

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from openoh.foundation.access.limits import Limit
from openoh.foundation.accounts import employer_sign_in as employer
from openoh.foundation.accounts.models import User
from openoh.foundation.organisations.queries import telephones
from openoh.pages.gate import public
from openoh.pages.render import render

ATTEMPT = "employer-sign-in"
ATTEMPTS = Limit("employer-sign-in", allowed=20, seconds=60)
log = logging.getLogger(__name__)


@public("everybody must be able to sign in")
@never_cache
@require_GET
def go(request: HttpRequest) -> HttpResponseBase:
    """Begin an attempt, and send the browser to the employer's sign-in.

    By a link, since a form may lead to no other host; an attempt that somebody else's page begins signs in nobody but
    who sits there.
    """
    _must_be_offered()
    place = get_adapter(request).get_client_ip(request)
    if ATTEMPTS.reached(place):
        return _not_signed_in(request, "too many attempts from one place")
    ATTEMPTS.note(place)
    following = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(following, {request.get_host()}, require_https=request.is_secure())
    attempt = employer.Attempt.begin(following if ours else "")
    try:
        address = employer.address_to_go_to(attempt, coming_back_to=_our_address())
    except employer.NotSignedInError as error:
        return _not_signed_in(request, str(error))
    request.session[ATTEMPT] = asdict(attempt)
    return redirect(address)


@public("everybody must be able to sign in")
@never_cache
@require_GET
def come_back(request: HttpRequest) -> HttpResponseBase:
    """Believe what came back or not, and sign in."""
    _must_be_offered()
    kept = request.session.pop(ATTEMPT, None)
    attempt = employer.Attempt(**kept) if kept else None
    try:
        identity = employer.identity_from(request.GET.dict(), attempt, coming_back_to=_our_address())
        user = employer.account_of(identity)
    except (employer.NotSignedInError, OSError) as error:
        return _not_signed_in(request, str(error))
    return _sign_in(request, user, identity, attempt.following if attempt else "")


def _sign_in(
    request: HttpRequest, user: User, identity: employer.Identity, following: str
) -> HttpResponseBase:
    """A second proof of ours is asked for as after a code, unless the provider showed one that is trusted."""
    if request.user.is_authenticated:
        logout(request)
    record_authentication(request, user, method="socialaccount", provider=employer.PROVIDER)
    if identity.proven_twice and not is_mfa_enabled(user):
        record_authentication(request, user, method="mfa", type=employer.PROVIDER)
    response: HttpResponseBase = perform_login(request, Login(user=user, redirect_url=following or None))
    return response


def _not_signed_in(request: HttpRequest, why: str) -> HttpResponse:
    """One page for every reason, so that nobody learns from it who has an account."""
    log.warning("Nobody was signed in by %s: %s", settings.OIDC_NAME, why)
    return render(
        request, "account/employer_not.jinja", status=HTTPStatus.FORBIDDEN, title="We could not sign you in",
        name=settings.OIDC_NAME, services=telephones(),
    )  # fmt: skip


def _our_address() -> str:
    return settings.PUBLIC_ADDRESS.rstrip("/") + reverse("employer_come_back")


def _must_be_offered() -> None:
    if not employer.is_offered():
        raise Http404
