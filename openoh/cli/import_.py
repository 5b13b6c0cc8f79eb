"""`openoh import people FILE`, `openoh import absence FILE` and `openoh import published FILE`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from openoh.cli import published, runtime

if TYPE_CHECKING:
    from openoh.exchange.hr_feed.models import ImportRun
    from openoh.exchange.hr_feed.queries import Preview
    from openoh.foundation.core.actors import Actor
    from openoh.foundation.organisations.models import Employer

HELP = "Import people or absence from an extract of an HR system (CSV or XLSX), or published absence figures."
REFUSED, ASKING = 1, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=("people", "absence", "published"))
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--employer", metavar="CODE", help="code of the employer, e.g. RNS; not for published figures"
    )
    parser.add_argument("--mapping", metavar="NAME|FILE", help="name of a mapping, or a TOML file with one")
    parser.add_argument("--full", action="store_true", help="a full extract: who is missing has left")
    parser.add_argument(
        "--dry-run", action="store_true", help="say what the file would do, and change nothing"
    )
    parser.add_argument("--yes", action="store_true", help="end many engagements without asking")


def run(options: argparse.Namespace) -> int:
    runtime.django_ready()
    if options.kind == "published":
        return published.take(options.file)
    from openoh.exchange.hr_feed import actions
    from openoh.foundation.core.actors import Audience, Scope, system_actor
    from openoh.foundation.core.errors import OpenOHError
    from openoh.foundation.core.scope import within
    from openoh.foundation.organisations.models import Employer

    if not options.file.is_file():
        return _stop(f"There is no file {options.file}.")
    if not options.employer:
        return _stop("Say whose people they are: --employer CODE.")
    with within(Scope(Audience.WORKER)):
        employer = Employer.objects.filter(code=options.employer).first()
        codes = ", ".join(Employer.objects.order_by("code").values_list("code", flat=True)[:20])
    if employer is None:
        return _stop(
            f"There is no employer with the code {options.employer}. There are: {codes or 'none yet'}."
        )
    by = system_actor("openoh import", employers=(employer.pk,))
    try:
        name = options.mapping or f"openoh-{options.kind}"
        if name.endswith(".toml"):
            path = Path(name)
            name = actions.save_mapping(by=by, employer=employer, name=path.stem, text=path.read_text()).name
        if options.dry_run:
            return _dry_run(by, employer, options, name)
        _people_first(by, employer, options, name)
        return _told(_import(by, employer, options, name, options.kind), options)
    except (OpenOHError, OSError) as error:
        return _stop(str(error))


def _import(by: Actor, employer: Employer, options: argparse.Namespace, mapping: str, kind: str) -> ImportRun:
    from openoh.exchange.hr_feed import actions
    from openoh.exchange.hr_feed.models import ImportRun

    with options.file.open("rb") as file:
        received = actions.receive(
            by=by, employer=employer, kind=kind, file=file, file_name=options.file.name, mapping=mapping,
            full_extract=options.full and kind == options.kind, source="command",
        )  # fmt: skip
    finished = actions.run(by=by, run=received)
    if finished.state == ImportRun.State.ASKING and options.yes:
        finished = actions.run(by=by, run=actions.answer(by=by, run=finished, proceed=True))
    return finished


def _people_first(by: Actor, employer: Employer, options: argparse.Namespace, mapping: str) -> None:
    """Some files of absences name the people as well; they are taken first."""
    from openoh.exchange.hr_feed import mapping as mappings
    from openoh.foundation.core.scope import within

    with within(by.scope):
        first = mappings.find(mapping, employer.pk).people_first
    if first:
        _told(_import(by, employer, options, first, "people"), options)


def _dry_run(by: Actor, employer: Employer, options: argparse.Namespace, mapping: str) -> int:
    from openoh.exchange.hr_feed import queries

    with options.file.open("rb") as file:
        found: Preview = queries.preview(
            by, file, mapping, employer=employer.pk, full_extract=options.full, whole_file=True
        )
    for assumption in found.assumptions:
        print(f"Assumed: {assumption}")
    if found.refusal:
        return _stop(found.refusal)
    if found.question:
        print(f"It would ask: {found.question}")
        return ASKING
    outcome = found.outcome
    print(
        f"Nothing was changed. The file would give {outcome.new:,} new, {outcome.changed:,} changed, "
        f"{outcome.same:,} unchanged, {outcome.ended:,} ended; {outcome.quarantined:,} rows could not be taken."
    )
    for problem in found.problems:
        print(f"Line {problem.line}, {problem.field or 'whole line'}, “{problem.value}”: {problem.reason}")
    for note in outcome.notes:
        print(note)
    return 0


def _told(run: ImportRun, options: argparse.Namespace) -> int:
    from openoh.exchange.hr_feed.models import ImportRun

    if run.state == ImportRun.State.REFUSED:
        return _stop(run.refusal)
    if run.state == ImportRun.State.ASKING:
        print(
            f"{run.question} If so, run the command again with --yes; nothing was changed.", file=sys.stderr
        )
        return ASKING
    print(
        f"{options.file.name}, {run.kind}: {run.rows_read:,} rows read: {run.rows_new:,} new, "
        f"{run.rows_changed:,} changed, {run.rows_same:,} unchanged, {run.rows_ended:,} ended; "
        f"{run.rows_quarantined:,} could not be taken."
    )
    for note in run.notes:
        print(note)
    return 0


def _stop(message: str) -> int:
    print(message, file=sys.stderr)
    return REFUSED
