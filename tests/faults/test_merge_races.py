"""Two people are put together, or parted, while somebody writes about one of them: nothing is left behind."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest

from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.access.queries import grants_of
from openoh.foundation.consent.actions import object_to
from openoh.foundation.consent.models import Objection
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.errors import Conflict
from openoh.foundation.core.scope import within
from openoh.foundation.people import actions as people
from openoh.foundation.people.actions import _pointing_to_people
from openoh.foundation.people.models import Engagement, Merge, Person
from openoh.pathway.cases import actions as cases
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics import actions as clinics
from openoh.pathway.clinics.models import Appointment
from openoh.pathway.consultations import actions as consultations
from tests.faults.test_races import race
from tests.pathway.diary import session
from tests.pathway.test_report_races import PATIENCE, Side
from tests.world import LONG_AGO, _account

pytestmark = pytest.mark.faults
WORKER = Scope(Audience.WORKER)


@pytest.fixture
def twin(committed_world):
    """Amara once more, with an account of her own, at the practice."""
    world = committed_world
    with within(WORKER):
        person = Person.objects.create(
            provider=world.provider, given_name="Amara", family_name="Okafor", birth_date=date(1985, 5, 17)
        )
        engagement = Engagement.objects.create(
            employer=world.practice, number="G1", person=person, provider=world.provider, given_name="Amara",
            family_name="Okafor", starts_on=LONG_AGO,
        )  # fmt: skip
        RoleAssignment.objects.create(
            user=_account(world, "twin", "Amara Okafor"), role="employee", employer=world.practice,
            provider=world.provider, person=person, engagement=engagement, starts_on=LONG_AGO,
        )  # fmt: skip
    world.people["twin"] = person
    return world


def as_twin(world):
    return world.actor("twin", "employee")


def merge(world):
    return people.merge(by=world.as_service_manager, kept=world.amara, gone=world.twin)


def left_behind(world) -> list[str]:
    """Rows that still point to the person who is gone; roles that have ended are history."""
    with within(WORKER):
        return [
            model._meta.label
            for model, name in _pointing_to_people()
            if model is not RoleAssignment and model._default_manager.filter(**{name: world.twin.pk}).exists()
        ]


def held_open(act, world):
    """The act in a transaction of its own that ends when it is let go; comes back once the act was done."""
    done, let_go = threading.Event(), threading.Event()

    def slowly():
        with within(WORKER if world is None else world):
            result = act()
            done.set()
            assert let_go.wait(PATIENCE)
            return result

    side = Side(slowly)
    side.start()
    assert done.wait(PATIENCE), side.error
    return side, let_go


def end(side, let_go=None):
    if let_go:
        let_go.set()
    side.join(PATIENCE)
    assert not side.is_alive()
    return side


def test_who_books_while_they_are_put_together_is_told_and_nothing_is_left_behind(twin):
    (slot,) = session(twin, hours=1)
    me, sam = as_twin(twin), twin.as_service_manager
    merging, let_go = held_open(lambda: merge(twin), sam.scope)
    booking = Side(lambda: clinics.book(by=me, slot_id=slot.id))
    booking.start()
    assert isinstance(end(booking).error, Conflict)  # at once: it does not wait for the other to end
    assert "put together with another" in str(booking.error)
    assert end(merging, let_go).error is None
    assert left_behind(twin) == []
    with pytest.raises(Conflict):
        clinics.book(by=me, slot_id=slot.id)  # of a page that was opened before
    assert grants_of(twin.users["twin"].id, "") == []
    assert clinics.book(by=twin.as_amara, slot_id=slot.id).person_id == twin.amara.pk


def test_putting_together_waits_for_a_booking_that_has_begun_and_takes_it_along(twin):
    (slot,) = session(twin, hours=1)
    me = as_twin(twin)
    booking, let_go = held_open(lambda: clinics.book(by=me, slot_id=slot.id), me.scope)
    merging = Side(lambda: merge(twin))
    merging.start()
    merging.join(0.5)
    assert merging.is_alive()
    assert end(booking, let_go).error is None
    assert end(merging).error is None
    with within(WORKER):
        assert [each.person_id for each in Appointment.objects.all()] == [twin.amara.pk]
    assert left_behind(twin) == []


@pytest.mark.parametrize("attempt", range(3))
def test_no_to_offers_said_while_being_put_together_holds_or_is_refused_in_words(twin, attempt):
    me = as_twin(twin)

    def say_no():
        return object_to(
            by=me, employer_id=twin.practice.pk, provider_id=twin.provider.pk,
            purpose_code="offers-from-absence", person_id=twin.twin.pk, topic="",
        )  # fmt: skip

    merged, said = race(lambda: merge(twin), say_no)
    assert not isinstance(merged, Exception)
    with within(WORKER):
        kept = [each.person_id for each in Objection.objects.all()]
    assert kept == ([] if isinstance(said, Conflict) else [twin.amara.pk])
    assert left_behind(twin) == []


def test_a_clinician_who_opens_a_case_meanwhile_is_told(twin):
    nurse, sam = twin.as_nurse, twin.as_service_manager
    merging, let_go = held_open(lambda: merge(twin), sam.scope)
    opening = Side(
        lambda: cases.open_case(
            by=nurse, person_id=twin.twin.pk, employer_id=twin.practice.pk, service="nurse"
        )
    )
    opening.start()
    assert isinstance(end(opening).error, Conflict)
    end(merging, let_go)
    with within(WORKER):
        assert not Case.objects.exists()


def test_who_has_a_note_that_is_being_signed_is_not_put_away(twin):
    begin = clock.now() + timedelta(days=1)
    (slot,) = session(twin, hours=1)
    booked = clinics.book(by=as_twin(twin), slot_id=slot.id)
    pat = twin.as_physiotherapist
    with clock.held_at(begin + timedelta(minutes=5)):
        begun = consultations.begin(by=pat, appointment_id=booked.id)
        saved = consultations.save(
            by=pat, consultation_id=begun.id, revision=0, note="Well.",
            values={"where_now": "Home", "who_is_there": "Nobody", "problems": ["skin"], "work_related": "unclear",
                    "prognosis": "days", "risk_asked": True},
        )  # fmt: skip
        clinics.mark_attended(by=pat, appointment_id=booked.id)
    merged, signed = race(
        lambda: merge(twin), lambda: consultations.sign(by=pat, consultation_id=saved.id, revision=1)
    )
    assert isinstance(merged, Conflict)
    assert "care record" in str(merged)
    assert signed.signed_by == twin.users["pat"].id


def test_parting_again_while_somebody_books_and_moves_leaves_each_with_their_own(twin):
    first, second, third = session(twin, hours=3)
    own = clinics.book(by=as_twin(twin), slot_id=first.id)
    done = merge(twin)
    amara = twin.as_amara

    def move():
        try:
            return clinics.move(by=amara, appointment_id=own.id, slot_id=second.id)
        except Appointment.DoesNotExist as gone:  # it was hers no more
            raise Conflict(str(gone)) from None

    parted, moved, new = race(
        lambda: people.undo_merge(by=twin.as_service_manager, merged=Merge(pk=done.pk)),
        move,
        lambda: clinics.book(by=amara, slot_id=third.id),
    )
    assert not isinstance(parted, Exception) or isinstance(parted, Conflict)
    with within(WORKER):
        whose = {each.pk: each.person_id for each in Appointment.objects.all()}
    assert whose[own.id] == (twin.twin.pk if not isinstance(parted, Exception) else twin.amara.pk)
    if not isinstance(new, Exception):
        assert whose[new.id] == twin.amara.pk
    assert moved is not None


def test_what_was_added_to_something_since_goes_back_with_it(twin):
    first, second = session(twin, hours=2)
    case = cases.open_case(
        by=twin.as_nurse, person_id=twin.twin.pk, employer_id=twin.practice.pk, service="nurse"
    )
    done = merge(twin)
    for_case, own = (
        clinics.book(
            by=twin.as_nurse,
            slot_id=slot.id,
            person_id=twin.amara.pk,
            employer_id=twin.practice.pk,
            case_id=of,
        )
        for slot, of in ((first, case.id), (second, None))
    )
    people.undo_merge(by=twin.as_service_manager, merged=Merge(pk=done.pk))
    with within(WORKER):
        whose = {each.pk: each.person_id for each in Appointment.objects.all()}
    assert whose == {for_case.id: twin.twin.pk, own.id: twin.amara.pk}
