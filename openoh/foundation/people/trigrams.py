"""Three-letter pieces of names, kept in a table so that any part of a name is found through a plain index.

Trigram operators are not leakproof, so PostgreSQL does not use their indexes under row security; an equality on
(provider, trigram) is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from openoh.foundation.core.staging import execute, fetch
from openoh.foundation.people.models import Person

PIECE = 3
# `show_trgm` folds case, drops signs and pads words, so that one or two letters are found at a word's beginning.
INDEX = """
INSERT INTO people_persontrigram (provider_id, person_id, trigram)
SELECT p.provider_id, p.id, t.trigram FROM people_person p,
  LATERAL unnest(show_trgm(lower(unaccent(concat_ws(' ', p.given_name, p.known_as, p.family_name))))) AS t (trigram)
WHERE p.id = ANY (%(people)s) AND p.merged_into_id IS NULL AND length(t.trigram) = 3
"""
INDEX_NEW = """
INSERT INTO people_persontrigram (provider_id, person_id, trigram)
SELECT %(provider)s, %(person)s, trigram FROM unnest(show_trgm(lower(unaccent(%(names)s)))) AS t (trigram)
WHERE length(trigram) = 3
"""


def index_new(person: Person) -> None:
    """Make the pieces of the name of somebody who is being added."""
    names = [person.given_name, person.known_as, person.family_name]
    with connection.cursor() as cursor:
        cursor.execute(
            INDEX_NEW, {"provider": person.provider_id, "person": person.pk, "names": " ".join(names)}
        )


def index_names(people: Iterable[UUID]) -> None:
    """Make the pieces of these people's names anew: after adding, renaming, merging and parting them."""
    chosen = {"people": sorted(set(people), key=str)}
    execute("DELETE FROM people_persontrigram WHERE person_id = ANY (%(people)s)", chosen)
    execute(INDEX, chosen)


def fold(text: str) -> str:
    """The text as names are compared: lower case, without accents."""
    return str(fetch("SELECT lower(unaccent(%(text)s))", {"text": text})[0][0])


def words_of(folded: str) -> list[str]:
    """The words of a folded text; signs part words, as in the index."""
    return re.findall(r"[^\W_]+", folded)


def pieces(folded: str) -> list[str]:
    """The trigrams that every name containing these words has; padded ones for words of one or two letters."""
    found: set[str] = set()
    for word in words_of(folded):
        if len(word) == 1:
            found.add(f"  {word}")
        elif len(word) == 2:
            found.add(f" {word}")
        else:
            found.update(word[start : start + PIECE] for start in range(len(word) - PIECE + 1))
    return sorted(found)
