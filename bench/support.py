"""What the benches of the running service share: a durable PostgreSQL of their own, a large tenant, a server.

The cluster lives in var/bench and waits for the disk, as a real one does. A tenant of 100,000 people is made once for
each schema and copied for each run, so that a bench begins with the same rows however often it runs.
"""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "var" / "bench"
PEOPLE = int(os.environ.get("BENCH_PEOPLE", "100000"))
ANSWERS_WITHIN = 30  # seconds from starting a server to its first answer


@dataclass(frozen=True)
class Running:
    """A server with its database: where it answers, and the processes that answer."""

    port: int
    server: int
    database: int

    def workers(self) -> list[int]:
        """The processes that answer requests: the server's children."""
        return _children(self.server)

    def processor(self) -> float:
        """Seconds of processor that workers and database have used so far: steadier than the clock where other
        programs share the machine."""
        return sum(map(_processor_seconds, [*self.workers(), self.database, *_children(self.database)]))

    def memory(self) -> float:
        """What the workers hold, in MiB: the proportional set size, which counts a shared page once."""
        return sum(_proportional_size(process) for process in self.workers()) / 1024


@contextmanager
def service(workers: int = 2) -> Iterator[Running]:
    """The service on a copy of the large tenant, with durable commits; everything is stopped and dropped after."""
    from openoh.foundation.core import database, launcher

    _environment()
    cluster = launcher.cluster(HOME / "postgres")
    cluster.start()
    name = f"run_{os.getpid()}"
    try:
        database.prepare(cluster, name, template=_template(cluster))
        os.environ["DATABASE_URL"] = cluster.url(database.LOGIN, name)
        import django

        django.setup()
        with _served(workers, cluster.server_process()) as running:
            yield running
    finally:
        _disconnect()
        database.drop(cluster, name)
        cluster.stop()


def report(name: str, figure: float, limit: float, *, at_least: bool = False, unit: str = "") -> None:
    """One line: the figure over its limit; below 1 is within it."""
    ratio = limit / figure if at_least else figure / limit
    wanted = ">=" if at_least else "<="
    print(
        f"{name}: ratio {ratio:.2f} (limit 1; {figure:.1f}{unit}, wanted {wanted} {limit:g}{unit})",
        flush=True,
    )


def _environment() -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "openoh.config.settings", "OPENOH_SECRET_KEY": "bench" * 10,
        "OPENOH_MASTER_KEY": "22" * 32, "OPENOH_VAR": str(HOME / "files"), "OPENOH_PLAIN_HTTP": "1",
    }  # fmt: skip


def _template(cluster) -> str:
    """The database with the large tenant, made when there is none of this schema and size."""
    from openoh.foundation.core import database

    name = f"tenant_{PEOPLE}_{_schema_digest()}"
    made = HOME / "template-made"
    if made.exists() and made.read_text() == name:
        return name
    if made.exists():
        database.drop(cluster, made.read_text())
    print(f"making a tenant of {PEOPLE:,} people (once) ...", flush=True)
    database.drop(cluster, name)
    database.prepare(cluster, name)
    database.migrate(cluster.url(database.OWNER, name))
    # In a process of its own, so that this one can point its connection at the copy.
    subprocess.run(
        [sys.executable, "-m", "bench.tenant", cluster.url(database.LOGIN, name),
         cluster.url("oh_admin", name), str(PEOPLE)],
        check=True, cwd=ROOT, env={**os.environ, "DATABASE_URL": cluster.url(database.LOGIN, name)},
    )  # fmt: skip
    made.write_text(name)
    return name


def _schema_digest() -> str:
    core = ROOT / "openoh" / "foundation" / "core"
    sources = [*ROOT.glob("openoh/**/models.py"), *ROOT.glob("openoh/**/migrations/*.py"), core / "wall.py",
               core / "classification.py", Path(__file__).with_name("tenant.py")]  # fmt: skip
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


@contextmanager
def _served(workers: int, database: int) -> Iterator[Running]:
    """The command line of `openoh serve`, with the bare page of `bench.bare` beside the service."""
    from openoh.cli.serve import command

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = command("127.0.0.1", port, workers)
    arguments[-1] = "bench.bare:application"
    with (HOME / "server.log").open("w") as log:
        server = subprocess.Popen(arguments, cwd=ROOT, env=os.environ, stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{port}/crisis", server)
            yield Running(port, server.pid, database)
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + ANSWERS_WITHIN
    while time.monotonic() < ends:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended; see {HOME / 'server.log'}")
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer within {ANSWERS_WITHIN} seconds")


def _children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _processor_seconds(process: int) -> float:
    """User and system time of a process; nothing for one that has just ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _proportional_size(process: int) -> int:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _disconnect() -> None:
    from django.db import connections

    connections.close_all()
