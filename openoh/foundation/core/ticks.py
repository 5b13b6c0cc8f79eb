"""What the worker does by itself from time to time. Packages register from their AppConfig's `ready`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Tick:
    """`function` is called every `every_seconds`, by one worker at a time; it must bear being repeated.

    One that may take minutes is `lengthy`: it has a round of its own, so that no other waits for it.
    """

    name: str
    every_seconds: int
    function: Callable[[], object]
    lengthy: bool = False


_ticks: dict[str, Tick] = {}


def register(name: str, every_seconds: int, function: Callable[[], object], *, lengthy: bool = False) -> None:
    """Register a tick once. `every_seconds` is 1 or more."""
    if every_seconds < 1:
        raise ValueError(f"a tick comes at most once a second, not every {every_seconds} s ({name})")
    _ticks[name] = Tick(name, every_seconds, function, lengthy)


def run(tick: Tick) -> bool:
    """Call the tick unless another process is calling it now; returns whether it was called."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [f"tick {tick.name}"])
        if not cursor.fetchone()[0]:
            return False
    try:
        tick.function()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [f"tick {tick.name}"])
    return True


def registered() -> list[Tick]:
    """Every tick, by name."""
    return [_ticks[name] for name in sorted(_ticks)]
