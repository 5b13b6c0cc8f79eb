"""An installation begins from a file and grows by it: all or nothing, every complaint at once, nothing removed."""

from __future__ import annotations

import tomllib
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openoh.cli import main
from openoh.cli.begin import EXAMPLE
from openoh.exchange.register.actions import HrOfficer, enter, serve
from openoh.exchange.register.rules import Register, Unreadable, read
from openoh.foundation.access.colleagues import let_in
from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.access.queries import grants_of
from openoh.foundation.accounts.models import User
from openoh.foundation.audit.models import Event
from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Audience, Scope, system_actor
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.scope import within
from openoh.foundation.notifications.models import Message
from openoh.foundation.organisations.models import Contract, Employer, Provider, System
from openoh.foundation.organisations.register import describe_provider, enter_employer, enter_provider
from openoh.pathway.clocks.agreements import Terms
from openoh.pathway.services.models import Service

WORKER = Scope(Audience.WORKER)
OPERATOR = system_actor("openoh begin")
TABLES = (System, Provider, Employer, Contract, RoleAssignment, Service, User)


def counts():
    with within(WORKER):
        return [table.objects.count() for table in TABLES]


def terms(**other):
    said = {
        "starts_on": clock.today(), "ends_on": None, "services": ["nurse"], "levels": {"triage": 1},
        "employer_role": "controller", "provider_role": "controller", "agreed_with": "Gita Rao",
    }  # fmt: skip
    return Terms(**(said | other))


def serve_a_school(world, **other):
    said = {"code": "SCH", "name": "Hill School", "kind": "other", "nation": "wales", "benchmark_code": "",
            "terms": terms(), "hr": HrOfficer("Una Day", "una@school.example")}  # fmt: skip
    return serve(by=world.as_service_manager, **(said | other))


def test_the_example_begins_an_installation_and_entering_it_again_changes_nothing(
    committed_database, tmp_path, capsys
):
    file = tmp_path / "begin.toml"
    assert main(["begin", "--example"]) == 0
    file.write_text(capsys.readouterr().out)
    before = counts()
    assert main(["begin", str(file), "--dry-run"]) == 0
    assert "Nothing was changed" in capsys.readouterr().out
    assert counts() == before
    assert main(["begin", str(file)]) == 0
    assert "new employer Northshire Trust (RNS)" in capsys.readouterr().out
    begun = counts()
    assert begun == [1, 1, 1, 1, 2, 5, 2]
    assert main(["begin", str(file)]) == 0
    assert "6 entries are as they were" in capsys.readouterr().out
    assert counts() == begun
    with within(WORKER):
        sam = User.objects.get(email="sam@oh.example")
        provider = Provider.objects.get()
        assert Service.objects.get(code="physiotherapy").direct_book
        assert Contract.objects.get().levels == {"triage": 2}
        assert set(Event.objects.values_list("verb", flat=True)) >= {
            "register.entered",
            "contract.begun",
            "role.assigned",
        }
    [grant] = grants_of(sam.pk, sam.name)
    assert grant.actor.role == "service-manager"
    assert grant.actor.provider == provider.pk
    assert grant.actor.employers, "the contract opens its employer to the service"


def test_those_who_were_let_in_get_a_message_that_says_where_to_sign_in_and_a_program_gets_none(
    committed_database,
):
    enter(by=OPERATOR, register=read(EXAMPLE))
    facts.consume()
    with within(WORKER):
        told = {
            each.user.email: each.values["link"]
            for each in Message.objects.filter(template="access-given").select_related("user")
        }
    assert told == {"sam@oh.example": "/sign-in", "cara@trust.example": "/sign-in"}


