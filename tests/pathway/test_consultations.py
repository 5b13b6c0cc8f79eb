"""Consultations: begun once, saved with a revision, signed once, added to afterwards."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import ProgrammingError, transaction

from openoh.foundation.core import clock
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.models import Fact
from openoh.foundation.core.scope import within
from openoh.pathway.cases.models import Case
from openoh.pathway.cases.timeline import timeline
from openoh.pathway.clinics import actions as clinics
from openoh.pathway.consultations import actions
from openoh.pathway.consultations.access import visible_to
from openoh.pathway.consultations.models import Consultation
from openoh.pathway.consultations.queries import addenda_of, note_of, part_of_timeline, text_of, unsigned
from openoh.pathway.consultations.rules import Findings, missing, unknown_codes
from tests.pathway.diary import WEDNESDAY, read, session

FOUND = {
    "where_now": "At home", "who_is_there": "Nobody", "problems": ["back-neck"], "functions": ["lifting"],
    "work_related": "worsened", "prognosis": "weeks", "agreed_release": "agreed", "risk_asked": True,
}  # fmt: skip


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


@pytest.fixture
def appointment(world):
    (slot,) = session(world, clinician="pat", hours=1)
    booked = clinics.book(by=world.as_amara, slot_id=slot.id)
    with clock.held_at(slot.starts_at):
        yield booked


def written(by, appointment, **changes):
    begun = actions.begin(by=by, appointment_id=appointment.id)
    return actions.save(
        by=by, consultation_id=begun.id, revision=0, values=FOUND | changes, note="Moves well."
    )


# Rules


def complete(**changes):
    return Findings(**({
        "mode": "video", "where_now": "Home", "who_is_there": "Nobody", "problems": ("skin",),
        "work_related": "unclear", "prognosis": "weeks", "risk_asked": False, "note": True,
    } | changes))  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "lacking"),
    [
        ({}, []),
        ({"where_now": ""}, ["where_now"]),
        ({"where_now": "", "who_is_there": "", "mode": "in-person"}, []),
        ({"who_is_there": "", "mode": "telephone"}, ["who_is_there"]),
        ({"risk_asked": None}, ["risk_asked"]),
        ({"problems": (), "note": False}, ["problems", "note"]),
        ({"work_related": "", "prognosis": ""}, ["work_related", "prognosis"]),
    ],
)
def test_what_is_missing_before_signing(changes, lacking):
    assert [field for field, _ in missing(complete(**changes))] == lacking


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"problems": ["back-neck", "skin"]}, []),
        ({"problems": ["vapours"]}, ["problems"]),
        ({"work_related": "perhaps", "prognosis": "weeks"}, ["work_related"]),
        ({"where_now": "anything"}, []),
        ({"prognosis": ""}, []),
    ],
)
def test_codes_that_do_not_exist_are_named(values, wrong):
    assert unknown_codes(values) == wrong


# Writing


def test_beginning_twice_finds_the_same_consultation_and_its_case(world, appointment):
    first = actions.begin(by=world.as_physiotherapist, appointment_id=appointment.id)
    assert actions.begin(by=world.as_physiotherapist, appointment_id=appointment.id).id == first.id
    assert (first.mode, first.clinician_name) == ("video", "Pat Novak")
    with within(world.as_nurse.scope):
        assert Case.objects.get(pk=first.case_id).person_id == world.amara.id


def test_what_is_saved_is_kept_and_the_note_sealed(world, appointment):
    pat = world.as_physiotherapist
    saved = written(pat, appointment)
    kept = read(pat, saved)
    assert (kept.revision, kept.problems, kept.risk_asked) == (1, ["back-neck"], True)
    assert b"Moves" not in bytes(kept.note_sealed)
    with within(pat.scope):
        assert note_of(kept) == "Moves well."
        assert [row.id for row in unsigned(pat)] == [saved.id]


def test_of_two_windows_the_second_is_told_and_loses_nothing(world, appointment):
    pat = world.as_physiotherapist
    begun = actions.begin(by=pat, appointment_id=appointment.id)
    actions.save(by=pat, consultation_id=begun.id, revision=0, values={"prognosis": "weeks"})
    with pytest.raises(Conflict, match="Your text is still on this page"):
        actions.save(by=pat, consultation_id=begun.id, revision=0, values={"prognosis": "months"})
    assert read(pat, begun).prognosis == "weeks"
    with pytest.raises(Conflict):
        actions.sign(by=pat, consultation_id=begun.id, revision=0)


def test_unknown_fields_and_codes_are_refused(world, appointment):
    pat = world.as_physiotherapist
    begun = actions.begin(by=pat, appointment_id=appointment.id)
    for values in ({"signed_by": world.users["pat"].id}, {"problems": ["vapours"]}):
        with pytest.raises(Invalid):
            actions.save(by=pat, consultation_id=begun.id, revision=0, values=values)


def test_signing_names_what_is_missing(world, appointment):
    saved = written(world.as_physiotherapist, appointment, risk_asked=None)
    with pytest.raises(Invalid, match="asked about risk") as refused:
        actions.sign(by=world.as_physiotherapist, consultation_id=saved.id, revision=1)
    assert refused.value.field == "risk_asked"


def test_signing_once(world, appointment):
    pat = world.as_physiotherapist
    saved = written(pat, appointment)
    signed = actions.sign(by=pat, consultation_id=saved.id, revision=1)
    assert signed.signed_by == world.users["pat"].id
    assert read(world.as_nurse, appointment).state == "attended"
    with within(world.as_worker.scope):
        assert Fact.objects.get(kind="consultation.signed").subject == str(saved.id)
    for act in (
        lambda: actions.sign(by=pat, consultation_id=saved.id, revision=1),
        lambda: actions.save(by=pat, consultation_id=saved.id, revision=1, values={"prognosis": "days"}),
    ):
        with pytest.raises(Conflict, match="signed this"):
            act()


def test_another_clinician_neither_changes_nor_signs(world, appointment):
    saved = written(world.as_physiotherapist, appointment)
    for act in (
        lambda: actions.sign(by=world.as_nurse, consultation_id=saved.id, revision=1),
        lambda: actions.save(by=world.as_nurse, consultation_id=saved.id, revision=1, values={}),
    ):
        with pytest.raises(Conflict, match="Pat Novak is writing"):
            act()


def test_a_clinician_off_the_register_neither_begins_nor_signs(world, appointment):
    saved = written(world.as_physiotherapist, appointment)
    with within(world.as_worker.scope):
        world.clinicians["pat"].registered_until = date(2026, 1, 13)
        world.clinicians["pat"].save()
    with pytest.raises(NotAllowed, match="registration"):
        actions.sign(by=world.as_physiotherapist, consultation_id=saved.id, revision=1)
    with pytest.raises(NotAllowed, match="registration"):
        actions.begin(by=world.as_physiotherapist, appointment_id=appointment.id)


def test_an_addendum_leaves_what_was_signed(world, appointment):
    pat, nurse = world.as_physiotherapist, world.as_nurse
    saved = written(pat, appointment)
    with pytest.raises(Conflict, match="not signed yet"):
        actions.add_addendum(by=pat, consultation_id=saved.id, text="More.")
    actions.sign(by=pat, consultation_id=saved.id, revision=1)
    before = bytes(read(pat, saved).note_sealed)
    with pytest.raises(Invalid):
        actions.add_addendum(by=nurse, consultation_id=saved.id, text=" ")
    actions.add_addendum(by=nurse, consultation_id=saved.id, text="Left, not right.")
    assert bytes(read(pat, saved).note_sealed) == before
    with within(nurse.scope):
        (addendum,) = addenda_of(nurse, saved)
        assert (text_of(addendum), addendum.written_by_name) == ("Left, not right.", "Nia Bevan")


def test_a_cancelled_appointment_has_no_consultation(world):
    slot, _ = session(world)
    booked = clinics.book(by=world.as_amara, slot_id=slot.id)
    clinics.cancel(by=world.as_amara, appointment_id=booked.id)
    with pytest.raises(Conflict, match="cancelled"):
        actions.begin(by=world.as_physiotherapist, appointment_id=booked.id)


# Who


def test_consultations_are_the_innermost_record(world, appointment):
    saved = written(world.as_physiotherapist, appointment)
    for actor, sees in ((world.as_nurse, True), (world.as_other_nurse, False)):
        with within(actor.scope):
            assert visible_to(actor).filter(pk=saved.pk).exists() is sees, actor.name
    for actor in (world.as_ben, world.as_hr, world.as_service_manager, world.as_amara):
        with (
            within(actor.scope),
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
        ):
            Consultation.objects.exists()


def test_a_consultation_stands_on_the_timeline(world, appointment):
    nurse = world.as_nurse
    saved = written(world.as_physiotherapist, appointment)
    with within(nurse.scope):
        found = timeline(nurse, saved.case, parts=[part_of_timeline(nurse, saved.case_id)])
        assert "Consultation, not signed" in [event.words for event in found]
