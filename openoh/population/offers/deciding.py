"""Decide every spell of an import, or of the nightly round, in a few statements.

The order of checks is that of `rules.decide`; a property test holds the two together. Runs in the worker's scope.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.db import connection

from openoh.foundation.consent.queries import purpose_in_force
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.organisations.models import Employer
from openoh.pathway.clocks import rules as clock_rules
from openoh.pathway.clocks.queries import calendar_of, level_of
from openoh.population.offers import rules
from openoh.population.offers.rules import RuleSet

CONTACT_CLOCK = "offer-contact"

# Spells of one run: by their reason, and those that no reason is needed for when they last or must be stopped.
OF_RUN = """
SELECT s.id AS spell_id, r.code AS rule, coalesce(n.reason_group, '') AS reason_group
FROM absence_spell s
JOIN absence_run_reason n ON n.run_id = %(run)s AND n.spell_id = s.id
JOIN rule r ON n.reason_group = ANY(r.groups) OR (cardinality(r.groups) = 0 AND n.reason_group = ANY(%(stopping)s))
WHERE s.employer_id = %(employer)s AND s.run_id = %(run)s
UNION ALL
SELECT s.id, r.code, '' FROM absence_spell s JOIN rule r ON cardinality(r.groups) = 0
WHERE s.employer_id = %(employer)s AND s.run_id = %(run)s
  AND (s.ended_on IS NULL OR s.ended_on >= %(today)s) AND s.started_on <= %(today)s + 1 - r.after_days
  AND NOT EXISTS (SELECT 1 FROM absence_run_reason n
    WHERE n.run_id = %(run)s AND n.spell_id = s.id AND n.reason_group = ANY(%(stopping)s))
"""
# What waits, and lasting absences that have come to the length of a rule.
OF_NIGHT = """
SELECT d.spell_id, d.rule, coalesce(r.groups[1], '') AS reason_group FROM offers_offerdecision d
JOIN rule r ON r.code = d.rule WHERE d.employer_id = %(employer)s AND d.outcome = 'wait'
UNION ALL
SELECT s.id, r.code, '' FROM absence_spell s JOIN rule r ON cardinality(r.groups) = 0
WHERE s.employer_id = %(employer)s AND s.retracted_at IS NULL
  AND (s.ended_on IS NULL OR s.ended_on >= %(today)s)
  AND s.started_on BETWEEN %(today)s - %(latest_start)s AND %(today)s + 1 - r.after_days
  AND NOT EXISTS (SELECT 1 FROM offers_offerdecision d WHERE d.spell_id = s.id AND d.rule = r.code)
"""
RULES = """
rule AS MATERIALIZED (SELECT * FROM jsonb_to_recordset(%(rules)s) AS r(
  code text, topic text, groups text[], services text[], after_days int, cooling_days int, hold bool,
  while_absent bool))
