"""`openoh export FILE`: everything of one service or one employer, in open files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from openoh.cli import runtime

HELP = (
    "Write everything of one service or one employer into a ZIP of CSV files with a manifest, to take it elsewhere. "
    "A named account asks, with a reason; whose record is in it sees that."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the ZIP to write; it must not be there yet")
    of = parser.add_mutually_exclusive_group(required=True)
    of.add_argument(
        "--provider", default="", metavar="CODE", help="a service: its records, asked for by its lead"
    )
    of.add_argument(
        "--employer", default="", metavar="CODE", help="an employer: its data, asked for by its HR officer"
    )
    parser.add_argument(
        "--by", required=True, metavar="EMAIL", help="who asks, by the address they sign in with"
    )
    parser.add_argument("--reason", required=True, help="why; everybody concerned can read it")


def run(options: argparse.Namespace) -> int:
    runtime.django_ready()
    from openoh.exchange.export.actions import export
    from openoh.exchange.export.queries import asker
    from openoh.foundation.core.errors import OpenOHError

    try:
        by = asker(options.by, provider=options.provider, employer=options.employer)
        exported = export(by=by, file=options.file, reason=options.reason, told=_tell)
    except OpenOHError as error:
        return _stop(str(error))
    except OSError as error:
        return _stop(f"The file cannot be written: {error.strerror or error}. Nothing was left behind.")
    print(f"{sum(exported.rows.values()):,} rows of {len(exported.rows)} tables, {exported.people:,} people.")
    print(f"{options.file} is not encrypted: keep it as you keep the records in it.")
    return 0


def _tell(table: str) -> None:
    print(f"  {table}", flush=True)


def _stop(message: str) -> int:
    print(message, file=sys.stderr)
    return 1
