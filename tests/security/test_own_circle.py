"""An attack: somebody in the service opens their own record, a colleague's, or a friend's."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from openoh.foundation.access.models import BreakGlass, DeclaredRelation, RoleAssignment
from openoh.foundation.access.own_record import outside_own_circle, people_closed_to
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.scope import within
from openoh.pathway.cases import actions as cases
from openoh.pathway.cases.access import visible_to as cases_visible_to
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics import actions as clinics
from openoh.pathway.clinics.access import visible_to as appointments_visible_to
from openoh.pathway.consultations.access import visible_to as consultations_visible_to
from openoh.pathway.questionnaires import actions as questionnaires
from openoh.pathway.questionnaires.access import visible_to as answers_visible_to
from openoh.pathway.requests import actions as requests
from openoh.pathway.requests.access import visible_to as requests_visible_to
from openoh.pathway.risk.access import visible_to as risks_visible_to
from openoh.pathway.triage import actions as triage
from openoh.pathway.triage.access import visible_to as decisions_visible_to
from openoh.pathway.triage.queries import queue
from tests.pathway.diary import WEDNESDAY, request_of, session

DOORS = {
    "appointments": appointments_visible_to,
    "answers": answers_visible_to,
    "requests": requests_visible_to,
    "risks": risks_visible_to,
    "decisions": decisions_visible_to,
    "cases": cases_visible_to,
    "consultations": consultations_visible_to,
}


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


@pytest.fixture
def patient(world):
    """Amara has a row in every clinical table of the path."""
    from openoh.pathway.consultations import actions as consultations

    amara, nurse = world.as_amara, world.as_nurse
    request = requests.send(by=amara, request_id=request_of(amara, **{"safe-now": "unsure"}).id)
    begun = questionnaires.begin(by=amara, instrument="GAD-2", request_id=request.id)
    questionnaires.save_answers(by=amara, answer_set_id=begun.id, answers={"1": 1})
    triage.accept(by=nurse, request_id=request.id, route="nurse")
    with within(nurse.scope):
        case = Case.objects.get(request=request.id)
    (slot,) = session(world, clinician="nia", service="nurse", hours=1)
    clinics.book(by=nurse, slot_id=slot.id, person_id=world.amara.id, case_id=case.id)
    consultations.begin(by=nurse, case_id=case.id)
    return world.amara


def seen(actor, person):
    with within(actor.scope):
        return {name for name, door in DOORS.items() if door(actor).filter(person_id=person.id).exists()}


def becomes_staff(world, name, role, **dates):
    with within(Scope(Audience.WORKER)):
        RoleAssignment.objects.create(
            user=world.users[name], role=role, provider=world.provider,
            **({"starts_on": date(2020, 1, 1)} | dates),
        )  # fmt: skip


def declares(world, name, person):
    with within(Scope(Audience.WORKER)):
        DeclaredRelation.objects.create(user=world.users[name], provider=world.provider, person=person)


def breaks_glass(world, name, person, *, minutes):
    with within(Scope(Audience.WORKER)):
        BreakGlass.objects.create(
            user=world.users[name], provider=world.provider, person=person, actor=name, reason="Collapsed at work",
            from_at=WEDNESDAY - timedelta(hours=1), until_at=WEDNESDAY + timedelta(minutes=minutes),
        )  # fmt: skip


def test_clinicians_see_every_table_of_the_people_in_their_care(world, patient):
    assert seen(world.as_physician, patient) == set(DOORS)


def test_another_provider_sees_none_of_it(world, patient):
    assert seen(world.as_other_nurse, patient) == set()


def test_a_colleagues_record_is_closed(world, patient):
    becomes_staff(world, "amara", "oh-administrator")
    assert seen(world.as_physician, patient) == set()
    assert seen(world.actor("tess", "oh-administrator"), patient) == set()


def test_ones_own_record_is_closed_in_the_clinical_role_and_open_in_ones_own(world, patient):
    becomes_staff(world, "amara", "oh-nurse")
    assert seen(world.actor("amara", "oh-nurse"), patient) == set()
    assert "requests" in seen(world.as_amara, patient)


def test_who_left_the_service_is_an_ordinary_patient_again(world, patient):
    becomes_staff(world, "amara", "oh-administrator", ends_on=date(2026, 1, 13))
    assert seen(world.as_physician, patient) == set(DOORS)


def test_who_works_for_another_service_is_no_colleague(world, patient):
    with within(Scope(Audience.WORKER)):
        RoleAssignment.objects.create(
            user=world.users["amara"],
            role="oh-nurse",
            provider=world.other_provider,
            starts_on=date(2020, 1, 1),
        )
    assert seen(world.as_physician, patient) == set(DOORS)


def test_a_declared_friends_record_is_closed_to_who_declared_it_only(world, patient):
    declares(world, "omar", patient)
    assert seen(world.as_physician, patient) == set()
    assert seen(world.as_psychologist, patient) == set(DOORS)


def test_an_emergency_opens_a_friends_or_colleagues_record_for_its_time(world, patient):
    declares(world, "omar", patient)
    breaks_glass(world, "omar", patient, minutes=30)
    assert seen(world.as_physician, patient) == set(DOORS)
    with clock.held_at(WEDNESDAY + timedelta(minutes=31)):
        assert seen(world.as_physician, patient) == set()


def test_an_emergency_never_opens_ones_own_record(world, patient):
    becomes_staff(world, "amara", "oh-nurse")
    breaks_glass(world, "amara", patient, minutes=30)
    assert seen(world.actor("amara", "oh-nurse"), patient) == set()


def test_a_colleague_is_neither_booked_nor_asked_nor_listed(world, patient):
    with clock.held_at(WEDNESDAY + timedelta(hours=1)):
        requests.send(by=world.as_amara, request_id=request_of(world.as_amara).id)
    becomes_staff(world, "amara", "oh-administrator")
    (slot,) = session(world, clinician="nia", service="nurse", hours=1, days=2)
    for act in (
        lambda: clinics.book(by=world.as_nurse, slot_id=slot.id, person_id=patient.id),
        lambda: questionnaires.begin(by=world.as_nurse, instrument="GAD-7", person_id=patient.id),
        lambda: cases.open_case(
            by=world.as_nurse, person_id=patient.id, employer_id=world.trust.id, service="nurse"
        ),
    ):
        with pytest.raises(patient.DoesNotExist):
            act()
    nurse = world.as_nurse
    with within(nurse.scope):
        assert queue(nurse) == []


def test_nobody_is_given_their_own_case(world, patient):
    from openoh.foundation.core.errors import Invalid, NotAllowed
    from openoh.pathway.clinics.models import Clinician

    with within(Scope(Audience.WORKER)):
        Clinician.objects.create(
            provider=world.provider, user=world.users["amara"], name="Amara Okafor", profession="nurse",
            registration_number="1", registered_until=date(2027, 1, 1),
        )  # fmt: skip
        case = Case.objects.get(person=patient)
    with pytest.raises((Invalid, NotAllowed), match="their own case"):
        cases.hand_over(by=world.as_nurse, case_id=case.id, to=world.users["amara"].id)


def test_a_condition_in_queries_and_a_question_about_some_people_close_the_same_records(world, patient):
    becomes_staff(world, "amara", "oh-administrator")
    declares(world, "omar", world.joe)
    breaks_glass(world, "omar", world.joe, minutes=5)
    declares(world, "omar", world.ben)
    from openoh.foundation.people.models import Person

    omar = world.as_physician
    with within(omar.scope):
        everybody = set(Person.objects.values_list("id", flat=True))
        opened = set(Person.objects.filter(outside_own_circle(omar, "id")).values_list("id", flat=True))
        assert everybody - opened == people_closed_to(omar, everybody) == {patient.id, world.ben.id}
