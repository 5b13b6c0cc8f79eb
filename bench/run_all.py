"""Every bench, one after the other, and one table at the end: name, ratio, limit.

    make bench          (or: python bench/run_all.py)

A figure over its limit is shown and fails nothing: a machine that is busy with something else says nothing about us.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NO_BENCH = {"__init__", "run_all", "support", "clients", "pages", "tenant", "bare"}
LINE = re.compile(r"^(?P<name>[\w-]+): ratio (?P<ratio>[\d.]+) \(limit (?P<limit>[\d.]+)")


def main() -> None:
    table = []
    for name in sorted({path.stem for path in ROOT.glob("bench/*.py")} - NO_BENCH):
        print(f"== {name}", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", f"bench.{name}"], cwd=ROOT, text=True, stdout=subprocess.PIPE, check=False
        )
        print(done.stdout, end="", flush=True)
        found = [match.groupdict() for line in done.stdout.splitlines() if (match := LINE.match(line))]
        table += found or [{"name": name, "ratio": "failed" if done.returncode else "see above", "limit": ""}]
    width = max(len(row["name"]) for row in table)
    print("\n" + "\n".join(f"{row['name']:<{width}}  {row['ratio']:>9}  {row['limit']:>5}" for row in table))


if __name__ == "__main__":
    main()
