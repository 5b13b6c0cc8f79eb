"""Encryption of free text and item answers.

AES-256-GCM. Each record owner (a person, in one provider) has a data key; the data key is wrapped by the
provider's key, which is derived from the installation's master key. The logical owner and the field's name are
associated data, so a ciphertext cannot be moved to another row or field. Destroying the data key disposes of
everything it protected.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from openoh.foundation.core import clock
from openoh.foundation.core.composed import composed
from openoh.foundation.core.errors import OpenOHError
from openoh.foundation.core.identifiers import new_id
from openoh.foundation.core.models import DataKey

NONCE_BYTES = 12
KEY_BYTES = 32


class Unreadable(OpenOHError):
    """The text cannot be decrypted: its key was destroyed, or it was moved or altered."""


def seal(text: str, *, owner: UUID, provider: UUID, field: str) -> bytes:
    """Encrypt `text` for the record of `owner`; `field` names where it will be kept, e.g. ``"cases.note"``."""
    return seal_bytes(text.encode(), owner=owner, provider=provider, field=field)


def unseal(sealed: bytes | memoryview | None, *, owner: UUID, provider: UUID, field: str) -> str:
    """The text that `seal` was given; empty for None. Raises Unreadable."""
    return unseal_bytes(sealed, owner=owner, provider=provider, field=field).decode() if sealed else ""


def seal_bytes(content: bytes, *, owner: UUID, provider: UUID, field: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(_data_key(owner, provider)).encrypt(nonce, content, _bound_to(owner, field))


def unseal_bytes(sealed: bytes | memoryview, *, owner: UUID, provider: UUID, field: str) -> bytes:
    sealed = bytes(sealed)
    try:
        return AESGCM(_data_key(owner, provider)).decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound_to(owner, field)
        )
    except InvalidTag:
        raise Unreadable(
            "This text cannot be read: it was altered, or it belongs to another record."
        ) from None


def bulk_sealer(*, owner: UUID, provider: UUID) -> Callable[[str, str], bytes]:
    """``seal(text, field)`` for many short codes of one owner, whose key is fetched once; `unseal` reads them.

    The same text in the same field gives the same bytes, so that an unchanged row can be told from a changed one
    without opening it: the nonce is a keyed digest of both (as in RFC 5297's synthetic initialisation vectors).
    """
    key = _data_key(owner, provider)
    cipher, nonce_key = AESGCM(key), hashlib.sha256(b"nonce of a bulk seal" + key).digest()

    def seal_one(text: str, field: str) -> bytes:
        content, bound = text.encode(), _bound_to(owner, field)
        nonce = hmac.digest(nonce_key, bound + b"\0" + content, "sha256")[:NONCE_BYTES]
        return nonce + cipher.encrypt(nonce, content, bound)

    return seal_one


def destroy(*, owner: UUID, provider: UUID) -> None:
    """Dispose of everything that was sealed for `owner`: the wrapped key is erased, the row stays as proof."""
    DataKey.objects.filter(owner=owner, provider=provider).update(wrapped=b"", destroyed_at=clock.now())


def rewrap(*, provider: UUID, from_master: bytes) -> int:
    """After the master key changed: unwrap each data key with the old one and wrap it with the new one."""
    old = _derive(from_master, provider)
    count = 0
    for key in DataKey.objects.filter(provider=provider, destroyed_at=None).select_for_update():
        plain = _unwrap(bytes(key.wrapped), old, key.owner)
        key.wrapped = _wrap(plain, _provider_key(provider), key.owner)
        key.save(update_fields=["wrapped"])
        count += 1
    return count


def opens_a_record() -> bool | None:
    """Whether the master key opens the newest record's key; None when nothing was sealed yet."""
    newest = DataKey.objects.filter(destroyed_at=None).order_by("-made_at").first()
    if newest is None:
        return None
    try:
        _unwrap(bytes(newest.wrapped), _provider_key(newest.provider), newest.owner)
    except Unreadable:
        return False
    return True


def _data_key(owner: UUID, provider: UUID) -> bytes:
    found = _kept.first(owner, provider)
    if found is None:
        made = AESGCM.generate_key(bit_length=KEY_BYTES * 8)
        if _keep(made, owner, provider):
            return made
        # Two first writers: the key of the first is used by both.
        found = _kept.get(owner, provider)
    if found.destroyed_at:
        raise Unreadable(f"This record was disposed of on {found.destroyed_at:%d %B %Y}.")
    return _unwrap(bytes(found.wrapped), _provider_key(provider), owner)


@composed
def _kept(owner: UUID, provider: UUID) -> QuerySet[DataKey]:
    return DataKey.objects.filter(owner=owner, provider=provider)


def _keep(made: bytes, owner: UUID, provider: UUID) -> bool:
    """Keep a new data key, unless somebody else has made one; returns whether this one is kept."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_datakey (id, owner, provider, wrapped, made_at) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            [new_id(), owner, provider, _wrap(made, _provider_key(provider), owner), clock.now()],
        )
        return bool(cursor.rowcount == 1)


def _wrap(key: bytes, wrapping: bytes, owner: UUID) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(wrapping).encrypt(nonce, key, owner.bytes)


def _unwrap(wrapped: bytes, wrapping: bytes, owner: UUID) -> bytes:
    try:
        return AESGCM(wrapping).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], owner.bytes)
    except InvalidTag:
        raise Unreadable(
            "The installation's master key does not open this record. Restore the master key that the backup names."
        ) from None


def _bound_to(owner: UUID, field: str) -> bytes:
    return owner.bytes + field.encode()


def _provider_key(provider: UUID) -> bytes:
    return _derive(master_key(), provider)


@lru_cache(maxsize=64)
def _derive(master: bytes, provider: UUID) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"provider" + provider.bytes).derive(
        master
    )


def master_key() -> bytes:
    """The installation's key: 64 hexadecimal digits in OPENOH_MASTER_KEY, or in the file that settings name."""
    given = os.environ.get("OPENOH_MASTER_KEY")
    return read_key(given) if given else _kept_key(settings.MASTER_KEY_FILE)


def read_key(written: str) -> bytes:
    """A key from its hexadecimal digits. Raises OpenOHError."""
    try:
        key = bytes.fromhex(written.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise OpenOHError(f"The master key must be {KEY_BYTES * 2} hexadecimal digits; this one is not.")
    return key


@lru_cache(maxsize=2)
def _kept_key(path: Path) -> bytes:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass  # another process was first; its key is read below
        else:
            with os.fdopen(descriptor, "w") as file:
                file.write(os.urandom(KEY_BYTES).hex())
    return read_key(path.read_text())
