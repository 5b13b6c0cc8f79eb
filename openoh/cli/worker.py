"""`openoh worker`: offers, messages, clocks and seals, in the background."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from openoh.cli import runtime

REFUSED = 2
HELP = "Do the work behind the pages: decide offers, send messages, keep clocks, seal the audit."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--once", action="store_true", help="hand out what waits, call every tick once, and stop"
    )


def run(options: argparse.Namespace) -> int:
    runtime.django_ready()
    if problem := runtime.database_problem():
        sys.stderr.write(f"{problem}\n")
        return REFUSED
    if options.once:
        _once()
        return 0
    stop = threading.Event()
    from openoh.foundation.core import rounds

    threads = [
        threading.Thread(target=rounds.hand_out_facts, args=(stop,), name="facts"),
        threading.Thread(target=rounds.call_ticks, args=(stop,), name="ticks"),
        threading.Thread(
            target=rounds.call_ticks, args=(stop,), kwargs={"lengthy": True}, name="lengthy ticks"
        ),
    ]
    for thread in threads:
        thread.start()
    print("  worker is running; Ctrl-C stops it", flush=True)
    try:
        _until_told_to_stop()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    return 0


def _until_told_to_stop() -> None:
    """Wait for the signal of a terminal or of whatever runs the service; a second one is for the impatient."""
    told = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda number, frame: told.set())
    told.wait()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_DFL)


def _once() -> None:
    from openoh.foundation.core import facts, ticks

    while facts.consume():
        pass
    for tick in ticks.registered():
        ticks.run(tick)
