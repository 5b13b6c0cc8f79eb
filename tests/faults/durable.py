"""Killing a database server with all its processes at once, as a power cut does, and starting it again."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

from django.db import connections

from openoh.foundation.core.launcher import Cluster


def crash(cluster: Cluster) -> None:
    """Kill the server and its children, and start it again; it recovers from its log."""
    connections.close_all()
    server = cluster.server_process()
    doomed = [server, *map(int, Path(f"/proc/{server}/task/{server}/children").read_text().split())]
    for process in doomed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while any(_is_alive(process) for process in doomed) and time.monotonic() < deadline:
        time.sleep(0.02)
    # Where nobody collects dead processes, the server's files would make it seem alive.
    (cluster.data / "postmaster.pid").unlink(missing_ok=True)
    for lock in cluster.socket_folder.glob(".s.PGSQL.*.lock"):
        lock.unlink()
    cluster.start()


def _is_alive(process: int) -> bool:
    """Whether the process still runs; one that is dead but not yet collected does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
