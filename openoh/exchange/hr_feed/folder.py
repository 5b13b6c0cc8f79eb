"""A watched folder: what HR's system drops there is taken without anybody's hand.

    <folder>/<employer's code>/<people|absence>[-full]/<mapping>/<file>

A taken file is moved to `<folder>/taken/`, a refused or asking one to `<folder>/waiting-for-you/`; the run, or a file
beside it, says why. What cannot be taken and stays where it lies is in `<folder>/NOT-TAKEN.txt`, with why. Files whose
name begins with a dot or ends in .part or .tmp, and files that are still being written, are left.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.db import InterfaceError, OperationalError

from openoh.exchange.hr_feed import actions, spool
from openoh.exchange.hr_feed.limits import whole
from openoh.exchange.hr_feed.mapping import KINDS
from openoh.exchange.hr_feed.models import ImportRun
from openoh.foundation.core.actors import Audience, Scope, system_actor
from openoh.foundation.core.errors import OpenOHError
from openoh.foundation.core.identifiers import new_id
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.models import Employer

FULL = "-full"
TAKEN, WAITING, NOT_TAKEN = "taken", "waiting-for-you", "NOT-TAKEN.txt"
UNFINISHED = (".part", ".tmp")
DEPTH = 4  # employer, kind, mapping, file
OUR_FAULT = "We could not take this file, through a fault of ours. Send it again later, or tell your service."
log = logging.getLogger(__name__)


def collect(folder: Path) -> list[ImportRun]:
    """Take every file that has come to rest in the folder, in the order of their names; returns their runs.

    Killed between two files or in the middle of one, it goes on where it was when it is called again. A file that
    cannot be taken keeps no other one back.
    """
    finished = []
    employers = _employers()
    for path in _dropped(folder):
        if _why_not(folder, path, employers) or not _at_rest(path):
            continue
        code, kind, mapping = path.relative_to(folder).parts[:3]
        try:
            finished.append(_take(folder, path, employers[code], kind, mapping))
        except FileNotFoundError:
            continue  # somebody took it away again
        except OSError as error:
            log.warning("the file %s in the watched folder stays where it is: %s", path.name, error.strerror)
    _write_down(folder)
    return [run for run in finished if run]


def lying(folder: Path) -> list[tuple[Path, str]]:
    """The files that will not be taken as they lie there, and why."""
    employers = _employers()
    return [(path, why) for path in _dropped(folder) if (why := _why_not(folder, path, employers))]


def waiting(folder: Path) -> int:
    """How many files somebody must look at: refused, or asking."""
    there = folder / WAITING
    return sum(1 for path in there.iterdir() if not path.name.endswith(".why.txt")) if there.is_dir() else 0


def _employers() -> dict[str, Employer]:
    with within(Scope(Audience.WORKER)):
        return {employer.code: employer for employer in Employer.objects.all()}


def _dropped(folder: Path) -> Iterator[Path]:
    """Every finished file below the folder, whatever its place, in the order of the names; links are not followed."""
    for where, folders, names in os.walk(folder):
        if Path(where) == folder:
            folders[:] = [name for name in folders if name not in (TAKEN, WAITING)]
        folders.sort()
        linked = [name for name in folders if (Path(where) / name).is_symlink()]
        for name in sorted([*names, *linked]):
            path = Path(where) / name
            if not (name.startswith(".") or path.suffix in UNFINISHED or path == folder / NOT_TAKEN):
                yield path


def _why_not(folder: Path, path: Path, employers: dict[str, Employer]) -> str:
    """Why a file can never be taken where it lies; empty when it can."""
    parts = path.relative_to(folder).parts
    if path.is_symlink():
        return "it is a link; put the file itself here"
    if not path.is_file():
        return "it is no file"
    if len(parts) != DEPTH:
        return "it lies in the wrong place: <employer's code>/<people or absence>/<mapping>/<file>"
    if parts[0] not in employers:
        return f"there is no employer with the code {parts[0]}"
    if parts[1].removesuffix(FULL) not in KINDS:
        return f"{parts[1]} is no kind of file: {', '.join(f'{kind} or {kind}{FULL}' for kind in KINDS)}"
    if not os.access(path, os.R_OK):
        return "the worker may not read it: change its permissions"
    if not os.access(path.parent, os.W_OK):
        return "the worker may not move it away: let it write in the folder"
    return ""


def _take(folder: Path, path: Path, employer: Employer, kind: str, mapping: str) -> ImportRun | None:
    by = system_actor("watched folder", employers=(employer.pk,))
    try:
        with _opened(path) as file:
            before = _shape(os.fstat(file.fileno()))
            received = actions.receive(
                by=by, employer=employer, kind=kind.removesuffix(FULL), file=file, file_name=path.name,
                mapping=mapping, full_extract=kind.endswith(FULL), source="folder",
            )  # fmt: skip
            if _shape(path.stat()) != before:
                _forget(received)
                return None  # it was written to meanwhile: the whole of it is taken when it has come to rest
        run = actions.run(by=by, run=received)
    except (OSError, OperationalError, InterfaceError):
        raise  # the disk or the database, not the file: it is taken when they are back
    except OpenOHError as error:
        _set_aside(folder, path, str(error))
        return None
    except Exception:  # whatever a file brings about, it must not keep the others back for good
        log.exception("the file %s in the watched folder could not be taken", path.name)
        _set_aside(folder, path, OUR_FAULT)
        return None
    if _shape(path.stat()) == before:  # else another file came by the same name, and is taken next
        done = run.state == ImportRun.State.DONE
        _move(path, folder / (TAKEN if done else WAITING), f"{run.pk}-{path.name}")
    return run


def _opened(path: Path) -> BinaryIO:
    """The file itself: what became a link since it was looked at is not followed."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")


