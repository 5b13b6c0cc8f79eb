"""`openoh restore FILE`: into a new database, compared with the backup table by table."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from openoh.cli import runtime
from openoh.cli.backup import program

HELP = "Restore a backup into a new, empty database and compare every table with what the backup says."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--into", default="openoh_restored", metavar="DATABASE", help="name of the new database"
    )


def run(options: argparse.Namespace) -> int:
    runtime.django_ready()
    from openoh.foundation.core import backup, database, keys

    admin = os.environ.get("OPENOH_ADMIN_URL")
    if not admin:
        sys.exit("A restore makes a database, so it needs an administrator's address in OPENOH_ADMIN_URL.")
    backup.look(options.file, master_key=keys.master_key())
    database.create_empty(admin, options.into)
    try:
        with runtime.step(f"Restoring into {options.into}"):
            checks = backup.restore(
                options.file, database.at(admin, options.into), master_key=keys.master_key(),
                pg_restore=program("pg_restore"),
            )  # fmt: skip
    except BaseException:  # Ctrl-C as well: half a database must not be left behind
        database.drop_at(admin, options.into)  # it was made a moment ago, for this
        raise
    print(
        f"{sum(check.rows for check in checks.values()):,} rows of {len(checks)} tables agree with the backup."
    )
    print(f"To use it, let DATABASE_URL name the database {options.into} in place of the one before.")
    return 0
