"""Engagements on their way in from an HR extract: staged, judged and written by set-based statements.

    prepare(); stage(lines)           # any number of times
    taken = take(employer=…, run_id=…, mapped=…)

Runs in the worker's scope and in one transaction. `EngagementVersion` is the truth about hours, post, team, manager
and end; the engagement itself shows the version that is in force today (`bring_up_to_date`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from openoh.foundation.core import clock
from openoh.foundation.core.staging import copy_lines, count, execute, make, make_problems, reject
from openoh.foundation.people import managers

COLUMNS = (
    "line", "number", "person_number", "given_name", "family_name", "birth_date", "email", "mobile", "kind",
    "title", "staff_group", "band", "fte", "weekly_hours", "shifts", "team_code", "team_name", "team_parent",
    "site_code", "site_name", "site_postcode", "manager_number", "host_code", "suspended", "starts_on",
    "ends_on", "effective_on",
)  # fmt: skip
DEFINITION = (
    "line integer, number text, person_number text, given_name text, family_name text, birth_date date, "
    "email text, mobile text, kind text, title text, staff_group text, band text, fte numeric(5,4), "
    "weekly_hours numeric(5,2), shifts text, team_code text, team_name text, team_parent text, "
    "site_code text, site_name text, site_postcode text, "
    "manager_number text, host_code text, suspended boolean, starts_on date, ends_on date, effective_on date"
)
RESOLVED = (
    "engagement_id uuid, is_new boolean, eff date, team_id uuid, site_id uuid, host_id uuid, manager_id uuid"
)
HIDDEN = "engagement_id is_new eff team_id site_id host_id manager_id"
# The version that is in force on a day; `left_out` versions end somebody only because a full extract left them out.
IN_FORCE = """
SELECT DISTINCT ON (engagement_id) * FROM people_engagementversion
WHERE employer_id = %(employer)s AND effective_on <= %(today)s ORDER BY engagement_id, effective_on DESC, id DESC
"""
# What a file without last days leaves as it is: not a last day of an earlier time, before the first day that the
# file says, and not that of somebody who was left out of a full extract and now is in a file again.
KNOWN_END = """CASE WHEN e.ends_on >= s.starts_on AND NOT coalesce((
  SELECT v.left_out FROM people_engagementversion v WHERE v.engagement_id = e.id AND v.effective_on <= %(today)s
  ORDER BY v.effective_on DESC, v.id DESC LIMIT 1), false) THEN e.ends_on END"""
# Our column in staging, and where its value stands in the database: for files that do not have the column.
AS_IT_IS = {
    "person_number": "e.person_number", "birth_date": "e.birth_date", "email": "e.email", "mobile": "e.mobile",
    "kind": "e.kind", "title": "e.title", "staff_group": "e.staff_group", "band": "e.band", "fte": "e.fte",
    "weekly_hours": "e.weekly_hours", "shifts": "e.shifts", "suspended": "e.suspended", "ends_on": KNOWN_END,
    "team_id": "e.team_id", "site_id": "e.site_id", "host_id": "e.host_id", "manager_id": "e.manager_id",
}  # fmt: skip
RESOLVED_FROM = {
    "team_id": "team_code", "site_id": "site_code", "host_id": "host_code", "manager_id": "manager_number",
}  # fmt: skip
IDENTITY = (
    "person_number", "given_name", "family_name", "birth_date", "email", "mobile", "kind", "shifts", "suspended",
    "starts_on", "host_id",
)  # fmt: skip
VERSIONED = (
    "fte", "weekly_hours", "staff_group", "band", "title", "team_id", "site_id", "manager_id", "ends_on",
)  # fmt: skip

# The row that says what is so today: the newest that is in effect, or the first when all are still to come.
CURRENT = """
SELECT DISTINCT ON (number) * FROM staged_engagement
ORDER BY number, (eff <= %(today)s) DESC, CASE WHEN eff <= %(today)s THEN eff END DESC, eff, line DESC
"""
ADD = f"""
INSERT INTO people_engagement (id, employer_id, number, {", ".join(IDENTITY)},
  {", ".join(name for name in VERSIONED if name != "manager_id")})
SELECT engagement_id, %(employer)s, number, {", ".join(IDENTITY)},
  {", ".join(name for name in VERSIONED if name != "manager_id")}
FROM current_engagement WHERE is_new
"""
# Whoever comes back under the same number begins anew: the last day of the earlier time is none of this one.
CHANGE_IDENTITY = f"""
UPDATE people_engagement e SET {", ".join(f"{name} = c.{name}" for name in IDENTITY)},
  ends_on = CASE WHEN e.ends_on >= c.starts_on THEN e.ends_on END
