"""People from an HR extract: new, changed, effective later, left, managed, matched, with accounts and roles."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from openoh.exchange.hr_feed import actions
from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.access.queries import grants_of
from openoh.foundation.accounts.models import User
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.models import Team
from openoh.foundation.people import intake
from openoh.foundation.people.models import Engagement, EngagementVersion, MatchCandidate, Person
from openoh.foundation.people.queries import find
from tests.exchange.feed import PEOPLE, engagement, feed, quarantined, table

pytestmark = pytest.mark.django_db
WORKER = Scope(Audience.WORKER)
ANN = "E1,P1,Ann,Lee,1980-02-03,ann.lee@example.org,1,,2020-01-06,"
BOB = "E2,P2,Bob,Ray,1975-07-09,bob.ray@example.org,0.6,E1,2021-03-01,"


def versions(number: str) -> list[tuple[date, float]]:
    with within(WORKER):
        found = EngagementVersion.objects.filter(engagement__number=number).order_by("effective_on", "id")
        return [(version.effective_on, float(version.fte)) for version in found]


def test_new_people_get_engagements_persons_accounts_and_roles(world):
    run = feed(world.as_hr, world.trust, table(PEOPLE, ANN, BOB))
    assert (run.state, run.rows_read, run.rows_new, run.rows_quarantined) == ("done", 2, 2, 0)
    bob = engagement(world.as_hr, "E2")
    assert bob.manager_id == engagement(world.as_hr, "E1").id
    assert bob.provider_id == world.provider.id
    with within(world.as_nurse.scope):
        assert [str(person) for person in find(world.as_nurse, "ray")] == ["Bob Ray"]
    roles = {grant.actor.role for grant in grants_of(User.objects.get(email="ann.lee@example.org").id, "Ann")}
    assert roles == {"employee", "manager"}
    assert {g.actor.role for g in grants_of(User.objects.get(email="bob.ray@example.org").id, "Bob")} == {
        "employee"
    }


def test_the_same_file_twice_is_the_same_run_and_changes_nothing(world):
    first = feed(world.as_hr, world.trust, table(PEOPLE, ANN, BOB))
    again = feed(world.as_hr, world.trust, table(PEOPLE, ANN, BOB))
    assert again.pk == first.pk
    other = feed(world.as_hr, world.trust, table(PEOPLE, ANN, BOB, ""))
    assert (other.rows_new, other.rows_changed, other.rows_same) == (0, 0, 2)
    assert len(versions("E2")) == 1
    with within(WORKER):
        assert RoleAssignment.objects.filter(engagement__number="E1").count() == 2
        assert Person.objects.filter(family_name="Ray").count() == 1


def test_a_change_is_a_new_version_and_what_the_file_does_not_have_stays(world):
    feed(world.as_hr, world.trust, table(PEOPLE, ANN, BOB))
    run = feed(
        world.as_hr,
        world.trust,
        table("number,given_name,family_name,starts_on,fte", "E2,Bob,Ray,2021-03-01,0.8"),
    )
    assert (run.rows_new, run.rows_changed, run.rows_same) == (0, 1, 0)
    bob = engagement(world.as_hr, "E2")
    assert (float(bob.fte), bob.email, bob.person_number) == (0.8, "bob.ray@example.org", "P2")
    assert bob.manager_id == engagement(world.as_hr, "E1").id
    assert versions("E2") == [(date(2021, 3, 1), 0.6), (clock.today(), 0.8)]


def test_a_change_to_come_waits_for_its_day_and_a_back_dated_one_does_not_overtake(world):
    header = f"{PEOPLE},effective_on"
    later = clock.today() + timedelta(days=10)
    feed(world.as_hr, world.trust, table(header, f"{ANN},", f"{BOB},"))
    to_come = BOB.replace("0.6", "0.4")
    feed(world.as_hr, world.trust, table(header, f"{to_come},{later}"))
    assert float(engagement(world.as_hr, "E2").fte) == 0.6
    feed(world.as_hr, world.trust, table(header, f"{BOB.replace('0.6', '0.9')},2022-01-01"))
    assert versions("E2") == [(date(2021, 3, 1), 0.6), (date(2022, 1, 1), 0.9), (later, 0.4)]
    assert float(engagement(world.as_hr, "E2").fte) == 0.9
    with clock.held_at(clock.now() + timedelta(days=11)), within(WORKER):
        intake.bring_up_to_date(employer=world.trust.id)
    assert float(engagement(world.as_hr, "E2").fte) == 0.4


def test_a_leaver_loses_the_roles_and_the_manager_who_has_no_reports_stops_being_one(world):
    feed(world.as_hr, world.trust, table(PEOPLE, ANN, BOB))
    yesterday = clock.today() - timedelta(days=1)
    run = feed(world.as_hr, world.trust, table(PEOPLE, BOB + str(yesterday)))
    assert (run.rows_changed, run.rows_ended) == (1, 1)
    assert engagement(world.as_hr, "E2").ends_on == yesterday
    assert grants_of(User.objects.get(email="bob.ray@example.org").id, "Bob") == []
    assert [g.actor.role for g in grants_of(User.objects.get(email="ann.lee@example.org").id, "Ann")] == [
        "employee"
    ]


def test_in_a_full_extract_who_is_missing_has_left_and_a_bad_row_does_not_end_anybody(world):
    with within(WORKER):
        others = list(
            Engagement.objects.filter(employer=world.trust).values_list(
                "number", "given_name", "family_name", "birth_date", "starts_on"
            )
        )
    header = "number,given_name,family_name,birth_date,starts_on"
    rows = [",".join(map(str, row)) for row in others]
    assert len(rows) == 5
    bad = rows[1].replace("1985-05-17", "1985-02-30")
    run = feed(world.as_hr, world.trust, table(header, *rows[2:], bad), full=True)
    assert (run.state, run.rows_ended, run.rows_quarantined) == ("done", 1, 1)
    assert engagement(world.as_hr, others[0][0]).ends_on == clock.today() - timedelta(days=1)
    assert engagement(world.as_hr, others[1][0]).ends_on is None


def many(number: int) -> list[str]:
    return [f"M{i},,Given{i},Family{i},1980-01-01,m{i}@example.org,1,,2020-01-01," for i in range(number)]


@pytest.mark.parametrize(("missing", "state"), [(5, "done"), (6, "asking")])
def test_a_file_that_would_end_many_asks_first(world, missing, state):
    """max(5 %, 5) of 45 people at work (5 in the world) is 5: five may go, six ask."""
    with within(WORKER):
        Engagement.objects.filter(employer=world.trust).update(ends_on=date(2024, 1, 1))
    feed(world.as_hr, world.trust, table(PEOPLE, *many(45)))
    run = feed(world.as_hr, world.trust, table(PEOPLE, *many(45 - missing)), full=True)
    assert run.state == state
    with within(WORKER):
        ended = (
            Engagement.objects.filter(employer=world.trust, number__startswith="M")
            .exclude(ends_on=None)
            .count()
        )
    assert ended == (missing if state == "done" else 0)
    if state == "asking":
        assert "6 of 45" in run.question


def test_five_percent_of_many_may_go(world):
    feed(world.as_hr, world.trust, table(PEOPLE, *many(195)))
    kept = many(195)[:190]
    run = feed(
        world.as_hr, world.trust, table(PEOPLE, *kept), full=True
    )  # 5 of these and 5 of the world: 10 of 200
    assert (run.state, run.rows_ended) == ("done", 10)


def test_the_answer_yes_goes_on_and_no_refuses(world):
    feed(world.as_hr, world.trust, table(PEOPLE, *many(40)))
    asking = feed(world.as_hr, world.trust, table(PEOPLE, *many(10)), full=True)
    refused = actions.answer(by=world.as_hr, run=asking, proceed=False)
    assert (refused.state, actions.run(by=world.as_hr, run=refused).rows_ended) == ("refused", 0)
    asking = feed(world.as_hr, world.trust, table(PEOPLE, *many(10)), full=True)
    assert asking.state == "asking"
    done = actions.run(by=world.as_hr, run=actions.answer(by=world.as_hr, run=asking, proceed=True))
    assert (done.state, done.rows_ended) == ("done", 35)


def test_managers_unknown_or_in_a_loop_are_listed_and_the_people_are_taken(world):
    run = feed(
        world.as_hr,
        world.trust,
        table(
            PEOPLE,
            ANN.replace("1,,2020", "1,E3,2020"),
            BOB,
            "E3,,Cy,Fox,1990-01-01,cy@example.org,1,E2,2020-01-01,",
            "E4,,Di,Orr,1990-01-02,di@example.org,1,E99,2020-01-01,",
            "E5,,Ed,Yu,1990-01-03,,1,E5,2020-01-01,",
        ),
    )
    assert (run.state, run.rows_new, run.rows_quarantined) == ("done", 5, 5)
    problems = {row.line: row for row in quarantined(world.as_hr, run)}
    assert sorted(problems) == [2, 3, 4, 5, 6]
    assert "nobody at this employer" in problems[5].reason
    assert all("would manage the other" in problems[line].reason for line in (2, 3, 4, 6))
    assert {engagement(world.as_hr, f"E{i}").manager_id for i in range(1, 6)} == {None}
    actions.replay(by=world.as_hr, row=problems[3], corrections={})
    assert engagement(world.as_hr, "E2").manager_id == engagement(world.as_hr, "E1").id


def test_a_loop_through_what_was_known_keeps_what_was_known(world):
    feed(world.as_hr, world.trust, table(PEOPLE, ANN, BOB))
    run = feed(world.as_hr, world.trust, table(PEOPLE, ANN.replace("1,,2020", "1,E2,2020")))
    assert [row.column for row in quarantined(world.as_hr, run)] == ["manager_number"]
    assert engagement(world.as_hr, "E1").manager_id is None
    assert engagement(world.as_hr, "E2").manager_id == engagement(world.as_hr, "E1").id


def test_two_people_with_one_number_are_both_refused(world):
    run = feed(
        world.as_hr,
        world.trust,
        table(
            PEOPLE,
            ANN,
            BOB.replace("E2", "E1"),
            "E3,P2,Cy,Fox,1990-01-01,,1,,2020-01-01,",
            "E4,P2,Di,Orr,1991-01-01,,1,,2020-01-01,",
        ),
    )
    assert (run.rows_new, [(row.line, row.column) for row in quarantined(world.as_hr, run)]) == (
        0,
        [(2, "number"), (3, "number"), (4, "person_number"), (5, "person_number")],
    )


def test_a_number_that_belongs_to_somebody_else_is_refused(world):
    feed(world.as_hr, world.trust, table(PEOPLE, ANN))
    run = feed(
        world.as_hr, world.trust, table(PEOPLE, "E1,P9,Zed,Quill,1999-01-01,zed@example.org,1,,2024-01-01,")
    )
    assert "already belongs to somebody else" in quarantined(world.as_hr, run)[0].reason
    assert engagement(world.as_hr, "E1").family_name == "Lee"


def test_several_engagements_of_one_person_become_one_person(world):
    feed(
        world.as_hr,
        world.trust,
        table(PEOPLE, ANN, ANN.replace("E1", "E1-2").replace("2020-01-06", "2023-01-01")),
    )
    assert engagement(world.as_hr, "E1").person_id == engagement(world.as_hr, "E1-2").person_id
    feed(world.as_hr, world.trust, table(PEOPLE, ANN.replace("E1", "E1-3").replace("P1", "").upper()))
    assert engagement(world.as_hr, "E1-3").person_id == engagement(world.as_hr, "E1").person_id


def test_who_agrees_in_name_and_birth_only_is_somebody_new_whom_a_human_compares(world):
    feed(
        world.as_hr,
        world.trust,
        table(PEOPLE, "N1,,Amara,Okafor,1985-05-17,other@example.org,1,,2024-01-01,"),
    )
    new = engagement(world.as_hr, "N1")
    assert new.person_id != world.amara.id
    with within(WORKER):
        assert [(c.person_id, c.engagement_id) for c in MatchCandidate.objects.all()] == [
            (world.amara.id, new.id)
        ]


def test_people_of_two_providers_are_never_matched(world):
    with within(WORKER):
        femi = Engagement.objects.get(number="PNS-femi")
    run = feed(
        world.as_hr,
        world.trust,
        table(PEOPLE, f"F1,,Femi,Adeyemi,{femi.birth_date},femi@example.org,1,,2024-01-01,"),
    )
    assert run.rows_new == 1
    person = engagement(world.as_hr, "F1").person_id
    with within(WORKER):
        assert Person.objects.get(pk=person).provider_id == world.provider.id
        assert not MatchCandidate.objects.exists()


def test_an_address_that_two_people_share_opens_no_account(world):
    run = feed(world.as_hr, world.trust, table(PEOPLE, ANN, BOB.replace("bob.ray", "ann.lee")))
    assert not User.objects.filter(email="ann.lee@example.org").exists()
    assert any("share their e-mail address" in note for note in run.notes)


def test_teams_and_sites_are_made_from_the_extract_and_a_loop_of_teams_is_not(world):
    header = "number,given_name,family_name,starts_on,team_code,team_name,team_parent,site_code,site_name,site_postcode"
    feed(world.as_hr, world.trust, table(
        header, "T1,Ann,Lee,2020-01-06,W1,Ward 1,D1,S1,Main,NS1 1AA",
        "T2,Bob,Ray,2020-01-06,D1,Division 1,,S1,Main,NS1 1AA",
        "T3,Cy,Fox,2020-01-06,X,Team X,Y,,,", "T4,Di,Orr,2020-01-06,Y,Team Y,X,,,"))  # fmt: skip
    with within(world.as_hr.scope):
        teams = {
            team.code: team for team in Team.objects.filter(employer=world.trust).select_related("parent")
        }
        ann = Engagement.objects.select_related("team", "site").get(number="T1")
    assert (teams["W1"].parent, teams["W1"].name, teams["D1"].name) == (teams["D1"], "Ward 1", "Division 1")
    assert (teams["X"].parent, teams["Y"].parent) == (None, None)
    assert (ann.team.code, ann.site.name, ann.site.postcode) == ("W1", "Main", "NS1 1AA")