"""
# What needs no look at other tables comes first: most spells of a first import end here.
KNOWN = """
known AS (
  SELECT c.spell_id, c.reason_group, r.*, s.employer_id, s.started_on, e.id AS engagement_id, e.person_id,
    e.provider_id, e.suspended, e.ends_on AS left_on,
    CASE
      WHEN cardinality(r.groups) > 0 AND c.reason_group <> ALL(r.groups) THEN 'other-reason'
      WHEN s.retracted_at IS NOT NULL THEN 'retracted'
      WHEN NOT %(in_force)s THEN 'purpose'
      WHEN e.person_id IS NULL OR e.provider_id IS NULL THEN 'not-matched'
      WHEN cardinality(r.groups) > 0 AND %(small)s THEN 'small-employer'
      WHEN %(stop_groups)s::jsonb ? c.reason_group THEN %(stop_groups)s::jsonb ->> c.reason_group
      WHEN s.started_on > %(today)s THEN 'not-started'
      WHEN s.started_on < %(today)s - %(latest_start)s THEN 'too-old'
      WHEN s.ended_on < %(today)s - %(ended_within)s THEN 'ended'
      WHEN least(s.ended_on, %(today)s) - s.started_on + 1 < r.after_days
        THEN CASE WHEN s.ended_on < %(today)s THEN 'too-short' ELSE 'too-early' END
      WHEN r.while_absent AND s.ended_on < %(today)s THEN 'returned'
    END AS plain_obstacle
  FROM candidate c JOIN rule r ON r.code = c.rule JOIN absence_spell s ON s.id = c.spell_id
  JOIN people_engagement e ON e.id = s.engagement_id
  WHERE NOT EXISTS (SELECT 1 FROM offers_offerdecision d
    WHERE d.spell_id = c.spell_id AND d.rule = c.rule AND d.outcome IN ('offer', 'hold'))
)
"""
# The array of stops holds 'suspended' for engagements too.
LOOKED_UP = """
looked_up AS (
  SELECT k.*,
    EXISTS (SELECT 1 FROM organisations_contract c WHERE c.employer_id = k.employer_id
      AND c.provider_id = k.provider_id AND c.services && k.services::varchar[] AND c.starts_on <= %(today)s
      AND (c.ends_on IS NULL OR c.ends_on >= %(today)s)) AS served,
    least((SELECT min(array_position(%(stops)s::text[], c.kind::text)) FROM people_contactstop c
        WHERE c.person_id = k.person_id AND c.since <= %(today)s AND (c.until IS NULL OR c.until >= %(today)s)),
      CASE WHEN k.suspended THEN array_position(%(stops)s::text[], 'suspended') END) AS stop_rank,
    EXISTS (SELECT 1 FROM consent_objection o WHERE (o.person_id = k.person_id OR o.engagement_id = k.engagement_id)
      AND o.purpose_code = %(purpose)s AND o.topic IN ('', k.topic) AND o.withdrawn_at IS NULL) AS objected,
    EXISTS (SELECT 1 FROM offers_offer o WHERE o.person_id = k.person_id AND o.topic = k.topic
      AND o.state IN ('held', 'ready', 'sent')) AS open_offer,
    (SELECT max((o.sent_at AT TIME ZONE 'Europe/London')::date) FROM offers_offer o
      WHERE o.person_id = k.person_id AND o.topic = k.topic) AS last_offer_on
  FROM known k WHERE k.plain_obstacle IS NULL
)
"""
JUDGED = """
judged AS (
  SELECT spell_id, employer_id, provider_id, person_id, engagement_id, code, topic, hold, started_on, CASE
    WHEN NOT served THEN 'no-service'
    WHEN stop_rank IS NOT NULL THEN (%(stops)s::text[])[stop_rank]
    WHEN objected THEN 'objected'
    WHEN left_on < %(today)s THEN 'left'
    WHEN open_offer THEN 'open-offer'
    WHEN last_offer_on > %(today)s - cooling_days THEN 'cooling'
  END AS obstacle FROM looked_up
  UNION ALL
  SELECT spell_id, employer_id, provider_id, person_id, engagement_id, code, topic, hold, started_on, plain_obstacle
  FROM known WHERE plain_obstacle IS NOT NULL
)
"""
VERDICTS = f"""
CREATE TEMPORARY TABLE offer_verdict ON COMMIT DROP AS
WITH {RULES}, candidate AS ({{source}}), {KNOWN}, {LOOKED_UP}, {JUDGED}, ranked AS (
  SELECT j.*, row_number() OVER (PARTITION BY person_id, topic, obstacle IS NULL
    ORDER BY started_on DESC, spell_id DESC) AS claim FROM judged j
), reasoned AS (
  SELECT r.*, CASE WHEN obstacle IS NOT NULL THEN obstacle WHEN claim > 1 THEN 'newer-spell'
    WHEN hold THEN 'hold' ELSE 'offered' END AS reason FROM ranked r
)
SELECT spell_id, employer_id, provider_id, person_id, engagement_id, code AS rule, topic, reason,
  CASE WHEN reason = 'hold' THEN 'hold' WHEN reason = 'offered' THEN 'offer'
    WHEN reason = ANY(%(nothing)s) THEN 'none' WHEN reason = ANY(%(waits)s) THEN 'wait' ELSE 'stop' END AS outcome
FROM reasoned
"""  # made of constants of this module
MAKE_OFFERS = """
INSERT INTO offers_offer (id, person_id, employer_id, provider_id, engagement_id, spell_id, rule, rule_version,
  topic, state, ready_at, send_after, contact_by)
SELECT oh_new_id(), v.person_id, v.employer_id, v.provider_id, v.engagement_id, v.spell_id, v.rule, %(version)s,
  v.topic, CASE v.outcome WHEN 'hold' THEN 'held' ELSE 'ready' END, %(now)s, c.send_after, c.contact_by
FROM offer_verdict v JOIN jsonb_to_recordset(%(contacts)s) AS c(provider uuid, send_after timestamptz,
  contact_by timestamptz, target int, level_version text) ON c.provider = v.provider_id
WHERE v.outcome IN ('offer', 'hold')
ON CONFLICT DO NOTHING
"""
# Somebody else made the topic's one open offer a moment ago.
LOST_RACES = """
UPDATE offer_verdict v SET outcome = 'stop', reason = 'open-offer' WHERE outcome IN ('offer', 'hold')
  AND NOT EXISTS (SELECT 1 FROM offers_offer o WHERE o.spell_id = v.spell_id AND o.rule = v.rule)
"""
KEEP_DECISIONS = """
INSERT INTO offers_offerdecision AS d (spell_id, employer_id, provider_id, person_id, rule, rule_version, outcome,
  reason, decided_at)
SELECT spell_id, employer_id, provider_id, person_id, rule, %(version)s, outcome, reason, %(now)s
FROM offer_verdict WHERE outcome <> 'none'
ON CONFLICT (spell_id, rule) DO UPDATE SET provider_id = EXCLUDED.provider_id, person_id = EXCLUDED.person_id,
  rule_version = EXCLUDED.rule_version, outcome = EXCLUDED.outcome, reason = EXCLUDED.reason,
  decided_at = EXCLUDED.decided_at
