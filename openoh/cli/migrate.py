"""`openoh migrate`: bring the database to this version, and rebuild the wall."""

from __future__ import annotations

import argparse

from openoh.cli import runtime

HELP = "Bring the database to this version: migrations, then grants and row policies from the classification."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--print-setup",
        action="store_true",
        help="print what a database administrator must run once, and stop",
    )


def run(options: argparse.Namespace) -> int:
    from openoh.foundation.core import database

    if options.print_setup:
        for statement in database.setup_statements():
            print(f"{statement};")
        print(f"-- in the database itself: CREATE EXTENSION {', '.join(database.EXTENSIONS)};")
        return 0
    runtime.start_database()
    with runtime.step("Migrating and building the wall"):
        runtime.migrate()
    return 0
