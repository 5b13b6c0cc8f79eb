"""Which groups have a rate that managers read: nothing finer than enough people follows from all of them together."""

from __future__ import annotations

from itertools import combinations
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from openoh.population.measures.grouping import (
    EMPLOYER,
    SITE,
    TEAM,
    WHOLE,
    Colleague,
    Limits,
    Place,
    family,
    is_enough,
)

LIMITS = Limits(people=10, absent=5, largest_share=0.5)
GENERAL, COTTAGE = UUID(int=901), UUID(int=902)


def team_of(number: int, count: int, absent: int, *, first: int, site: UUID | None = GENERAL, boss: int = 0):
    """`count` people of a team with one manager; the first `absent` of them lost three days."""
    boss = boss or 10_000 + number
    return [
        Colleague(UUID(int=first + n), UUID(int=50_000 + first + n), UUID(int=number), site, UUID(int=boss),
                  90.0, 3.0 if n < absent else 0.0)
        for n in range(count)
    ]  # fmt: skip


def places(found):
    return {shown.place for shown in found.shown}


def team(number: int) -> Place:
    return Place(TEAM, UUID(int=number))


PARENTS = {UUID(int=n): UUID(int=1) for n in (2, 3, 5, 6)}


def test_a_small_team_is_read_with_the_team_around_it():
    people = team_of(1, 20, 8, first=100) + team_of(2, 14, 6, first=200) + team_of(3, 6, 3, first=300)
    people += (
        team_of(5, 6, 3, first=500) + team_of(6, 6, 3, first=600) + team_of(4, 30, 9, first=400, site=COTTAGE)
    )
    found = family(people, PARENTS, LIMITS)
    assert team(2) in places(found)
    assert team(3) not in places(found)
    assert found.smallest[team(3)] == team(1)
    assert found.smallest[team(2)] == team(2)


def test_a_team_too_small_goes_to_its_site_and_then_to_the_employer():
    people = [one for n in range(5) for one in team_of(20 + n, 6, 3, first=100 * n + 100)]
    people += team_of(30, 40, 15, first=900, site=COTTAGE)
    found = family(people, {}, LIMITS)
    assert found.smallest[team(20)] == Place(SITE, GENERAL)
    few = [one for n in range(5) for one in team_of(20 + n, 3, 2, first=100 * n + 100)]
    many = [
        one for n in range(4) for one in team_of(30, 10, 4, first=100 * n + 900, site=COTTAGE, boss=800 + n)
    ]
    found = family(few + many, {}, LIMITS)
    assert found.smallest[team(20)] == WHOLE
    assert team(30) not in places(found), "the employer less the large team would be the few"


def test_a_team_is_not_shown_where_one_absence_is_most_of_the_days():
    people = team_of(1, 20, 8, first=100)
    long = Colleague(UUID(int=1), UUID(int=2), UUID(int=1), GENERAL, UUID(int=10_001), 90.0, 90.0)
    assert is_enough(people, LIMITS)
    assert not is_enough([*people, long], LIMITS)


def test_a_manager_who_takes_their_own_people_away_finds_enough_others_or_nobody():
    own, other = team_of(1, 14, 7, first=100, boss=7_001), team_of(1, 4, 3, first=200, boss=7_002)
    assert is_enough(own, LIMITS)
    assert not is_enough(own + other, LIMITS)
    two = own + team_of(1, 14, 7, first=300, boss=7_003)
    assert is_enough(two, LIMITS)
    assert not is_enough(two + other, LIMITS), "two managers together would know the third one's four people"


def test_teams_in_a_loop_are_counted_with_the_employer():
    loop = {UUID(int=1): UUID(int=2), UUID(int=2): UUID(int=1)}
    people = team_of(1, 12, 6, first=100) + team_of(2, 12, 6, first=200, site=COTTAGE)
    found = family(people, loop, LIMITS)
    assert sum(1 for shown in found.shown if shown.place == WHOLE) == 1
    assert {len(shown.people) for shown in found.shown if shown.place.kind == EMPLOYER} == {24}


@st.composite
def workforces(draw):
    teams = draw(st.integers(1, 9))
    parents = {
        UUID(int=n): draw(st.sampled_from([None, *[UUID(int=m) for m in range(1, n)]]))
        for n in range(1, teams + 1)
    }
    people = []
    for n in range(1, teams + 1):
        site = draw(st.sampled_from([GENERAL, COTTAGE, None]))
        for part in range(draw(st.integers(1, 2))):
            count = draw(st.integers(0, 26))
            people += team_of(n, count, draw(st.integers(0, count)), first=1_000 * n + 400 * part + 1, site=site,
                              boss=20_000 + 2 * n + part)  # fmt: skip
    return people, parents


@settings(max_examples=250, deadline=None)
@given(workforces())
def test_whatever_is_subtracted_from_whatever_leaves_enough_people_or_nobody(workforce):
    """An attacker knows every shown rate. Groups lie inside one another, so all that follows are sums of the parts
    that are left when the shown groups inside a shown group are taken out. Each part must be enough; also when two
    managers take out the people whom they know."""
    people, parents = workforce
    found = family(people, parents, LIMITS)
    groups = {shown.place: set(shown.people) for shown in found.shown}
    for one, other in combinations(groups.values(), 2):
        assert one <= other or other <= one or not one & other
    for shown in found.shown:
        rest = set(shown.people)
        for inner in found.shown:
            if inner.inside == shown.place:
                assert set(inner.people) < rest | set(shown.people)
                rest -= set(inner.people)
        told = [rest] if rest else []
        managers = sorted({each.manager for each in rest}, key=str)
        for pair in combinations([*managers, *managers], 2):
            left = {each for each in rest if each.manager not in pair and each.post not in pair}
            told += [left] if left else []
        for part in told:
            absent = [each.lost for each in part if each.lost]
            assert len({each.who for each in part}) >= 10
            assert not 0 < len(absent) < 5
            assert max(absent, default=0) <= 0.5 * sum(absent)
    if found.shown:
        assert groups[WHOLE] == set(people), "the employer's own rate is known from elsewhere"
        for place, smallest in found.smallest.items():
            inside = {
                each for each in people if place in (Place(TEAM, each.team), Place(SITE, each.site), WHOLE)
            }
            if place.kind == TEAM:
                assert inside <= groups[smallest]
