"""The end of the chain, kept in a file outside the database: who deletes the last seals is found out."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings


def path() -> Path:
    """Where the anchors are kept."""
    return Path(settings.AUDIT_ANCHORS)


def kept() -> dict[int, str]:
    """The anchored seals: identifier to chained hash, in hexadecimal."""
    if not path().exists():
        return {}
    lines = path().read_text(encoding="utf-8").splitlines()
    return {int(entry["seal"]): str(entry["chained"]) for entry in map(json.loads, filter(None, lines))}


def keep(seals: Iterable[tuple[int, str, bytes, bytes]]) -> None:
    """Add seals (identifier, time, chained hash, signature) and wait until they are on the disk."""
    lines = [
        json.dumps({"seal": number, "sealed_at": at, "chained": chained.hex(), "signature": signature.hex()})
        for number, at, chained, signature in seals
    ]
    if not lines:
        return
    path().parent.mkdir(parents=True, exist_ok=True)
    with path().open("a", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
