"""From rows of cells to rows of ours: a mapping and a header make a parser, the parser makes lines for COPY.

A cell that cannot be taken makes a `Problem`; the other rows go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from openoh.exchange.hr_feed.derivations import derivation
from openoh.exchange.hr_feed.fields import Bad, Rules
from openoh.exchange.hr_feed.mapping import Mapping, fields_of
from openoh.exchange.hr_feed.reading import BadLine, Row, Sheet, normal
from openoh.foundation.core.staging import NULL, Problem, as_text
from openoh.foundation.people import intake as people_intake
from openoh.population.absence.reasons import Door

# What a field is when the file does not have it.
UNSAID_PEOPLE = {
    "birth_date": NULL, "kind": "employee", "fte": "1", "weekly_hours": NULL, "suspended": "f", "ends_on": NULL,
    "effective_on": NULL,
}  # fmt: skip
UNSAID_ABSENCE = {
    "ended_on": NULL, "hours": NULL, "work_related": "f", "disability_related": "f", "pregnancy_related": "f",
    "retracted": "f",
}  # fmt: skip
SHOWN = 300


class Parser:
    """One file's parser. `lines` are ready rows for COPY; problems are collected until they are taken away."""

    def __init__(
        self, mapping: Mapping, header: list[str] | None, today: date, door: Door | None = None
    ) -> None:
        """`header` is None when there is no file, for a corrected row."""
        self.mapping, self.door = mapping, door
        self.places = mapping.place(header) if header else {}
        header = header or []
        self.mapped = frozenset(self.places) | frozenset(mapping.constants)
        self.headings = {ours: header[place] for ours, place in self.places.items()}
        self.left_out = 0
        self.read = 0
        self._rules = Rules(
            today, mapping.date_formats, mapping.codes, mapping.decimal_comma, mapping.zero_hours
        )
        known = fields_of(mapping.kind)
        self._cells = [(ours, place, known[ours].make(self._rules)) for ours, place in self.places.items()]
        self._constants = {
            ours: known[ours].make(self._rules)(value) for ours, value in mapping.constants.items()
        }
        self._derivation = derivation(mapping, header) if header else None
        self._only = mapping.column(header, mapping.only_column) if mapping.only_column and header else None
        self._finish = self._person if mapping.kind == "people" else self._spell
        self._unsaid = (UNSAID_PEOPLE if mapping.kind == "people" else UNSAID_ABSENCE) | self._constants
        self._wanted = [name for name in people_intake.COLUMNS if name != "line"]

    def chunk(self, rows: Iterable[Row | BadLine]) -> tuple[list[str], list[Problem]]:
        """The ready lines and the problems of some rows."""
        lines: list[str] = []
        problems: list[Problem] = []
        for row in rows:
            self.read += 1
            if isinstance(row, BadLine):
                problems.append(Problem(row.line, "", row.text, row.reason, {}))
            elif self._only is None or self._is_wanted(row.cells):
                self._one(row, lines, problems)
            else:
                self.left_out += 1
        return lines, problems

    def parse(self, line: int, values: dict[str, str]) -> tuple[list[str], list[Problem]]:
        """One row given by our fields' names, as for a replay."""
        lines: list[str] = []
        problems: list[Problem] = []
        known, taken = fields_of(self.mapping.kind), dict(self._unsaid)
        self.mapped |= frozenset(values) & frozenset(known)
        for ours, value in values.items():
            try:
                if ours in known:
                    taken[ours] = known[ours].make(self._rules)(value)
            except Bad as bad:
                return [], [Problem(line, ours, value[:SHOWN], str(bad), values)]
        self._end(line, taken, values, lines, problems)
        return lines, problems

    def _is_wanted(self, cells: list[str]) -> bool:
        return (
            self._only is not None
            and self._only < len(cells)
            and normal(cells[self._only]) in self.mapping.only_values
        )

    def _one(self, row: Row, lines: list[str], problems: list[Problem]) -> None:
        cells, values = row.cells, dict(self._unsaid)
        ours, place = "", -1
        try:
            for ours, place, convert in self._cells:
                values[ours] = convert(cells[place])
            if self._derivation:
                ours, place = "started_on", self._derivation.month
                started, ended = self._derivation.dates(cells)
                values["started_on"], values["ended_on"] = started.isoformat(), ended.isoformat()
        except Bad as bad:
            problems.append(Problem(row.line, ours, cells[place][:SHOWN], str(bad), self._raw(cells, ours)))
        except IndexError:
            reason = f"The row has {len(cells)} cells, fewer than the header. Complete it."
            problems.append(Problem(row.line, ours, "", reason, self._raw(cells, ours)))
        else:
            self._end(row.line, values, None, lines, problems, cells)

    def _end(
        self, line: int, values: dict[str, str], given: dict[str, str] | None, lines: list[str],
        problems: list[Problem], cells: list[str] | None = None,
    ) -> None:  # fmt: skip
        try:
            lines.append(self._finish(line, values))
        except _Unfit as unfit:
            raw = given if given is not None else self._raw(cells or [], unfit.field)
            problems.append(Problem(line, unfit.field, unfit.value, str(unfit), raw))

    def _person(self, line: int, values: dict[str, str]) -> str:
        starts_on, ends_on, born = values["starts_on"], values["ends_on"], values["birth_date"]
        if ends_on != NULL and ends_on < starts_on:
            raise _Unfit("ends_on", ends_on, "The last day is before the first day. Correct one of them.")
        if born != NULL and born >= starts_on:
            raise _Unfit(
                "birth_date", born, "The person was born after the first day here. Correct one of the dates."
            )
        return "\t".join([str(line), *(values.get(name, "") for name in self._wanted)])

    def _spell(self, line: int, values: dict[str, str]) -> str:
        number, started, ended = values["number"], values["started_on"], values["ended_on"]
        if ended != NULL and ended < started:
            raise _Unfit("ended_on", ended, "The last day is before the first day. Correct one of them.")
        reference = values.get("reference") or self._reference(line, number, started)
        group, sealed = "", None
        if self.door and values.get("reason"):
            group, sealed = self.door.admit(values["reason"], reference.replace(r"\\", "\\"))
        return "\t".join((
            str(line), number, reference, started, ended, values["hours"], values["work_related"],
            values["disability_related"], values["pregnancy_related"], values["retracted"], group,
            NULL if sealed is None else as_text(sealed),
        ))  # fmt: skip

    def _reference(self, line: int, number: str, started: str) -> str:
        return f"line-{line}" if self.mapping.reference == "line" else f"{number}/{started}"

    def _raw(self, cells: list[str], bad: str) -> dict[str, str]:
        """The row as it came, by our names, for the quarantine. A reason that may not be kept is not kept there."""
        raw = {ours: cells[place][:SHOWN] for ours, place in self.places.items() if place < len(cells)}
        if "reason" in raw and bad != "reason":
            raw["reason"] = self._reason_to_keep(raw["reason"])
        return raw

    def _reason_to_keep(self, cell: str) -> str:
        convert = next(convert for ours, _, convert in self._cells if ours == "reason")
        try:
            group = convert(cell)
        except Bad:
            return ""
        return group if self.door and group in self.door.kept else ""


class _Unfit(ValueError):
    """Cells that are right each by itself do not fit together."""

    def __init__(self, field: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.value = field, value


Chunk = tuple[list[str], list[Problem]]


def chunks(sheet: Sheet, parser: Parser, size: int, most: int | None = None) -> Iterator[Chunk]:
    """The file's rows in chunks of `size`, parsed; at most `most` rows when it is given."""
    waiting: list[Row | BadLine] = []
    for count, row in enumerate(sheet.rows, start=1):
        waiting.append(row)
        if len(waiting) == size or count == most:
            yield parser.chunk(waiting)
            waiting = []
        if count == most:
            return
    if waiting:
        yield parser.chunk(waiting)
