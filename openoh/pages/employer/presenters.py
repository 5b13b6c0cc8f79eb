"""Words for employers: how an import went, what is missing from a purpose, absences."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from openoh.exchange.hr_feed.models import ImportRun
from openoh.pages.jinja import moment, plural

COLOURS = {
    ImportRun.State.RECEIVED: "blue", ImportRun.State.RUNNING: "blue", ImportRun.State.ASKING: "orange",
    ImportRun.State.DONE: "green", ImportRun.State.REFUSED: "red",
}  # fmt: skip
WORDS = {
    ImportRun.State.RECEIVED: "Not taken yet", ImportRun.State.RUNNING: "Being taken",
    ImportRun.State.ASKING: "Waiting for your answer", ImportRun.State.DONE: "Taken",
    ImportRun.State.REFUSED: "Not taken",
}  # fmt: skip


@dataclass(frozen=True)
class RunLine:
    """One import in the list."""

    id: UUID
    file_name: str
    kind: str
    when: str
    state: str
    colour: str
    result: str


def run_line(run: ImportRun) -> RunLine:
    state = ImportRun.State(run.state)
    return RunLine(
        run.id, run.file_name, run.get_kind_display(), f"{moment(run.started_at)}, by {run.started_by}",
        WORDS[state], COLOURS[state], _result(run),
    )  # fmt: skip


def counts(run: ImportRun) -> list[tuple[str, int]]:
    """What a finished import did, as figures; `ended` means left for people, taken back for absences."""
    ended = "People who left" if run.kind == ImportRun.Kind.PEOPLE else "Absences taken back"
    return [
        ("Rows read", run.rows_read), ("New", run.rows_new), ("Changed", run.rows_changed),
        ("As before", run.rows_same), (ended, run.rows_ended), ("To be corrected", run.rows_quarantined),
    ]  # fmt: skip


def _result(run: ImportRun) -> str:
    match run.state:
        case ImportRun.State.ASKING:
            return run.question
        case ImportRun.State.REFUSED:
            return run.refusal
        case ImportRun.State.DONE:
            bad = f", {plural(run.rows_quarantined, 'row')} to be corrected" if run.rows_quarantined else ""
            return f"{plural(run.rows_read, 'row')}: {run.rows_new:,} new, {run.rows_changed:,} changed{bad}"
        case ImportRun.State.RUNNING:
            return "We are taking this file. This can take some minutes."
        case _:
            return "Look at what it would do, then take it."
