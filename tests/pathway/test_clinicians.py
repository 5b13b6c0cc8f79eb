"""Recording clinicians: what is refused, what is told, and who waits to be completed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.accounts.models import User
from openoh.foundation.audit.models import Event
from openoh.foundation.core import clock
from openoh.foundation.core.content import load
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.scope import within
from openoh.pathway.clinics.access import registered_clinician
from openoh.pathway.clinics.models import Clinician
from openoh.pathway.clinics.registering import (
    PROFESSIONS,
    Entry,
    change_clinician,
    register_clinician,
    registry,
)
from openoh.pathway.clinics.rules import Registration, bodies, body_names, profession_of, standing
from openoh.pathway.services.actions import set_service
from tests.pathway.diary import WEDNESDAY, read

TODAY = date(2026, 1, 14)


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


def newcomer(world, *, role="physiotherapist", starts_on=TODAY) -> User:
    """Somebody with an account and a clinical role, not recorded as a clinician."""
    with within(world.as_worker.scope):
        user = User.objects.create_user("vera@example.org", "Vera Lang")
        RoleAssignment.objects.create(user=user, role=role, provider=world.provider, starts_on=starts_on)
    world.users["vera"] = user
    return user


def entry(**changes) -> Entry:
    registration = {
        "profession": "physiotherapist", "body": "HCPC", "number": "PH12345", "until": date(2027, 4, 30),
    } | {name: changes.pop(name) for name in ("profession", "body", "number", "until") if name in changes}  # fmt: skip
    usual = {"name": "Vera Lang", "qualification": "MSc", "services": ["physiotherapy"]}
    return Entry(registration=Registration(**registration), **(usual | changes))


def register(world, user, **changes) -> Clinician:
    return register_clinician(by=world.as_service_manager, user=user.pk, entry=entry(**changes))


def test_every_profession_that_has_a_register_has_one_with_a_name():
    assert set(bodies()) <= set(PROFESSIONS)
    assert set(bodies().values()) == set(body_names())
    roles = load("openoh.pathway.clinics", "registration")["professions_of_roles"]
    assert {profession_of(role) for role in roles} <= set(PROFESSIONS)


@pytest.mark.parametrize(
    ("until", "outcome"),
    [
        (TODAY - timedelta(days=1), "ended"), (TODAY, "ends-soon"), (TODAY + timedelta(days=60), "ends-soon"),
        (TODAY + timedelta(days=61), "current"), (None, "not-recorded"),
    ],
)  # fmt: skip
def test_how_a_registration_stands(until, outcome):
    found = standing(Registration("nurse", "NMC", "1", until), TODAY)
    assert (found.outcome, found.rule_version) == (outcome, "clinics/registration/2")
    assert standing(Registration("technician", "", "", until), TODAY).outcome == "none"


@pytest.mark.django_db
def test_a_clinician_is_recorded_and_can_then_sign(world):
    user = newcomer(world)
    vera = world.actor("vera", "physiotherapist")
    with within(vera.scope), pytest.raises(NotAllowed):
        registered_clinician(vera)
    made = register(world, user)
    with within(vera.scope):
        assert registered_clinician(vera).pk == made.pk
    assert (made.services, made.registration_body, made.provider_id) == (
        ["physiotherapy"],
        "HCPC",
        world.provider.pk,
    )
    with within(world.as_worker.scope):
        assert Event.objects.get(verb="clinician.registered").actor == "Sam Doyle"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"until": TODAY - timedelta(days=1)}, "registered_until", "This day is past"),
        ({"until": None}, "registered_until", "Enter the last day"), ({"number": ""}, "registration_number", "HCPC"),
        ({"body": "GMC"}, "registration_body", r"HCPC \(Health and Care Professions Council\)"),
        ({"body": ""}, "registration_body", "HCPC"),
        ({"profession": "technician"}, "registration_body", "no register"),
        ({"profession": "technician", "body": ""}, "registration_number", "no number"),
        ({"profession": "wizard"}, "profession", "Choose a profession"), ({"name": " "}, "name", "Enter the name"),
        ({"services": ["self-help"]}, "services", "Self-help is not offered here by appointment"),
        ({"services": ["case-conference"]}, "services", "Case conference is not offered"),
        ({"services": ["astrology"]}, "services", "“astrology”"),
    ],
)  # fmt: skip
def test_what_cannot_be_recorded_is_refused_with_what_to_write(world, changes, field, words):
    user = newcomer(world)
    with pytest.raises(Invalid, match=words) as refused:
        register(world, user, **changes)
    assert refused.value.field == field
    with within(world.as_worker.scope):
        assert not Clinician.objects.filter(user=user).exists()


@pytest.mark.django_db
def test_a_technician_has_no_register(world):
    user = newcomer(world)
    made = register(world, user, profession="technician", body="", number="", until=None, services=[])
    assert made.registered_until is None


@pytest.mark.django_db
def test_only_who_holds_a_clinical_role_here_is_recorded_and_only_once(world):
    user = newcomer(world)
    for other in ("tess", "uma", "amara"):  # an administrator, another service's nurse, an employee
        with pytest.raises(Invalid, match="holds no clinical role here"):
            register(world, world.users[other])
    register(world, user)
    with pytest.raises(Conflict, match="recorded as a clinician already"):
        register(world, user)


@pytest.mark.django_db
def test_only_who_runs_the_service_records_and_only_its_own_clinicians(world):
    user = newcomer(world)
    for outsider in (world.as_nurse, world.actor("tess", "oh-administrator"), world.as_amara):
        with pytest.raises(NotAllowed):
            register_clinician(by=outsider, user=user.pk, entry=entry())
    with pytest.raises(Clinician.DoesNotExist):
        change_clinician(by=world.as_service_manager, clinician_id=world.clinicians["uma"].pk, entry=entry())


@pytest.mark.django_db
def test_a_renewal_is_recorded_and_other_changes_need_none(world):
    pat = world.clinicians["pat"]
    with within(world.as_worker.scope):
        Clinician.objects.filter(pk=pat.pk).update(registered_until=TODAY - timedelta(days=1))
    sam = world.as_service_manager

    def change(**changes):
        return change_clinician(
            by=sam, clinician_id=pat.pk, entry=entry(name="Pat Novak", number="PH1", **changes)
        )

    assert change(until=TODAY - timedelta(days=1), qualification="PhD").qualification == "PhD"
    with pytest.raises(Invalid, match="This day is past"):
        change(until=TODAY - timedelta(days=2))
    change(until=date(2028, 4, 30))
    physiotherapist = world.as_physiotherapist
    with within(physiotherapist.scope):
        assert registered_clinician(physiotherapist).registered_until == date(2028, 4, 30)


@pytest.mark.django_db
def test_what_is_offered_no_more_stays_with_who_was_recorded_for_it(world):
    set_service(by=world.as_service_manager, code="physiotherapy", active=False)
    pat = world.clinicians["pat"]
    kept = change_clinician(by=world.as_service_manager, clinician_id=pat.pk, entry=entry(name="Pat Novak"))
    assert read(world.as_worker, kept).services == ["physiotherapy"]
    user = newcomer(world)
    with pytest.raises(Invalid, match="Physiotherapy is not offered"):
        register(world, user)


@pytest.mark.django_db
def test_the_list_shows_who_is_to_be_completed_and_first_who_needs_something(world):
    user = newcomer(world, starts_on=TODAY + timedelta(days=3))
    with within(world.as_worker.scope):
        Clinician.objects.filter(pk=world.clinicians["quin"].pk).update(registered_until=TODAY)
    sam = world.as_service_manager
    with within(sam.scope):
        found = registry(sam)
    assert [(each.user.pk, each.roles) for each in found.missing] == [(user.pk, ["Physiotherapist"])]
    names = [each.clinician.name for each in found.listed]
    assert names[0] == "Quin Abara"
    assert sorted(names) == ["Nia Bevan", "Omar Haddad", "Pat Novak", "Quin Abara", "Rita Costa"]
    with within(world.as_nurse.scope), pytest.raises(NotAllowed):
        registry(world.as_nurse)
