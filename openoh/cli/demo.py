"""`openoh demo`: a living service with invented people, on one address."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from openoh.cli import runtime, serve

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
    if options.reset:
        reset()
    with runtime.step("Starting PostgreSQL"):
        runtime.start_database()
    migrate_if_needed()
    runtime.django_ready()
    load_if_empty(options.staff)
    if options.prepare_only:
        return 0
    return _live(options.port)


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


def load_if_empty(staff: int) -> None:
    """Load the invented world once; a load that was interrupted is said to be so, not built upon."""
    ready, begun = demo_folder() / "ready", demo_folder() / "begun"
    if ready.exists():
        return
    if begun.exists():
        sys.exit("The last load was interrupted. Start afresh with: make demo-reset")
    begun.touch()
    from openoh.demo.load import load

    print("  Inventing organisations and people (once)")
    load(demo_folder(), staff=staff)
    ready.touch()


def _live(port: int) -> int:
    """Web and worker until Ctrl-C, or until one of them ends."""
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    commands = [serve.command("127.0.0.1", port, 2), [sys.executable, "-m", "openoh.cli", "worker"]]
    running = [subprocess.Popen(command, cwd=runtime.ROOT, env=os.environ) for command in commands]
    _wait_until_it_answers(port)
    _introduce(port)
    code = 0
    try:
        while all(process.poll() is None for process in running):
            time.sleep(0.5)
        code = 1
        print("A part of the service ended by itself; stopping the rest.")
    except KeyboardInterrupt:
        print("\nStopping ...")
    for process in running:
        process.terminate()
    for process in running:
        process.wait(timeout=30)
    runtime.stop_database()
    return code


def _wait_until_it_answers(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)


def _introduce(port: int) -> None:
    people = json.loads((demo_folder() / "personas.json").read_text(encoding="utf-8"))
    print(f"\n  OpenOH is on http://localhost:{port}\n\n  Sign in as one of these (one press on the page):")
    for person in people:
        print(f"    {person['name']:<16} {person['role']:<18} {person['organisation']}")
    print("\n  Ctrl-C stops everything. The data stay; make demo-reset starts afresh.\n")
