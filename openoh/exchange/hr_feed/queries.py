"""Reads of imports, always from `access`; a preview takes a file and undoes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from django.db.models import F, QuerySet

from openoh.exchange.hr_feed import mapping as mappings
from openoh.exchange.hr_feed import models, spool, taking
from openoh.exchange.hr_feed.access import may_run, rows_visible_to, runs_visible_to
from openoh.exchange.hr_feed.limits import is_large, whole
from openoh.exchange.hr_feed.mapping import shipped, shipped_names
from openoh.exchange.hr_feed.models import ImportRun, QuarantinedRow
from openoh.exchange.hr_feed.reading import ZIP_MARK, Refused, normal
from openoh.foundation.core.actors import Actor, system_actor
from openoh.foundation.core.errors import NotAllowed
from openoh.foundation.core.identifiers import new_id
from openoh.foundation.core.scope import within
from openoh.foundation.core.spreadsheets import neutral
from openoh.foundation.organisations.models import Employer

SHOWN_PROBLEMS = 50
NOTHING = taking.Outcome()


@dataclass(frozen=True)
class ShownProblem:
    line: int
    field: str
    value: str
    reason: str


@dataclass(frozen=True)
class Preview:
    """What a file would do. `refusal` says why it would not be taken, `question` what would be asked first."""

    outcome: taking.Outcome
    problems: tuple[ShownProblem, ...] = ()
    assumptions: tuple[str, ...] = ()
    refusal: str = ""
    question: str = ""


class _Undo(Exception):  # carries the result out of a transaction that must not last
    def __init__(self, found: Preview) -> None:
        super().__init__()
        self.found = found


def runs(actor: Actor) -> QuerySet[ImportRun]:
    """Imports, newest first."""
    return runs_visible_to(actor).select_related("employer").order_by("-started_at", "-id")


def quarantine(actor: Actor) -> QuerySet[QuarantinedRow]:
    """Rows that wait to be corrected, newest import first, in the order of its lines."""
    return (
        rows_visible_to(actor)
        .filter(replayed_at=None)
        .select_related("run")
        .order_by("-run__started_at", "line", "id")
    )


def preview(
    actor: Actor, file: BinaryIO, mapping: str, *, employer: UUID | None = None, full_extract: bool = False,
    whole_file: bool = False,
) -> Preview:  # fmt: skip
    """What the file would do, by doing it and undoing it. Only its first rows are tried, unless `whole_file`.

    `employer` may be left out by an actor of one employer. Raises NotAllowed, and Invalid for an unknown mapping.
    """
    where = employer or (actor.employers[0] if len(actor.employers) == 1 else None)
    if where is None or not may_run(actor, where):
        raise NotAllowed("Your role does not let you import files for this employer.")
    try:
        with within(system_actor("preview", employers=(where,)).scope):
            raise _Undo(_tried(file, mapping, where, full_extract=full_extract, whole_file=whole_file))
    except _Undo as undone:
        return undone.found


def preview_of(actor: Actor, run: ImportRun) -> Preview:
    """What a received file would do; a full extract that is not large is tried as a whole, to know whom it would end.

    Raises spool.Lost when the file is no longer here.
    """
    with spool.open_kept(run.pk) as file:
        return preview(
            actor, file, run.mapping, employer=run.employer_id, full_extract=run.full_extract,
            whole_file=run.full_extract and not is_for_worker(run),
        )  # fmt: skip


def is_for_worker(run: ImportRun) -> bool:
    """Whether a received file is so large that it is taken in the background; one that is lost is not."""
    try:
        with spool.open_kept(run.pk) as file:
            return is_large(run.size, packed=file.read(len(ZIP_MARK)) == ZIP_MARK)
    except spool.Lost:
        return False


def another_is_taken(actor: Actor, run: ImportRun) -> bool:
    """Whether the worker is to take, or is taking, another file of the same employer: one file at a time is taken."""
    return left_to_worker(runs_visible_to(actor)).filter(employer=run.employer_id).exclude(pk=run.pk).exists()


def left_to_worker(found: QuerySet[ImportRun]) -> QuerySet[ImportRun]:
    """Files that somebody said on a page to take and that are not taken, also where the page's process was killed.

    What came from the command or from the folder is taken up again there.
    """
    return found.filter(source="page", state=ImportRun.State.RUNNING)


def _tried(file: BinaryIO, name: str, employer: UUID, *, full_extract: bool, whole_file: bool) -> Preview:
    mapping = mappings.find(name, employer)
    order = taking.Order(
        employer, new_id(), mapping, full=full_extract and whole_file, may_end_many=False,
        most_rows=None if whole_file else whole("preview_rows"),
    )  # fmt: skip
    try:
        outcome = taking.take(order, file)
    except Refused as refusal:
        return Preview(taking.Outcome(), assumptions=mapping.assumptions, refusal=str(refusal))
    except taking.AskFirst as question:
        return Preview(taking.Outcome(), assumptions=mapping.assumptions, question=str(question))
    shown = tuple(
        ShownProblem(int(str(line)), outcome.headings.get(str(field), str(field)), str(value), str(reason))
        for line, field, value, reason in taking.problems(SHOWN_PROBLEMS)
    )
    return Preview(outcome, shown, mapping.assumptions)


@dataclass(frozen=True)
class Choice:
    """A mapping that can be chosen: the employer's own, or a ready one."""

    name: str
    kind: str
    title: str
    own: bool


