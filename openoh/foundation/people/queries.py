"""Reads of persons, always from `visible_to`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.identifiers import NOBODY
from openoh.foundation.core.staging import fetch
from openoh.foundation.people.access import (
    candidates_visible_to,
    engagements_visible_to,
    may_match,
    visible_to,
)
from openoh.foundation.people.models import Engagement, MatchCandidate, Merge, Person
from openoh.foundation.people.trigrams import PIECE, fold, pieces, words_of

# Words longer than one piece are compared in full afterwards, since their pieces may stand apart in a name.
COMPARED = """AND (
  SELECT bool_and(lower(unaccent(concat_ws(' ', p.given_name, p.known_as, p.family_name))) LIKE w.pattern)
  FROM unnest(%(patterns)s::text[]) AS w (pattern))"""
CONSIDERED = 500
HAVING_ONE = """SELECT person_id FROM people_persontrigram
  WHERE provider_id = %(provider)s AND trigram = %(piece)s"""
HAVING_ALL = """SELECT person_id FROM people_persontrigram
  WHERE provider_id = %(provider)s AND trigram = ANY (%(pieces)s)
  GROUP BY person_id HAVING count(*) = %(number)s"""
# OFFSET 0 keeps the inner query whole: each of a few hundred people is looked up, and nobody else's row is read.
FIND = """
SELECT p.id FROM (
  {having_all} LIMIT %(considered)s
) t CROSS JOIN LATERAL (SELECT * FROM people_person one WHERE one.id = t.person_id OFFSET 0) p
WHERE p.provider_id = %(provider)s AND p.merged_into_id IS NULL {compared}
ORDER BY p.family_name, p.given_name, p.id LIMIT %(limit)s
"""


def find(actor: Actor, text: str, limit: int = 20) -> list[Person]:
    """Persons of the actor's provider whose name contains every word of `text`, in the order of their names.

    A word may be any part of a name, without regard to case and accents; one or two letters are looked for at the
    beginning of a name. Nothing is found for a text without letters. Of a text that fits more than 500
    people, such as one letter, 500 are considered.
    """
    folded = fold(text)
    sought = pieces(folded)
    if not sought or not actor.provider:
        return []
    longer = [f"%{word}%" for word in words_of(folded) if len(word) > PIECE]
    found = fetch(
        FIND.format(
            compared=COMPARED if longer else "", having_all=HAVING_ALL if len(sought) > 1 else HAVING_ONE
        ),
        {
            "provider": actor.provider, "pieces": sought, "piece": sought[0], "number": len(sought),
            "limit": limit, "considered": CONSIDERED,
            "patterns": longer,
        },
    )  # fmt: skip
    people = visible_to(actor).in_bulk([row[0] for row in found])
    return [people[row[0]] for row in found if row[0] in people]


def find_by_number(actor: Actor, number: str) -> list[Person]:
    """Persons of the actor's provider whom an employer that it serves knows by this number."""
    sought = number.strip()
    if not sought or not actor.provider:
        return []
    known = Engagement.objects.filter(
        Q(number=sought) | Q(person_number=sought),
        employer_id__in=actor.employers,
        provider_id=actor.provider,
    )
    return list(visible_to(actor).filter(pk__in=known.values("person_id"))[:20])


def engagements_of(actor: Actor, people: Iterable[Person]) -> dict[UUID, list[Engagement]]:
    """Where these people of `visible_to` work today, by person; only at employers of the actor's."""
    today = clock.today()
    rows = Engagement.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today), person__in=[person.pk for person in people],
        employer_id__in=actor.employers, starts_on__lte=today,
    )  # fmt: skip
    found: dict[UUID, list[Engagement]] = defaultdict(list)
    for row in rows.select_related("employer").order_by("starts_on", "id"):
        if row.person_id:
            found[row.person_id].append(row)
    return found


def staff(actor: Actor, *, text: str = "", after: UUID | None = None, most: int = 50) -> list[Engagement]:
    """The staff list in the order of names, from behind `after`: who works here today or will.

    `text` is any parts of the name, or the whole number of the engagement.
    """
    listed = engagements_visible_to(actor).filter(Q(ends_on=None) | Q(ends_on__gte=clock.today()))
    last = engagements_visible_to(actor).filter(pk=after).first() if after else None
    if last:
        listed = listed.filter(behind(last))
    if text:
        named = Q()
        for word in text.split():
            named &= Q(given_name__icontains=word) | Q(family_name__icontains=word)
        listed = listed.filter(named | Q(number=text))
    return list(listed.select_related("team").order_by("family_name", "given_name", "id")[:most])


def behind(last: Engagement) -> Q:
    """What stands behind `last` in the order of names: the key of a list that goes on."""
    return (
        Q(family_name__gt=last.family_name)
        | Q(family_name=last.family_name, given_name__gt=last.given_name)
        | Q(family_name=last.family_name, given_name=last.given_name, pk__gt=last.pk)
    )


def match_queue(actor: Actor) -> QuerySet[MatchCandidate]:
    """Matches that a human has still to decide, oldest first."""
    return (
        candidates_visible_to(actor)
        .filter(state=MatchCandidate.State.OPEN)
        .select_related("engagement", "person", "engagement__employer")
        .order_by("id")
    )


def merges(actor: Actor, limit: int = 20) -> list[Merge]:
    """The newest merges of the actor's provider, so that a wrong one can be undone."""
    if not may_match(actor):
        return []
    found = Merge.objects.filter(provider_id=actor.provider or NOBODY).select_related("kept", "gone")
    return list(found.order_by("-merged_at", "-id")[:limit])


def merge_to_undo(actor: Actor, merge: UUID) -> Merge:
    """One merge of the actor's provider. Raises Merge.DoesNotExist."""
    return Merge.objects.get(pk=merge, provider_id=(actor.provider if may_match(actor) else None) or NOBODY)
