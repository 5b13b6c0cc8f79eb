"""`openoh demo`: a living service with invented people, on one address."""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from openoh.cli import runtime, serve

INTERRUPTED = 130  # what shells expect of a command that Ctrl-C ended
SECONDS_TO_END = 30
HELP = "Start the service with invented organisations, people and absence. Ctrl-C stops everything; the data stay."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--reset", action="store_true", help="throw the demonstration's data away and start afresh"
    )
    parser.add_argument("--staff", type=int, default=3_000, help="how many people to invent (default 3000)")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--prepare-only", action="store_true", help="load everything, start nothing")


def run(options: argparse.Namespace) -> int:
    os.environ |= {"OPENOH_DEMO": "1", "OPENOH_PLAIN_HTTP": "1"}
    with _alone():
        _on_interruption(_give_up)
        try:
            _prepare(options)
            _on_interruption(_stop_waiting)
            return 0 if options.prepare_only else _live(options.port)
        finally:
            runtime.stop_database()


def _on_interruption(handler: Callable[..., None]) -> None:
    """Ctrl-C, and being told to end."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, handler)


def _give_up(*_: object) -> None:
    """At once, whatever is being loaded: it will be thrown away. An exception could be lost in somebody's clean-up."""
    os.write(sys.stdout.fileno(), b"\nStopping ...\n")
    runtime.stop_database()
    os._exit(INTERRUPTED)


def _stop_waiting(*_: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the installation's folder: a second demonstration in it would throw the first one's data away."""
    runtime.var().mkdir(parents=True, exist_ok=True)
    with (runtime.var() / "demo.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("The demonstration is running already. Stop it with Ctrl-C first.")
        yield


def _prepare(options: argparse.Namespace) -> None:
    if not options.prepare_only:
        _must_be_free(options.port)
    if options.reset:
        reset()
    elif was_interrupted():
        print("  The last load was interrupted. Starting afresh.", flush=True)
        reset()
    with runtime.step("Starting PostgreSQL"):
        runtime.start_database()
    migrate_if_needed()
    runtime.django_ready()
    load_if_empty(options.staff)


def _must_be_free(port: int) -> None:
    """Say so before anything is started when another program has the port."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            sys.exit(
                f"Port {port} is taken by another program. Choose another one: openoh demo --port {port + 1}"
            )


def demo_folder() -> Path:
    return runtime.var() / "demo"


def reset() -> None:
    """Stop the server and remove what the demonstration made; keys go too, since nothing is left to open."""
    if (runtime.var() / "postgres").exists():
        runtime.stop_database()
    for name in ("postgres", "demo", "keys", "mail", "anchors", "spool"):
        shutil.rmtree(runtime.var() / name, ignore_errors=True)


def migrate_if_needed() -> None:
    """Migrating takes seconds even when there is nothing to do, so remember for which code it was done."""
    stamp = demo_folder() / "schema"
    digest = _schema_digest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    with runtime.step("Making tables and the wall between audiences"):
        runtime.migrate()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest)


def _schema_digest() -> str:
    package = runtime.ROOT / "openoh"
    sources = [*package.rglob("migrations/*.py"), *package.rglob("models.py"), *package.glob("foundation/core/*.py"),
               package / "pathway" / "reports" / "released.py"]  # fmt: skip
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(sources))).hexdigest()


def was_interrupted() -> bool:
    """Whether a load began and did not end; what it left is not built upon."""
    return (demo_folder() / "begun").exists() and not (demo_folder() / "ready").exists()


def load_if_empty(staff: int) -> None:
    """Load the invented world once."""
    ready, begun = demo_folder() / "ready", demo_folder() / "begun"
    if ready.exists():
        return
    begun.touch()
    from openoh.demo.load import load

    print("  Inventing organisations and people (once)", flush=True)
    load(demo_folder(), staff=staff)
    ready.touch()


def _live(port: int) -> int:
    """Web and worker until Ctrl-C, or until one of them ends."""
    commands = [serve.command("127.0.0.1", port, 2), [sys.executable, "-m", "openoh.cli", "worker"]]
    running: list[subprocess.Popen[bytes]] = []
    try:
        with runtime.step("Starting web and worker"):
            running += [_start(command) for command in commands]
            _wait_until_it_answers(port, running)
        _introduce(port)
        while all(process.poll() is None for process in running):
            time.sleep(0.5)
        print("A part of the service ended by itself; stopping the rest.", flush=True)
        return 1
    except KeyboardInterrupt:
        print("\nStopping ...", flush=True)
        return 0
    finally:
        _end(running)


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    """In a group of its own: Ctrl-C reaches this command alone, which then ends the others in order."""
    return subprocess.Popen(command, cwd=runtime.ROOT, env=os.environ, start_new_session=True)


def _end(running: list[subprocess.Popen[bytes]]) -> None:
    """Ask each to end; end it and whatever it started when it does not."""
    for process in running:
        process.terminate()
    for process in running:
        try:
            process.wait(timeout=SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_it_answers(port: int, running: list[subprocess.Popen[bytes]]) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0 or any(
                process.poll() is not None for process in running
            ):
                return
        time.sleep(0.1)


def _introduce(port: int) -> None:
    people = json.loads((demo_folder() / "personas.json").read_text(encoding="utf-8"))
    print(f"\n  OpenOH is on http://localhost:{port}\n\n  Sign in as one of these (one press on the page):")
    for person in people:
        print(f"    {person['name']:<16} {person['role']:<18} {person['organisation']}")
    print("\n  Ctrl-C stops everything. The data stay; make demo-reset starts afresh.\n", flush=True)
