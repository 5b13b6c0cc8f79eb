"""Spells on their way in: any number of rows, one or a million, judged and written by the same statements.

    stage(rows)                       # any number of times
    taken = take(employer=…, run_id=…)

Runs in the worker's scope and in one transaction: whoever kills it leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from openoh.foundation.core import clock, facts
from openoh.foundation.core.staging import copy_lines, count, execute, make, make_problems, reject
from openoh.population.absence.reasons import door, provider_of

RECORDED = "absence.recorded"
COLUMNS = (
    "line", "number", "reference", "started_on", "ended_on", "hours", "work_related", "disability_related",
    "pregnancy_related", "retracted", "reason_group", "sealed",
)  # fmt: skip
DEFINITION = (
    "line integer, number text, reference text, started_on date, ended_on date, hours numeric(7,2), "
    "work_related boolean, disability_related boolean, pregnancy_related boolean, retracted boolean, "
    "reason_group text, sealed bytea"
)

JUDGED = """
SELECT s.*, coalesce(e.id, only_one.id) AS engagement_id, p.id AS known_id, p.engagement_id AS known_engagement,
  coalesce(e.starts_on, only_one.starts_on) AS employed_from, coalesce(e.ends_on, only_one.ends_on) AS employed_to,
  coalesce(only_one.engagements, 1) AS engagements,
  CASE
    WHEN p.id IS NULL AND s.retracted THEN 'same'
    WHEN p.id IS NULL THEN 'new'
    WHEN s.retracted THEN CASE WHEN p.retracted_at IS NULL THEN 'changed' ELSE 'same' END
    WHEN p.retracted_at IS NOT NULL
      OR (p.started_on, p.work_related, p.disability_related, p.pregnancy_related)
         <> (s.started_on, s.work_related, s.disability_related, s.pregnancy_related)
      OR p.ended_on IS DISTINCT FROM s.ended_on OR p.hours IS DISTINCT FROM s.hours THEN 'changed'
    WHEN s.sealed IS NOT NULL AND r.sealed IS DISTINCT FROM s.sealed
      AND (r.sealed IS NOT NULL OR p.recorded_at > %(remembered)s) THEN 'changed'
    ELSE 'same'
  END AS verdict
FROM staged_spell s
LEFT JOIN people_engagement e ON e.employer_id = %(employer)s AND e.number = s.number
LEFT JOIN (
  SELECT person_number, (array_agg(id ORDER BY starts_on))[1] AS id, count(*) AS engagements,
    min(starts_on) AS starts_on, CASE WHEN bool_or(ends_on IS NULL) THEN NULL ELSE max(ends_on) END AS ends_on
  FROM people_engagement WHERE employer_id = %(employer)s AND person_number <> '' GROUP BY person_number
) only_one ON e.id IS NULL AND only_one.person_number = s.number
LEFT JOIN absence_spell p ON p.employer_id = %(employer)s AND p.reference = s.reference
LEFT JOIN absence_spellreason r ON r.spell_id = p.id
"""

KEEP_OLD = """
INSERT INTO absence_spellversion
  (spell_id, employer_id, started_on, ended_on, hours, retracted, replaced_at, run_id)
SELECT p.id, p.employer_id, p.started_on, p.ended_on, p.hours, p.retracted_at IS NOT NULL, %(now)s, p.run_id
FROM judged_spell j JOIN absence_spell p ON p.id = j.known_id WHERE j.verdict = 'changed'
"""
CHANGE = """
UPDATE absence_spell p SET
  started_on = CASE WHEN j.retracted THEN p.started_on ELSE j.started_on END,
  ended_on = CASE WHEN j.retracted THEN p.ended_on ELSE j.ended_on END,
  hours = CASE WHEN j.retracted THEN p.hours ELSE j.hours END,
  work_related = j.work_related, disability_related = j.disability_related,
  pregnancy_related = j.pregnancy_related,
  retracted_at = CASE WHEN j.retracted THEN %(now)s::timestamptz END, run_id = %(run)s
FROM judged_spell j WHERE p.id = j.known_id AND j.verdict = 'changed'
"""
ADD = """
INSERT INTO absence_spell (employer_id, engagement_id, reference, started_on, ended_on, hours, work_related,
  disability_related, pregnancy_related, recorded_at, run_id)
SELECT %(employer)s, engagement_id, reference, started_on, ended_on, hours, work_related, disability_related,
  pregnancy_related, %(now)s, %(run)s
FROM judged_spell WHERE verdict = 'new'
"""
KEEP_REASONS = """
WITH told AS (
  SELECT p.id, j.sealed, j.reason_group FROM judged_spell j
  JOIN absence_spell p ON p.employer_id = %(employer)s AND p.reference = j.reference
  WHERE j.sealed IS NOT NULL AND NOT j.retracted AND j.verdict IN ('new', 'changed')
), kept AS (
  INSERT INTO absence_spellreason (spell_id, employer_id, sealed, keep_until)
  SELECT id, %(employer)s, sealed, %(keep_until)s FROM told
  ON CONFLICT (spell_id) DO UPDATE SET sealed = EXCLUDED.sealed, keep_until = EXCLUDED.keep_until
)
INSERT INTO absence_run_reason (run_id, spell_id, reason_group) SELECT %(run)s, id, reason_group FROM told
"""
FORGET_REASONS = """
DELETE FROM absence_spellreason r USING judged_spell j
WHERE r.spell_id = j.known_id AND (j.sealed IS NULL OR j.retracted)
"""
# A full extract speaks for the time that it covers: from its earliest spell on.
MISSING = """
FROM absence_spell p WHERE p.employer_id = %(employer)s AND p.retracted_at IS NULL
  AND p.started_on >= (SELECT min(started_on) FROM staged_seen)
  AND NOT EXISTS (SELECT 1 FROM staged_seen s WHERE s.reference = p.reference)
