"""How often something may happen: counted in the database's cache, so across all processes."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache


@dataclass(frozen=True)
class Limit:
    """At most `allowed` times within `seconds` for each key."""

    name: str
    allowed: int
    seconds: int

    def reached(self, key: object) -> bool:
        return int(cache.get(self._key(key), 0)) >= self.allowed

    def note(self, key: object) -> None:
        """Count one more; the time begins with the first."""
        if not cache.add(self._key(key), 1, self.seconds):
            try:
                cache.incr(self._key(key))
            except ValueError:  # the time ended between the two
                cache.set(self._key(key), 1, self.seconds)

    def _key(self, key: object) -> str:
        return f"limit-{self.name}-{key}"
