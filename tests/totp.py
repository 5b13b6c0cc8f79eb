"""An authenticator app, as far as tests need one: RFC 6238 with the usual numbers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time

PERIOD = 30
ALMOST_OVER = 8  # seconds that a page may take before the code has changed


def code_of(key: str, *, at: float | None = None) -> str:
    """The code that the app shows for `key`; waits for the next one when this one is almost over."""
    if at is None:
        left = PERIOD - time.time() % PERIOD
        if left < ALMOST_OVER:
            time.sleep(left + 0.1)
        at = time.time()
    digest = hmac.digest(base64.b32decode(key), struct.pack(">Q", int(at // PERIOD)), hashlib.sha1)
    begin = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[begin : begin + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"
