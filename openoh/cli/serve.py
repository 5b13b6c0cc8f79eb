"""`openoh serve`: the web server."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys

from openoh.cli import runtime, safety

HELP = "Serve the pages and the API. Refuses settings that are not safe; the demonstration is openoh demo."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2, help="processes; two use less than 300 MiB")


# Threads that only wait for what slow browsers send; Django itself runs in one more, see config/receiving.py.
RECEIVING = 128


def command(host: str, port: int, workers: int) -> list[str]:
    """The command line of the server."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
        "--workers", str(workers), "--workers-kill-timeout", "5", "--blocking-threads", str(RECEIVING),
        "--no-ws", "--log-level", "error", "openoh.config.wsgi:application",
    ]  # fmt: skip


UNSAFE = 2


def _safe() -> bool:
    """Whether the settings are safe; says what is not, before anything is started or made."""
    found = safety.problems(os.environ, var=runtime.var())
    for problem in found:
        sys.stderr.write(f"{'REFUSED' if problem.refused else 'NOTE   '} {problem.sentence}\n")
    if refused := any(problem.refused for problem in found):
        sys.stderr.write("Nothing was started. Every setting: docs/reference/settings.md\n")
    return not refused


def run(options: argparse.Namespace) -> int:
    import django  # noqa: F401  # before anything else is said, so that who lacks it is told what to install

    if not _safe():
        return UNSAFE
    runtime.django_ready()
    from django.conf import settings

    if settings.DEBUG:
        sys.stderr.write("REFUSED These settings have DEBUG on, which shows code and records to strangers.\n")
        return UNSAFE
    if problem := runtime.database_problem():
        sys.stderr.write(f"REFUSED {problem}\n")
        return UNSAFE
    print(f"OpenOH on http://{options.host}:{options.port} (Ctrl-C stops it)")
    server = subprocess.Popen(
        command(options.host, options.port, options.workers), env=os.environ, cwd=runtime.ROOT
    )
    # Whoever ends this command ends the server: systemd and docker send SIGTERM, of which Python dies at once.
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        return server.wait()
    except KeyboardInterrupt:
        server.terminate()
        return server.wait()
