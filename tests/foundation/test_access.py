"""Who leads whom, delegation, emergency opening, declared relations and roles."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.foundation.access import actions, rules
from openoh.foundation.access.managing import How, people_of
from openoh.foundation.access.models import BreakGlass, RoleAssignment
from openoh.foundation.access.queries import grants_of, people_closed_to
from openoh.foundation.audit.models import Event
from openoh.foundation.core import clock
from openoh.foundation.core.errors import Invalid, NotAllowed
from openoh.foundation.core.identifiers import new_id
from openoh.foundation.core.models import Fact
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Engagement, Person

DAY = timedelta(days=1)


def led(actor) -> dict:
    with within(actor.scope):
        return {managed.engagement: managed.how for managed in people_of(actor).values()}


def change(world, key, **values) -> None:
    with within(world.as_worker.scope):
        Engagement.objects.filter(pk=world.engagements[key].pk).update(**values)


def stand_in(world, *, people=("amara",), first=None, days=28):
    first = first or clock.today()
    return actions.delegate(
        by=world.as_ben, deputy=world.engagements["dev"].id,
        people=[world.engagements[key].id for key in people], starts_on=first, ends_on=first + (days - 1) * DAY,
    )  # fmt: skip


pytestmark = pytest.mark.django_db


def test_a_manager_leads_their_own_people_and_those_below(world):
    ids = {key: engagement.id for key, engagement in world.engagements.items()}
    assert led(world.as_ben) == {ids["amara"]: How.DIRECT}
    assert led(world.actor("gita", "manager")) == {
        ids["ben"]: How.DIRECT, ids["dev"]: How.DIRECT, ids["amara"]: How.TREE, ids["joe"]: How.TREE,
    }  # fmt: skip


def test_a_loop_of_managers_ends_and_nobody_leads_themselves(world):
    change(world, "gita", manager=world.engagements["amara"])
    everybody = set(led(world.actor("gita", "manager")))
    assert everybody == {world.engagements[key].id for key in ("ben", "dev", "amara", "joe")}
    assert world.engagements["ben"].id not in led(world.as_ben)


def test_a_departed_manager_leads_nobody_from_the_day_after_the_last(world):
    change(world, "ben", ends_on=clock.today())
    assert led(world.as_ben) == {world.engagements["amara"].id: How.DIRECT}
    change(world, "ben", ends_on=clock.today() - DAY)
    assert led(world.as_ben) == {}


def test_people_who_have_left_are_led_by_nobody(world):
    change(world, "amara", ends_on=clock.today() - DAY)
    assert led(world.as_ben) == {}


def test_an_actor_without_an_engagement_leads_nobody(world):
    assert led(world.as_hr) == {}


def test_a_deputy_leads_the_named_people_until_the_last_day(world):
    stand_in(world)
    amara = world.engagements["amara"].id
    assert led(world.as_dev)[amara] is How.DELEGATED
    with clock.held_at(clock.now() + 27 * DAY):
        assert amara in led(world.as_dev)
    with clock.held_at(clock.now() + 28 * DAY):
        assert amara not in led(world.as_dev)


def test_what_the_lender_no_longer_leads_is_no_longer_lent(world):
    stand_in(world)
    change(world, "amara", manager=world.engagements["gita"])
    assert world.engagements["amara"].id not in led(world.as_dev)


def test_a_departed_deputy_leads_nobody(world):
    stand_in(world)
    change(world, "dev", ends_on=clock.today() - DAY)
    assert led(world.as_dev) == {}


def test_ending_a_delegation_works_at_once_and_the_person_is_told_both_times(world):
    made = stand_in(world)
    actions.end_delegation(by=world.as_ben, delegation=made.id)
    assert world.engagements["amara"].id not in led(world.as_dev)
    with within(world.as_worker.scope):
        told = Fact.objects.filter(subject=str(made.id)).order_by("id")
        assert [(fact.kind, fact.person_id) for fact in told] == [
            ("delegation.made", world.amara.id), ("delegation.ended", world.amara.id),
        ]  # fmt: skip


def test_only_its_maker_ends_a_delegation(world):
    made = stand_in(world)
    with pytest.raises(type(made).DoesNotExist):
        actions.end_delegation(by=world.as_dev, delegation=made.id)


def test_lent_people_cannot_be_lent_on(world):
    stand_in(world)
    with pytest.raises(Invalid, match="only people whom you lead yourself"):
        actions.delegate(
            by=world.as_dev, deputy=world.engagements["gita"].id, people=[world.engagements["amara"].id],
            starts_on=clock.today(), ends_on=clock.today(),
        )  # fmt: skip


def test_a_deputy_must_be_of_the_same_employer(world):
    with pytest.raises(Engagement.DoesNotExist):
        actions.delegate(
            by=world.as_ben, deputy=world.engagements["femi"].id, people=[world.engagements["amara"].id],
            starts_on=clock.today(), ends_on=clock.today(),
        )  # fmt: skip


@pytest.mark.parametrize("days", [0, 29])
def test_a_delegation_lasts_from_one_to_twenty_eight_days(world, days):
    with pytest.raises(Invalid):
        stand_in(world, days=days)


def test_delegations_one_after_the_other_do_not_become_for_good(world):
    stand_in(world)
    today = clock.today()
    with pytest.raises(Invalid, match="Dev Shah would stand in for the same people") as refused:
        stand_in(world, first=today + 28 * DAY, days=1)
    again = today + 56 * DAY
    assert f"a first day from {again:%A} {again.day} {again:%B}" in str(refused.value)
    assert refused.value.field == "deputy"
    stand_in(world, first=again)
    with pytest.raises(Invalid):  # between what was and what is to come
        stand_in(world, first=today + 40 * DAY, days=1)


def test_what_counts_is_how_long_somebody_was_really_lent_to_the_same_deputy(world):
    made = stand_in(world)
    with clock.held_at(clock.now() + 6 * DAY):
        actions.end_delegation(by=world.as_ben, delegation=made.id)
        stand_in(world, days=22)  # seven days were used, today among them
        gita = world.engagements["gita"].id
        actions.delegate(
            by=world.as_ben, deputy=gita, people=[world.engagements["amara"].id],
            starts_on=clock.today() + 22 * DAY, ends_on=clock.today() + 49 * DAY,
        )  # fmt: skip
        with pytest.raises(Invalid):
            stand_in(world, first=clock.today() + 22 * DAY, days=1)


@given(
    before=st.lists(st.tuples(st.integers(-90, 60), st.integers(1, 28)), max_size=4),
    first=st.integers(0, 40), days=st.integers(1, 28),
)  # fmt: skip
def test_of_any_fifty_six_days_a_deputy_has_at_most_twenty_eight(before, first, days):
    origin = date(2026, 3, 2)

    def stretch(begin, length):
        return rules.Stretch(origin + begin * DAY, origin + (begin + length - 1) * DAY)

    def most(stretches):
        lent = {each.first + n * DAY for each in stretches for n in range((each.last - each.first).days + 1)}
        return max(sum(0 <= (day - begin).days < 56 for day in lent) for begin in lent)

    earlier, wanted = [stretch(*each) for each in before], stretch(first, days)
    again = rules.lent_too_long(earlier=[earlier], wanted=wanted, longest_days=28, within_days=56)
    if again is None:
        if not before or most(earlier) <= 28:
            assert most([*earlier, wanted]) <= 28
    else:
        assert again > wanted.first
        later = rules.Stretch(again, again + (days - 1) * DAY)
        assert rules.lent_too_long(earlier=[earlier], wanted=later, longest_days=28, within_days=56) is None


def test_hr_cannot_delegate(world):
    with pytest.raises(NotAllowed, match="stand in for named people"):
        actions.delegate(
            by=world.as_hr, deputy=world.engagements["dev"].id, people=[], starts_on=clock.today(),
            ends_on=clock.today(),
        )  # fmt: skip


@given(
    first=st.integers(-5, 40), days=st.integers(-3, 60), own=st.sets(st.sampled_from("abcd"), max_size=4),
    named=st.sets(st.sampled_from("abcdm"), max_size=5),
)  # fmt: skip
def test_an_allowed_delegation_keeps_every_rule(first, days, own, named):
    today = date(2026, 3, 2)
    ids = {name: new_id() for name in "abcdm"}
    starts, ends = today + first * DAY, today + (first + days - 1) * DAY
    decision = rules.delegation(
        manager=ids["m"], deputy=ids["a"], people=[ids[n] for n in named], managed=[ids[n] for n in own],
        starts_on=starts, ends_on=ends, today=today, longest_days=28, rule_version="access/delegation/1",
    )  # fmt: skip
    assert decision.allowed == (first >= 0 and 1 <= days <= 28 and bool(named) and named <= own - {"a"})


def test_an_emergency_opening_is_timed_told_and_shown_to_the_person(world):
    opened = actions.break_glass(
        by=world.as_nurse, person=world.amara.id, reason="Collapsed at work, allergies?"
    )
    assert opened.until_at - opened.from_at == timedelta(minutes=60)
    with within(world.as_amara.scope):
        assert BreakGlass.objects.get().actor == "Nia Bevan"
    with within(world.as_worker.scope):
        assert Fact.objects.filter(kind="glass.broken", person_id=world.amara.id).count() == 1
        assert Event.objects.filter(verb="glass.broken", target_id=str(opened.id)).count() == 1


def test_an_emergency_needs_a_reason_and_another_providers_record_does_not_exist(world):
    with pytest.raises(Invalid, match="what the emergency is"):
        actions.break_glass(by=world.as_nurse, person=world.amara.id, reason="   hm   ")
    with pytest.raises(Person.DoesNotExist):
        actions.break_glass(by=world.as_nurse, person=world.femi.id, reason="Collapsed at work")


def test_a_lead_reviews_an_opening_but_never_their_own(world):
    opened = actions.break_glass(by=world.as_lead, person=world.amara.id, reason="Collapsed at work")
    with pytest.raises(NotAllowed, match="Somebody else"):
        actions.review_break_glass(by=world.as_lead, opening=opened.id)
    with pytest.raises(NotAllowed):
        actions.review_break_glass(by=world.as_nurse, opening=opened.id)
    other = actions.break_glass(by=world.as_nurse, person=world.amara.id, reason="Collapsed at work")
    assert (
        actions.review_break_glass(by=world.as_lead, opening=other.id).reviewed_by == world.users["rita"].id
    )


def make_patient(world, key, person_key):
    """Let the account of a member of staff also be an employee who is in care."""
    with within(world.as_worker.scope):
        RoleAssignment.objects.create(
            user=world.users[key], role="employee", employer=world.trust, provider=world.provider,
            person=world.people[person_key], engagement=world.engagements[person_key], starts_on=date(2020, 1, 1),
        )  # fmt: skip


def closed(actor) -> set:
    with within(actor.scope):
        return people_closed_to(actor, Person.objects.values_list("pk", flat=True))


def test_own_colleagues_and_declared_records_are_closed(world):
    make_patient(world, "nia", "amara")
    make_patient(world, "omar", "joe")
    actions.declare_relation(by=world.as_nurse, person=world.ella.id)
    actions.declare_relation(by=world.as_nurse, person=world.ella.id)
    assert closed(world.as_nurse) == {world.amara.id, world.joe.id, world.ella.id}
    assert closed(world.as_physiotherapist) == {world.amara.id, world.joe.id}


def test_an_emergency_opens_what_is_closed_for_an_hour_but_never_ones_own(world):
    make_patient(world, "nia", "amara")
    actions.declare_relation(by=world.as_nurse, person=world.ella.id)
    actions.break_glass(by=world.as_nurse, person=world.ella.id, reason="Collapsed at work")
    assert closed(world.as_nurse) == {world.amara.id}
    with clock.held_at(clock.now() + timedelta(minutes=61)):
        assert closed(world.as_nurse) == {world.amara.id, world.ella.id}
    with pytest.raises(Invalid, match="your own record"):
        actions.break_glass(by=world.as_nurse, person=world.amara.id, reason="Collapsed at work")


def test_a_role_is_given_by_the_service_never_to_oneself_and_ends(world):
    sam = world.as_service_manager
    nia = world.users["nia"]
    with pytest.raises(NotAllowed, match="yourself"):
        actions.assign_role(by=sam, user=sam.user, role="clinical-lead")
    made = actions.assign_role(by=sam, user=nia.id, role="clinical-lead", starts_on=clock.today() - DAY)
    assert "clinical-lead" in {grant.actor.role for grant in grants_of(nia.id, nia.name)}
    actions.end_role(by=sam, assignment=made.id)
    assert "clinical-lead" not in {grant.actor.role for grant in grants_of(nia.id, nia.name)}


@pytest.mark.parametrize(
    ("role", "field"), [("hr", "employer"), ("manager", "employer"), ("employee", "person"), ("king", "role")]
)
def test_a_role_without_its_place_is_refused(world, role, field):
    with pytest.raises(Invalid) as refusal:
        actions.assign_role(by=world.as_service_manager, user=world.users["nia"].id, role=role)
    assert refusal.value.field == field


def test_a_service_gives_no_role_at_an_employer_that_it_does_not_serve(world):
    with pytest.raises(Invalid, match="no contract"):
        actions.assign_role(
            by=world.as_service_manager, user=world.users["nia"].id, role="hr", employer=world.police.id
        )
