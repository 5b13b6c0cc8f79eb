"""Processes to be killed: forks of the test's own process, so that everything is loaded and the kill can hit the work.

A fork dies by SIGKILL as any process does: without a handler, a rollback or a farewell to the database.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from django.db import connections

FORK = multiprocessing.get_context("fork")


class Doomed:
    """A process that does `act` and ends, unless it is killed before. `act` may say one thing on the way."""

    def __init__(self, act: Callable[[Callable[[str], None]], object]) -> None:
        connections.close_all()  # two processes must not share a connection
        self._ear, mouth = FORK.Pipe(duplex=False)
        self._process: BaseProcess = FORK.Process(target=_do, args=(act, mouth))
        self._process.start()
        mouth.close()

    def hears(self, seconds: float = 60) -> str:
        """What the process says; fails when it ends without saying it."""
        assert self._ear.poll(seconds), "the process said nothing in time"
        return str(self._ear.recv())

    def kill(self, after: float = 0) -> bool:
        """Kill it after so many seconds; False when it was done before."""
        self._process.join(after)
        if pid := self._process.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return self.ended() == -signal.SIGKILL

    def ended(self, seconds: float = 60) -> int:
        """Wait for its end; its exit code, negative when a signal ended it."""
        self._process.join(seconds)
        code = self._process.exitcode
        assert code is not None, "the process did not end in time"
        self._ear.close()
        self._process.close()
        return code


def _do(act: Callable[[Callable[[str], None]], object], mouth: Connection) -> None:
    try:
        act(mouth.send)
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
        os._exit(1)
    os._exit(0)  # nothing of the test's own: no fixture, no report


def die() -> None:
    """End this process as a kill from outside does."""
    os.kill(os.getpid(), signal.SIGKILL)
