"""Renew the two hashed locks together, so that they never disagree: `make lock` calls this.

`requirements.lock` holds every extra; `requirements-web.lock` is the part of it that the service needs.
No address of a package registry is written.
"""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMON = [
    "uv", "pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11", "--generate-hashes",
    "--no-emit-index-url", "--no-header", "--no-annotate", "--quiet",
]  # fmt: skip


def main() -> None:
    subprocess.run([*COMMON, "--all-extras", "-o", "requirements.lock"], check=True, cwd=ROOT)
    subprocess.run(
        [
            *COMMON,
            "--extra",
            "web",
            "--extra",
            "embedded-pg",
            "-c",
            "requirements.lock",
            "-o",
            "requirements-web.lock",
        ],
        check=True,
        cwd=ROOT,
    )


if __name__ == "__main__":
    main()
