"""Signing in with the employer's own service (OpenID Connect): the protocol, and whose account an identity opens.

We are a relying party of one provider, by authorization code with PKCE. Believed is only an ID token that the provider
signed with a key of its own, for us, for this browser's attempt, a moment ago. It opens an account that is there
already: the one that was linked to it, or the one with its verified address when no other identity was ever linked.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jwt
import requests
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils.crypto import constant_time_compare

from openoh.foundation.accounts.models import User

PROVIDER = "employer"
SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
NEEDED = ("iss", "sub", "aud", "exp", "iat", "nonce")
SECONDS = 5  # somebody waits, and while they wait the process answers nobody else
KEPT_FOR = 3600  # seconds that the provider's addresses and keys are kept
ATTEMPT_LASTS = 600
SKEW = 60
log = logging.getLogger(__name__)


class NotSignedInError(Exception):
    """The provider did not answer, or what it said is not believed. The words are for the log, not for the page."""


@dataclass(frozen=True)
class Attempt:
    """One press on the button: what only this browser's session knows until it comes back."""

    state: str
    nonce: str
    verifier: str
    begun: float
    following: str = ""

    @classmethod
    def begin(cls, following: str) -> Attempt:
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, time.time(), following)


@dataclass(frozen=True)
class Identity:
    """Somebody as the provider knows them. `proven_twice`: in a way that this installation trusts as a second proof."""

    subject: str
    email: str
    email_is_verified: bool
    proven_twice: bool


def is_offered() -> bool:
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT)


def address_to_go_to(attempt: Attempt, *, coming_back_to: str) -> str:
    """Where the browser goes to sign in. Raises NotSignedInError."""
    challenge = urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "client_id": settings.OIDC_CLIENT, "redirect_uri": coming_back_to,
        "scope": "openid email", "state": attempt.state, "nonce": attempt.nonce,
        "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    return f"{_addresses()['authorization_endpoint']}?{urlencode(asked)}"


def identity_from(returned: Mapping[str, str], attempt: Attempt | None, *, coming_back_to: str) -> Identity:
    """Who came back. Raises NotSignedInError for whatever is not exactly what this attempt may bring."""
    if attempt is None or not constant_time_compare(attempt.state, returned.get("state", "")):
        raise NotSignedInError("this browser began no such attempt, or it was used already")
    if time.time() - attempt.begun > ATTEMPT_LASTS:
        raise NotSignedInError("the attempt was begun too long ago")
    if returned.get("iss", settings.OIDC_ISSUER) != settings.OIDC_ISSUER:
        raise NotSignedInError("the answer comes from another provider")
    if "code" not in returned:
        raise NotSignedInError(f"the provider said {returned.get('error', 'nothing')[:80]!r}")
    sent = _exchange(returned["code"], attempt, coming_back_to)
    return _identity(_claims(str(sent.get("id_token", "")), attempt.nonce))


@transaction.atomic
def account_of(identity: Identity) -> User:
    """The account that the identity opens; links it at the first time. Raises NotSignedInError."""
    linked = (
        SocialAccount.objects.filter(provider=PROVIDER, uid=identity.subject).select_related("user").first()
    )
    if linked:
        return _open(linked.user)
    if not identity.email_is_verified:
        raise NotSignedInError("the provider has not verified the address")
    user = User.objects.select_for_update().filter(email__iexact=identity.email).first()
    if user is None:
        raise NotSignedInError("there is no account with this address")
    if SocialAccount.objects.filter(provider=PROVIDER, user=user).exists():
        # A mailbox that was given to a new colleague must not open the record of the one before.
        raise NotSignedInError("the account with this address is linked to another identity")
    SocialAccount.objects.create(provider=PROVIDER, uid=identity.subject, user=_open(user), extra_data={})
    return user


def _open(user: User) -> User:
    if not user.is_active:
        raise NotSignedInError("the account is closed")
    return user


