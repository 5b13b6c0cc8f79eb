"""How somebody wants to be told, and the calls that the service makes to those who asked for them."""

from __future__ import annotations

import pytest

from openoh.foundation.audit.models import Reading
from openoh.foundation.core import clock
from openoh.foundation.core.scope import within
from openoh.foundation.notifications import actions, outbox
from openoh.foundation.notifications.carriers import FileCarrier
from openoh.foundation.notifications.models import Message, Preference
from openoh.foundation.people.models import Person
from tests.pages.clinic_stories import declare_family, words
from tests.pathway.diary import WEDNESDAY
from tests.signing_in import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


def queued(world, tmp_path) -> Message:
    """A message to Amara, and the outbox asked to send what is due."""
    message = actions.draft(
        template="appointment-reminder", person_id=world.amara.pk, provider_id=world.provider.pk,
        values={"given_name": "Amara", "day": "Thursday 15 January", "time": "10am", "link": "/me"},
    )  # fmt: skip
    actions.queue(by=world.as_nurse, message=message)
    outbox.send_due(FileCarrier(tmp_path))
    return message


def test_somebody_says_how_they_want_to_be_told(world):
    amara = client_of(world, "amara")
    assert "amara@example.org" in words(amara.get("/me/how-we-tell-you"))
    assert amara.post("/me/how-we-tell-you", {"channel": "telephone", "when": "daily"}).status_code == 302
    refused = amara.post("/me/how-we-tell-you", {"channel": "pigeon"})
    assert (refused.status_code, "Choose how we tell you things" in words(refused)) == (422, True)
    with within(world.as_worker.scope):
        assert Person.objects.get(pk=world.amara.pk).channel == "telephone"
        assert Preference.objects.get(user=world.users["amara"]).digest is True
    assert amara.post("/me/how-we-tell-you", {"channel": "email", "when": "at-once"}).status_code == 302
    with within(world.as_worker.scope):
        assert Preference.objects.get(user=world.users["amara"]).digest is False


def test_who_asked_to_be_called_is_on_the_list_until_somebody_told_them(world, tmp_path):
    client_of(world, "amara").post("/me/how-we-tell-you", {"channel": "telephone", "when": "at-once"})
    message = queued(world, tmp_path)
    nia, path = client_of(world, "nia"), f"/clinic/calls/{message.pk}"
    page = words(nia.get("/clinic/calls"))
    assert "Amara Okafor" in page
    assert "Thursday 15 January" in page, "the caller reads out what others read"
    with within(world.as_worker.scope):
        assert Reading.objects.filter(user_id=world.users["nia"].pk, page="clinic:calls").exists()
    assert nia.post(path).status_code == 302
    assert "Nobody waits for a call." in words(nia.get("/clinic/calls"))
    again = nia.post(path)
    assert (again.status_code, "This call was already made." in words(again)) == (409, True)
    with within(world.as_worker.scope):
        assert Message.objects.get(pk=message.pk).state == "sent"


def test_nobody_sees_a_call_to_their_own_family_and_no_employer_sees_any(world, tmp_path):
    client_of(world, "amara").post("/me/how-we-tell-you", {"channel": "telephone", "when": "at-once"})
    message = queued(world, tmp_path)
    declare_family(world, "nia", "amara")
    nia = client_of(world, "nia")
    assert "Amara" not in words(nia.get("/clinic/calls"))
    assert nia.post(f"/clinic/calls/{message.pk}").status_code == 404
    for outsider in ("cara", "ben"):
        assert client_of(world, outsider).get("/clinic/calls").status_code == 404
