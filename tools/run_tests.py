"""The three suites: `fast` while typing, `all` before a change lands, `long` for what takes longer.

`all` runs in two parts, because browsers and killed processes must not share two cores with everything else.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [str(ROOT / ".venv" / "bin" / "python"), "-m", "pytest", "-q"]
IN_PARALLEL = ["-n", "2", "--dist", "loadfile"]
PLAIN = "not browser and not faults and not long"
SUITES = {
    "fast": [[*PYTEST, *IN_PARALLEL, "-m", PLAIN, "--deselect", "tests/methods", "-x"]],
    "all": [
        [*PYTEST, *IN_PARALLEL, "-m", PLAIN],
        [*PYTEST, *IN_PARALLEL, "-m", "browser and not long"],
        [*PYTEST, "-m", "faults and not long"],
    ],
    "long": [[*PYTEST, "-m", "long"]],
}
NO_TESTS = 5  # pytest's own exit code for an empty selection


def main(suite: str) -> int:
    worst = 0
    for command in SUITES[suite]:
        sys.stdout.write(f"$ {' '.join(command[2:])}\n")
        sys.stdout.flush()
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        worst = max(worst, 0 if code == NO_TESTS else code)
    return worst


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in SUITES:
        sys.exit(f"usage: run_tests.py {'|'.join(SUITES)}")
    sys.exit(main(sys.argv[1]))