FROM current_engagement c WHERE e.id = c.engagement_id AND NOT c.is_new
  AND ({", ".join(f"e.{name}" for name in IDENTITY)})
      IS DISTINCT FROM ({", ".join(f"c.{name}" for name in IDENTITY)})
RETURNING e.id
"""
# A version is added where a row says something else than the row before it, or than what was in force on its day.
ADD_VERSIONS = f"""
WITH ordered AS (
  SELECT s.*, row_number() OVER w AS place,
    {", ".join(f"lag({name}) OVER w AS before_{name}" for name in VERSIONED)}
  FROM staged_engagement s WINDOW w AS (PARTITION BY engagement_id ORDER BY eff, line)
)
INSERT INTO people_engagementversion (engagement_id, employer_id, effective_on, {", ".join(VERSIONED)},
  left_out, recorded_at, run_id)
SELECT o.engagement_id, %(employer)s, o.eff, {", ".join(f"o.{name}" for name in VERSIONED)}, false, %(now)s, %(run)s
FROM ordered o
LEFT JOIN LATERAL (
  SELECT {", ".join(VERSIONED)} FROM people_engagementversion v
  WHERE v.engagement_id = o.engagement_id AND v.effective_on <= o.eff
  ORDER BY v.effective_on DESC, v.id DESC LIMIT 1
) v ON o.place = 1
WHERE CASE WHEN o.place > 1 THEN
    ({", ".join(f"o.{name}" for name in VERSIONED)})
    IS DISTINCT FROM ({", ".join(f"o.before_{name}" for name in VERSIONED)})
  ELSE o.is_new OR ({", ".join(f"o.{name}" for name in VERSIONED)})
    IS DISTINCT FROM ({", ".join(f"v.{name}" for name in VERSIONED)})
  END
ORDER BY o.line
"""
UP_TO_DATE = f"""
UPDATE people_engagement e SET {", ".join(f"{name} = v.{name}" for name in VERSIONED)}
FROM (
  SELECT i.engagement_id, {", ".join(f"i.{name}" for name in VERSIONED if name != "ends_on")},
    CASE WHEN i.ends_on >= p.starts_on THEN i.ends_on END AS ends_on
  FROM ({IN_FORCE}) i JOIN people_engagement p ON p.id = i.engagement_id
) v
WHERE e.id = v.engagement_id
  AND ({", ".join(f"e.{name}" for name in VERSIONED)}) IS DISTINCT FROM ({", ".join(f"v.{name}" for name in VERSIONED)})
"""
ACTIVE = (
    "SELECT id FROM people_engagement WHERE employer_id = %(employer)s AND starts_on <= %(today)s "
    "AND (ends_on IS NULL OR ends_on >= %(today)s)"
)
# From today on, so that it holds against whatever was said for yesterday or this morning.
LEAVE = f"""
INSERT INTO people_engagementversion (engagement_id, employer_id, effective_on, {", ".join(VERSIONED)},
  left_out, recorded_at, run_id)
SELECT e.id, e.employer_id, %(today)s,
  {", ".join(f"e.{name}" for name in VERSIONED if name != "ends_on")}, greatest(e.starts_on, %(today)s - 1),
  true, %(now)s, %(run)s
FROM people_engagement e
WHERE e.employer_id = %(employer)s AND (e.ends_on IS NULL OR e.ends_on >= %(today)s)
  AND e.ends_on IS DISTINCT FROM greatest(e.starts_on, %(today)s - 1)
  AND NOT EXISTS (SELECT 1 FROM staged_number n WHERE n.number = e.number)
"""
ANNOUNCED = """
INSERT INTO announced_before SELECT DISTINCT e.id, e.ends_on FROM people_engagementversion v
JOIN people_engagement e ON e.id = v.engagement_id
WHERE v.employer_id = %(employer)s AND v.effective_on > %(today)s
"""
# A last day that is new, or no longer so, holds also for changes that were announced earlier for later days.
# Otherwise somebody who left would come back on the day of such a change.
CARRY_THE_END = f"""
INSERT INTO people_engagementversion (engagement_id, employer_id, effective_on, {", ".join(VERSIONED)},
  left_out, recorded_at, run_id)
SELECT a.engagement_id, a.employer_id, a.effective_on,
  {", ".join(f"a.{name}" for name in VERSIONED if name != "ends_on")}, e.ends_on, i.left_out, %(now)s, %(run)s
