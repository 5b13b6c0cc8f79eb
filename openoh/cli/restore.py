"""`openoh restore FILE`: into a new database, compared with the backup table by table."""

from __future__ import annotations

import argparse
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
    from openoh.foundation.core import backup, database, keys, launcher

    if not (runtime.var() / "postgres").exists():
        sys.exit(
            "Restoring by this command needs the project's own server. With another server, use pg_restore."
        )
    cluster = launcher.cluster(runtime.var() / "postgres")
    database.create_empty(cluster, options.into)
    try:
        with runtime.step(f"Restoring into {options.into}"):
            checks = backup.restore(
                options.file, cluster.url(launcher.SUPERUSER, options.into), master_key=keys.master_key(),
                pg_restore=program("pg_restore"),
            )  # fmt: skip
    except backup.BackupError as error:
        database.drop(cluster, options.into)
        sys.exit(str(error))
    print(
        f"{sum(check.rows for check in checks.values()):,} rows of {len(checks)} tables agree with the backup."
    )
    print(f"To use it: DATABASE_URL={cluster.url(database.LOGIN, options.into)} openoh serve")
    return 0
