"""`openoh begin FILE`: which services, employers, contracts and first people this installation is for."""

from __future__ import annotations

import argparse
import sys
from contextlib import suppress
from pathlib import Path

from openoh.cli import runtime

HELP = (
    "Begin an installation, or let it grow: enter services, employers, contracts and those who first sign in from "
    "a file. Entering it again changes only what is different, and removes nothing."
)
REFUSED = 1
EXAMPLE = """\
# What this installation is for. Change it, then run: openoh begin FILE
# Codes are yours to choose; they name folders and files later. Run it again after adding something.

[[systems]]                     # employers that plan together; leave it out when there is none
code = "QNS"
name = "Northshire system"

[[providers]]                   # occupational health services
code = "OHN"
name = "Northshire Occupational Health"
nation = "england"              # england, wales, scotland, northern-ireland: decides bank holidays
telephone = "01632 960001"      # shown to people who want to call
email = "hello@oh.example"
services = ["self-help", "physiotherapy", "psychology", "nurse", "physician"]
direct_book = ["physiotherapy"] # people book these themselves, without triage

[[employers]]
code = "RNS"
name = "Northshire Trust"
kind = "trust"                  # trust, community, practice, police, other
nation = "england"
system = "QNS"
benchmark_code = "R0A"          # its code in published figures, to compare with; may be left out

[[contracts]]                   # who serves whom, from when, with what
provider = "OHN"
employer = "RNS"
starts_on = 2026-04-01
services = ["self-help", "physiotherapy", "psychology", "nurse", "physician"]
levels = { triage = 2 }         # working days; what is not named keeps the usual days
employer_role = "controller"    # controller, joint, processor
provider_role = "controller"
agreed_with = "Gita Rao, director of people"

[[people]]                      # who signs in first; they let others in from the pages
email = "sam@oh.example"
name = "Sam Doyle"
role = "service-manager"
provider = "OHN"

[[people]]
email = "cara@trust.example"
name = "Cara Hughes"
role = "hr"
employer = "RNS"
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, nargs="?", help="a TOML file; see --example")
    parser.add_argument("--example", action="store_true", help="print a file to change, and stop")
    parser.add_argument(
        "--dry-run", action="store_true", help="say what the file would do, and change nothing"
    )


def run(options: argparse.Namespace) -> int:
    if options.example:
        print(EXAMPLE, end="")
        return 0
    if options.file is None:
        return _stop(["Name a file: openoh begin FILE. To see one: openoh begin --example > begin.toml"])
    try:
        text = options.file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        return _stop([f"{options.file} cannot be read as text: {error}"])
    runtime.django_ready()
    return _enter(text, dry_run=options.dry_run)


def _enter(text: str, *, dry_run: bool) -> int:
    from django.conf import settings

    from openoh.exchange.register.actions import enter
    from openoh.exchange.register.rules import Unreadable, read
    from openoh.foundation.core.actors import system_actor
    from openoh.foundation.core.scope import within

    by = system_actor("openoh begin")
    try:
        register = read(text)
        with suppress(_OnlyLooking), within(by.scope):
            entered = enter(by=by, register=register)
            if dry_run:
                raise _OnlyLooking
    except Unreadable as error:
        return _stop(["Nothing was entered.", *error.complaints])
    print(
        "\n".join(f"  {sentence}" for sentence in [*entered.told, f"{entered.same} entries are as they were"])
    )
    if dry_run:
        print("Nothing was changed: this was a dry run.")
        return 0
    print(
        f"Whoever is new signs in at {settings.PUBLIC_ADDRESS}/sign-in; openoh worker sends them a message."
    )
    print("What is still to do before people are served: openoh doctor")
    return 0


class _OnlyLooking(Exception):
    """Ends a dry run: what was entered is undone."""


def _stop(sentences: list[str]) -> int:
    print("\n".join(sentences), file=sys.stderr)
    return REFUSED
