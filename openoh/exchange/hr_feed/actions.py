"""Receiving a file, taking it, answering its question, and taking corrected rows again."""

from __future__ import annotations

from collections.abc import Mapping as Table
from typing import BinaryIO

from django.db.models import Max

from openoh.exchange.hr_feed import mapping as mappings
from openoh.exchange.hr_feed import models, spool, taking
from openoh.exchange.hr_feed.access import may_run, rows_visible_to, runs_visible_to
from openoh.exchange.hr_feed.models import ImportRun, QuarantinedRow
from openoh.exchange.hr_feed.reading import Guarded, Refused
from openoh.foundation.audit.actions import action
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, system_actor
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.scope import within
from openoh.foundation.core.staging import lock_employer
from openoh.foundation.organisations.models import Employer

OPEN_STATES = (ImportRun.State.RECEIVED, ImportRun.State.RUNNING, ImportRun.State.ASKING)


@action("mapping.saved")
def save_mapping(*, by: Actor, employer: Employer, name: str, text: str) -> models.Mapping:
    """Keep a mapping for the employer; a changed one becomes a new version. Raises Invalid when it will not do."""
    _must_run(by, employer)
    mapped = mappings.read(name, text)
    own = models.Mapping.objects.filter(employer=employer, name=name)
    newest = own.order_by("-version").first()
    if newest and newest.text == text:
        return newest
    version = (own.aggregate(newest=Max("version"))["newest"] or 0) + 1
    made = models.Mapping(
        employer=employer, name=name, kind=mapped.kind, version=version, text=text, made_by=by.name
    )
    made.save(force_insert=True)
    return made


@action("import.received")
def receive(
    *, by: Actor, employer: Employer, kind: str, file: BinaryIO, file_name: str, mapping: str,
    full_extract: bool = False, source: str = "page",
) -> ImportRun:  # fmt: skip
    """Keep a file to be taken, sealed. A file that came before gives its earlier run, so it changes nothing.

    `kind` is ``"people"`` or ``"absence"``, `mapping` the name of one of the employer's mappings or a ready one.
    """
    _must_run(by, employer)
    chosen = mappings.find(mapping, employer.pk)
    if chosen.kind != kind:
        raise Invalid(f"The mapping “{mapping}” is for {chosen.kind}, not for {kind}.", field="mapping")
    run = ImportRun(
        employer=employer, kind=kind, source=source, file_name=file_name[:300], mapping=chosen.name,
        full_extract=full_extract, started_by=by.name,
    )  # fmt: skip
    run.digest, run.size = spool.keep(run.pk, Guarded(file))
    with within(system_actor("import", employers=(employer.pk,)).scope):
        # Not the lock of the intake: a large file may hold that for minutes, and who sends another is not kept waiting.
        lock_employer(employer.pk, "receipt")
        _refuse_those_that_lost_their_file(employer)
        earlier = _earlier(run)
        if earlier is None:
            run.save(force_insert=True)
            return run
    spool.drop(run.pk)
    return earlier


@action("import.begun")
def leave_to_worker(*, by: Actor, run: ImportRun) -> ImportRun:
    """Say that a received file is to be taken, and let the worker do it. Saying it again changes nothing."""
    if not may_run(by, run.employer_id):
        raise NotAllowed("Your role does not let you import files for this employer.")
    runs_visible_to(by).filter(pk=run.pk, state=ImportRun.State.RECEIVED).update(
        state=ImportRun.State.RUNNING
    )
    return runs_visible_to(by).get(pk=run.pk)


def run(*, by: Actor, run: ImportRun) -> ImportRun:
    """Take the file of a run, all or nothing; running it again, also after a crash, changes nothing more.

    Ends as done, refused (the run says why) or asking (see `answer`).
    """
    if not may_run(by, run.employer_id):
        raise NotAllowed("Your role does not let you import files for this employer.")
    with within(by.scope):
        runs_visible_to(by).filter(
            pk=run.pk, state__in=[ImportRun.State.RECEIVED, ImportRun.State.RUNNING]
        ).update(state=ImportRun.State.RUNNING)
    try:
        finished = _take(by=by, run=run)
    except taking.AskFirst as question:
        finished = _settle(by=by, run=run, state=ImportRun.State.ASKING, question=str(question))
    except (Refused, spool.Lost) as refusal:
        finished = refuse(by=by, run=run, why=str(refusal))
    if finished.state in (ImportRun.State.DONE, ImportRun.State.REFUSED):
        spool.drop(finished.pk)
    return finished


@action("import.answered")
def answer(*, by: Actor, run: ImportRun, proceed: bool) -> ImportRun:
    """Answer a run that asked: yes lets `run` take the file as it is, no refuses it."""
    asked = _locked(by, run, ImportRun.State.ASKING)
    if asked is None:
        raise Conflict("This import is not waiting for an answer. Look at it again.")
    if proceed:
        asked.state, asked.may_end_many = ImportRun.State.RECEIVED, True
    else:
        asked.state, asked.refusal = ImportRun.State.REFUSED, f"{by.name} said no: {asked.question}"[:500]
        asked.finished_at = clock.now()
        spool.drop(asked.pk)
    asked.save(update_fields=["state", "may_end_many", "refusal", "finished_at"])
    return asked