WHERE (d.outcome, d.reason) <> (EXCLUDED.outcome, EXCLUDED.reason)
"""
FIRST_STEPS = """
INSERT INTO offers_offerstep (id, subject_id, state, at, actor, reason, employer_id, provider_id, person_id)
SELECT oh_new_id(), o.id, o.state, %(now)s, %(actor)s, v.reason, o.employer_id, o.provider_id, o.person_id
FROM offer_verdict v JOIN offers_offer o ON o.spell_id = v.spell_id AND o.rule = v.rule
WHERE v.outcome IN ('offer', 'hold')
"""
START_CLOCKS = """
INSERT INTO clocks_clock (id, person_id, employer_id, provider_id, kind, subject_id, nation, target_days,
  level_version, started_at, due_at)
SELECT oh_new_id(), o.person_id, o.employer_id, o.provider_id, %(clock)s, o.id, %(nation)s, c.target,
  c.level_version, %(now)s, o.contact_by
FROM offer_verdict v JOIN offers_offer o ON o.spell_id = v.spell_id AND o.rule = v.rule
JOIN jsonb_to_recordset(%(contacts)s) AS c(provider uuid, target int, level_version text)
  ON c.provider = o.provider_id
WHERE v.outcome IN ('offer', 'hold')
ON CONFLICT DO NOTHING
"""


def decide_run(*, by: Actor, employer: Employer, run_id: UUID) -> dict[str, int]:
    """Decide the spells of one import run and make the offers; returns how many decisions of each outcome."""
    counts = _decide(by, employer, OF_RUN, {"run": run_id})
    _execute("DELETE FROM absence_run_reason WHERE run_id = %(run)s", {"run": run_id})
    return counts


def decide_night(*, by: Actor, employer: Employer) -> dict[str, int]:
    """Decide what waited, and absences that have become long; returns how many decisions of each outcome."""
    return _decide(by, employer, OF_NIGHT, {})


def judge(employer: Employer, source: str, more: dict[str, Any]) -> None:
    """Write the verdicts about the spells that `source` selects to the temporary table `offer_verdict`."""
    _execute("DROP TABLE IF EXISTS pg_temp.offer_verdict", {})
    _execute(VERDICTS.replace("{source}", source), _parameters(employer, rules.rule_set()) | more)


def _decide(by: Actor, employer: Employer, source: str, more: dict[str, Any]) -> dict[str, int]:
    judge(employer, source, more)
    parameters = {
        "version": rules.rule_set().version, "now": clock.now(), "actor": by.name, "nation": employer.nation,
        "clock": CONTACT_CLOCK, "contacts": json.dumps(_contacts(employer)),
    }  # fmt: skip
    for statement in (MAKE_OFFERS, LOST_RACES, KEEP_DECISIONS, FIRST_STEPS, START_CLOCKS):
        _execute(statement, parameters)
    with connection.cursor() as cursor:
        cursor.execute("SELECT outcome, count(*) FROM offer_verdict GROUP BY outcome")
        return dict(cursor.fetchall())


def _parameters(employer: Employer, rule_set: RuleSet) -> dict[str, Any]:
    described = [
        {
            "code": rule.code, "topic": rule.topic, "groups": sorted(rule.reason_groups),
            "services": rule.services, "after_days": rule.after_days, "cooling_days": rule.cooling_days,
            "hold": rule.hold, "while_absent": rule.while_absent,
        }
        for rule in rule_set.rules
    ]  # fmt: skip
    today = clock.today()
    return {
        "employer": employer.id, "today": today, "rules": json.dumps(described), "purpose": rule_set.purpose,
        "in_force": purpose_in_force(employer.id, rule_set.purpose, today).allowed,
        "small": size_of(employer) < rule_set.small_employer, "stops": list(rule_set.stops),
        "stop_groups": json.dumps(rule_set.stop_reason_groups),
        "stopping": list(rule_set.stop_reason_groups), "latest_start": rule_set.latest_start_days,
        "ended_within": rule_set.ended_within_days, "nothing": list(rules.NOTHING), "waits": list(rules.WAITS),
    }  # fmt: skip


def size_of(employer: Employer) -> int:
    """How many engagements the employer has today."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM people_engagement WHERE employer_id = %(employer)s "
            "AND starts_on <= %(today)s AND (ends_on IS NULL OR ends_on >= %(today)s)",
            {"employer": employer.id, "today": clock.today()},
        )
        return int(cursor.fetchone()[0])


def _contacts(employer: Employer) -> list[dict[str, object]]:
    """For each provider of the employer: when an offer may go out now, and by when it must."""
    found: list[dict[str, object]] = []
    now = clock.now()
    for provider_id in employer.contracts.values_list("provider_id", flat=True).distinct():
        calendar = calendar_of(provider_id, employer.nation)
        level = level_of(provider_id, employer.id, CONTACT_CLOCK)
        due = clock_rules.due_at(clock.today(), level.days, (), calendar, clock.today())
        found.append({
            "provider": str(provider_id), "target": level.days, "level_version": level.version,
            "send_after": rules.next_contact(now, calendar, rules.rule_set()).isoformat(),
            "contact_by": due.isoformat(),
        })  # fmt: skip
    return found


def _execute(statement: str, parameters: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
