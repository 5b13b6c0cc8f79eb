"""A campaign is for everybody, is not rewritten once people saw it, and nobody learns who closed it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from openoh.foundation.audit.models import Event
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.lifecycle import Lifecycle
from openoh.foundation.core.scope import within
from openoh.population.campaigns import actions, rules
from openoh.population.campaigns.models import Campaign, Dismissal
from openoh.population.campaigns.queries import campaigns_of, card_for
from openoh.population.campaigns.rules import Wording
from openoh.population.campaigns.states import CAMPAIGN
from tests.world import World

pytestmark = pytest.mark.django_db


def wording(**more) -> Wording:
    today = clock.today()
    plain = Wording(
        "Walk on Wednesdays", "Meet at the front door at noon.", "", "", today, today + timedelta(days=20)
    )
    return replace(plain, **more)


def running(world: World, by=None, **more) -> Campaign:
    by = by or world.as_hr
    made = actions.write(by=by, wording=wording(**more))
    return actions.start(by=by, campaign=made.id)


def card(world: World, actor):
    with within(actor.scope):
        found = card_for(actor)
        return found.title if found else None


def test_everybody_at_the_employer_sees_it_and_nobody_elsewhere(world):
    running(world)
    assert card(world, world.as_amara) == "Walk on Wednesdays"
    assert card(world, world.actor("joe", "employee")) == "Walk on Wednesdays"
    assert card(world, world.as_femi) is None


def test_a_draft_a_stopped_one_and_one_of_other_days_are_not_shown(world):
    draft = actions.write(by=world.as_hr, wording=wording())
    assert card(world, world.as_amara) is None
    actions.start(by=world.as_hr, campaign=draft.id)
    assert card(world, world.as_amara)
    actions.stop(by=world.as_hr, campaign=draft.id)
    assert card(world, world.as_amara) is None
    running(world, starts_on=clock.today() + timedelta(days=1))
    assert card(world, world.as_amara) is None


def test_of_several_the_newest_is_shown_and_closing_it_shows_the_next(world):
    running(world, title="Older", starts_on=clock.today() - timedelta(days=5))
    newer = running(world, title="Newer")
    assert card(world, world.as_amara) == "Newer"
    actions.dismiss(by=world.as_amara, campaign=newer.id)
    actions.dismiss(by=world.as_amara, campaign=newer.id)
    assert card(world, world.as_amara) == "Older"
    assert card(world, world.actor("joe", "employee")) == "Newer"


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("title", " ", "title"),
        ("words", "", "words"),
        ("title", "x" * 81, "title"),
        ("words", "x" * 501, "words"),
        ("audience", "x" * 121, "audience"),
        ("link", "javascript:alert(1)", "link"),
        ("link", "http://example.org", "link"),
        ("link", "https://", "link"),
        ("link", "https://somebody@example.org", "link"),
        ("link", "https://example.org/ onclick", "link"),
        ("link", "/employer", "link"),
        ("link", "https://[", "link"),
    ],
)
def test_what_a_campaign_may_not_say(world, field, value, named):
    with pytest.raises(Invalid) as refused:
        actions.write(by=world.as_hr, wording=wording(**{field: value}))
    assert refused.value.field == named


def test_days_that_cannot_be(world):
    today = clock.today()
    for ends_on in (today - timedelta(days=1), today + timedelta(days=92)):
        with pytest.raises(Invalid):
            actions.write(by=world.as_hr, wording=wording(ends_on=ends_on))
    actions.write(by=world.as_hr, wording=wording(ends_on=today + timedelta(days=91)))
    over = wording(starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1))
    past = actions.write(by=world.as_hr, wording=over)
    with pytest.raises(Invalid, match="last day has passed"):
        actions.start(by=world.as_hr, campaign=past.id)


def test_what_people_have_seen_is_not_rewritten(world):
    made = running(world)
    with pytest.raises(Conflict):
        actions.write(by=world.as_hr, wording=wording(words="Other words."), campaign=made.id)
    actions.stop(by=world.as_hr, campaign=made.id)
    for again in (actions.start, actions.stop):
        with pytest.raises(Conflict):
            again(by=world.as_hr, campaign=made.id)


def test_the_moves_are_a_table_that_ends():
    assert isinstance(CAMPAIGN, Lifecycle)
    assert CAMPAIGN.ends() == {"stopped"}
    assert not CAMPAIGN.allows("stopped", "running")
    day = clock.today()
    assert [rules.is_shown(state, day, day, day) for state in CAMPAIGN.states] == [False, True, False]


# What somebody tries


def test_hr_cannot_read_who_closed_it_and_no_colleague_of_theirs_can(world):
    made = running(world)
    actions.dismiss(by=world.as_amara, campaign=made.id)
    for audience in ("oh_employer", "oh_clinical", "oh_service", "oh_insight"):
        scope = Scope(Audience(audience), employers=(world.trust.id,), provider=world.provider.id)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), within(scope):
            Dismissal.objects.count()
    with within(world.as_hr.scope):
        assert not Event.objects.exists()
    with within(world.actor("joe", "employee").scope):
        assert not Dismissal.objects.exists()


def test_nothing_that_hr_reads_of_a_campaign_changes_when_somebody_closes_it(world):
    made = running(world)

    def all_that_hr_reads():
        with within(world.as_hr.scope), connection.cursor() as cursor:
            found = [each.__dict__ | {"_state": None} for each in campaigns_of(world.as_hr)]
            cursor.execute("SELECT c.xmin, c.ctid, c.* FROM campaigns_campaign c")
            return found, cursor.fetchall()

    before = all_that_hr_reads()
    actions.dismiss(by=world.as_amara, campaign=made.id)
    assert all_that_hr_reads() == before


def test_nobody_closes_it_for_somebody_else_or_where_they_do_not_work(world):
    made = running(world)
    with pytest.raises(NotAllowed):
        actions.dismiss(by=world.as_hr, campaign=made.id)
    with pytest.raises(Campaign.DoesNotExist):
        actions.dismiss(by=world.as_femi, campaign=made.id)
    with (
        pytest.raises((ProgrammingError, IntegrityError)),
        transaction.atomic(),
        within(world.as_amara.scope),
    ):
        Dismissal.objects.create(campaign=made, person=world.joe)


def test_only_hr_writes_and_only_for_its_own_employer(world):
    made = running(world)
    for actor in (world.as_ben, world.as_nurse, world.as_amara):
        with pytest.raises(NotAllowed):
            actions.write(by=actor, wording=wording())
    other = world.actor("hal", "hr")
    for act in (actions.start, actions.stop):
        with pytest.raises(Campaign.DoesNotExist):
            act(by=other, campaign=made.id)
    with within(other.scope):
        assert campaigns_of(other) == []


def test_a_person_reads_no_draft_even_at_the_database(world):
    actions.write(by=world.as_hr, wording=wording(title="Not yet"))
    with within(world.as_amara.scope):
        assert not Campaign.objects.exists()
