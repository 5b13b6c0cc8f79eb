"""Who manages whom, from numbers in an extract: unknown numbers and loops never stop a person from being taken.

A row whose manager cannot be used is taken with the manager that the person had, and its problem is listed.
"""

from __future__ import annotations

from openoh.foundation.core.staging import execute

ROUNDS = 3

FIND = """
UPDATE staged_engagement s SET manager_id = m.id FROM people_engagement m
WHERE m.employer_id = %(employer)s AND m.number = s.manager_number AND s.manager_number <> ''
"""
KEEP = """
UPDATE staged_engagement s SET manager_id = e.manager_id FROM people_engagement e
WHERE e.id = s.engagement_id AND s.engagement_id IN (SELECT engagement_id FROM misled)
"""
# Whoever, going up from manager to manager in the new order of things, comes back to themselves.
IN_A_LOOP = """
WITH RECURSIVE above AS (
  SELECT e.id, CASE WHEN c.engagement_id IS NULL THEN e.manager_id ELSE c.manager_id END AS manager_id
  FROM people_engagement e
  LEFT JOIN (
    SELECT DISTINCT ON (number) engagement_id, manager_id FROM staged_engagement
    ORDER BY number, (eff <= %(today)s) DESC, CASE WHEN eff <= %(today)s THEN eff END DESC, eff, line DESC
  ) c ON c.engagement_id = e.id
  WHERE e.employer_id = %(employer)s
), climb (start, reached) AS (
  SELECT id, manager_id FROM above WHERE id IN (SELECT engagement_id FROM staged_engagement) AND manager_id IS NOT NULL
  UNION
  SELECT c.start, a.manager_id FROM climb c JOIN above a ON a.id = c.reached
  WHERE a.manager_id IS NOT NULL AND c.reached <> c.start
)
INSERT INTO misled SELECT start FROM climb WHERE start = reached
"""
UNKNOWN = (
    "Taken without this manager, because nobody at this employer has this number. Correct the number, or import "
    "the manager first."
)
LOOP = (
    "Taken without this manager, because each would manage the other, directly or through others. Correct who "
    "manages whom."
)


def resolve(parameters: dict[str, object], *, mapped: bool) -> None:
    """Set `manager_id` on the staged rows."""
    execute("DROP TABLE IF EXISTS pg_temp.misled")
    execute("CREATE TEMPORARY TABLE misled (engagement_id uuid) ON COMMIT DROP")
    if not mapped:
        return
    execute(FIND, parameters)
    execute(
        "INSERT INTO misled SELECT engagement_id FROM staged_engagement "
        "WHERE manager_number <> '' AND manager_id IS NULL"
    )
    _set_right(UNKNOWN, keep=True)
    # Also in a row about a day to come, which the search for loops does not look at.
    execute("DELETE FROM misled")
    if execute(
        "INSERT INTO misled SELECT engagement_id FROM staged_engagement WHERE manager_id = engagement_id"
    ):
        _set_right(LOOP, keep=True)
    for _ in range(ROUNDS):
        execute("DELETE FROM misled")
        if not execute(IN_A_LOOP, parameters):
            return
        _set_right(LOOP, keep=True)
    # What the people had before makes a loop with what the file says of others: they have no manager for now.
    execute("DELETE FROM misled")
    if execute(IN_A_LOOP, parameters):
        _set_right(LOOP, keep=False)


def _set_right(reason: str, *, keep: bool) -> None:
    """List the misled rows, and give them the manager that they had, or none."""
    execute(
        "INSERT INTO staged_problem SELECT s.line, 'manager_number', s.manager_number, %(reason)s, "
        "to_jsonb(s) - ARRAY['line', 'engagement_id', 'is_new', 'eff', 'team_id', 'site_id', 'host_id', 'manager_id'] "
        "FROM staged_engagement s WHERE s.manager_number <> '' "
        "AND s.engagement_id IN (SELECT engagement_id FROM misled) "
        "AND NOT EXISTS (SELECT 1 FROM staged_problem p WHERE p.line = s.line AND p.field = 'manager_number')",
        {"reason": reason},
    )
    if keep:
        execute(KEEP)
    else:
        execute(
            "UPDATE staged_engagement SET manager_id = NULL "
            "WHERE engagement_id IN (SELECT engagement_id FROM misled)"
        )