@action("import.discarded")
def discard(*, by: Actor, run: ImportRun) -> ImportRun:
    """Forget a file that was received and not taken yet."""
    waiting = _locked(by, run, ImportRun.State.RECEIVED)
    if waiting is None:
        raise Conflict("This file is being taken, or was taken or refused already. Look at it again.")
    waiting.state, waiting.refusal = ImportRun.State.REFUSED, f"{by.name} decided not to take it."
    waiting.finished_at = clock.now()
    waiting.save(update_fields=["state", "refusal", "finished_at"])
    spool.drop(waiting.pk)
    return waiting


@action("row.replayed")
def replay(*, by: Actor, row: QuarantinedRow, corrections: Table[str, str]) -> QuarantinedRow:
    """Take a quarantined row again with its corrections, by our fields' names. Raises Invalid with what is wrong."""
    waiting = rows_visible_to(by).select_for_update(of=("self",)).select_related("run").get(pk=row.pk)
    if waiting.replayed_at:
        raise Conflict("This row was taken already.")
    values = {name: _cell(value) for name, value in {**waiting.row, **corrections}.items()}
    with within(system_actor("replay", employers=(waiting.employer_id,)).scope):
        mapping = mappings.find(waiting.run.mapping, waiting.employer_id)
        order = taking.Order(waiting.employer_id, waiting.run_id, mapping)
        _, problems = taking.take_again(order, waiting.line, values)
        if problems:
            raise Invalid(problems[0].reason, field=problems[0].field)
    waiting.row, waiting.replayed_at, waiting.replayed_by = values, clock.now(), by.name
    waiting.save(update_fields=["row", "replayed_at", "replayed_by"])
    return waiting


@action("import.taken")
def _take(*, by: Actor, run: ImportRun) -> ImportRun:
    with within(system_actor("import", employers=(run.employer_id,)).scope):
        lock_employer(run.employer_id)
        current = ImportRun.objects.select_for_update().get(pk=run.pk)
        if current.state not in (ImportRun.State.RECEIVED, ImportRun.State.RUNNING):
            return current
        order = taking.Order(
            current.employer_id, current.pk, mappings.find(current.mapping, current.employer_id),
            full=current.full_extract, may_end_many=current.may_end_many,
        )  # fmt: skip
        with spool.open_kept(current.pk) as file:
            outcome = taking.take(order, file)
        taking.quarantine(order, outcome.headings)
        current.rows_read, current.rows_new, current.rows_changed = outcome.read, outcome.new, outcome.changed
        current.rows_same, current.rows_ended = outcome.same, outcome.ended
        current.rows_quarantined, current.notes = outcome.quarantined, outcome.notes
        current.state, current.finished_at = ImportRun.State.DONE, clock.now()
        current.save()
    return current


def refuse(*, by: Actor, run: ImportRun, why: str) -> ImportRun:
    """End a run whose file cannot be taken; the run says why."""
    return _settle(by=by, run=run, state=ImportRun.State.REFUSED, refusal=why)


@action("import.settled")
def _settle(*, by: Actor, run: ImportRun, state: str, question: str = "", refusal: str = "") -> ImportRun:
    settled = runs_visible_to(by).select_for_update().get(pk=run.pk)
    if settled.state == ImportRun.State.DONE:
        return settled  # what is taken stays taken
    settled.state, settled.question, settled.refusal = state, question[:500], refusal[:500]
    settled.finished_at = clock.now() if state == ImportRun.State.REFUSED else None
    settled.save(update_fields=["state", "question", "refusal", "finished_at"])
    return settled


def _locked(by: Actor, run: ImportRun, state: ImportRun.State) -> ImportRun | None:
    """The run to be changed, if it is in this state; one that is being taken is not waited for."""
    if not may_run(by, run.employer_id):
        raise NotAllowed("Your role does not let you answer for this employer.")
    return runs_visible_to(by).select_for_update().filter(pk=run.pk, state=state).first()


def _must_run(by: Actor, employer: Employer) -> None:
    if not may_run(by, employer.pk):
        raise NotAllowed("Your role does not let you import files for this employer.")


def _earlier(run: ImportRun) -> ImportRun | None:
    """The run that took, or is taking, this very file.

    A file of changes that comes again was sent twice. A full extract may say again what was so before the last
    one, so it is compared with the last one only.
    """
    alike = ImportRun.objects.filter(
        employer=run.employer, kind=run.kind, mapping=run.mapping, full_extract=run.full_extract
    ).exclude(state=ImportRun.State.REFUSED)
    newest_first = alike.order_by("-started_at", "-id")
    if run.full_extract:
        newest = newest_first.first()
        return newest if newest and newest.digest == run.digest else None
    return newest_first.filter(digest=run.digest).first()


def _refuse_those_that_lost_their_file(employer: Employer) -> None:
    """After a crash between the end of a run and its mark, or a lost disk, a file can be sent again."""
    unfinished = ImportRun.objects.filter(employer=employer, state__in=OPEN_STATES)
    lost = [run.pk for run in unfinished if not spool.path_of(run.pk).exists()]
    # Asked again in the update: the file of a run that has ended in between is rightly gone.
    unfinished.filter(pk__in=lost).update(
        state=ImportRun.State.REFUSED, finished_at=clock.now(),
        refusal="The file was lost before it was taken. Send it again.",
    )  # fmt: skip


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)