def test_every_complaint_is_told_at_once_with_its_place_and_nothing_is_entered(
    committed_database, tmp_path, capsys
):
    before = counts()
    file = tmp_path / "wrong.toml"
    file.write_text(
        EXAMPLE.replace('kind = "trust" ', 'kind = "castle"').replace('provider = "OHN"', 'provider = "OHX"')
        .replace('role = "hr"', 'role = "king"')
    )  # fmt: skip
    assert main(["begin", str(file)]) == 1
    said = capsys.readouterr().err
    for sentence in (
        "Nothing was entered.",
        "employers, entry 1, kind: Choose what kind of employer it is.",
        "contracts, entry 1, provider: there is no provider with the code OHX.",
        "people, entry 1, provider: there is no provider with the code OHX.",
        "people, entry 2, role: there is no role king",
    ):
        assert sentence in said
    assert counts() == before


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("providers = 3", "providers"),
        ("[[providers]\n", "This is not TOML"),
        ('[[providers]]\ncode = "ohn"\nname = "A"', "providers, entry 1, code: use 2 to 20 capital letters"),
        ('[[providers]]\nname = "A"', "providers, entry 1, code: this is missing"),
        ('[[providers]]\ncode = "OHN"\nname = "A"\nphone = "1"', "providers, entry 1, phone: nobody knows this word"),
        ('[[systems]]\ncode = "AA"\nname = "A"\n[[systems]]\ncode = "AA"\nname = "B"', "the code AA is there twice"),
        ('[[people]]\nemail = "a@b.example"\nname = "A"\nrole = "hr"', "either the provider or the employer"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_where_and_why(wrong, said):
    with pytest.raises(Unreadable) as refused:
        read(wrong)
    assert said in str(refused.value)


def test_a_missing_file_or_none_says_what_to_do(tmp_path, capsys):
    assert main(["begin"]) == 1
    assert "openoh begin --example" in capsys.readouterr().err
    assert main(["begin", str(tmp_path / "none.toml")]) == 1
    assert "cannot be read" in capsys.readouterr().err


KNOWN = tomllib.loads(EXAMPLE)


@given(
    drop=st.lists(st.sampled_from(sorted(KNOWN)), unique=True, max_size=4),
    names=st.lists(st.text(st.characters(categories=["L"]), min_size=1, max_size=20), min_size=1, max_size=3),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_files_follow_each_other_the_last_one_holds_and_nothing_goes(db, drop, names):
    """Entering is all or nothing, and entering twice is entering once, whatever was entered before."""
    with within(WORKER):
        for name in names:
            said = {table: entries for table, entries in KNOWN.items() if table not in drop}
            for entry in said.get("employers", []):
                entry["name"] = name
            before = counts()
            try:
                with within(WORKER):
                    enter(by=OPERATOR, register=Register.model_validate(said))
            except Unreadable:
                assert counts() == before
                continue
            entered = counts()
            assert all(now >= then for now, then in zip(entered, before, strict=True))
            again = enter(by=OPERATOR, register=Register.model_validate(said))
            assert (counts(), again.told) == (entered, [])
            assert "employers" not in said or Employer.objects.get(code="RNS").name == name


def test_a_name_that_is_different_is_changed_and_what_was_agreed_is_not(db):
    enter(by=OPERATOR, register=read(EXAMPLE))
    changed = EXAMPLE.replace('"Northshire Trust"', '"Northshire NHS Trust"').replace(
        "triage = 2", "triage = 9"
    )
    assert enter(by=OPERATOR, register=read(changed)).told == ["changed employer Northshire NHS Trust (RNS)"]
    with within(WORKER):
        assert Contract.objects.get().levels == {"triage": 2}


def test_a_second_contract_needs_the_first_to_have_ended(db):
    enter(by=OPERATOR, register=read(EXAMPLE))
    later = EXAMPLE.replace("starts_on = 2026-04-01", "starts_on = 2026-06-01")
    with pytest.raises(Unreadable, match="There is a contract with this employer already"):
        enter(by=OPERATOR, register=read(later))
    with within(WORKER):
        Contract.objects.update(ends_on="2026-05-31")
    assert enter(by=OPERATOR, register=read(later)).told == [
        "Northshire Occupational Health serves Northshire Trust from 1 June 2026"
    ]


# A service that begins to serve an employer


def test_a_service_manager_begins_to_serve_a_new_employer_whose_hr_officer_is_let_in(world):
    contract = serve_a_school(world)
    assert contract.employer_id in world.as_service_manager.employers
    with within(WORKER):
        una = User.objects.get(email="una@school.example")
    [grant] = grants_of(una.pk, una.name)
    assert (grant.actor.role, grant.actor.employers, grant.actor.provider) == (
        "hr",
        (contract.employer_id,),
        None,
    )
    assert contract.employer_id not in world.as_other_nurse.employers


def test_a_service_cannot_let_itself_in_at_an_employer_that_the_register_knows(world):
    with pytest.raises(Conflict, match="in the register already"):
        serve_a_school(world, code=world.police.code)
    assert world.police.pk not in world.as_service_manager.employers


@pytest.mark.parametrize(
    ("other", "where"),
    [
        ({"code": "sch"}, "code"),
        ({"name": " "}, "name"),
        ({"kind": "castle"}, "kind"),
        ({"nation": "france"}, "nation"),
        ({"terms": terms(services=["magic"])}, "services"),
        ({"terms": terms(employer_role="processor", provider_role="processor")}, "provider_role"),
        ({"terms": terms(agreed_with="")}, "agreed_with"),
        ({"hr": HrOfficer("Una", "una")}, "email"),
        ({"hr": HrOfficer("", "una@school.example")}, "name"),
    ],
)
def test_what_is_wrong_is_told_and_no_half_of_an_employer_stays(world, other, where):
    before = counts()
    with pytest.raises(Invalid) as refused:
        serve_a_school(world, **other)
    assert refused.value.field == where
    assert counts() == before


def test_nobody_else_enters_organisations(world):
    for actor in (world.as_nurse, world.as_hr, world.as_ben, world.as_amara):
        with pytest.raises(NotAllowed):
            enter_employer(by=actor, code="XXX", name="X", kind="other", nation="england")
    with pytest.raises(NotAllowed):
        enter_provider(by=world.as_service_manager, code="XXX", name="X", nation="england")
    with pytest.raises(NotAllowed):
        describe_provider(by=world.as_nurse, name="X", telephone="", email="")


def test_a_service_says_how_to_reach_it_and_not_how_to_reach_another(world):
    described = describe_provider(
        by=world.as_service_manager, name="Northshire OH", telephone="01632 960111", email="oh@north.example"
    )
    assert described.pk == world.provider.pk
    with within(world.as_service_manager.scope):
        changed = Provider.objects.filter(pk=world.provider.pk).update(name="Ours")
        assert changed == 1
    for telephone in ("call me", "123", "0" * 41):
        with pytest.raises(Invalid):
            describe_provider(by=world.as_service_manager, name="N", telephone=telephone, email="")


# Letting people in


def test_an_hr_role_is_given_at_employers_that_the_service_serves_alone(world):
    sam = world.as_service_manager
    given = let_in(by=sam, email="new@trust.example", name="New Hand", role="hr", employer=world.trust.pk)
    assert (given.employer_id, given.provider_id) == (world.trust.pk, None)
    with pytest.raises(Invalid, match="no contract"):
        let_in(by=sam, email="new@trust.example", name="New Hand", role="hr", employer=world.police.pk)


def test_an_employers_hr_officers_hear_of_whoever_a_service_lets_in(world):
    let_in(
        by=world.as_service_manager,
        email="new@trust.example",
        name="New Hand",
        role="hr",
        employer=world.trust.pk,
    )
    facts.consume()
    with within(WORKER):
        told = Message.objects.get(template="colleague-let-in")
    assert (told.user_id, told.values["name"]) == (world.users["cara"].pk, "New Hand")


def test_a_closed_account_is_not_let_in_again_and_a_known_one_keeps_its_name(world):
    sam = world.as_service_manager
    given = let_in(by=sam, email="AMARA@example.org", name="Somebody Else", role="oh-administrator")
    assert given.user.name == "Amara Okafor"
    with within(WORKER):
        User.objects.filter(pk=world.users["nia"].pk).update(is_active=False)
    with pytest.raises(Invalid, match="closed"):
        let_in(by=sam, email="nia@example.org", name="Nia", role="oh-administrator")


def test_a_role_of_tomorrow_opens_nothing_today(world):
    tomorrow = clock.today() + timedelta(days=1)
    given = let_in(
        by=world.as_service_manager,
        email="zoe@oh.example",
        name="Zoe Lund",
        role="oh-nurse",
        starts_on=tomorrow,
    )
    assert grants_of(given.user_id, "Zoe Lund") == []
