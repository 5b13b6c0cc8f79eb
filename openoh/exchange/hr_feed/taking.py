"""Take one file in one transaction: staged by COPY, judged and written by set-based SQL, or not at all.

Runs in the worker's scope. A killed process leaves the transaction undone; running again starts from the file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import BinaryIO
from uuid import UUID

from openoh.exchange.hr_feed.limits import asks_first, whole
from openoh.exchange.hr_feed.mapping import Mapping
from openoh.exchange.hr_feed.parsing import Parser, chunks
from openoh.exchange.hr_feed.reading import open_sheet
from openoh.foundation.access.standing import give_standing_roles
from openoh.foundation.core import clock
from openoh.foundation.core.staging import (
    Problem,
    as_text,
    copy_lines,
    count,
    execute,
    fetch,
    lock_employer,
    many_rows,
)
from openoh.foundation.people import intake as people
from openoh.foundation.people.matching import match
from openoh.population.absence import intake as absence
from openoh.population.absence.reasons import door, provider_of

QUARANTINE = """
INSERT INTO hr_feed_quarantinedrow (id, run_id, employer_id, line, "column", value, reason, row, replayed_by)
SELECT oh_new_id(), %(run)s, %(employer)s, line, left(coalesce(%(headings)s::jsonb ->> field, field), 100),
  left(value, 300), left(reason, 300), coalesce({row}, '{}'), ''
FROM staged_problem ORDER BY line
"""
# Of a person only what the file has: when the row is taken again, the rest must stay as it is then. Of an absence the
# reason that may be kept, under the name of our field.
AS_IN_THE_FILE = {
    "people": "(SELECT jsonb_object_agg(c.key, c.value) FROM jsonb_each(row) c WHERE %(headings)s::jsonb ? c.key)",
    "absence": "CASE WHEN row ? 'reason_group' "
    "THEN row - 'reason_group' || jsonb_build_object('reason', row -> 'reason_group') ELSE row END",
}


class AskFirst(Exception):  # not an error: a question, carried out of the transaction
    """The file would end so much that somebody must say yes; the message is the question."""


@dataclass
class Outcome:
    """What taking a file did, or would do."""

    read: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    ended: int = 0
    quarantined: int = 0
    notes: list[str] = field(default_factory=list)
    headings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Order:
    """What is to be taken: for whom, with which mapping, whether whoever is missing has left, and whether many may."""

    employer: UUID
    run: UUID
    mapping: Mapping
    full: bool = False
    may_end_many: bool = False
    most_rows: int | None = None


def take(order: Order, file: BinaryIO) -> Outcome:
    """Take a whole file. Raises Refused when it cannot be read, AskFirst when it would end too much."""
    lock_employer(order.employer)
    mapping = order.mapping
    sheet = open_sheet(
        file, delimiter=mapping.delimiter, encoding=mapping.encoding, headings=mapping.headings()
    )
    parser = _parser(order, sheet.header)
    _prepare(mapping.kind)
    numberless = 0
    for lines, problems in chunks(sheet, parser, whole("chunk_rows"), order.most_rows):
        numberless += _stage(mapping.kind, lines, problems)
    outcome = _write(order, parser, leavers=order.full and not numberless)
    outcome.read, outcome.headings = parser.read, parser.headings
    outcome.notes = [*sheet.notes, *outcome.notes]
    if parser.left_out:
        outcome.notes.append(
            f"{parser.left_out:,} rows were left out: their “{mapping.only_column}” is not one that the mapping takes."
        )
    if order.full and numberless:
        outcome.notes.append(
            f"Nobody was ended, because {numberless:,} rows could not be read at all and may be anybody's."
        )
    return outcome


def take_again(order: Order, line: int, values: dict[str, str]) -> tuple[Outcome, list[Problem]]:
    """Take one corrected row, given by our fields' names; the problems say what is still wrong."""
    lock_employer(order.employer)
    parser = _parser(order, None)
    _prepare(order.mapping.kind)
    lines, problems = parser.parse(line, values)
    if problems:
        return Outcome(quarantined=1), problems
    _stage(order.mapping.kind, lines, [])
    outcome = _write(order, parser, leavers=False)
    found = fetch("SELECT line, field, value, reason FROM staged_problem")
    return outcome, [Problem(line, str(row[1]), str(row[2]), str(row[3]), values) for row in found]


