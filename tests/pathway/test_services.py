"""The catalogue of services and the directory of help."""

from __future__ import annotations

import pytest

from openoh.foundation.codes.catalogue import codes
from openoh.foundation.core.errors import Invalid, NotAllowed
from openoh.foundation.core.scope import within
from openoh.pathway.services.actions import set_service
from openoh.pathway.services.queries import (
    books_directly,
    catalogue,
    crisis_help,
    offered,
    outside_help,
    service_kind,
)

NATIONS = ("england", "wales", "scotland", "northern-ireland")


def test_every_need_somebody_can_choose_has_a_service():
    answered = {need for kind in catalogue().values() for need in kind.needs}
    assert answered == set(codes("need"))


@pytest.mark.parametrize("nation", NATIONS)
def test_crisis_help_of_each_nation_names_an_emergency_a_voice_and_somebody_today(nation):
    found = {entry.code: entry for entry in crisis_help(nation)}
    assert found["999"].telephone == "999"
    assert found["samaritans"].telephone == "116 123"
    assert found["shout"].text == "SHOUT to 85258"
    assert {"england": "111-option-2", "wales": "111-option-2", "scotland": "111-scotland",
            "northern-ireland": "lifeline"}[nation] in found  # fmt: skip
    assert len([code for code in found if code.startswith("111") or code == "lifeline"]) == 1


def test_help_for_police_is_shown_to_police_only():
    assert "police-treatment-centres" in {entry.code for entry in outside_help("england", "police")}
    assert "police-treatment-centres" not in {entry.code for entry in outside_help("england", "trust")}


def test_people_see_what_their_provider_offers(world):
    amara = world.as_amara
    with within(amara.scope):
        assert [service.code for service in offered(amara)] == [
            "self-help", "physiotherapy", "psychology", "nurse", "physician",
        ]  # fmt: skip


def test_a_service_manager_changes_how_a_service_is_booked(world):
    set_service(by=world.as_service_manager, code="nurse", direct_book=True, first_minutes=30)
    with within(world.as_amara.scope):
        assert books_directly("nurse", provider=world.provider.id)
        assert not books_directly("nurse", provider=world.other_provider.id)


def test_a_service_without_appointments_is_never_booked(world):
    with pytest.raises(Invalid, match="has no appointments"):
        set_service(by=world.as_service_manager, code="self-help", direct_book=True)


def test_a_nurse_does_not_change_services(world):
    with pytest.raises(NotAllowed):
        set_service(by=world.as_nurse, code="nurse")


def test_an_unknown_service_is_named():
    with pytest.raises(Invalid, match="astrology"):
        service_kind("astrology")
