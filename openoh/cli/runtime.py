"""What every command that touches the database needs first: the server running, keys, settings, Django ready."""

from __future__ import annotations

import hashlib
import hmac
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openoh.cli.main import NOT_MIGRATED, in_words

ROOT = Path(__file__).resolve().parent.parent.parent
DATABASE = "openoh"


def var() -> Path:
    """The folder of everything that this installation writes."""
    return Path(os.environ.get("OPENOH_VAR", ROOT / "var"))


@contextmanager
def step(text: str) -> Iterator[None]:
    """Say what is being done, and how long it took, so that nobody wonders whether it hangs."""
    sys.stdout.write(f"  {text} ... ")
    sys.stdout.flush()
    began = time.monotonic()
    yield
    sys.stdout.write(f"{time.monotonic() - began:.1f} s\n")
    sys.stdout.flush()


def start_database() -> None:
    """Set DATABASE_URL: as given, or the launcher's cluster in the project, started if need be."""
    if os.environ.get("DATABASE_URL"):
        return
    from openoh.foundation.core import database, launcher

    cluster = launcher.cluster(var() / "postgres")
    cluster.start()
    database.prepare(cluster, DATABASE)
    os.environ["DATABASE_URL"] = cluster.url(database.LOGIN, DATABASE)
    os.environ.setdefault("OPENOH_OWNER_URL", cluster.url(database.OWNER, DATABASE))
    os.environ.setdefault("OPENOH_ADMIN_URL", cluster.url(launcher.SUPERUSER, DATABASE))


def stop_database() -> None:
    """Stop the launcher's cluster, when it is the one in use."""
    from openoh.foundation.core import launcher

    home = var() / "postgres"
    if home.exists():
        launcher.cluster(home).stop()


def migrate() -> None:
    """Migrate and rebuild the wall as the owner."""
    from openoh.foundation.core import database

    owner = os.environ.get("OPENOH_OWNER_URL")
    if not owner:
        sys.exit(
            "Migrating needs the owner's address: set OPENOH_OWNER_URL, for example\n"
            "  OPENOH_OWNER_URL=postgresql://oh_owner:...@host/openoh openoh migrate\n"
            "A database administrator makes the roles once: openoh migrate --print-setup"
        )
    database.migrate(owner)


def version_problem() -> str | None:
    """What to do when the database is of another version; None when it is of this one. Raises OperationalError."""
    from django.db import ProgrammingError

    from openoh.foundation.core import database

    try:
        missing = database.behind()
    except ProgrammingError:  # before this could be looked at, or never migrated
        return NOT_MIGRATED
    if not missing:
        return None
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    return f"The database is of an earlier version (it lacks {missing[0]}{more}): run openoh migrate."


def database_problem() -> str | None:
    """Why nothing can run on this database, in one sentence; None when it answers and is of this version."""
    from django.db import OperationalError

    try:
        return version_problem()
    except OperationalError as error:
        return in_words(error)


def django_ready() -> None:
    """Start the database if it is ours, derive the signing key, and set Django up."""
    start_database()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openoh.config.settings")
    if not os.environ.get("OPENOH_SECRET_KEY"):
        os.environ["OPENOH_SECRET_KEY"] = _signing_key()
    import django

    django.setup()


def _signing_key() -> str:
    """Derived from the master key, so that all processes of an installation agree and nothing more is kept."""
    given = os.environ.get("OPENOH_MASTER_KEY")
    path = Path(os.environ.get("OPENOH_MASTER_KEY_FILE", var() / "keys" / "master.hex"))
    if not given and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(os.urandom(32).hex())
    try:
        master = bytes.fromhex((given or path.read_text()).strip())
    except ValueError:
        sys.exit("The master key must be 64 hexadecimal digits; this one is not.")
    return hmac.new(master, b"openoh signing key", hashlib.sha256).hexdigest()
