"""`openoh generate`: invented extracts of one system."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from openoh.cli import runtime

HELP = "Write invented people and absence extracts of one system: deterministic for the same numbers."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--staff", type=int, default=20_000, metavar="N", help="people in all (default 20000)"
    )
    parser.add_argument("--years", type=int, default=3, metavar="Y", help="years of absence (default 3)")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument(
        "--until", type=date.fromisoformat, default=None, metavar="DAY", help="last day (default today)"
    )
    parser.add_argument("--dirt", action="store_true", help="spoil some rows as real extracts are spoilt")
    parser.add_argument("--into", type=Path, default=None, metavar="FOLDER", help="default: var/generated")


def run(options: argparse.Namespace) -> int:
    from openoh.demo.generate import generate
    from openoh.foundation.core import clock

    folder = options.into or runtime.var() / "generated"
    until = options.until or clock.today()
    people = absence = 0
    for extract in generate(
        folder, staff=options.staff, years=options.years, seed=options.seed, until=until, dirt=options.dirt
    ):
        people += extract.people_rows
        absence += extract.absence_rows
        print(f"  {extract.employer.name}: {extract.people_rows:,} people, {extract.absence_rows:,} spells")
    print(f"{people:,} engagements and {absence:,} spells in {folder}")
    return 0
