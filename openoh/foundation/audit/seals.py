"""The arithmetic of seals: hashes of rows, a Merkle root, a chain and a signature. No database.

A leaf is SHA-256 of 0x00 and the row in canonical JSON, a node SHA-256 of 0x01 and its two children (RFC 6962); an
odd node moves up as it is. The signature is Ed25519 (RFC 8032) by a key that comes from the installation's master key.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from openoh.foundation.core.keys import master_key

BEGINNING = bytes(32)
EVENT, READING = b"e", b"r"
LEAF_BYTES = 1 + 16 + 32


@dataclass(frozen=True, order=True)
class Leaf:
    """One sealed row: its kind (EVENT or READING), identifier and hash."""

    kind: bytes
    identifier: UUID
    digest: bytes


def leaf(kind: bytes, row: Mapping[str, object]) -> Leaf:
    """The leaf of a row, given by column; `batch_id` is not part of what is sealed."""
    content = {name: value for name, value in row.items() if name != "batch_id"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    identifier = row["id"]
    assert isinstance(identifier, UUID)
    return Leaf(kind, identifier, sha256(b"\x00" + kind + text.encode()).digest())


def root(leaves: Iterable[Leaf]) -> bytes:
    """The Merkle root of the leaves in the order of kind and identifier; of none, 32 zero bytes."""
    level = [each.digest for each in sorted(leaves)]
    if not level:
        return BEGINNING
    while len(level) > 1:
        level = [_node(level[i : i + 2]) for i in range(0, len(level), 2)]
    return level[0]


def _node(children: Sequence[bytes]) -> bytes:
    return children[0] if len(children) == 1 else sha256(b"\x01" + children[0] + children[1]).digest()


def pack(leaves: Iterable[Leaf]) -> bytes:
    """The leaves as bytes, 49 each, in their order."""
    return b"".join(each.kind + each.identifier.bytes + each.digest for each in sorted(leaves))


def unpack(packed: bytes) -> Iterator[Leaf]:
    """The leaves from bytes. Raises ValueError when their number of bytes cannot be."""
    if len(packed) % LEAF_BYTES:
        raise ValueError("the list of sealed rows was cut")
    for at in range(0, len(packed), LEAF_BYTES):
        yield Leaf(
            packed[at : at + 1], UUID(bytes=packed[at + 1 : at + 17]), packed[at + 17 : at + LEAF_BYTES]
        )


def chain(previous: bytes, root: bytes, sealed_at: str) -> bytes:
    """What is signed: the batch before, this batch's root and its time."""
    return sha256(previous + root + sealed_at.encode()).digest()


def sign(chained: bytes) -> bytes:
    """The installation's signature of a batch."""
    return _signing_key().sign(chained)


def is_signed(chained: bytes, signature: bytes) -> bool:
    """Whether this installation signed the batch."""
    try:
        _signing_key().public_key().verify(signature, chained)
    except InvalidSignature:
        return False
    return True


def _signing_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_derived(master_key()))


@lru_cache(maxsize=4)
def _derived(master: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"audit seal").derive(master)
