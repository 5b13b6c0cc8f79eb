"""Accounts and roles that follow from an engagement: everybody who works somewhere is an `employee` there, and
whoever has reports is their `manager`; both end by themselves.

Runs in the worker's scope after an import, and daily.
"""

from __future__ import annotations

from uuid import UUID

from openoh.foundation.core import clock
from openoh.foundation.core.staging import count, execute, fetch

# An address that two people of one provider share opens neither record: nobody could say whose account it is.
ADDRESSES = """
CREATE TEMPORARY TABLE standing_address ON COMMIT DROP AS
WITH shared AS MATERIALIZED (
  SELECT provider_id, lower(email) AS email FROM people_person
  WHERE email <> '' AND merged_into_id IS NULL GROUP BY 1, 2 HAVING count(*) > 1
)
SELECT e.id AS engagement_id, e.person_id, e.provider_id, e.starts_on, e.ends_on, lower(p.email) AS email,
  concat_ws(' ', p.given_name, p.family_name) AS name
FROM people_engagement e JOIN people_person p ON p.id = e.person_id
WHERE e.employer_id = %(employer)s AND p.email <> '' AND (e.ends_on IS NULL OR e.ends_on >= %(today)s)
  AND (p.provider_id, lower(p.email)) NOT IN (SELECT provider_id, email FROM shared)
"""
# Counted among the employer's own people: of others' addresses HR must not even learn that they are known.
SHARED = """
SELECT coalesce(sum(people), 0) FROM (
  SELECT count(DISTINCT coalesce(person_id, id)) AS people FROM people_engagement
  WHERE employer_id = %(employer)s AND email <> '' AND (ends_on IS NULL OR ends_on >= %(today)s)
  GROUP BY lower(email) HAVING count(DISTINCT coalesce(person_id, id)) > 1
) shared
"""
# "!" and random letters: a password that nothing matches. People sign in with a one-time code or a passkey.
ACCOUNTS = """
INSERT INTO accounts_user (id, email, name, is_active, password)
SELECT oh_new_id(), email, max(name), true, '!' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')
FROM standing_address a WHERE NOT EXISTS (SELECT 1 FROM accounts_user u WHERE lower(u.email) = a.email)
GROUP BY email
"""
EMPLOYEES = """
INSERT INTO access_roleassignment (id, user_id, role, employer_id, provider_id, person_id, engagement_id, starts_on)
SELECT oh_new_id(), u.id, 'employee', %(employer)s, a.provider_id, a.person_id, a.engagement_id, a.starts_on
FROM standing_address a JOIN accounts_user u ON lower(u.email) = a.email
WHERE NOT EXISTS (
  SELECT 1 FROM access_roleassignment r WHERE r.engagement_id = a.engagement_id AND r.role = 'employee'
    AND (r.ends_on IS NULL OR r.ends_on >= %(today)s))
"""
# An engagement that turns out to have ended before the role began takes the role back: it must not last until tonight.
FOLLOW_THE_END = """
UPDATE access_roleassignment r SET starts_on = least(r.starts_on, e.ends_on), ends_on = e.ends_on
FROM people_engagement e
WHERE e.id = r.engagement_id AND e.employer_id = %(employer)s AND r.role = 'employee'
  AND (r.ends_on IS NULL OR r.ends_on >= %(today)s) AND r.ends_on IS DISTINCT FROM e.ends_on
"""
LEADS = """
EXISTS (
  SELECT 1 FROM people_engagement t WHERE t.manager_id = m.id AND t.starts_on <= %(today)s
    AND (t.ends_on IS NULL OR t.ends_on >= %(today)s))
AND (m.ends_on IS NULL OR m.ends_on >= %(today)s)
"""
MANAGERS = f"""
INSERT INTO access_roleassignment (id, user_id, role, employer_id, engagement_id, starts_on)
SELECT oh_new_id(), u.id, 'manager', %(employer)s, m.id, %(today)s
FROM people_engagement m JOIN standing_address a ON a.engagement_id = m.id
JOIN accounts_user u ON lower(u.email) = a.email
WHERE m.employer_id = %(employer)s AND {LEADS} AND NOT EXISTS (
  SELECT 1 FROM access_roleassignment r WHERE r.engagement_id = m.id AND r.role = 'manager'
    AND (r.ends_on IS NULL OR r.ends_on >= %(today)s))
"""
# A role is held until the end of its last day; one that is lost today must not last until tonight.
NO_LONGER_MANAGERS = f"""
UPDATE access_roleassignment r SET starts_on = least(r.starts_on, %(today)s - 1), ends_on = %(today)s - 1
FROM people_engagement m
WHERE m.id = r.engagement_id AND m.employer_id = %(employer)s AND r.role = 'manager'
  AND (r.ends_on IS NULL OR r.ends_on >= %(today)s) AND NOT ({LEADS})
"""


# Whoever was found to be somebody else opens nothing any more with the account that they came with: its address was
# given by an employer, and the record now is one that they may not own.
CLOSE = """
UPDATE access_roleassignment SET starts_on = least(starts_on, %(today)s - 1), ends_on = %(today)s - 1
WHERE person_id = %(person)s AND (ends_on IS NULL OR ends_on >= %(today)s)
"""
# Parted again: the roles that others got meanwhile in this person's posts end, and those of their own account return.
END_OF_OTHERS = """
UPDATE access_roleassignment r SET starts_on = least(r.starts_on, %(today)s - 1), ends_on = %(today)s - 1
FROM people_engagement e
WHERE e.id = r.engagement_id AND e.person_id = %(person)s AND r.role = 'employee' AND r.person_id <> %(person)s
  AND (r.ends_on IS NULL OR r.ends_on >= %(today)s)
"""


def close_accounts(person: UUID) -> None:
    """Somebody was found to be another person: the accounts that they came with no longer act for them."""
    execute(CLOSE, {"person": person, "today": clock.today()})


def reopen_accounts(person: UUID) -> None:
    """The two were parted again: each acts for themselves."""
    parameters: dict[str, object] = {"person": person, "today": clock.today()}
    execute(END_OF_OTHERS, parameters)
    for (employer,) in fetch(
        "SELECT DISTINCT employer_id FROM people_engagement WHERE person_id = %(person)s", parameters
    ):
        give_standing_roles(employer=UUID(str(employer)))


def give_standing_roles(*, employer: UUID) -> int:
    """Make accounts and roles what the employer's engagements say; returns how many people share an address."""
    parameters: dict[str, object] = {"employer": employer, "today": clock.today()}
    execute("DROP TABLE IF EXISTS pg_temp.standing_address")
    execute(ADDRESSES, parameters)
    for statement in (ACCOUNTS, EMPLOYEES, FOLLOW_THE_END, MANAGERS, NO_LONGER_MANAGERS):
        execute(statement, parameters)
    return count(SHARED, parameters)
