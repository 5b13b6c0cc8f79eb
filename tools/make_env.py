"""Make `.venv` from a hashed lock, once per lock: `make env` and `make env-dev` call this.

Uses uv where it is installed, because it is quicker, and the environment's own pip where it is not.
A stamp with the lock's digest makes the second run instant.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def run(*command: str) -> None:
    subprocess.run(command, check=True, cwd=ROOT)


def digest_of(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()


def make_virtual_environment() -> None:
    if (VENV / "bin" / "python").exists():
        return
    try:
        run(sys.executable, "-m", "venv", str(VENV))
    except subprocess.CalledProcessError:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(
            "Python cannot make a virtual environment. On Debian or Ubuntu: apt-get install python3.11-venv"
        )


def install(lock: Path) -> None:
    python = str(VENV / "bin" / "python")
    uv = shutil.which("uv")
    if uv:
        base = [uv, "pip", "install", "--python", python, "--quiet"]
    else:
        base = [
            python,
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--progress-bar",
            "on",
            "--no-compile",
        ]
    say(f"Installing what {lock.name} names (once) ...")
    run(*base, "--require-hashes", "-r", str(lock))
    link_project()


def link_project() -> None:
    """Put this checkout on the environment's path, and `openoh` beside its Python, without a build tool."""
    site_packages = next((VENV / "lib").glob("python3*/site-packages"))
    (site_packages / "openoh_checkout.pth").write_text(f"{ROOT}\n")
    command = VENV / "bin" / "openoh"
    command.write_text(
        f"#!{VENV}/bin/python\nimport sys\n\nfrom openoh.cli import main\n\nsys.exit(main())\n"
    )
    command.chmod(0o755)


def install_chromium() -> None:
    """Debian's Chromium, for the browser journeys; the browser builds of test tools are not on the registries."""
    if shutil.which("chromium") or shutil.which("chromium-browser"):
        return
    if not shutil.which("apt-get") or os.geteuid() != 0:
        sys.exit("The browser tests need Chromium. As root: apt-get install --no-install-recommends chromium")
    say("Installing Chromium and a font (once) ...")
    quiet = {
        "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        "check": True,
        "stdout": subprocess.DEVNULL,
    }
    subprocess.run(["apt-get", "update", "-qq"], **quiet)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
        **quiet,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lock", required=True)
    parser.add_argument("--with-chromium", action="store_true")
    options = parser.parse_args()
    if sys.version_info < (3, 11):
        sys.exit("OpenOH needs Python 3.11 or later; name one with: make PYTHON=python3.12 ...")
    lock = ROOT / options.lock
    stamp = VENV / f".{lock.name}.stamp"
    larger_set = VENV / ".requirements.lock.stamp"
    wanted = digest_of(lock)
    have_all = larger_set.exists() and larger_set.read_text() == digest_of(ROOT / "requirements.lock")
    if not have_all and not (stamp.exists() and stamp.read_text() == wanted):
        make_virtual_environment()
        install(lock)
        stamp.write_text(wanted)
    if options.with_chromium:
        install_chromium()


if __name__ == "__main__":
    main()
