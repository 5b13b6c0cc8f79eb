"""The sender: takes due messages out of the outbox and hands them to the carrier, each once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from openoh.foundation.core import clock
from openoh.foundation.core.actors import system_actor
from openoh.foundation.notifications import actions, rules
from openoh.foundation.notifications.carriers import (
    Carrier,
    Item,
    NotCarriedError,
    RefusedError,
    UnreachableError,
    chosen,
)

LOCK = "openoh outbox"
# So many messages in a row that the carrier does not take now: the others would wait for its answer in vain, and all
# that the worker does beside them with them.
ENOUGH = 3
log = logging.getLogger(__name__)


def send_due(carrier: Carrier | None = None, *, limit: int = 200) -> int:
    """Send what is due; returns how many messages the carrier took. 0 when another process is sending.

    Must be called outside a transaction, so that ``sending`` is committed before the carrier is called.
    """
    by = system_actor("outbox")
    sent = 0
    with _only_sender() as mine:
        if not mine:
            return 0
        carrier = carrier or chosen()
        claimed = actions.claim(by=by, limit=limit).items
        in_vain = 0
        for place, (message_id, item) in enumerate(claimed):
            failure = _handed_over(carrier, item)
            if failure is None:
                actions.mark_sent(by=by, message_id=message_id)
                sent, in_vain = sent + 1, 0
                continue
            for_good = isinstance(failure, RefusedError)
            actions.mark_failed(by=by, message_id=message_id, why=str(failure), for_good=for_good)
            in_vain = in_vain + 1 if isinstance(failure, UnreachableError) else 0
            if in_vain == ENOUGH:
                left = [each for each, _ in claimed[place + 1 :]]
                actions.put_back(by=by, message_ids=left, why=str(failure))
                log.error("%s messages wait: %s", len(left) + ENOUGH, failure)
                break
    return sent


def _handed_over(carrier: Carrier, item: Item) -> NotCarriedError | None:
    """Hand one message to the carrier; None when it was taken, else why not."""
    try:
        carrier.carry(item)
    except NotCarriedError as error:
        return error
    except Exception:  # whatever it is, one message must not keep the others back
        log.exception("a message could not be carried; trying again later")
        return NotCarriedError("could not be carried")
    return None


@contextmanager
def _only_sender() -> Iterator[bool]:
    """Hold the outbox's lock. It belongs to the database session, so it ends with a killed process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [LOCK])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [LOCK])


def make_digests_at_their_hour() -> None:
    """The hourly tick: put the day's summaries together when their hour has come."""
    if clock.now().astimezone(clock.UK).hour == rules.digest_hour():
        actions.make_digests(by=system_actor("daily summary"))
