"""A watched folder: what HR's system drops there is taken without anybody's hand.

    <folder>/<employer's code>/<people|absence>[-full]/<mapping>/<file>

A taken file is moved to `<folder>/taken/`, a refused or asking one to `<folder>/waiting-for-you/`; the run says why.
Files whose name begins with a dot or ends in .part or .tmp, and files that are still being written, are left.
"""

from __future__ import annotations

import time
from pathlib import Path

from openoh.exchange.hr_feed import actions, spool
from openoh.exchange.hr_feed.limits import whole
from openoh.exchange.hr_feed.mapping import KINDS
from openoh.exchange.hr_feed.models import ImportRun
from openoh.foundation.core.actors import Audience, Scope, system_actor
from openoh.foundation.core.errors import OpenOHError
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.models import Employer

FULL = "-full"
TAKEN, WAITING = "taken", "waiting-for-you"
UNFINISHED = (".part", ".tmp")


def collect(folder: Path) -> list[ImportRun]:
    """Take every file that has come to rest in the folder, in the order of their names; returns their runs.

    Killed between two files or in the middle of one, it goes on where it was when it is called again.
    """
    finished = []
    for path in sorted(folder.glob("*/*/*/*")):
        code, kind, mapping = path.relative_to(folder).parts[:3]
        if code in (TAKEN, WAITING) or kind.removesuffix(FULL) not in KINDS or not _at_rest(path):
            continue
        with within(Scope(Audience.WORKER)):
            employer = Employer.objects.filter(code=code).first()
        if employer:
            finished.append(_take(folder, path, employer, kind, mapping))
    return [run for run in finished if run]


def _take(folder: Path, path: Path, employer: Employer, kind: str, mapping: str) -> ImportRun | None:
    by = system_actor("watched folder", employers=(employer.pk,))
    try:
        with path.open("rb") as file:
            received = actions.receive(
                by=by, employer=employer, kind=kind.removesuffix(FULL), file=file, file_name=path.name,
                mapping=mapping, full_extract=kind.endswith(FULL), source="folder",
            )  # fmt: skip
        run = actions.run(by=by, run=received)
    except OpenOHError as error:
        _move(path, folder / WAITING, path.name)
        (folder / WAITING / f"{path.name}.why.txt").write_text(f"{error}\n")
        return None
    done = run.state == ImportRun.State.DONE
    _move(path, folder / (TAKEN if done else WAITING), f"{run.pk}-{path.name}")
    return run


def _at_rest(path: Path) -> bool:
    if not path.is_file() or path.name.startswith(".") or path.suffix in UNFINISHED:
        return False
    return time.time() - path.stat().st_mtime >= whole("settled_seconds")


def _move(path: Path, to: Path, name: str) -> None:
    to.mkdir(exist_ok=True)
    path.replace(to / name)


def sweep() -> int:
    """Delete received files of runs that are over or were never written down, daily; returns how many."""
    with within(Scope(Audience.WORKER)):
        waiting = set(ImportRun.objects.filter(state__in=actions.OPEN_STATES).values_list("pk", flat=True))
    swept = 0
    for path in spool.folder().glob("*.*") if spool.folder().exists() else ():
        if path.stem not in set(map(str, waiting)) and time.time() - path.stat().st_mtime > whole(
            "spool_seconds"
        ):
            path.unlink()
            swept += 1
    return swept
