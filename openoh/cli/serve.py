"""`openoh serve`: the web server."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from openoh.cli import runtime

HELP = "Serve the pages and the API."


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


def run(options: argparse.Namespace) -> int:
    runtime.django_ready()
    print(f"OpenOH on http://{options.host}:{options.port} (Ctrl-C stops it)")
    server = subprocess.Popen(
        command(options.host, options.port, options.workers), env=os.environ, cwd=runtime.ROOT
    )
    try:
        return server.wait()
    except KeyboardInterrupt:
        server.terminate()
        return server.wait()
