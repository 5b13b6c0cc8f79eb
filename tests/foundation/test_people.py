"""Finding persons by any part of the name, deciding matches, merging and parting."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.foundation.core import keys
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.errors import Conflict, NotAllowed
from openoh.foundation.core.scope import within
from openoh.foundation.people.actions import add_person, decide_match, merge, undo_merge
from openoh.foundation.people.models import Engagement, MatchCandidate, Person
from openoh.foundation.people.queries import find, match_queue
from openoh.foundation.people.trigrams import pieces

DB = pytest.mark.django_db
WORKER = Scope(Audience.WORKER)


@pytest.fixture
def named(world):
    for given_name, family_name, known_as in (
        ("Siân", "O'Brien-Jones", ""), ("Johanna", "Björk", "Hanna"), ("Li", "Wu", ""), ("Brian", "Johnson", ""),
    ):  # fmt: skip
        add_person(
            by=world.as_nurse,
            provider=world.provider.id,
            given_name=given_name,
            family_name=family_name,
            known_as=known_as,
        )
    return world


@DB
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("brien", ["Siân O'Brien-Jones"]), ("SIAN", ["Siân O'Brien-Jones"]), ("o'brien", ["Siân O'Brien-Jones"]),
        ("jon", ["Siân O'Brien-Jones"]), ("bjork", ["Hanna Björk"]), ("joha", ["Hanna Björk"]),
        ("anna bjö", ["Hanna Björk"]),
        ("ohn", ["Brian Johnson"]), ("li", ["Joe Lindqvist", "Li Wu"]), ("w", ["Li Wu"]),
        ("bri", ["Brian Johnson", "Siân O'Brien-Jones"]),
        ("wu li", ["Li Wu"]), ("johnsson", []), ("", []), ("'%_", []), ("son john", ["Brian Johnson"]),
    ],
)  # fmt: skip
def test_any_part_of_a_name_finds_the_person(named, text, found):
    with within(named.as_nurse.scope):
        assert [str(person) for person in find(named.as_nurse, text)] == found


@DB
def test_nobody_finds_another_providers_people_and_hr_finds_nobody(named):
    for actor in (named.as_other_nurse, named.as_hr, named.as_amara):
        with within(actor.scope):
            if actor.audience is Audience.CLINICAL:
                assert find(actor, "brien") == []
            else:
                assert actor.provider is None or find(actor, "") == []


@given(st.text(alphabet="abcdeé -'", max_size=20), st.integers(0, 19), st.integers(1, 19))
def test_the_pieces_of_a_part_are_among_the_pieces_of_the_whole(word, start, length):
    whole = {word[place : place + 3] for place in range(len(word))} | {f" {word[:2]}", f"  {word[:1]}"}
    part = "".join(letter for letter in word[start : start + length] if letter.isalnum())
    if len(part) >= 3 and part in word:
        assert set(pieces(part)) <= whole


@pytest.fixture
def doubled(world):
    """Amara a second time, as a new person with an engagement at the practice, and the question who they are."""
    with within(WORKER):
        other = Person.objects.create(provider=world.provider, given_name="Amara", family_name="Okafor")
        second = Engagement.objects.create(
            employer=world.practice, number="G1", person=other, provider=world.provider, given_name="Amara",
            family_name="Okafor", starts_on=date(2024, 1, 1),
        )  # fmt: skip
        MatchCandidate.objects.create(
            provider=world.provider, engagement=second, person=world.amara, reason="Same name"
        )
    return world


def holder(number: str) -> Person:
    with within(WORKER):
        return Engagement.objects.select_related("person").get(number=number).person


@DB
def test_the_same_merges_and_undoing_parts_them_again(doubled):
    sam, other = doubled.as_service_manager, holder("G1")
    with within(sam.scope):
        [candidate] = match_queue(sam)
    decide_match(by=sam, candidate=candidate, same=True)
    assert holder("G1").pk == doubled.amara.pk
    with within(WORKER):
        merged = other.__class__.objects.get(pk=other.pk)
        assert merged.merged_into_id == doubled.amara.pk
    with within(sam.scope):
        assert not match_queue(sam).exists()
        assert other not in find(sam, "okafor")
        done = _only_merge()
    with pytest.raises(Conflict, match="decided this match already"):
        decide_match(by=sam, candidate=candidate, same=False)
    undo_merge(by=sam, merged=done)
    assert holder("G1").pk == other.pk
    with within(sam.scope):
        assert other in find(sam, "okafor")
    with pytest.raises(Conflict, match="undone already"):
        undo_merge(by=sam, merged=done)


def _only_merge():
    from openoh.foundation.people.models import Merge

    return Merge.objects.get()


@DB
def test_different_leaves_both_as_they_are(doubled):
    sam, other = doubled.as_service_manager, holder("G1")
    with within(sam.scope):
        [candidate] = match_queue(sam)
    assert decide_match(by=sam, candidate=candidate, same=False).state == "different"
    assert holder("G1").pk == other.pk


@DB
def test_a_person_with_a_sealed_record_never_disappears(doubled):
    sam, other = doubled.as_service_manager, holder("G1")
    with within(WORKER):
        keys.seal("note", owner=other.pk, provider=doubled.provider.id, field="cases.note")
    with pytest.raises(Conflict, match="care record"):
        merge(by=sam, kept=doubled.amara, gone=other)
    with within(sam.scope):
        [candidate] = match_queue(sam)
    decide_match(by=sam, candidate=candidate, same=True)  # so the other way round
    assert holder("RNS-amara").pk == holder("G1").pk == other.pk


@DB
@pytest.mark.parametrize("who", ["as_hr", "as_ben", "as_amara"])
def test_only_those_who_keep_the_matching_may_merge(doubled, who):
    with pytest.raises(NotAllowed):
        merge(by=getattr(doubled, who), kept=doubled.amara, gone=holder("G1"))


@DB
def test_people_of_two_providers_are_never_merged(doubled):
    with pytest.raises(NotAllowed, match="within your own service"):
        merge(by=doubled.as_service_manager, kept=doubled.amara, gone=doubled.femi)