def mapping_choices(actor: Actor, employer: UUID) -> list[Choice]:
    """The employer's own mappings in their newest version, then the ready ones."""
    own = models.Mapping.objects.filter(employer_id=employer, employer_id__in=actor.employers)
    newest = {each.name: each for each in own.order_by("version")}
    ready = [shipped(name) for name in shipped_names() if name not in newest]
    return [
        *(
            Choice(each.name, each.kind, mappings.read(each.name, each.text).title, True)
            for each in newest.values()
        ),
        *(Choice(each.name, each.kind, each.title, False) for each in ready),
    ]


def rows_of(actor: Actor, run: ImportRun) -> QuerySet[QuarantinedRow]:
    """The rows of one import that could not be taken, those that wait first."""
    return (
        rows_visible_to(actor).filter(run=run).order_by(F("replayed_at").asc(nulls_first=True), "line", "id")
    )


@dataclass(frozen=True)
class Cell:
    """One cell of a quarantined row, by our field; `wrong` marks the one that could not be taken."""

    field: str
    words: str
    value: str
    wrong: bool
    needed: bool


def cells_of(row: QuarantinedRow) -> list[Cell]:
    """What can be corrected in the row, in the order of our fields: what the file had, and what must be there.

    Of a line that could not be read at all nothing is known, so every field of its mapping is asked for.
    """
    mapping = mappings.find(row.run.mapping, row.employer_id)
    shown = set(row.row) or set(mapping.columns)
    return [
        Cell(
            field.name, field.words, str(row.row.get(field.name) or ""),
            normal(row.column) in {normal(each) for each in (field.name, *mapping.columns.get(field.name, ()))},
            field.required,
        )
        for field in mappings.fields_of(mapping.kind).values() if field.name in shown or field.required
    ]  # fmt: skip


def employer_of(actor: Actor) -> Employer:
    """The one employer whose feeds the actor runs. Raises NotAllowed for somebody of none or of several."""
    if len(actor.employers) != 1 or not may_run(actor, actor.employers[0]):
        raise NotAllowed("Your role does not let you import files.")
    return Employer.objects.get(pk=actor.employers[0])


def report_rows(actor: Actor, run: ImportRun) -> Iterator[list[str]]:
    """The report of a run as rows for a CSV file: what happened, then each row that could not be taken.

    Cells that a spreadsheet would take for a formula begin with an apostrophe.
    """
    seen = runs_visible_to(actor).select_related("employer").get(pk=run.pk)
    for words, value in (
        ("Employer", seen.employer.name), ("File", seen.file_name), ("Mapping", seen.mapping),
        ("Full extract", "yes" if seen.full_extract else "no"), ("State", seen.get_state_display()),
        ("Started", f"{seen.started_at:%Y-%m-%d %H:%M}"), ("By", seen.started_by), ("Rows read", seen.rows_read),
        ("New", seen.rows_new), ("Changed", seen.rows_changed), ("Unchanged", seen.rows_same),
        ("Ended or taken back", seen.rows_ended), ("Could not be taken", seen.rows_quarantined),
        ("Refused because", seen.refusal), *(("Note", note) for note in seen.notes),
    ):  # fmt: skip
        yield [words, neutral(str(value))]
    yield []
    yield ["Line", "Column", "Value", "Why", "Corrected and taken on"]
    for row in rows_visible_to(actor).filter(run=seen).order_by("line", "id").iterator():
        taken = f"{row.replayed_at:%Y-%m-%d}" if row.replayed_at else ""
        yield [str(row.line), *map(neutral, (row.column, row.value, row.reason)), taken]
