"""`openoh worker`: offers, messages, clocks, seals and jobs, in the background."""

from __future__ import annotations

import argparse
import asyncio
import threading

from openoh.cli import runtime

HELP = "Do the work behind the pages: decide offers, send messages, keep clocks, seal the audit, run jobs."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--once", action="store_true", help="hand out what waits, call every tick once, and stop"
    )


def run(options: argparse.Namespace) -> int:
    runtime.django_ready()
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
        asyncio.run(_run_jobs())
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    return 0


def _once() -> None:
    from openoh.foundation.core import facts, ticks

    while facts.consume():
        pass
    for tick in ticks.registered():
        ticks.run(tick)


async def _run_jobs() -> None:
    """Run jobs until a signal comes. The queue's own tables belong to the worker's role, so it connects as it."""
    from procrastinate import PsycopgConnector
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.utils import connector_params

    from openoh.foundation.core.actors import Audience

    parameters = connector_params()
    parameters["options"] = f"-c role={Audience.WORKER.value}"
    with app.replace_connector(PsycopgConnector(kwargs=parameters)) as queue:
        async with queue.open_async():
            await queue.run_worker_async(
                concurrency=2, delete_jobs="successful", install_signal_handlers=True
            )
