"""The demonstration as somebody starts and stops it: Ctrl-C leaves nothing running, and nothing half made."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from openoh.foundation.core import launcher

pytestmark = pytest.mark.faults
CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE = 400  # seconds for a first start beside other work


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder in the checkout: PostgreSQL's own account may not enter the folders of a test."""
    folder = CHECKOUT / "var" / "test" / f"demo-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    yield folder
    cluster = launcher.cluster(folder / "postgres")
    if cluster.data.exists():
        cluster.stop("immediate")
    shutil.rmtree(folder)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Demonstration:
    """The command in a process group of its own, as a terminal starts it, and what it has written."""

    def __init__(self, home: Path, port: int, *options: str) -> None:
        kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "OPENOH_SECRET_KEY")
                and not k.startswith(("OPENOH_", "DJANGO_"))}  # fmt: skip
        self.log = home / "log"
        self.file = self.log.open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "openoh.cli", "demo", "--staff", "100", "--port", str(port), *options],
            cwd=CHECKOUT, env={**kept, "OPENOH_VAR": str(home)}, stdout=self.file, stderr=self.file,
            start_new_session=True,
        )  # fmt: skip

    def wait_for(self, words: str) -> None:
        until = time.monotonic() + PATIENCE
        while words not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < until, self.said()
            time.sleep(0.1)

    def said(self) -> str:
        return self.log.read_text()

    def press_ctrl_c(self) -> int:
        """The terminal tells the whole group."""
        os.killpg(self.process.pid, signal.SIGINT)
        code = self.process.wait(timeout=60)
        self.file.close()
        return code

    def left_behind(self, home: Path, port: int) -> list[str]:
        """What of it still runs."""
        everything = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True)
        left = [line for line in everything.stdout.splitlines() if f":{port} " in line or f"{home}/" in line]
        return left + (["PostgreSQL"] if launcher.cluster(home / "postgres").running() else [])


def test_ctrl_c_stops_everything_whenever_it_comes_and_the_data_stay(home, port):
    loading = Demonstration(home, port)
    loading.wait_for("Importing extracts")
    assert loading.press_ctrl_c() == 130
    assert loading.left_behind(home, port) == []
    assert "Traceback" not in loading.said()

    first = Demonstration(home, port)
    first.wait_for("Ctrl-C stops everything")
    assert "The last load was interrupted. Starting afresh." in first.said()
    second_one = subprocess.run(
        [sys.executable, "-m", "openoh.cli", "demo", "--reset"], cwd=CHECKOUT, capture_output=True, text=True,
        env={**os.environ, "OPENOH_VAR": str(home)}, check=False,
    )  # fmt: skip
    assert second_one.returncode == 1
    assert "running already" in second_one.stderr
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/personas", timeout=30) as page:
        assert "Amara Okafor" in page.read().decode()
    assert first.press_ctrl_c() == 0
    assert first.left_behind(home, port) == []

    again = Demonstration(home, port)
    again.wait_for("Ctrl-C stops everything")
    assert "Importing extracts" not in again.said()
    assert "Making tables" not in again.said()
    assert again.press_ctrl_c() == 0
    assert again.left_behind(home, port) == []


def test_a_port_that_is_taken_is_said_before_anything_is_started(home):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        started = Demonstration(home, taken)
        assert started.process.wait(timeout=60) == 1
    assert f"Port {taken} is taken" in started.said()
    assert not (home / "postgres").exists()
    started.file.close()
