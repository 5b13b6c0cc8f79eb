"""Identifiers that sort by the time they were made, so that indexes grow at one end."""

import os
import time
import uuid


def new_id() -> uuid.UUID:
    """A version 7 UUID (RFC 9562): 48 bits of milliseconds, 12 of the fraction of one, then random bits.

    The fraction keeps the rows of one action in their order: they are made within microseconds.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    value = bytearray(milliseconds.to_bytes(6, "big") + (rest * 4096 // 1_000_000).to_bytes(2, "big"))
    value += os.urandom(8)
    value[6] |= 0x70
    value[8] = (value[8] & 0x3F) | 0x80
    return uuid.UUID(bytes=bytes(value))


NOBODY = uuid.UUID(int=0)
"""Belongs to nothing: what an actor without a person, provider or engagement is looked up with."""