"""


@dataclass(frozen=True)
class Taken:
    """How many spells a run added, changed, found unchanged, and retracted because a full extract left them out."""

    new: int = 0
    changed: int = 0
    same: int = 0
    retracted: int = 0


def prepare() -> None:
    """Empty staging tables for one intake."""
    make("staged_spell", DEFINITION)
    make_problems()


def stage(lines: Iterable[str]) -> None:
    """Add rows in PostgreSQL's text format, tab-separated in the order of COLUMNS."""
    copy_lines("staged_spell", COLUMNS, lines)


def take(*, employer: UUID, run_id: UUID, full: bool = False) -> Taken:
    """Write what was staged: new spells, changes with their history, retractions, and the reasons that may be kept.

    Rows that cannot be taken are left in `staged_problem`. Appends one fact when anything was written.
    """
    now, admitted = clock.now(), door(employer)
    parameters: dict[str, object] = {
        "employer": employer, "run": run_id, "now": now, "keep_until": admitted.keep_until,
        "remembered": now - (admitted.keep_until - clock.today()),
    }  # fmt: skip
    if full:
        make("staged_seen", "reference text, started_on date")
        execute("INSERT INTO staged_seen SELECT reference, started_on FROM staged_spell")
    _one_row_a_reference()
    execute("ANALYZE staged_spell")
    execute("DROP TABLE IF EXISTS pg_temp.judged_spell")
    execute(f"CREATE TEMPORARY TABLE judged_spell ON COMMIT DROP AS {JUDGED}", parameters)
    _reject_misfits()
    execute("ANALYZE judged_spell")
    execute(KEEP_OLD, parameters)
    changed, new = execute(CHANGE, parameters), execute(ADD, parameters)
    execute(KEEP_REASONS, parameters)
    execute(FORGET_REASONS)
    same = count("SELECT count(*) FROM judged_spell WHERE verdict = 'same'")
    retracted = _retract_missing(parameters) if full else 0
    if new or changed or retracted:
        facts.append(RECORDED, run_id, employer=employer, provider=provider_of(employer, clock.today()),
                     data={"run": str(run_id)})  # fmt: skip
    return Taken(new, changed, same, retracted)


def _one_row_a_reference() -> None:
    """Of rows with one reference the last is the newest; two people under one reference are both refused."""
    execute(
        "CREATE TEMPORARY TABLE IF NOT EXISTS repeated_reference (reference text, people bigint, last integer) "
        "ON COMMIT DROP"
    )
    execute("DELETE FROM repeated_reference")
    repeated = execute(
        "INSERT INTO repeated_reference SELECT reference, count(DISTINCT number), max(line) FROM staged_spell "
        "GROUP BY reference HAVING count(*) > 1"
    )
    if not repeated:
        return
    reject(
        "s.reference IN (SELECT reference FROM repeated_reference WHERE people > 1)",
        table="staged_spell", field="reference", value="s.reference", hidden="sealed",
        reason="'Two people have an absence with this reference in the file. Correct the reference of one.'",
    )  # fmt: skip
    execute(
        "DELETE FROM staged_spell s USING repeated_reference d WHERE d.reference = s.reference AND s.line < d.last"
    )


def _reject_misfits() -> None:
    hidden = "sealed engagement_id known_id known_engagement employed_from employed_to engagements verdict"
    for condition, field, value, reason in (
        ("s.engagement_id IS NULL", "number", "s.number",
         "'Nobody at this employer has this number. Import the person first, or correct the number.'"),
        ("s.engagements > 1", "number", "s.number",
         "'This person has several engagements here. Give the number of the engagement instead.'"),
        ("s.known_engagement <> s.engagement_id", "reference", "s.reference",
         "'An absence with this reference belongs to somebody else. Correct the reference or the number.'"),
        ("NOT s.retracted AND s.started_on < s.employed_from", "started_on", "s.started_on::text",
         "'The absence starts before this engagement began, on ' || to_char(s.employed_from, 'DD/MM/YYYY') || '.'"),
        ("NOT s.retracted AND s.started_on > s.employed_to", "started_on", "s.started_on::text",
         "'The absence starts after this engagement ended, on ' || to_char(s.employed_to, 'DD/MM/YYYY') || '.'"),
    ):  # fmt: skip
        reject(condition, table="judged_spell", field=field, value=value, reason=reason, hidden=hidden)


def _retract_missing(parameters: dict[str, object]) -> int:
    execute(
        "INSERT INTO absence_spellversion "
        "(spell_id, employer_id, started_on, ended_on, hours, retracted, replaced_at, run_id) "
        f"SELECT p.id, p.employer_id, p.started_on, p.ended_on, p.hours, false, %(now)s, p.run_id {MISSING}",
        parameters,
    )
    execute(f"DELETE FROM absence_spellreason WHERE spell_id IN (SELECT p.id {MISSING})", parameters)
    return execute(
        "UPDATE absence_spell SET retracted_at = %(now)s, run_id = %(run)s "
        f"WHERE id IN (SELECT p.id {MISSING})",
        parameters,
    )
