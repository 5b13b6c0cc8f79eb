"""A line that says how far a long step is: renewed every second on a terminal, written at both ends in a log."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

WIDTH = 30
LONGEST = 119


class Progress:
    """Use it as a context, and say what is being done and how much is done already.

    `total` is how much there is to do, at least 1; `unit` what is counted, empty for a step that cannot be counted.
    """

    def __init__(self, title: str, total: int = 1, unit: str = "") -> None:
        self.title, self.total, self.unit = title, total, unit
        self._done, self._doing, self._began = 0, "", time.monotonic()
        self._over = threading.Event()
        self._renewing = threading.Thread(target=self._renew, daemon=True)

    def __enter__(self) -> Progress:
        if sys.stdout.isatty():
            self._renewing.start()
        else:
            self._write(f"  {self.title} ...\n")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._renewing.is_alive():
            self._renewing.join()
        if error is None:
            self._done, self._doing = self.total, ""
        start = "\r" if sys.stdout.isatty() else ""
        self._write(f"{start}{self._line()}\n")

    def doing(self, what: str) -> None:
        """Say what is being done now."""
        self._doing = what

    def add(self, count: int) -> None:
        """`count` more are done."""
        self._done += count

    def _renew(self) -> None:
        while not self._over.wait(1):
            self._write(f"\r{self._line()}")

    def _line(self) -> str:
        filled = round(WIDTH * self._done / self.total)
        bar = f" [{'#' * filled}{'.' * (WIDTH - filled)}] {self._done:,} of {self.total:,} {self.unit}"
        seconds = f"{time.monotonic() - self._began:.0f} s"
        parts = [f"  {self.title}{bar if self.unit else ''}", seconds, self._doing]
        line = ", ".join(part for part in parts if part)[:LONGEST]
        # On a terminal, spaces wipe what a longer line left behind.
        return line.ljust(LONGEST) if sys.stdout.isatty() else line

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()
