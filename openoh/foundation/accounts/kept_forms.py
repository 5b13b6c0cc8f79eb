"""Nothing typed is lost: keep what was sent after a session expired, and give it back to the same account.

Encrypted under a key derived from the installation's master key and a token that only the browser has, so that the
row alone opens nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from openoh.foundation.accounts.models import KeptForm
from openoh.foundation.core import clock
from openoh.foundation.core.keys import master_key

KEEP_FOR = timedelta(hours=24)
LARGEST = 200_000
NONCE_BYTES = 12


@dataclass(frozen=True)
class Form:
    """Where a form was going, and its fields."""

    path: str
    fields: list[tuple[str, str]]


def keep(form: Form, *, account: UUID) -> str | None:
    """Keep a form for `account`; returns the token for the browser, or None when it is too large to keep."""
    content = json.dumps([form.path, form.fields]).encode()
    if len(content) > LARGEST:
        return None
    token = os.urandom(24).hex()
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + AESGCM(_key(token)).encrypt(nonce, content, account.bytes)
    KeptForm.objects.create(token_digest=_digest(token), account=account, sealed=sealed)
    return token


def look(token: str, *, account: UUID) -> Form | None:
    """The form that was kept under `token`, if it is this account's and not too old."""
    kept = KeptForm.objects.filter(token_digest=_digest(token), account=account).first()
    if kept is None or kept.kept_at < clock.now() - KEEP_FOR:
        return None
    sealed = bytes(kept.sealed)
    try:
        content = AESGCM(_key(token)).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], account.bytes)
    except InvalidTag:
        return None
    path, fields = json.loads(content)
    return Form(path, [(name, value) for name, value in fields])


def forget(token: str) -> None:
    """Delete a kept form, and with it every form that is too old."""
    KeptForm.objects.filter(token_digest=_digest(token)).delete()
    KeptForm.objects.filter(kept_at__lt=clock.now() - KEEP_FOR).delete()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _key(token: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kept form").derive(
        master_key() + token.encode()
    )
