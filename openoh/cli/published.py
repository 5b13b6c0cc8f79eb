"""`openoh import published FILE`: NHS England's absence figures, for the benchmark page."""

from __future__ import annotations

import sys
from pathlib import Path


def take(path: Path) -> int:
    """Take the file in and print what came of it; Django must be ready. 1 when the file cannot be taken at all."""
    from openoh.foundation.core.actors import system_actor
    from openoh.foundation.core.errors import OpenOHError
    from openoh.population.measures.actions import import_published

    if not path.is_file():
        print(f"There is no file {path}.", file=sys.stderr)
        return 1
    try:
        done = import_published(by=system_actor("openoh import published"), path=path)
    except (OpenOHError, UnicodeDecodeError) as error:
        print(f"{path.name} was not taken: {error}", file=sys.stderr)
        return 1
    print(f"  {done.rows} rows taken from {path.name}.")
    for row in done.refused:
        print(f"  Line {row.line} was left out: {row.reason} It says: {row.value}")
    return 0
