"""Who comes, goes and comes back, in files of one day and of several: found by a machine, told one by one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from openoh.exchange.hr_feed import actions, by_hand, round_of_feeds
from openoh.foundation.access.queries import grants_of
from openoh.foundation.accounts.models import User
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Engagement, EngagementVersion
from tests.exchange.feed import PEOPLE, engagement, feed, quarantined, table

pytestmark = pytest.mark.django_db
DATED = f"{PEOPLE},effective_on"
BARE = "number,given_name,family_name,birth_date,starts_on"
BOB = "E2,P2,Bob,Ray,1975-07-09,bob.ray@example.org,0.6,,2021-03-01,"
BARE_BOB = "E2,Bob,Ray,1975-07-09,2021-03-01"
OTHER = "E1,P1,Ann,Lee,1980-02-03,ann.lee@example.org,1,,2020-01-06,"
BARE_OTHER = "E1,Ann,Lee,1980-02-03,2020-01-06"


def in_days(days: int) -> date:
    return clock.today() + timedelta(days=days)


def take(world, header: str, *rows: str, full: bool = False):
    run = feed(world.as_hr, world.trust, table(header, *rows), full=full)
    assert run.state == "done"
    return run


def bob(world):
    return engagement(world.as_hr, "E2")


def roles(address: str) -> set[str]:
    return {grant.actor.role for grant in grants_of(User.objects.get(email=address).id, "")}


@pytest.fixture
def world(world):
    """Nobody else works at the trust, so that a full extract is about Ann and Bob."""

    with within(Scope(Audience.WORKER)):
        Engagement.objects.filter(employer=world.trust).update(ends_on=date(2024, 1, 1))
    return world


def test_whoever_is_left_out_on_the_day_of_a_change_has_left(world):
    take(world, PEOPLE, OTHER, BOB)
    take(world, PEOPLE, BOB.replace("0.6", "0.8"))
    run = take(world, PEOPLE, OTHER, full=True)
    assert (run.rows_ended, bob(world).ends_on) == (1, in_days(-1))
    assert roles("bob.ray@example.org") == set()


def test_a_second_extract_of_the_day_adds_no_second_end(world):
    take(world, PEOPLE, OTHER, BOB.replace("2021-03-01", str(clock.today())))
    take(world, PEOPLE, OTHER, full=True)
    take(world, PEOPLE, OTHER.replace(",1,,", ",0.9,,"), full=True)
    with within(Scope(Audience.WORKER)):
        assert EngagementVersion.objects.filter(engagement__number="E2").count() == 2


def test_a_starter_who_is_corrected_before_the_first_day_stays_corrected(world):
    ahead = BOB.replace("2021-03-01", str(in_days(10)))
    take(world, PEOPLE, ahead)
    take(world, PEOPLE, ahead.replace("0.6", "0.8"))
    with clock.held_at(clock.now() + timedelta(days=11)):
        round_of_feeds.renew_standing_roles()
    assert float(bob(world).fte) == 0.8


def test_a_change_to_come_takes_effect_on_its_day_without_another_file(world):
    take(world, DATED, f"{BOB},")
    take(world, DATED, f"{BOB.replace('0.6', '0.4')},{in_days(10)}")
    with clock.held_at(clock.now() + timedelta(days=9)):
        round_of_feeds.renew_standing_roles()
    assert float(bob(world).fte) == 0.6
    with clock.held_at(clock.now() + timedelta(days=10)):
        round_of_feeds.renew_standing_roles()
    assert float(bob(world).fte) == 0.4


@pytest.mark.parametrize("how", ["left out", "by hand", "in a file"])
def test_whoever_left_does_not_come_back_with_a_change_that_was_announced_before(world, how):
    take(world, DATED, f"{OTHER},", f"{BOB},")
    take(world, DATED, f"{BOB.replace('0.6', '0.4')},{in_days(10)}")
    if how == "left out":
        take(world, PEOPLE, OTHER, full=True)
    elif how == "by hand":
        by_hand.record_leaver(by=world.as_hr, engagement=bob(world).pk, last_day=in_days(-1))
    else:
        take(world, PEOPLE, f"{BOB}{in_days(-1)}")
    with clock.held_at(clock.now() + timedelta(days=20)):
        round_of_feeds.renew_standing_roles()
        assert bob(world).ends_on == in_days(-21)
        assert roles("bob.ray@example.org") == set()


def test_a_last_day_typed_in_holds_whatever_was_imported_since(world):
    take(world, PEOPLE, BOB)
    take(world, PEOPLE, BOB.replace("0.6", "0.8"))
    left = by_hand.record_leaver(by=world.as_hr, engagement=bob(world).pk, last_day=in_days(-14))
    assert (left.ends_on, float(left.fte)) == (in_days(-14), 0.8)


@pytest.mark.parametrize("header", [PEOPLE, BARE])
def test_whoever_comes_back_under_the_same_number_begins_anew(world, header):
    take(world, PEOPLE, f"{BOB}2024-06-30")
    row = BOB if header == PEOPLE else BARE_BOB
    run = take(world, header, row.replace("2021-03-01", "2025-09-01"))
    assert (run.rows_changed, run.rows_quarantined) == (1, 0)
    assert (bob(world).starts_on, bob(world).ends_on) == (date(2025, 9, 1), None)
    assert roles("bob.ray@example.org") == {"employee"}


def test_whoever_was_left_out_by_mistake_is_back_with_the_next_extract_also_without_last_days(world):
    take(world, PEOPLE, OTHER, BOB)
    take(world, BARE, BARE_OTHER, full=True)
    assert bob(world).ends_on == in_days(-1)
    take(world, BARE, BARE_OTHER, BARE_BOB, full=True)
    assert bob(world).ends_on is None
    assert roles("bob.ray@example.org") == {"employee"}


def test_a_last_day_that_somebody_said_stays_when_a_file_has_none(world):
    take(world, PEOPLE, OTHER, f"{BOB}{in_days(-3)}")
    take(world, BARE, BARE_OTHER, BARE_BOB, full=True)
    assert bob(world).ends_on == in_days(-3)


def test_nobody_is_to_manage_themselves_on_a_day_to_come(world):
    run = take(world, DATED, f"{BOB},", f"{BOB.replace('0.6,', '0.6,E2')},{in_days(5)}")
    assert [row.column for row in quarantined(world.as_hr, run)] == ["manager_number"]
    with clock.held_at(clock.now() + timedelta(days=6)):
        round_of_feeds.renew_standing_roles()
    assert bob(world).manager_id is None


def test_a_row_that_is_replayed_leaves_what_its_file_did_not_have(world):
    take(world, PEOPLE, OTHER, BOB)
    run = take(world, BARE, BARE_BOB.replace("E2", "E1"))
    (row,) = quarantined(world.as_hr, run)
    actions.replay(by=world.as_hr, row=row, corrections={"number": "E2"})
    assert (float(bob(world).fte), bob(world).email, bob(world).person_number) == (
        0.6, "bob.ray@example.org", "P2",
    )  # fmt: skip


def test_a_role_that_began_today_does_not_last_until_tonight(world):
    take(world, PEOPLE, OTHER, BOB.replace("2021-03-01", str(clock.today())))
    assert roles("bob.ray@example.org") == {"employee"}
    take(world, PEOPLE, f"{BOB}{in_days(-1)}")
    assert roles("bob.ray@example.org") == set()
