"""Cases: opening, owners, recipients, caseload, timeline, closing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from openoh.foundation.core import clock, facts
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.identifiers import new_id
from openoh.foundation.core.models import Fact
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Engagement
from openoh.pathway.cases import actions
from openoh.pathway.cases.access import visible_to
from openoh.pathway.cases.models import Case, Recipient
from openoh.pathway.cases.queries import (
    NO_NEXT_STEP,
    ON_TIME,
    OVERDUE,
    RISK,
    caseload,
    recipient_of,
    unowned,
)
from openoh.pathway.cases.timeline import Event, timeline
from openoh.pathway.clinics.models import Appointment
from openoh.pathway.referrals.models import Referral
from openoh.pathway.requests import actions as requests
from openoh.pathway.risk import actions as risk
from tests.pathway.diary import WEDNESDAY, read, request_of, session


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


def opened(world, name="amara", owner="nia", by=None, **more):
    engagement = world.engagements[name]
    return actions.open_case(
        by=by or world.as_nurse, person_id=world.people[name].id, employer_id=engagement.employer_id,
        engagement_id=engagement.id, service="nurse", owner=world.users[owner].id if owner else None, **more,
    )  # fmt: skip


def concern(world, name="amara"):
    return risk.raise_concern(
        by=world.as_nurse, person_id=world.people[name].id, employer_id=world.engagements[name].employer_id,
        concern="any-thought", note="Said so.",
    )  # fmt: skip


def referred(world):
    with within(world.as_worker.scope):
        return Referral.objects.create(
            person=world.amara, employer=world.trust, provider=world.provider,
            engagement=world.engagements["amara"], recipient=world.engagements["ben"], state="accepted",
            sent_at=clock.now(), shown_on=date(2026, 1, 13),
        )  # fmt: skip


# Opening


def test_one_request_opens_one_case(world):
    request = requests.send(by=world.as_amara, request_id=request_of(world.as_amara).id)
    case = opened(world, request_id=request.id)
    assert read(world.as_amara, request).case_id == case.id
    with pytest.raises(Conflict, match="opened for this already"):
        opened(world, request_id=request.id)


def test_a_time_that_was_booked_directly_gets_its_case_once(world):
    slot, _ = session(world)
    request = request_of(world.as_amara, service="physiotherapy")
    requests.send(by=world.as_amara, request_id=request.id, slot_id=slot.id)
    facts.consume()
    with within(world.as_worker.scope):
        case = Case.objects.get(request=request.id)
        appointment = Appointment.objects.get(request_id=request.id)
    assert appointment.case_id == case.id
    assert (case.owner, case.service) == (world.users["pat"].id, "physiotherapy")
    nurse = world.as_nurse
    with within(nurse.scope):
        assert actions.open_for_appointment(by=nurse, appointment_id=appointment.id).id == case.id


def test_only_clinicians_open_cases_and_only_for_their_own_people(world):
    for actor in (world.as_amara, world.as_ben, world.as_service_manager):
        with pytest.raises(NotAllowed):
            opened(world, by=actor)
    with pytest.raises(world.femi.DoesNotExist):
        opened(world, name="femi")


# Owners


def test_a_case_without_an_owner_is_taken_once(world):
    case = opened(world, owner=None)
    nurse = world.as_nurse
    with within(nurse.scope):
        assert [row.id for row in unowned(nurse)] == [case.id]
    assert actions.take(by=nurse, case_id=case.id).owner_name == "Nia Bevan"
    with pytest.raises(Conflict, match="Nia Bevan has this case"):
        actions.take(by=world.as_physician, case_id=case.id)


def test_a_case_is_handed_to_a_clinician_of_the_service(world):
    case = opened(world)
    handed = actions.hand_over(by=world.as_nurse, case_id=case.id, to=world.users["omar"].id)
    assert handed.owner_name == "Omar Haddad"
    for stranger in ("uma", "sam", "ben"):
        with pytest.raises(Invalid, match="clinician of this service"):
            actions.hand_over(by=world.as_nurse, case_id=case.id, to=world.users[stranger].id)


# Who may be told


def recipient(world, case):
    nurse = world.as_nurse
    with within(nurse.scope):
        return recipient_of(nurse, Case.objects.get(pk=case.pk))


def test_a_self_referred_case_tells_no_manager_anything(world):
    assert recipient(world, opened(world)) is None


def test_a_referral_is_answered_to_the_manager_who_made_it_unless_excluded(world):
    case = opened(world, referral_id=referred(world).id)
    ben, gita = world.engagements["ben"], world.engagements["gita"]
    assert recipient(world, case) == ben
    actions.exclude_recipient(by=world.as_nurse, case_id=case.id, engagement_id=ben.id)
    assert recipient(world, case) is None
    actions.name_recipient(by=world.as_nurse, case_id=case.id, engagement_id=gita.id)
    assert recipient(world, case) == gita
    actions.exclude_recipient(by=world.as_nurse, case_id=case.id, engagement_id=gita.id)
    assert recipient(world, case) is None
    with within(world.as_worker.scope):
        assert Recipient.objects.filter(case=case.id).count() == 2


def test_a_recipient_works_for_the_same_employer_and_is_not_the_person(world):
    case = opened(world)
    with pytest.raises(Engagement.DoesNotExist):
        actions.name_recipient(by=world.as_nurse, case_id=case.id, engagement_id=world.engagements["ella"].id)
    with pytest.raises(Invalid, match="receives every report"):
        actions.name_recipient(
            by=world.as_nurse, case_id=case.id, engagement_id=world.engagements["amara"].id
        )


# Closing


def test_closing_and_opening_again(world):
    case = opened(world)
    closed = actions.close_case(by=world.as_nurse, case_id=case.id, reason="done")
    assert (closed.state, closed.closed_at) == ("closed", WEDNESDAY)
    with within(world.as_worker.scope):
        assert Fact.objects.get(kind="case.closed").subject == str(case.id)
    with pytest.raises(Conflict, match="already"):
        actions.close_case(by=world.as_nurse, case_id=case.id)
    again = actions.reopen(by=world.as_nurse, case_id=case.id)
    assert (again.state, again.closed_at) == ("open", None)


def test_a_case_does_not_close_while_a_risk_is_open(world):
    case = opened(world)
    flag = concern(world)
    with pytest.raises(NotAllowed, match="open risk"):
        actions.close_case(by=world.as_nurse, case_id=case.id)
    nurse = world.as_nurse
    risk.acknowledge(by=nurse, flag_id=flag.id)
    risk.record_contact(by=nurse, flag_id=flag.id, reached=True, note="Spoke.")
    risk.close(by=nurse, flag_id=flag.id, plan="Plan.")
    assert actions.close_case(by=nurse, case_id=case.id).state == "closed"


# Lists


def test_the_caseload_shows_risk_then_overdue_then_no_next_step_then_dates(world):
    today = WEDNESDAY.date()
    cases = {name: opened(world, name) for name in ("amara", "joe", "ben", "dev", "gita")}
    for name, days in (("joe", -1), ("dev", 9), ("gita", 2)):
        actions.plan_next_step(
            by=world.as_nurse, case_id=cases[name].id, step="review", on=today + timedelta(days=days)
        )
    concern(world)
    opened(world, "ella", owner="omar")
    nurse = world.as_nurse
    with within(nurse.scope), CaptureQueriesContext(connection) as queries:
        page = caseload(nurse)
    assert [(load.case.person_id, load.rank) for load in page] == [
        (world.people[name].id, rank)
        for name, rank in (
            ("amara", RISK), ("joe", OVERDUE), ("ben", NO_NEXT_STEP), ("gita", ON_TIME), ("dev", ON_TIME),
        )
    ]  # fmt: skip
    assert len(queries) == 1
    with within(nurse.scope):
        first = caseload(nurse, limit=2)
        rest = caseload(nurse, after=first[-1].place)
    assert [load.case for load in [*first, *rest]] == [load.case for load in page]


def test_the_timeline_puts_earlier_and_later_packages_in_order(world):
    request = requests.send(by=world.as_amara, request_id=request_of(world.as_amara).id)
    with clock.held_at(WEDNESDAY + timedelta(hours=1)):
        case = opened(world, request_id=request.id)
    with clock.held_at(WEDNESDAY + timedelta(hours=2)):
        concern(world)
    absence = Event(WEDNESDAY - timedelta(days=3), "absence", "Absent", str(new_id()))
    nurse = world.as_nurse
    with within(nurse.scope):
        found = timeline(nurse, Case.objects.get(pk=case.id), [absence])
    assert [event.kind for event in found] == ["absence", "request", "case", "risk"]


# Who sees


def test_cases_are_seen_by_the_person_and_clinicians_of_their_provider(world):
    case = opened(world)
    for actor, sees in (
        (world.as_amara, True),
        (world.actor("joe", "employee"), False),
        (world.as_physician, True),
        (world.as_other_nurse, False),
    ):
        with within(actor.scope):
            assert visible_to(actor).filter(pk=case.pk).exists() is sees, actor.name
    with pytest.raises(Case.DoesNotExist):
        actions.close_case(by=world.as_other_nurse, case_id=case.id)
    with pytest.raises(NotAllowed):
        actions.close_case(by=world.as_amara, case_id=case.id)


def test_opening_is_told_to_later_packages(world):
    case = opened(world)
    with within(world.as_worker.scope):
        fact = Fact.objects.get(kind="case.opened")
    assert (fact.subject, fact.provider_id) == (str(case.id), world.provider.id)
