"""Received files wait encrypted on the disk until their run is over, so that a killed run can start again.

A file is a salt and frames of 64 KiB, each sealed with AES-256-GCM under a key derived from the installation's
master key; the frame's place is bound in, so that frames cannot be moved or cut off unnoticed.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from openoh.foundation.core.errors import OpenOHError
from openoh.foundation.core.keys import master_key

FRAME = 64 * 1024
TAG = 16
SALT = 16


class Readable(Protocol):
    """What is received: anything that gives bytes."""

    def read(self, size: int, /) -> bytes: ...


class Lost(OpenOHError):
    """The received file is no longer there, or was altered."""


def folder() -> Path:
    """Where received files wait."""
    return Path(settings.VAR) / "received"


def path_of(run: UUID) -> Path:
    return folder() / f"{run}.sealed"


def keep(run: UUID, file: Readable) -> tuple[str, int]:
    """Write the file sealed; returns its SHA-256 digest and its size in bytes."""
    folder().mkdir(parents=True, exist_ok=True)
    digest, size, salt = hashlib.sha256(), 0, os.urandom(SALT)
    cipher, part = _cipher(salt, run), path_of(run).with_suffix(".part")
    try:
        with part.open("wb") as kept:
            kept.write(salt)
            for place, (block, last) in enumerate(_blocks(file)):
                digest.update(block)
                size += len(block)
                kept.write(cipher.encrypt(_nonce(place, last=last), block, None))
            kept.flush()
            os.fsync(kept.fileno())
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    part.replace(path_of(run))
    return digest.hexdigest(), size


def open_kept(run: UUID) -> io.BufferedReader:
    """The received file, to be read and sought in. Raises Lost."""
    try:
        return io.BufferedReader(_Frames(run), FRAME)
    except FileNotFoundError:
        raise Lost("The file of this import is no longer here. Send it again.") from None


def drop(run: UUID) -> None:
    """Forget the file: its rows are taken, or it was refused."""
    path_of(run).unlink(missing_ok=True)


def _blocks(file: Readable) -> Iterator[tuple[bytes, bool]]:
    block = file.read(FRAME)
    while True:
        following = file.read(FRAME) if len(block) == FRAME else b""
        yield block, not following
        if not following:
            return
        block = following


def _cipher(salt: bytes, run: UUID) -> AESGCM:
    derive = HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"received file" + run.bytes)
    return AESGCM(derive.derive(master_key()))


def _nonce(place: int, *, last: bool) -> bytes:
    """Each file has its own key, so the place of a frame is never used twice under one key."""
    return place.to_bytes(11, "big") + bytes([last])


class _Frames(io.RawIOBase):
    def __init__(self, run: UUID) -> None:
        self._file = path_of(run).open("rb")
        self._cipher = _cipher(self._file.read(SALT), run)
        sealed = path_of(run).stat().st_size - SALT
        self._count = max(-(-sealed // (FRAME + TAG)), 1)
        self._size = sealed - self._count * TAG
        self._at = 0
        self._place, self._frame = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence], 0)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed: any writable buffer
        place, within = divmod(self._at, FRAME)
        if place >= self._count or self._at >= self._size:
            return 0
        if place != self._place:
            self._place, self._frame = place, self._open(place)
        piece = self._frame[within : within + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _open(self, place: int) -> bytes:
        self._file.seek(SALT + place * (FRAME + TAG))
        try:
            return self._cipher.decrypt(
                _nonce(place, last=place == self._count - 1), self._file.read(FRAME + TAG), None
            )
        except InvalidTag:
            raise Lost("The file of this import was altered while it waited. Send it again.") from None
