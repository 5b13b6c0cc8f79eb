"""The three suites: `fast` while typing, `all` before a change lands, `long` for what takes longer.

A suite runs in parts, because browsers and killed processes must not share two cores with everything else. Each
part ends with the time it took beside what it may take on two cores; the time alone never fails a suite, since a
busy machine would then fail a good change.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [str(ROOT / ".venv" / "bin" / "python"), "-m", "pytest", "-q"]
IN_PARALLEL = ["-n", "2", "--dist", "loadfile"]
PLAIN = "not browser and not faults and not long"
METHODS = "tests/methods"
WALL = [
    "tests/security/test_wall.py",
    "tests/security/test_wall_writing.py",
    "tests/security/test_wall_rows.py",
    "tests/foundation/test_scope.py",
]
# Every page, every table, real servers: more than somebody who types can wait for.
LATER = [
    METHODS,
    "tests/security/test_nasty_input.py",
    "tests/security/test_wall_rows.py",
    "tests/security/test_slow_and_large.py",
]
NO_TESTS = 5  # pytest's own exit code for an empty selection


@dataclass(frozen=True)
class Part:
    """One run of pytest, and the minutes that it may take on two cores."""

    name: str
    minutes: float
    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    again: bool = False  # tell what failed once more, alone: a browser on a busy machine may have been late

    def run(self) -> bool:
        """Whether it passed; says what it runs and how long it took."""
        command, began = [*PYTEST, *self.arguments], time.monotonic()
        say(f"$ {' '.join([f'{name}={value}' for name, value in self.environment.items()] + command[2:])}")
        code = subprocess.run(
            command, cwd=ROOT, check=False, env={**os.environ, **self.environment}
        ).returncode
        if code not in (0, NO_TESTS) and self.again:
            say("what failed is told once more, alone")
            code = subprocess.run([*command, "-n", "0", "--last-failed"], cwd=ROOT, check=False).returncode
        say(f"{self.name}: {(time.monotonic() - began) / 60:.1f} of {self.minutes:g} minutes")
        return code in (0, NO_TESTS)


SUITES = {
    "fast": [
        Part("fast", 2, [*IN_PARALLEL, "-m", PLAIN, *(f"--ignore={path}" for path in LATER), "-x"]),
    ],
    "all": [
        Part("plain", 10, [*IN_PARALLEL, "-m", PLAIN]),
        Part("journeys", 7, [*IN_PARALLEL, "-m", "browser and not long"], again=True),
        Part("faults", 3, ["-m", "faults and not long"]),
    ],
    "long": [
        Part("fuzzing and long methods", 10, [*IN_PARALLEL, "-m", "long and not faults and not browser"]),
        Part("kills and large data", 14, ["-m", "long and faults"]),
        Part("journeys without JavaScript", 7,
             [*IN_PARALLEL, "-m", "browser and not javascript", "--without-javascript"], again=True),
        Part("the wheel's PostgreSQL", 2, WALL, {"OPENOH_POSTGRES": "wheel"}),
    ],
}  # fmt: skip


def main(suite: str) -> int:
    began = time.monotonic()
    failed = [part.name for part in SUITES[suite] if not part.run()]
    allowed = sum(part.minutes for part in SUITES[suite])
    say(f"{suite}: {(time.monotonic() - began) / 60:.1f} of {allowed:g} minutes")
    if failed:
        say(f"failed: {', '.join(failed)}")
    return int(bool(failed))


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in SUITES:
        sys.exit(f"usage: run_tests.py {'|'.join(SUITES)}")
    sys.exit(main(sys.argv[1]))
