"""What the worker does by itself from time to time. Packages register from their AppConfig's `ready`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Tick:
    """`function` is called every `every_seconds`, by one worker at a time; it must bear being repeated."""

    name: str
    every_seconds: int
    function: Callable[[], object]


_ticks: dict[str, Tick] = {}


def register(name: str, every_seconds: int, function: Callable[[], object]) -> None:
    """Register a tick once. `every_seconds` is 1 or more."""
    if every_seconds < 1:
        raise ValueError(f"a tick comes at most once a second, not every {every_seconds} s ({name})")
    _ticks[name] = Tick(name, every_seconds, function)


def registered() -> list[Tick]:
    """Every tick, by name."""
    return [_ticks[name] for name in sorted(_ticks)]
