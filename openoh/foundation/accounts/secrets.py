"""Secrets of sign-in that must be read again, such as the key of an authenticator app: sealed in the database."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from openoh.foundation.core.keys import KEY_BYTES, NONCE_BYTES, master_key


def seal(text: str) -> str:
    """`text`, encrypted under a key derived from the installation's master key."""
    nonce = os.urandom(NONCE_BYTES)
    return b64encode(nonce + _cipher().encrypt(nonce, text.encode(), None)).decode()


def unseal(sealed: str) -> str:
    """What `seal` was given; raises InvalidTag when it was altered or sealed under another master key."""
    content = b64decode(sealed)
    return _cipher().decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], None).decode()


def _cipher() -> AESGCM:
    return AESGCM(
        HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"second proof").derive(master_key())
    )
