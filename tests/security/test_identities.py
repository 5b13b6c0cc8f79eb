"""Attacks on who somebody is: an employer's data must open nobody's record and answer no question about strangers."""

from __future__ import annotations

import io

import pytest

from openoh.exchange.hr_feed.queries import preview
from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.access.queries import grants_of
from openoh.foundation.access.standing import give_standing_roles
from openoh.foundation.accounts.models import User
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.scope import within
from openoh.foundation.people.actions import add_person, decide_match, undo_merge
from openoh.foundation.people.models import Engagement, MatchCandidate, Merge
from tests.exchange.feed import PEOPLE, engagement, feed, quarantined, table
from tests.world import World

pytestmark = pytest.mark.django_db
WORKER = Scope(Audience.WORKER)
THIEF = "thief@example.org"
# Everything that HR knows of Amara, with an address of the thief's own.
TWIN = f"T1,,Amara,Okafor,1985-05-17,{THIEF},1,,2024-01-01,"


def opens(email: str) -> set[object]:
    """The persons whose records the account opens as its own."""
    user = User.objects.get(email=email)
    return {grant.actor.person for grant in grants_of(user.id, user.name) if grant.actor.person}


def twin_taken_for_amara(world: World) -> Merge:
    feed(world.as_hr, world.trust, table(PEOPLE, TWIN))
    with within(world.as_service_manager.scope):
        candidate = MatchCandidate.objects.get(person=world.amara)
    decide_match(by=world.as_service_manager, candidate=candidate, same=True)
    with within(WORKER):
        return Merge.objects.get()


# HR invents a twin of an employee, so that its own address opens her record once somebody takes the two for one.


def test_a_twin_whom_hr_invented_opens_no_record_when_the_two_are_taken_for_one(world: World):
    twin_taken_for_amara(world)
    assert opens(THIEF) == set()
    with within(WORKER):
        give_standing_roles(employer=world.trust.pk)
    assert opens(THIEF) == set()
    assert opens("amara@example.org") == {world.amara.pk}


def test_her_own_account_acts_for_both_posts_of_somebody_who_really_has_two(world: World):
    twin_taken_for_amara(world)
    with within(WORKER):
        give_standing_roles(employer=world.trust.pk)
        posts = RoleAssignment.objects.filter(user=world.users["amara"], role="employee", ends_on=None)
        assert {post.engagement.number for post in posts.select_related("engagement")} == {"RNS-amara", "T1"}


def test_parted_again_each_has_their_own_account(world: World):
    twin = twin_taken_for_amara(world)
    with within(WORKER):
        give_standing_roles(employer=world.trust.pk)
    undo_merge(by=world.as_service_manager, merged=twin)
    assert opens(THIEF) == {twin.gone_id}
    assert opens("amara@example.org") == {world.amara.pk}
    with within(WORKER):
        theirs = Engagement.objects.get(number="T1")
        standing = RoleAssignment.objects.filter(engagement=theirs, ends_on=None)
        assert [role.user.email for role in standing.select_related("user")] == [THIEF]


# HR asks whether occupational health, or another employer, knows somebody, by inventing a row about them.


def told(world: World, row: str) -> tuple[object, ...]:
    """What HR learns from looking at a file without taking it, and from taking it."""
    tried = preview(world.as_hr, io.BytesIO(table(PEOPLE, row)), "openoh-people")
    run = feed(world.as_hr, world.trust, table(PEOPLE, row))
    return (tried.outcome.notes, tried.problems, run.notes, run.rows_new, run.rows_quarantined)


def test_an_import_does_not_say_whom_occupational_health_knows(world: World):
    add_person(
        by=world.as_nurse, provider=world.provider.pk, given_name="Zoe", family_name="Secret",
        birth_date=world.engagements["amara"].birth_date,
    )  # fmt: skip
    known = told(world, "Q1,,Zoe,Secret,1985-05-17,q1@example.org,1,,2024-01-01,")
    unknown = told(world, "Q2,,Zoe,Stranger,1985-05-17,q2@example.org,1,,2024-01-01,")
    assert known == unknown
    with within(WORKER):
        assert MatchCandidate.objects.count() == 1, "occupational health is asked all the same"


def test_an_import_does_not_say_whose_address_another_employer_has(world: World):
    unknown = told(world, "Q2,,Zoe,Stranger,1980-01-01,nobody@example.org,1,,2024-01-01,")
    known = told(world, "Q1,,Zoe,Other,1980-01-01,ella@example.org,1,,2024-01-01,")
    assert known == unknown


# A number that HR gives to a new colleague must not lead into the record of the one who had it before.


@pytest.mark.parametrize(
    "successor",
    [
        "RNS-amara,,Amara,Brown,1991-01-01,brown@example.org,1,,2024-01-01,",
        "RNS-amara,,Nina,Okafor,1991-01-01,nina@example.org,1,,2024-01-01,",
        "RNS-amara,,Nina,Brown,1991-01-01,nina@example.org,1,,2024-01-01,",
        "RNS-amara,,Nina,Brown,,nina@example.org,1,,2024-01-01,",
    ],
)
def test_a_number_given_to_somebody_else_does_not_lead_into_the_old_record(world: World, successor: str):
    run = feed(world.as_hr, world.trust, table(PEOPLE, successor))
    (row,) = quarantined(world.as_hr, run)
    assert "already belongs to somebody else" in row.reason
    assert engagement(world.as_hr, "RNS-amara").family_name == "Okafor"


@pytest.mark.parametrize(
    "herself",
    [
        "RNS-amara,,Amara,Brown,1985-05-17,amara@example.org,1,,2020-01-01,",  # married
        "RNS-amara,,Amara,Okafor,1985-05-18,amara@example.org,1,,2020-01-01,",  # a corrected date
        "RNS-amara,,Amarachi,Okafor,1985-05-17,amara@example.org,1,,2020-01-01,",
    ],
)
def test_one_thing_that_changes_is_a_correction(world: World, herself: str):
    run = feed(world.as_hr, world.trust, table(PEOPLE, herself))
    assert (run.rows_changed, run.rows_quarantined) == (1, 0)
