"""Close what was written since the last seal, and check that nothing sealed was touched since.

Runs in the worker's scope. Writers are never held up: they insert plain rows, and a tick seals them in batches.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection

from openoh.foundation.audit import anchors, seals
from openoh.foundation.audit.models import Event, Reading, Seal
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.scope import within

BATCH = 5_000
ANCHORED_WITHIN = timedelta(minutes=10)
log = logging.getLogger(__name__)
KINDS: tuple[tuple[bytes, Any, str], ...] = (
    (seals.EVENT, Event, "event"),
    (seals.READING, Reading, "reading"),
)
WORDS = {kind: word for kind, _, word in KINDS}


@dataclass
class Report:
    """What a check found: seals looked at, rows not sealed yet, and a sentence for each thing that is wrong."""

    seals: int = 0
    rows: int = 0
    unsealed: int = 0
    not_anchored: int = 0
    findings: list[str] = field(default_factory=list)


def seal_all() -> int:
    """Seal every batch that waits, and anchor the seals; returns how many rows were sealed. The worker's tick."""
    sealed = 0
    while rows := _seal_one():
        sealed += rows
    _anchor()
    return sealed


def _seal_one() -> int:
    with within(Scope(Audience.WORKER)):
        with connection.cursor() as cursor:  # one sealer at a time, or the chain would fork
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('openoh audit seal'))")
        rows = {kind: _unsealed(model) for kind, model, _ in KINDS}
        leaves = [seals.leaf(kind, row) for kind, found in rows.items() for row in found]
        if not leaves:
            return 0
        last = Seal.objects.order_by("-id").first()
        previous = bytes(last.chained) if last else seals.BEGINNING
        now, root = clock.now(), seals.root(leaves)
        chained = seals.chain(previous, root, now.isoformat())
        seal = Seal.objects.create(
            sealed_at=now, events=len(rows[seals.EVENT]), readings=len(rows[seals.READING]),
            leaves=seals.pack(leaves), root=root, previous=previous, chained=chained,
            signature=seals.sign(chained),
        )  # fmt: skip
        for kind, model, _ in KINDS:
            model.objects.filter(id__in=[row["id"] for row in rows[kind]]).update(batch_id=seal.pk)
        return len(leaves)


def _unsealed(model: Any) -> list[dict[str, object]]:
    return list(model.objects.filter(batch_id=None).order_by("id").values()[:BATCH])


def _anchor() -> None:
    """Anchor the seals that are not in the file yet, also those of a sealer that was killed before it could.

    A file that is gone is not made anew: whoever took it away, and the newest seals with it, would have covered it up.
    """
    known = anchors.read()
    with within(Scope(Audience.WORKER)):
        new = Seal.objects.filter(id__gt=max(known.chained, default=0)).order_by("id")
        if not known.is_there and new.filter(sealed_at__lt=clock.now() - ANCHORED_WITHIN).exists():
            log.error("%s is gone: openoh check audit says what to do", anchors.path())
            return
        anchors.keep(
            (seal.pk, seal.sealed_at.isoformat(), bytes(seal.chained), bytes(seal.signature)) for seal in new
        )


def check() -> Report:
    """Recompute every seal from the rows as they are now, and compare with the chain, signatures and anchors."""
    report = Report()
    with within(Scope(Audience.WORKER)):
        known = anchors.read()
        anchored = known.chained
        report.findings += _check_file(known)
        previous, present = seals.BEGINNING, set()
        for seal in Seal.objects.order_by("id").iterator(chunk_size=50):
            present.add(seal.pk)
            report.seals += 1
            report.findings += _check_seal(seal, previous, anchored.get(seal.pk))
            report.findings += _check_rows(seal)
            report.rows += seal.events + seal.readings
            if seal.pk not in anchored:
                report.not_anchored += 1
                report.findings += _check_unanchored(seal, known)
            previous = bytes(seal.chained)
        report.findings += [
            f"Seal {number} is anchored in {anchors.path()} but gone from the database."
            for number in sorted(set(anchored) - present)
        ]
        report.unsealed = sum(model.objects.filter(batch_id=None).count() for _, model, _ in KINDS)
        report.findings += _strays(present)
    return report


def _check_file(known: anchors.Anchors) -> Iterator[str]:
    yield from known.findings
    old = Seal.objects.filter(sealed_at__lt=clock.now() - ANCHORED_WITHIN)
    if not known.is_there and old.exists():
        yield (
            f"{anchors.path()} is gone, so nobody can say that no seal is missing at the end. Put it back from a copy; "
            "without one, look into it, then begin a new one by making an empty file there."
        )


def _check_unanchored(seal: Seal, known: anchors.Anchors) -> Iterator[str]:
    if known.is_there and seal.sealed_at < clock.now() - ANCHORED_WITHIN:
        yield f"Seal {seal.pk} of {seal.sealed_at:%d %B %Y %H:%M} is not in {anchors.path()}: lines were removed."


def _check_seal(seal: Seal, previous: bytes, anchored: str | None) -> Iterator[str]:
    chained = bytes(seal.chained)
    if bytes(seal.previous) != previous:
        yield f"Seal {seal.pk} does not follow the seal before it: a seal was removed or rewritten."
    if seals.chain(bytes(seal.previous), bytes(seal.root), seal.sealed_at.isoformat()) != chained:
        yield f"Seal {seal.pk} was rewritten: its parts do not make its chained hash."
    if not seals.is_signed(chained, bytes(seal.signature)):
        yield f"Seal {seal.pk} does not carry this installation's signature."
    if anchored is not None and anchored != chained.hex():
        yield f"Seal {seal.pk} is not the one that was anchored in {anchors.path()}."
    try:
        if seals.root(seals.unpack(bytes(seal.leaves))) != bytes(seal.root):
            yield f"Seal {seal.pk} was rewritten: its list of rows does not make its root."
    except ValueError as error:
        yield f"Seal {seal.pk} was rewritten: {error}."


def _check_rows(seal: Seal) -> Iterator[str]:
    found = {
        (kind, row["id"]): seals.leaf(kind, row).digest
        for kind, model, _ in KINDS
        for row in model.objects.filter(batch_id=seal.pk).values()
    }
    packed = bytes(seal.leaves)
    whole = packed[: len(packed) - len(packed) % seals.LEAF_BYTES]
    for leaf in seals.unpack(whole):
        digest = found.pop((leaf.kind, leaf.identifier), None)
        word = WORDS.get(leaf.kind, "row")
        if digest is None:
            yield f"Seal {seal.pk}: the {word} {leaf.identifier} was deleted or moved."
        elif digest != leaf.digest:
            yield f"Seal {seal.pk}: the {word} {leaf.identifier} was altered."
    for kind, identifier in found:
        yield f"Seal {seal.pk}: the {WORDS[kind]} {identifier} was slipped in."


def _strays(present: set[int]) -> Iterator[str]:
    for _, model, word in KINDS:
        stray = model.objects.exclude(batch_id=None).exclude(batch_id__in=present)
        for identifier in stray.values_list("id", flat=True)[:100]:
            yield f"The {word} {identifier} claims a seal that does not exist."
