"""Where each measure is counted: one statement a measure, which gives a row for each event of each person.

Columns: provider_id, employer_id, who (a person), day (in the United Kingdom), good. `since` is inclusive, `until`
exclusive. The worker runs them; no reader of a measure ever sees their rows.
"""

from __future__ import annotations

# Working days after the day `a`, up to and with the day `b`; a start on a day off counts from the next working day.
HOLIDAYS = """
holiday AS (
  SELECT nation, day, NULL::uuid AS provider_id
  FROM unnest(%(nations)s::text[], %(days_off)s::date[]) AS h (nation, day)
  UNION ALL SELECT nation, day, provider_id FROM clocks_addedholiday
)
"""


def _working_days(start: str, end: str) -> str:
    """SQL for the working days from `start` to `end`, over the aliases `x` (has provider_id) and `e` (the employer)."""
    return f"""(
  SELECT greatest(0, count(*) FILTER (WHERE g.working AND g.day > {start})
    - CASE WHEN bool_or(g.day = {start} AND g.working) THEN 0 ELSE 1 END)
  FROM (
    SELECT s::date AS day, extract(isodow FROM s) < 6 AND NOT EXISTS (
      SELECT 1 FROM holiday h WHERE h.nation = e.nation AND h.day = s::date
        AND (h.provider_id IS NULL OR h.provider_id = x.provider_id)) AS working
    FROM generate_series({start}::timestamp, {end}::timestamp, interval '1 day') AS s
  ) g)"""


def _level(code: str) -> str:
    """SQL for the agreed working days of a service level: the newest contract in force, else the content's."""
    return f"""coalesce((
  SELECT (c.levels ->> '{code}')::int FROM organisations_contract c
  WHERE c.provider_id = x.provider_id AND c.employer_id = x.employer_id AND c.starts_on <= %(today)s
    AND (c.ends_on IS NULL OR c.ends_on >= %(today)s)
  ORDER BY c.starts_on DESC LIMIT 1), %(level_{code})s)"""


def _uk(instant: str) -> str:
    return f"({instant} AT TIME ZONE 'Europe/London')::date"


def _within(day: str) -> str:
    return f"{day} >= %(since)s AND {day} < %(until)s"