def _identity(claims: dict[str, Any]) -> Identity:
    verified = claims.get(settings.OIDC_VERIFIED_CLAIM)
    shown = {("amr", each) for each in _listed(claims.get("amr"))} | {("acr", str(claims.get("acr", "")))}
    trusted = {tuple(each.split("=", 1)) for each in settings.OIDC_SECOND_PROOF}
    return Identity(
        subject=str(claims["sub"]), email=str(claims.get("email") or ""),
        email_is_verified=bool(claims.get("email")) and (verified is True or verified in ("true", "1", 1)),
        proven_twice=bool(shown & trusted),
    )  # fmt: skip


def _claims(token: str, nonce: str) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            token, key=_key_of(token), algorithms=SIGNED_BY, audience=settings.OIDC_CLIENT,
            issuer=settings.OIDC_ISSUER, leeway=SKEW, options={"require": list(NEEDED)},
        )  # fmt: skip
    except (jwt.PyJWTError, TypeError, ValueError) as error:
        raise NotSignedInError(f"the ID token is not believed: {error}") from error
    if not constant_time_compare(str(claims["nonce"]), nonce):
        raise NotSignedInError("the ID token belongs to another attempt")
    for_several = len(_listed(claims["aud"])) > 1
    if for_several and claims.get("azp") != settings.OIDC_CLIENT:
        raise NotSignedInError("the ID token was made for another program")
    return claims


def _key_of(token: str) -> Any:
    """The provider's key that the token names; asked for anew when it is not among those kept."""
    wanted = jwt.get_unverified_header(token).get("kid")
    for fresh in (False, True):
        keys = jwt.PyJWKSet.from_dict(_kept("oidc-keys", str(_addresses()["jwks_uri"]), fresh=fresh)).keys
        for key in keys:
            if key.key_id == wanted or (wanted is None and len(keys) == 1):
                return key.key
    raise NotSignedInError("the ID token is signed with a key that is not the provider's")


def _addresses() -> dict[str, Any]:
    """Where the provider does what; it must say itself that it is the one that the settings name."""
    found = _kept("oidc-addresses", f"{settings.OIDC_ISSUER.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != settings.OIDC_ISSUER:
        raise NotSignedInError(
            f"the provider calls itself {found.get('issuer')!r}, not as OPENOH_OIDC_ISSUER says"
        )
    needed = {"authorization_endpoint", "token_endpoint", "jwks_uri"}
    if not needed <= set(found):
        raise NotSignedInError("the provider's description lacks an address")
    return found


def _exchange(code: str, attempt: Attempt, coming_back_to: str) -> dict[str, Any]:
    addresses = _addresses()
    sent = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": coming_back_to,
        "code_verifier": attempt.verifier,
    }  # fmt: skip
    secret = Path(settings.OIDC_SECRET_FILE).read_text(encoding="utf-8").strip()
    in_the_form = "client_secret_post" in addresses.get("token_endpoint_auth_methods_supported", [])
    if in_the_form:
        sent |= {"client_id": settings.OIDC_CLIENT, "client_secret": secret}
    return _json("POST", str(addresses["token_endpoint"]), data=sent,
                 auth=None if in_the_form else (settings.OIDC_CLIENT, secret))  # fmt: skip


def _kept(name: str, address: str, *, fresh: bool = False) -> dict[str, Any]:
    name = f"{name}-{hashlib.sha256(address.encode()).hexdigest()[:16]}"
    found: dict[str, Any] | None = None if fresh else cache.get(name)
    if found is None:
        found = _json("GET", address)
        cache.set(name, found, KEPT_FOR)
    return found


def _json(method: str, address: str, **more: Any) -> dict[str, Any]:
    if settings.SECURE_COOKIES and not address.startswith("https://"):
        raise NotSignedInError("the provider is reached by https only")
    try:
        answer = requests.request(method, address, timeout=SECONDS, allow_redirects=False, **more)
        answer.raise_for_status()
        found = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise NotSignedInError(
            f"the provider does not answer as it should: {type(error).__name__}"
        ) from error
    if not isinstance(found, dict):
        raise NotSignedInError("the provider's answer is no JSON object")
    return found


def _listed(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)] if value else []