FROM (
  SELECT DISTINCT ON (v.engagement_id, v.effective_on) v.* FROM people_engagementversion v
  JOIN announced_before b ON b.id = v.engagement_id
  WHERE v.effective_on > %(today)s ORDER BY v.engagement_id, v.effective_on, v.id DESC
) a
JOIN announced_before b ON b.id = a.engagement_id
JOIN people_engagement e ON e.id = a.engagement_id AND e.ends_on IS DISTINCT FROM b.ends_on
JOIN ({IN_FORCE}) i ON i.engagement_id = e.id
WHERE a.ends_on IS DISTINCT FROM e.ends_on AND a.recorded_at < %(now)s
"""

ADD_TEAMS = """
INSERT INTO organisations_team (id, employer_id, code, name)
SELECT oh_new_id(), %(employer)s, code, coalesce(max(nullif(name, '')), code) FROM (
  SELECT team_code AS code, team_name AS name FROM staged_engagement
  UNION ALL SELECT team_parent, '' FROM staged_engagement
) t WHERE code <> '' GROUP BY code ON CONFLICT (employer_id, code) DO NOTHING
"""
ADD_SITES = """
INSERT INTO organisations_site (id, employer_id, code, name, postcode)
SELECT oh_new_id(), %(employer)s, site_code, coalesce(nullif(max(site_name), ''), site_code), max(site_postcode)
FROM staged_engagement WHERE site_code <> '' GROUP BY site_code ON CONFLICT (employer_id, code) DO NOTHING
"""
# A team gets its place in the tree once. A place that would come back to the team itself is not taken.
PLACE_TEAMS = """
WITH RECURSIVE said AS (
  SELECT DISTINCT ON (t.id) t.id, p.id AS parent_id FROM staged_engagement s
  JOIN organisations_team t ON t.employer_id = %(employer)s AND t.code = s.team_code AND t.parent_id IS NULL
  JOIN organisations_team p ON p.employer_id = %(employer)s AND p.code = s.team_parent AND p.id <> t.id
  ORDER BY t.id, s.line DESC
), tree AS (
  SELECT t.id, coalesce(t.parent_id, said.parent_id) AS parent_id FROM organisations_team t
  LEFT JOIN said ON said.id = t.id WHERE t.employer_id = %(employer)s
), climb (start, reached) AS (
  SELECT id, parent_id FROM said
  UNION SELECT c.start, t.parent_id FROM climb c JOIN tree t ON t.id = c.reached WHERE t.parent_id IS NOT NULL
)
UPDATE organisations_team t SET parent_id = said.parent_id FROM said
WHERE said.id = t.id AND NOT EXISTS (SELECT 1 FROM climb c WHERE c.start = t.id AND c.reached = t.id)
"""


@dataclass(frozen=True)
class Taken:
    """How many engagements a run added, changed, found unchanged and ended; `active` is how many there were before."""

    new: int = 0
    changed: int = 0
    same: int = 0
    ended: int = 0
    active: int = 0


def prepare() -> None:
    """Empty staging tables for one intake."""
    make("staged_engagement", f"{DEFINITION}, {RESOLVED}")
    make("staged_number", "number text")
    make_problems()


def stage(lines: Iterable[str]) -> None:
    """Add rows in PostgreSQL's text format, tab-separated in the order of COLUMNS."""
    copy_lines("staged_engagement", COLUMNS, lines)


def spare(numbers: Iterable[str]) -> None:
    """Numbers that stand in the file in rows that could not be read: nobody leaves because a row was bad."""
    copy_lines("staged_number", ["number"], numbers)


def take(*, employer: UUID, run_id: UUID, mapped: frozenset[str], full: bool = False) -> Taken:
    """Write what was staged: teams, sites, new engagements, versions by effective date, managers, leavers.

    `mapped` are the columns that the file has: what it does not have stays as it is. In a `full` extract whoever
    is missing has left. Rows that cannot be taken are left in `staged_problem`.
    """
    parameters: dict[str, object] = {
        "employer": employer, "run": run_id, "now": clock.now(), "today": clock.today(),
    }  # fmt: skip
    make("active_before", "id uuid")
    active = execute(f"INSERT INTO active_before {ACTIVE}", parameters)
    make("announced_before", "id uuid, ends_on date")
    announced = execute(ANNOUNCED, parameters)
    execute("INSERT INTO staged_number SELECT DISTINCT number FROM staged_engagement")
    _reject_impossible(parameters)
    _resolve(parameters, mapped)
    execute("ANALYZE staged_engagement")
    execute("DROP TABLE IF EXISTS pg_temp.current_engagement")
    execute(f"CREATE TEMPORARY TABLE current_engagement ON COMMIT DROP AS {CURRENT}", parameters)
    new = execute(ADD, parameters)
    managers.resolve(parameters, mapped="manager_number" in mapped)
    make("changed_engagement", "id uuid")
    execute(
        f"WITH changed AS ({CHANGE_IDENTITY}) INSERT INTO changed_engagement SELECT id FROM changed",
        parameters,
    )
    execute(
        f"WITH added AS ({ADD_VERSIONS} RETURNING engagement_id) "
        "INSERT INTO changed_engagement SELECT engagement_id FROM added",
        parameters,
    )
    if full:
        execute(LEAVE, parameters)
    bring_up_to_date(employer=employer)
    if announced:
        execute(CARRY_THE_END, parameters)
    ended = count(f"SELECT count(*) FROM active_before WHERE id NOT IN ({ACTIVE})", parameters)
    changed = count(
        "SELECT count(DISTINCT c.id) FROM changed_engagement c "
        "JOIN current_engagement s ON s.engagement_id = c.id WHERE NOT s.is_new"
    )
    staged = count("SELECT count(*) FROM current_engagement")
    return Taken(new, changed, staged - new - changed, ended, active)


