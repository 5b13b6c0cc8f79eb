"""`openoh backup FILE`: everything, encrypted, in one file."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from openoh.cli import runtime

HELP = "Back the whole database up into one encrypted file. Keep the master key elsewhere."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path)


def program(name: str) -> str:
    """The dump or restore program that belongs to the server in use."""
    from openoh.foundation.core import launcher

    return launcher.find_binaries()[name]


def run(options: argparse.Namespace) -> int:
    runtime.django_ready()
    from django.db import connection

    from openoh.foundation.core import backup, database, keys

    admin = os.environ.get("OPENOH_ADMIN_URL")
    if not admin:
        sys.exit("A backup reads every row, so it needs an administrator's address in OPENOH_ADMIN_URL.")
    # Administrators' addresses often name another database of the server, such as postgres.
    source = database.at(admin, str(connection.settings_dict["NAME"]))
    with runtime.step(f"Backing up into {options.file}"):
        checks = backup.make(source, options.file, master_key=keys.master_key(), pg_dump=program("pg_dump"))
    print(f"{sum(check.rows for check in checks.values()):,} rows of {len(checks)} tables")
    return 0
