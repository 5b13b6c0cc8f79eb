"""What a worker does all day: hand out facts as soon as they are committed, and call ticks when they are due."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import Error, connection

from openoh.foundation.core import facts, ticks

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0  # facts are announced; looking again each second covers an announcement that was missed
RETRY = timedelta(minutes=1)


def hand_out_facts(stop: threading.Event) -> None:
    """Consume facts until `stop` is set: at once when PostgreSQL announces some, and every second."""
    _until(stop, _one_round_of_facts)


def call_ticks(stop: threading.Event, *, lengthy: bool = False) -> None:
    """Call the short or the lengthy ticks when their seconds have passed, until `stop` is set."""
    called = [tick for tick in ticks.registered() if tick.lengthy == lengthy]
    due = {tick.name: 0.0 for tick in called}

    def one_round() -> None:
        for tick in called:
            if time.monotonic() >= due[tick.name]:
                due[tick.name] = time.monotonic() + tick.every_seconds
                _call(tick)
        stop.wait(POLL_SECONDS)

    _until(stop, one_round)


def _until(stop: threading.Event, one_round: Callable[[], None]) -> None:
    """Repeat a round; a lost database is found again by a new connection."""
    try:
        while not stop.is_set():
            try:
                one_round()
            except Error:
                log.exception("the database does not answer; trying again")
                connection.close()
                stop.wait(POLL_SECONDS)
    finally:
        connection.close()


def _one_round_of_facts() -> None:
    _listen()
    try:
        facts.consume()
    except facts.ConsumerFailedError as error:
        if isinstance(error.__cause__, Error) and connection.connection is None:
            raise error.__cause__ from error
        log.exception("%s; trying again in %s", error, RETRY)
        facts.postpone(error.delivery, RETRY)
        return
    assert connection.connection is not None
    for _ in connection.connection.notifies(timeout=POLL_SECONDS, stop_after=1):
        break


def _listen() -> None:
    """Ask for announcements before looking, so that none falls between; asking twice costs nothing."""
    with connection.cursor() as cursor:
        cursor.execute(f"LISTEN {facts.CHANNEL}")


def _call(tick: ticks.Tick) -> None:
    try:
        ticks.run(tick)
    except Error:
        raise
    except Exception:
        log.exception("the tick %r failed; it comes again in %s s", tick.name, tick.every_seconds)
