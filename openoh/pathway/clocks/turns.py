"""The order of a queue: what waits for somebody else comes behind everything that waits for us."""

from __future__ import annotations

from django.db import models
from django.db.models import Case, Q, Value, When

from openoh.pathway.clocks.rules import URGENCIES

THEIRS = 10  # added to the rank of an urgency
WAITS = Q(queue_rank__isnull=False)


def queue_rank(*, ours: str, theirs: str) -> models.GeneratedField:
    """The rank of a row in its queue, kept by the database: 0 is first, null is no longer waiting.

    `ours` is the state in which it is the service's turn, `theirs` that in which it is the person's or the manager's.
    Stored, so that the first page of a queue is read from an index, however much waits.
    """
    ranks = [When(urgency=urgency, then=Value(rank)) for rank, urgency in enumerate(URGENCIES)]
    urgency = Case(*ranks, default=Value(len(URGENCIES)))
    return models.GeneratedField(
        expression=Case(When(state=ours, then=urgency), When(state=theirs, then=urgency + THEIRS)),
        output_field=models.SmallIntegerField(null=True),
        db_persist=True,
        null=True,
    )


def queue_index(name: str) -> models.Index:
    """What waits, in the order of the queue."""
    return models.Index(fields=["provider", "queue_rank", "sent_at", "id"], name=name, condition=WAITS)
