"""The end of the chain, kept in a file outside the database: who deletes the last seals is found out."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from openoh.foundation.audit import seals


@dataclass
class Anchors:
    """What the file says: chained hash by seal, in hexadecimal; and a sentence for each line that was touched."""

    is_there: bool
    chained: dict[int, str] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)


def path() -> Path:
    """Where the anchors are kept."""
    return Path(settings.AUDIT_ANCHORS)


def read() -> Anchors:
    """The anchored seals. Each line carries the installation's signature, so an edited one is found."""
    try:
        lines = path().read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return Anchors(is_there=False)
    except OSError as error:
        return Anchors(is_there=True, findings=[f"{path()} cannot be read: {error.strerror}."])
    found = Anchors(is_there=True)
    for place, line in enumerate(lines, 1):
        if line:
            _read_line(found, place, line)
    return found


def _read_line(found: Anchors, place: int, line: str) -> None:
    try:
        entry = json.loads(line)
        number, chained, signature = int(entry["seal"]), str(entry["chained"]), str(entry["signature"])
        signed = seals.is_signed(bytes.fromhex(chained), bytes.fromhex(signature))
    except (ValueError, KeyError, TypeError):
        found.findings.append(f"Line {place} of {path()} is no anchor: it was edited or cut.")
        return
    if not signed:
        found.findings.append(
            f"Line {place} of {path()}, seal {number}, was edited: its signature does not fit."
        )
    elif found.chained.setdefault(number, chained) != chained:
        found.findings.append(
            f"Line {place} of {path()} anchors seal {number} a second time, as another one."
        )


def keep(sealed: Iterable[tuple[int, str, bytes, bytes]]) -> None:
    """Add seals (identifier, time, chained hash, signature) and wait until they are on the disk."""
    lines = [
        json.dumps({"seal": number, "sealed_at": at, "chained": chained.hex(), "signature": signature.hex()})
        for number, at, chained, signature in sealed
    ]
    if not lines:
        return
    path().parent.mkdir(parents=True, exist_ok=True)
    with path().open("a", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