def _shape(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_ino, found.st_size, found.st_mtime_ns


def _forget(run: ImportRun) -> None:
    by = system_actor("watched folder", employers=(run.employer_id,))
    if run.state == ImportRun.State.RECEIVED:
        actions.discard(by=by, run=run)


def _at_rest(path: Path) -> bool:
    """Whether nobody has touched the file for some seconds, and nobody has it open to write more.

    The time of the last change counts, not that of the content: programs that copy set the latter to the past.
    """
    try:
        found = path.stat()
        if time.time() - max(found.st_mtime, found.st_ctime) < whole("settled_seconds"):
            return False
        return not _is_written(path)
    except OSError:
        return False


def _is_written(path: Path) -> bool:
    """Whether a process of this machine has the file open to write: Linux gives a lease only when none has."""
    lease = getattr(fcntl, "F_SETLEASE", None)
    if lease is None:
        return False
    with _opened(path) as file:
        try:
            fcntl.fcntl(file, lease, fcntl.F_RDLCK)
            fcntl.fcntl(file, lease, fcntl.F_UNLCK)
        except OSError as error:
            return error.errno == errno.EAGAIN  # other errors: this disk or this account gives no leases
    return False


def _set_aside(folder: Path, path: Path, why: str) -> None:
    """Into the folder of what waits, under a name of its own: a file of the same name may wait there already."""
    name = f"{new_id()}-{path.name}"
    _move(path, folder / WAITING, name)
    (folder / WAITING / f"{name}.why.txt").write_text(f"{why}\n", encoding="utf-8")


def _move(path: Path, to: Path, name: str) -> None:
    to.mkdir(exist_ok=True)
    path.replace(to / name)


def _write_down(folder: Path) -> None:
    """Keep the list of what lies there and why; there is none when nothing does."""
    list_of_them = folder / NOT_TAKEN
    lines = [f"{_printable(path.relative_to(folder))}: {why}.\n" for path, why in lying(folder)]
    text = "".join(lines)
    try:
        if not text:
            list_of_them.unlink(missing_ok=True)
        elif not list_of_them.is_file() or list_of_them.read_text(encoding="utf-8") != text:
            list_of_them.write_text(text, encoding="utf-8")
            log.warning("%s files in the watched folder cannot be taken: see %s", len(lines), list_of_them)
    except OSError as error:
        log.warning("%s cannot be written: %s", list_of_them, error.strerror)


def _printable(path: Path) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in str(path))


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
