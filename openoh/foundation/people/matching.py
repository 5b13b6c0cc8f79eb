"""From engagements to persons, within one provider: sure keys first, then a queue for a human.

Sure are: the employee number together with the date of birth and the given name, within one employer; the whole
name together with the date of birth and an address (e-mail or mobile). Whoever agrees in less becomes a new
person, who can use the service at once, and a candidate for a human to decide.
"""

from __future__ import annotations

from uuid import UUID

from openoh.foundation.core import clock
from openoh.foundation.core.staging import execute, fetch, make
from openoh.foundation.people.trigrams import index_names

UNMATCHED = """
INSERT INTO unmatched SELECT e.id, lower(unaccent(e.given_name)), lower(unaccent(e.family_name)), e.birth_date,
  lower(e.email), regexp_replace(e.mobile, '\\D', '', 'g'), e.person_number, oh_new_id(), NULL
FROM people_engagement e WHERE e.employer_id = %(employer)s AND e.person_id IS NULL
"""
KNOWN = """
INSERT INTO known SELECT p.id, lower(unaccent(p.given_name)), lower(unaccent(p.family_name)), p.birth_date,
  lower(p.email), regexp_replace(p.mobile, '\\D', '', 'g')
FROM people_person p JOIN (SELECT DISTINCT birth_date FROM unmatched) u ON u.birth_date = p.birth_date
WHERE p.provider_id = %(provider)s AND p.merged_into_id IS NULL
"""
BY_NUMBER = """
UPDATE unmatched u SET person_id = e.person_id FROM people_engagement e
WHERE e.employer_id = %(employer)s AND e.provider_id = %(provider)s AND u.person_number <> ''
  AND e.person_number = u.person_number AND e.person_id IS NOT NULL AND e.birth_date = u.birth_date
  AND lower(unaccent(e.given_name)) = u.given
"""
BY_ADDRESS = """
UPDATE unmatched u SET person_id = k.id FROM known k
WHERE u.person_id IS NULL AND k.birth_date = u.birth_date AND k.given = u.given AND k.family = u.family
  AND ((u.email <> '' AND k.email = u.email) OR (u.mobile <> '' AND k.mobile = u.mobile))
  AND (SELECT count(*) FROM known x WHERE x.birth_date = u.birth_date AND x.given = u.given AND x.family = u.family
       AND ((u.email <> '' AND x.email = u.email) OR (u.mobile <> '' AND x.mobile = u.mobile))) = 1
"""
# Several new engagements of one person in one file become one new person.
TOGETHER = """
UPDATE unmatched u SET made = g.made FROM (
  SELECT id, first_value(made) OVER (PARTITION BY {key} ORDER BY id) AS made
  FROM unmatched WHERE person_id IS NULL AND birth_date IS NOT NULL AND {given}
) g WHERE g.id = u.id
"""
ADD = """
INSERT INTO people_person (id, provider_id, given_name, family_name, known_as, birth_date, email, mobile, address,
  channel, interpreter, protected_identity, made_at)
SELECT DISTINCT ON (u.made) u.made, %(provider)s, e.given_name, e.family_name, '', e.birth_date, e.email, e.mobile,
  '', CASE WHEN e.email <> '' THEN 'email' WHEN e.mobile <> '' THEN 'sms' ELSE 'letter' END, '', false, %(now)s
FROM unmatched u JOIN people_engagement e ON e.id = u.id WHERE u.person_id IS NULL ORDER BY u.made, e.starts_on DESC
"""
ASSIGN = """
UPDATE people_engagement e SET person_id = coalesce(u.person_id, u.made), provider_id = %(provider)s
FROM unmatched u WHERE u.id = e.id
"""
QUEUE = """
INSERT INTO people_matchcandidate (id, provider_id, engagement_id, person_id, reason, state)
SELECT oh_new_id(), %(provider)s, u.id, k.id,
  CASE WHEN k.given = u.given AND k.family = u.family THEN 'Same name and date of birth, no address in common'
       WHEN k.family = u.family THEN 'Same family name, date of birth and address'
       ELSE 'Same date of birth and address, other name' END, 'open'
FROM unmatched u JOIN known k ON k.birth_date = u.birth_date
WHERE u.person_id IS NULL AND ((k.given = u.given AND k.family = u.family)
  OR (u.email <> '' AND k.email = u.email) OR (u.mobile <> '' AND k.mobile = u.mobile))
ON CONFLICT (engagement_id, person_id) DO NOTHING
"""


def match(*, employer: UUID, provider: UUID) -> int:
    """Give a person to every engagement of the employer that has none; returns how many candidates were queued."""
    parameters: dict[str, object] = {"employer": employer, "provider": provider, "now": clock.now()}
    make("unmatched", "id uuid, given text, family text, birth_date date, email text, mobile text, "
         "person_number text, made uuid, person_id uuid")  # fmt: skip
    make("known", "id uuid, given text, family text, birth_date date, email text, mobile text")
    if not execute(UNMATCHED, parameters):
        return 0
    execute(KNOWN, parameters)
    execute("ANALYZE unmatched")
    execute("ANALYZE known")
    execute(BY_NUMBER, parameters)
    execute(BY_ADDRESS)
    for key, given in (
        ("given, family, birth_date, mobile", "mobile <> ''"),
        ("given, family, birth_date, email", "email <> ''"),
        ("given, birth_date, person_number", "person_number <> ''"),
    ):
        execute(TOGETHER.format(key=key, given=given))
    execute(ADD, parameters)
    queued = execute(QUEUE, parameters)
    execute(ASSIGN, parameters)
    index_names(
        [UUID(str(row[0])) for row in fetch("SELECT DISTINCT made FROM unmatched WHERE person_id IS NULL")]
    )
    return queued
