"""What `make check` runs: format, lint, types, architecture, migrations, security lint. All run; all must pass."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
CHECKS = (
    ("format", ["ruff", "format", "--check", "--quiet", "."]),
    ("lint", ["ruff", "check", "--quiet", "."]),
    ("types", ["mypy", "--no-error-summary", "--hide-error-context", "openoh"]),
    ("direction of imports", ["lint-imports", "--no-cache"]),
    (
        "migrations match models",
        ["python", "-W", "ignore", "tools/manage.py", "makemigrations", "--check", "--dry-run"],
    ),
    ("reference pages", ["python", "-m", "openoh.cli", "docs", "--check"]),
    ("security lint", ["bandit", "-q", "-c", "pyproject.toml", "-r", "openoh"]),
)
ENVIRONMENT = {
    **os.environ,
    "DATABASE_URL": "postgresql:///not-needed-for-checks",
    "OPENOH_SECRET_KEY": "not-needed-for-checks",
    "DJANGO_SETTINGS_MODULE": "openoh.config.settings",
}


def passes(name: str, command: list[str]) -> bool:
    began = time.monotonic()
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    sys.stdout.write(
        f"{'ok  ' if done.returncode == 0 else 'FAIL'} {name} ({time.monotonic() - began:.1f} s)\n"
    )
    if done.returncode:
        sys.stdout.write(done.stdout + done.stderr)
    sys.stdout.flush()
    return done.returncode == 0


def main() -> int:
    results = [passes(name, command) for name, command in CHECKS]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
