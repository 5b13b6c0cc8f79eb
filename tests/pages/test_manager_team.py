"""Team: protected figures for a manager, the conversation guide and courses, and what somebody tries with them."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import ProgrammingError, connection, transaction

from openoh.foundation.access.actions import delegate
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Engagement
from openoh.population.measures import publishing_groups
from openoh.population.measures.groups import figure_for
from openoh.population.measures.models import GroupOfPlace, GroupRate
from tests.pages.browsing import MOST_QUERIES, queries_of, signed_in, words
from tests.population.figures_world import a_quarter_of_teams, absent, reporting_to, staff
from tests.stories import leave
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def ben(world: World):
    return signed_in(world, "ben")


def told(world, who):
    actor = world.actor(who, "manager")
    with within(actor.scope):
        found = figure_for(actor)
    return (found.group.name, found.group.rate) if found.group else found.missing


def stored(world):
    with within(world.as_worker.scope):
        return list(GroupRate.objects.filter(employer=world.trust).order_by("kind", "name").values())


def test_a_manager_reads_the_rate_of_their_own_team_where_it_is_safe(world, ben):
    a_quarter_of_teams(world)
    first, last = publishing_groups.newest_quarter(clock.today())
    days = (last - first).days + 1
    page = ben.get("/manager/team")
    # Ben's fourteen, Amara and Ben himself; seven lost 18 days each.
    assert f"Ward A1 {100 * 7 * 18 / (16 * days):.1f} %" in words(page)
    assert "This is your own team." in words(page)
    assert "about 15 people" in words(page)
    assert "Northshire Trust, everybody" in words(page)
    for secret in ("bradford", "trigger", "anxiety", "S10", "asked for help "):
        assert secret.lower() not in words(page).lower().replace("who asked for help", "")


def test_a_manager_of_a_small_team_reads_the_whole_and_is_told_why(world):
    a_quarter_of_teams(world)
    page = signed_in(world, "dev").get("/manager/team")
    assert "Ward B2" not in words(page)
    assert "Northshire Trust" in words(page)
    assert "smallest group with all of your people in it" in words(page)
    assert "everybody" not in words(page)


def test_who_leads_the_tree_reads_the_group_around_all_of_it(world):
    a_quarter_of_teams(world)
    assert told(world, "gita")[0] == "Northshire Trust"
    assert told(world, "ben")[0] == "Ward A1"


def test_the_days_that_were_lost_are_those_of_the_published_method(world):
    """Half a post counts half, overlapping absences once, days outside the quarter not at all."""
    ben, _ = a_quarter_of_teams(world)
    with within(world.as_worker.scope):
        GroupRate.objects.all().delete()
        Engagement.objects.filter(pk=ben[0].pk).update(fte="0.5")
    first, last = publishing_groups.newest_quarter(clock.today())
    absent(ben[:2], first + timedelta(days=12), 4)
    absent(ben[1:2], first - timedelta(days=9), 10)
    publishing_groups.publish()
    days = (last - first).days + 1
    assert told(world, "ben") == ("Ward A1", round(100 * (6.5 * 18 + 1) / (15.5 * days), 1))


# What somebody tries


def test_reading_again_after_one_person_left_or_fell_ill_shows_the_same_number(world, ben):
    mine, _ = a_quarter_of_teams(world)
    before, today = words(ben.get("/manager/team")), stored(world)
    with within(world.as_worker.scope):
        Engagement.objects.filter(pk=mine[0].pk).update(ends_on=clock.today() - timedelta(days=1))
    first, _ = publishing_groups.newest_quarter(clock.today())
    absent(mine[8:9], first + timedelta(days=1), 40)  # typed late
    leave(world, "amara")
    assert publishing_groups.publish() == 0
    assert stored(world) == today
    assert words(ben.get("/manager/team")) == before


def test_two_quarters_have_no_day_in_common(world):
    a_quarter_of_teams(world)
    ends = {}
    for months in range(0, 400, 20):
        first, last = publishing_groups.newest_quarter(clock.today() + timedelta(days=months))
        ends[first] = last
    firsts = sorted(ends)
    assert len(firsts) >= 4
    for one, other in pairwise(firsts):
        assert ends[one] < other


def test_a_delegate_reads_what_they_read_before(world):
    a_quarter_of_teams(world)
    before = told(world, "dev")
    delegate(
        by=world.as_ben, deputy=world.engagements["dev"].id, people=[world.engagements["amara"].id],
        starts_on=clock.today(), ends_on=clock.today() + timedelta(days=3),
    )  # fmt: skip
    assert told(world, "dev") == before


def test_nobody_can_ask_for_another_group(world, ben):
    a_quarter_of_teams(world)
    plain = words(ben.get("/manager/team"))
    for attempt in ("?group=B2", f"?unit={world.teams['B2'].id}", "?employer=PNS", "?first=2020-01-01"):
        assert words(ben.get(f"/manager/team{attempt}")) == plain


def test_the_rate_of_a_team_that_is_not_shown_is_stored_nowhere(world):
    a_quarter_of_teams(world)
    with within(world.as_worker.scope):
        assert not GroupRate.objects.filter(unit=world.teams["B2"].id).exists()
        assert GroupOfPlace.objects.get(unit=world.teams["B2"].id).group.kind == "employer"
        assert all(each.people % 5 == 0 for each in GroupRate.objects.all())


def test_a_small_employer_has_no_figure(world):
    a_quarter_of_teams(world)
    first, _ = publishing_groups.newest_quarter(clock.today())
    people = staff(world, world.practice, 20)
    absent(people[:9], first - timedelta(days=5), 30)
    publishing_groups.publish()
    with within(world.as_worker.scope):
        [row] = GroupRate.objects.filter(employer=world.practice)
        assert (row.rate, row.people) == (None, None)


def test_a_manager_of_a_small_employer_is_told_so(world, ben):
    page = ben.get("/manager/team")
    assert "In an employer of fewer than 25 people a figure could tell about one of them" in words(page)
    staff(world, world.trust, 30)
    assert "There is no figure yet." in words(ben.get("/manager/team"))


def test_a_departed_manager_and_one_of_nobody_read_no_figure(world, ben):
    a_quarter_of_teams(world)
    leave(world, "ben")
    assert told(world, "ben") == "nobody-led"
    assert "Nobody reports to you" in words(ben.get("/manager/team"))


def test_a_new_team_reads_the_whole_until_the_next_quarter(world):
    a_quarter_of_teams(world)
    reporting_to(staff(world, world.trust, 12), world.engagements["dev"], world.teams["A1"])
    assert told(world, "dev")[0] == "Northshire Trust"


@pytest.mark.parametrize("audience", ["oh_person", "oh_clinical", "oh_service", "oh_insight"])
def test_others_are_denied_the_tables(world, audience):
    a_quarter_of_teams(world)
    scope = Scope(Audience(audience), employers=(world.trust.id,), provider=world.provider.id)
    for model in (GroupRate, GroupOfPlace):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), within(scope):
            model.objects.count()


def test_managers_write_no_figure_and_see_no_other_employers(world):
    a_quarter_of_teams(world)
    with within(Scope(Audience.EMPLOYER, employers=(world.police.id,))):
        assert not GroupRate.objects.exists()
        assert not GroupOfPlace.objects.exists()
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        within(world.as_ben.scope),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE measures_grouprate SET rate = 1")


def test_hr_has_no_such_page(world):
    assert signed_in(world, "cara").get("/manager/team").status_code == 404


# Guide, courses, definition


def test_the_guide_says_what_one_may_and_may_not_ask_and_whom_to_call(ben):
    page = words(ben.get("/manager/team/conversation"))
    for expected in ("Before", "During", "After", "You may ask", "Do not ask", "116 123", "call 999", "SHOUT",
                     "conversation/1"):  # fmt: skip
        assert expected in page


def test_the_page_leads_to_the_guide_the_courses_and_the_definition(ben):
    page = ben.get("/manager/team")
    assert "Suicide awareness" in words(page)
    for link in ("/manager/team/conversation", "/manager/team/figure"):
        assert f'href="{link}"' in page.content.decode()
    definition = words(ben.get("/manager/team/figure"))
    assert "sum of days lost ÷ sum of days available" in definition
    assert "at least 10 people" in definition


def test_the_pages_ask_little(world, ben):
    a_quarter_of_teams(world)
    for path in ("/manager/team", "/manager/team/figure", "/manager/team/conversation"):
        assert len(queries_of(ben, path)) <= MOST_QUERIES