NEW_ABSENCES = f"""
SELECT n.provider_id, s.employer_id, coalesce(n.person_id, n.id) AS who, s.started_on AS day, true AS good
FROM absence_spell s JOIN people_engagement n ON n.id = s.engagement_id
WHERE s.retracted_at IS NULL AND n.provider_id IS NOT NULL AND {_within("s.started_on")}
"""
OFFERS_IN_TIME = f"""
SELECT o.provider_id, o.employer_id, o.person_id AS who, {_uk("o.ready_at")} AS day,
  o.sent_at IS NOT NULL AND o.sent_at <= o.contact_by AS good
FROM offers_offer o
WHERE {_within(_uk("o.ready_at"))}
  AND (o.sent_at IS NOT NULL OR (o.state IN ('held', 'ready') AND o.contact_by < %(now)s))
"""
HELP_ASKED = f"""
SELECT r.provider_id, r.employer_id, r.person_id AS who, {_uk("r.sent_at")} AS day, true AS good
FROM requests_helprequest r WHERE r.sent_at IS NOT NULL AND r.state <> 'withdrawn' AND {_within(_uk("r.sent_at"))}
"""
REFERRALS = f"""
SELECT r.provider_id, r.employer_id, r.person_id AS who, {_uk("r.sent_at")} AS day, true AS good
FROM referrals_referral r WHERE r.sent_at IS NOT NULL AND r.state <> 'withdrawn' AND {_within(_uk("r.sent_at"))}
"""
TRIAGE_IN_TIME = f"""
WITH {HOLIDAYS}, first AS (
  SELECT DISTINCT ON (request_id, referral_id) provider_id, employer_id, person_id, request_id, referral_id,
    {_uk("decided_at")} AS day
  FROM triage_triagedecision ORDER BY request_id, referral_id, decided_at
), x AS (
  SELECT first.*, {
    _uk('''coalesce(
    (SELECT min(at) FROM requests_requeststep WHERE subject_id = first.request_id AND state = 'sent'),
    (SELECT min(at) FROM referrals_referralstep WHERE subject_id = first.referral_id AND state = 'sent'))''')
} AS asked
  FROM first WHERE {_within("day")}
)
SELECT x.provider_id, x.employer_id, x.person_id AS who, x.day,
  {_working_days("x.asked", "x.day")} <= {_level("triage")} AS good
FROM x JOIN organisations_employer e ON e.id = x.employer_id WHERE x.asked IS NOT NULL
"""
ATTENDANCE = f"""
SELECT a.provider_id, a.employer_id, a.person_id AS who, {_uk("a.starts_at")} AS day, a.state = 'attended' AS good
FROM clinics_appointment a WHERE a.state IN ('attended', 'did-not-attend') AND {_within(_uk("a.starts_at"))}
"""
REPORTS_IN_TIME = f"""
WITH {HOLIDAYS}, x AS (
  SELECT r.provider_id, r.employer_id, r.person_id, {_uk("c.began_at")} AS seen, {_uk("r.signed_at")} AS day
  FROM reports_report r JOIN consultations_consultation c ON c.id = r.consultation_id
  WHERE r.signed_at IS NOT NULL AND r.replaces_id IS NULL AND {_within(_uk("r.signed_at"))}
)
SELECT x.provider_id, x.employer_id, x.person_id AS who, x.day,
  {_working_days("x.seen", "x.day")} <= {_level("report")} AS good
FROM x JOIN organisations_employer e ON e.id = x.employer_id
"""
ADJUSTMENTS_MADE = f"""
SELECT a.provider_id, a.employer_id, a.person_id AS who, a.due_on AS day,
  a.state = 'done' OR (a.state = 'ended' AND a.done_on IS NOT NULL) AS good
FROM adjustments_adjustment a WHERE a.state <> 'withdrawn' AND a.due_on < %(today)s AND {_within("a.due_on")}
"""
# The day on which the last reminder has run out: then everybody has answered or is lost.
_RUN_OUT = "o.due_on + %(chased_out)s"
BACK_AT_WORK = f"""
SELECT o.provider_id, o.employer_id, o.person_id AS who, {_RUN_OUT} AS day, o.work = ANY (%(back)s) AS good
FROM outcomes_personoutcome o
WHERE o.state = 'answered' AND {_RUN_OUT} <= %(today)s AND {_within(_RUN_OUT)}
"""
LOST = f"""
SELECT o.provider_id, o.employer_id, o.person_id AS who, {_RUN_OUT} AS day, o.state <> 'answered' AS good
FROM outcomes_personoutcome o
WHERE o.state <> 'stopped' AND {_RUN_OUT} <= %(today)s AND {_within(_RUN_OUT)}
"""
EVENTS = {
    "new-absences": NEW_ABSENCES,
    "offers-in-time": OFFERS_IN_TIME,
    "help-asked": HELP_ASKED,
    "referrals": REFERRALS,
    "triage-in-time": TRIAGE_IN_TIME,
    "attendance": ATTENDANCE,
    "reports-in-time": REPORTS_IN_TIME,
    "adjustments-made": ADJUSTMENTS_MADE,
    "back-at-work": BACK_AT_WORK,
    "lost-to-follow-up": LOST,
}
# A person counts once a month; what is asked of all their events (all good) or of any (lost) is said in the definition.
PEOPLE = """
SELECT provider_id, employer_id, month, count(*) FILTER (WHERE good), count(*)
FROM (
  SELECT provider_id, employer_id, who, date_trunc('month', day)::date AS month, bool_and(good) AS good
  FROM ({events}) event GROUP BY provider_id, employer_id, who, date_trunc('month', day)
) person GROUP BY provider_id, employer_id, month
"""
WAITS = f"""
WITH {HOLIDAYS}, x AS (
  SELECT provider_id, employer_id, person_id, 'triage' AS step, {_uk("sent_at")} AS since, NULL::boolean AS late
  FROM requests_helprequest WHERE state = 'sent'
  UNION ALL SELECT provider_id, employer_id, person_id, 'triage', {_uk("sent_at")}, NULL
  FROM referrals_referral WHERE state = 'sent'
  UNION ALL SELECT r.provider_id, r.employer_id, r.person_id, 'report', {_uk("coalesce(c.began_at, r.made_at)")}, NULL
  FROM reports_report r LEFT JOIN consultations_consultation c ON c.id = r.consultation_id
  WHERE r.state IN ('draft', 'correction-asked')
  UNION ALL SELECT provider_id, employer_id, person_id, 'offer', NULL, contact_by < %(now)s
  FROM offers_offer WHERE state IN ('held', 'ready')
  UNION ALL SELECT provider_id, employer_id, person_id, 'reading', NULL, decide_by < %(now)s
  FROM reports_report WHERE state = 'with-person'
  UNION ALL SELECT provider_id, employer_id, person_id, 'question', NULL, false
  FROM requests_helprequest WHERE state = 'asked'
  UNION ALL SELECT provider_id, employer_id, person_id, 'referral', NULL, false
  FROM referrals_referral WHERE state = 'returned'
  UNION ALL SELECT provider_id, employer_id, person_id, 'adjustment', NULL, due_on < %(today)s
  FROM adjustments_adjustment WHERE state = 'recommended'
), judged AS (
  SELECT x.provider_id, x.step, x.person_id, coalesce(x.late, CASE x.step
    WHEN 'triage' THEN {_working_days("x.since", "%(today)s")} > {_level("triage")}
    ELSE {_working_days("x.since", "%(today)s")} > {_level("report")} END) AS late
  FROM x JOIN organisations_employer e ON e.id = x.employer_id
)
SELECT provider_id, step, count(*) FILTER (WHERE late), count(*)
FROM (SELECT provider_id, step, person_id, bool_or(late) AS late FROM judged GROUP BY 1, 2, 3) person
GROUP BY provider_id, step
"""
# Full-time-equivalent calendar days by stretches of unchanged hours in one month: the published method, as in
# queries.OWN. Two figures are made of them.
STRETCHES = """
WITH month AS (
  SELECT m::date AS first, least((m + interval '1 month')::date, %(until)s) AS next
  FROM generate_series(%(since)s::timestamp, %(until)s::timestamp - interval '1 day', interval '1 month') AS m
), version AS (
  SELECT v.engagement_id AS id, v.fte,
    CASE WHEN row_number() OVER w = 1 THEN '-infinity'::date ELSE v.effective_on END AS since,
    lead(v.effective_on) OVER w AS until
  FROM people_engagementversion v WHERE v.employer_id = ANY (%(employers)s)
  WINDOW w AS (PARTITION BY v.engagement_id ORDER BY v.effective_on, v.id)
), post AS (
  SELECT n.id, n.employer_id, coalesce(n.person_id, n.id) AS who, coalesce(v.fte, n.fte) AS fte,
    greatest(n.starts_on, %(since)s, coalesce(v.since, '-infinity'::date)) AS since,
    least(coalesce(n.ends_on + 1, %(until)s), %(until)s, coalesce(v.until, %(until)s)) AS until
  FROM people_engagement n LEFT JOIN version v ON v.id = n.id
  WHERE n.employer_id = ANY (%(employers)s) AND n.kind <> ALL (%(outside)s)
), stretch AS (
  SELECT p.id, p.employer_id, p.who, p.fte, m.first, greatest(p.since, m.first) AS since,
    least(p.until, m.next) AS until
  FROM post p JOIN month m ON p.since < m.next AND p.until > m.first WHERE p.since < p.until
), absent AS (
  SELECT s.engagement_id AS id, range_agg(daterange(s.started_on, coalesce(s.ended_on + 1, %(until)s))) AS days
  FROM absence_spell s
  WHERE s.employer_id = ANY (%(employers)s) AND s.retracted_at IS NULL AND s.started_on < %(until)s
    AND (s.ended_on IS NULL OR s.ended_on >= %(since)s)
  GROUP BY s.engagement_id
)
"""
# Many employers by month.
RATES = f"""{STRETCHES}, lost AS (
  SELECT x.employer_id, x.first, sum(x.fte * (upper(d) - lower(d))) AS days, count(DISTINCT x.who) AS people
  FROM stretch x JOIN absent a ON a.id = x.id
  CROSS JOIN LATERAL unnest(a.days * datemultirange(daterange(x.since, x.until))) AS d
  GROUP BY x.employer_id, x.first
)
SELECT s.employer_id, s.first, coalesce(max(l.days), 0), sum(s.fte * (s.until - s.since)), coalesce(max(l.people), 0)
FROM stretch s LEFT JOIN lost l ON l.employer_id = s.employer_id AND l.first = s.first
GROUP BY s.employer_id, s.first
"""
# Each post of some employers over the whole time: where it is, whom it reports to, and its days.
COLLEAGUES = f"""{STRETCHES}, lost AS (
  SELECT x.id, sum(x.fte * (upper(d) - lower(d))) AS days
  FROM stretch x JOIN absent a ON a.id = x.id
  CROSS JOIN LATERAL unnest(a.days * datemultirange(daterange(x.since, x.until))) AS d GROUP BY x.id
), available AS (
  SELECT s.id, s.who, sum(s.fte * (s.until - s.since)) AS days FROM stretch s GROUP BY s.id, s.who
)
SELECT a.id, a.who, n.team_id, n.site_id, n.manager_id, a.days, coalesce(l.days, 0)
FROM available a JOIN people_engagement n ON n.id = a.id LEFT JOIN lost l ON l.id = a.id WHERE a.days > 0
"""
# People whom each kind of offer reached, and how many of them took one; for HR, once a quarter is closed.
OFFERS_TAKEN = f"""
SELECT employer_id, rule, count(*) FILTER (WHERE taken), count(*)
FROM (
  SELECT employer_id, rule, person_id, bool_or(state = 'accepted') AS taken FROM offers_offer
  WHERE sent_at IS NOT NULL AND {_within(_uk("sent_at"))} GROUP BY employer_id, rule, person_id
) person GROUP BY employer_id, rule
"""
# Employers by provider with their people today: those with fewer than the least number are never shown alone.
EMPLOYERS = """
SELECT c.provider_id, c.employer_id, (
  SELECT count(DISTINCT coalesce(n.person_id, n.id)) FROM people_engagement n
  WHERE n.employer_id = c.employer_id AND n.starts_on <= %(today)s AND (n.ends_on IS NULL OR n.ends_on >= %(today)s))
FROM (
  SELECT DISTINCT provider_id, employer_id FROM organisations_contract
  WHERE starts_on <= %(today)s AND (ends_on IS NULL OR ends_on >= %(today)s)
) c
"""