def quarantine(order: Order, headings: dict[str, str]) -> None:
    """Write down the rows that could not be taken, under the headings of the file."""
    execute(
        QUARANTINE.replace("{row}", AS_IN_THE_FILE[order.mapping.kind]),
        {"run": order.run, "employer": order.employer, "headings": json.dumps(headings)},
    )


def problems(limit: int) -> list[tuple[object, ...]]:
    """The first rows that could not be taken: line, our field, value, reason."""
    return fetch(
        "SELECT line, field, value, reason FROM staged_problem ORDER BY line LIMIT %(limit)s",
        {"limit": limit},
    )


def _parser(order: Order, header: list[str] | None) -> Parser:
    admitted = door(order.employer) if order.mapping.kind == "absence" else None
    return Parser(order.mapping, header, clock.today(), admitted)


def _prepare(kind: str) -> None:
    (people if kind == "people" else absence).prepare()


def _stage(kind: str, lines: list[str], problems: list[Problem]) -> int:
    """Stage a chunk; returns how many of its bad rows do not even say whose they are."""
    if lines:
        (people if kind == "people" else absence).stage(lines)
    if problems:
        copy_lines(
            "staged_problem", ("line", "field", "value", "reason", "row"), map(_problem_line, problems)
        )
    if kind != "people":
        return len(problems)
    numbers = [number for problem in problems if (number := problem.row.get("number", "").strip())]
    if numbers:
        people.spare(map(as_text, numbers))
    return len(problems) - len(numbers)


def _problem_line(problem: Problem) -> str:
    row = json.dumps(problem.row, ensure_ascii=False).replace("\\u0000", "")
    return "\t".join(map(as_text, (
        problem.line, problem.field, problem.value.replace("\0", ""), problem.reason, row,
    )))  # fmt: skip


def _write(order: Order, parser: Parser, *, leavers: bool) -> Outcome:
    if order.mapping.kind == "people":
        with many_rows():
            outcome = _write_people(order, parser.mapped, leavers)
    else:
        outcome = _write_absence(order, leavers)
    outcome.quarantined = count("SELECT count(*) FROM staged_problem")
    return outcome


def _write_people(order: Order, mapped: frozenset[str], leavers: bool) -> Outcome:
    taken = people.take(employer=order.employer, run_id=order.run, mapped=mapped, full=leavers)
    if asks_first(taken.ended, taken.active) and not order.may_end_many:
        raise AskFirst(
            f"This file would end the engagements of {taken.ended:,} of {taken.active:,} people. Is that right?"
        )
    notes = []
    provider = provider_of(order.employer, clock.today())
    if provider:
        # How many may be somebody that the service knows is the service's business: HR could ask about anybody.
        match(employer=order.employer, provider=provider)
    else:
        notes.append(
            "No occupational health service has a contract with this employer, so nobody was matched."
        )
    shared = give_standing_roles(employer=order.employer)
    if shared:
        notes.append(
            f"{shared:,} people share their e-mail address with somebody else, so they got no account."
        )
    return Outcome(new=taken.new, changed=taken.changed, same=taken.same, ended=taken.ended, notes=notes)


def _write_absence(order: Order, leavers: bool) -> Outcome:
    before = count(
        "SELECT count(*) FROM absence_spell WHERE employer_id = %(employer)s AND retracted_at IS NULL",
        {"employer": order.employer},
    ) if leavers else 0  # fmt: skip
    taken = absence.take(employer=order.employer, run_id=order.run, full=leavers)
    if asks_first(taken.retracted, before) and not order.may_end_many:
        raise AskFirst(
            f"This file leaves out {taken.retracted:,} of {before:,} absences that were reported before; they would "
            "be taken back. Is that right?"
        )
    return Outcome(new=taken.new, changed=taken.changed, same=taken.same, ended=taken.retracted)