def bring_up_to_date(*, employer: UUID) -> int:
    """Show on each engagement the version that is in force today; after an intake, and daily for dated changes."""
    return execute(UP_TO_DATE, {"employer": employer, "today": clock.today()})


def _reject_impossible(parameters: dict[str, object]) -> None:
    shared = (
        "IN (SELECT {column} FROM staged_engagement WHERE {column} <> '' GROUP BY {column} "
        "HAVING count(DISTINCT (lower(given_name), birth_date)) > 1)"
    )
    for column, words in (("number", "number"), ("person_number", "employee number")):
        reject(
            f"s.{column} {shared.format(column=column)}", table="staged_engagement", field=column,
            value=f"s.{column}", hidden=HIDDEN,
            reason=f"'Two different people have this {words} in the file. Correct the number of one.'",
        )  # fmt: skip
    reject(
        "EXISTS (SELECT 1 FROM people_engagement e WHERE e.employer_id = %(employer)s AND e.number = s.number "
        "AND e.birth_date IS DISTINCT FROM s.birth_date "
        "AND ((lower(e.given_name) <> lower(s.given_name))::int + (lower(e.family_name) <> lower(s.family_name))::int "
        "+ (e.birth_date <> s.birth_date IS TRUE)::int >= 2))",
        table="staged_engagement", field="number", value="s.number", hidden=HIDDEN, parameters=parameters,
        reason="'This number already belongs to somebody else, with another name or date of birth.'",
    )  # fmt: skip
    reject(
        "s.host_code <> '' AND NOT EXISTS (SELECT 1 FROM organisations_employer o WHERE o.code = s.host_code)",
        table="staged_engagement", field="host_code", value="s.host_code", hidden=HIDDEN,
        reason="'No organisation here has this code. Correct it, or leave it out.'",
    )  # fmt: skip


def _resolve(parameters: dict[str, object], mapped: frozenset[str]) -> None:
    """Turn codes into identifiers, making teams and sites that are new, and fill what the file does not have."""
    execute(ADD_TEAMS, parameters)
    execute(ADD_SITES, parameters)
    execute(PLACE_TEAMS, parameters)
    execute(
        """
        UPDATE staged_engagement s SET engagement_id = coalesce(f.id, f.made), is_new = f.id IS NULL,
          team_id = f.team, site_id = f.site, host_id = f.host,
          eff = coalesce(s.effective_on, CASE WHEN f.id IS NULL THEN least(s.starts_on, %(today)s) ELSE %(today)s END)
        FROM (
          SELECT n.number, e.id, n.made, x.line, t.id AS team, w.id AS site, h.id AS host
          FROM (SELECT number, oh_new_id() AS made FROM staged_engagement GROUP BY number) n
          JOIN staged_engagement x ON x.number = n.number
          LEFT JOIN people_engagement e ON e.employer_id = %(employer)s AND e.number = n.number
          LEFT JOIN organisations_team t ON t.employer_id = %(employer)s AND t.code = x.team_code
          LEFT JOIN organisations_site w ON w.employer_id = %(employer)s AND w.code = x.site_code
          LEFT JOIN organisations_employer h ON h.code = x.host_code
        ) f WHERE f.line = s.line
        """,
        parameters,
    )
    missing = [name for name in AS_IT_IS if RESOLVED_FROM.get(name, name) not in mapped]
    if missing:
        execute(
            f"UPDATE staged_engagement s SET {', '.join(f'{name} = {AS_IT_IS[name]}' for name in missing)} "
            "FROM people_engagement e WHERE e.id = s.engagement_id AND NOT s.is_new",
            parameters,
        )
