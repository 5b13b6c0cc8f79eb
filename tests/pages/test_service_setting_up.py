"""What a service offers and who its clinicians are, on the pages of those who run it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.cache import cache

from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.accounts.models import User
from openoh.foundation.core import clock
from openoh.foundation.core.scope import within
from openoh.pathway.clinics.models import Clinician
from openoh.pathway.services.models import Service
from tests.pages.browsing import MOST_QUERIES, day_fields, queries_of, words
from tests.pathway.diary import WEDNESDAY
from tests.signing_in import client_of

pytestmark = pytest.mark.django_db
SERVICES, CLINICIANS = "/service/administration/services", "/service/administration/clinicians"


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


@pytest.fixture
def vera(world):
    with within(world.as_worker.scope):
        user = User.objects.create_user("vera@example.org", "Vera Lang")
        RoleAssignment.objects.create(user=user, role="physiotherapist", provider=world.provider)
    return user


def row(world, code):
    with within(world.as_worker.scope):
        return Service.objects.filter(provider=world.provider, code=code).first()


def entry(**changes):
    usual = {
        "name": "Vera Lang", "profession": "physiotherapist", "qualification": "MSc", "registration_body": "HCPC",
        "registration_number": "PH12345", "services": ["physiotherapy"],
        **day_fields("registered_until", date(2026, 3, 1)),
    }  # fmt: skip
    return usual | changes


def test_a_service_is_offered_changed_and_stopped(world):
    sam = client_of(world, "sam")
    page = words(sam.get(SERVICES))
    assert "Case conference" in page
    assert "Not offered" in page
    sent = {"active": "yes", "direct_book": "no", "first_minutes": "60", "review_minutes": "20"}
    assert sam.post(f"{SERVICES}/case-conference", sent).status_code == 302
    made = row(world, "case-conference")
    assert (made.active, made.direct_book, made.first_minutes, made.review_minutes) == (True, False, 60, 20)
    stop = words(sam.get(f"{SERVICES}/physiotherapy"))
    assert "Who is booked keeps their time" in stop
    assert "These offers lead to it, and still go out: “Help with back, joint or muscle problems”" in stop
    sam.post(f"{SERVICES}/physiotherapy", sent | {"active": "no", "direct_book": "yes"})
    assert row(world, "physiotherapy").active is False
    assert "Physiotherapy is not offered any more." in words(sam.get(SERVICES))
    assert sam.post(f"{SERVICES}/self-help", {"active": "yes"}).status_code == 302


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"active": ""}, "Say whether you offer it."), ({"direct_book": ""}, "Say how people come to a time."),
        ({"first_minutes": "4"}, "between 5 and 240"), ({"review_minutes": "an hour"}, "between 5 and 240"),
    ],
)  # fmt: skip
def test_terms_that_cannot_be_are_said_beside_the_field(world, changes, sentence):
    sent = {"active": "yes", "direct_book": "no", "first_minutes": "60", "review_minutes": "20"} | changes
    refused = client_of(world, "sam").post(f"{SERVICES}/nurse", sent)
    assert (refused.status_code, sentence in words(refused)) == (422, True)
    assert row(world, "nurse").first_minutes == 45


def test_somebody_with_a_clinical_role_is_completed(world, vera):
    sam = client_of(world, "sam")
    assert "1 to be completed" in words(sam.get("/service/administration"))
    assert "To be completed Vera Lang Physiotherapist Cannot sign" in words(sam.get(CLINICIANS))
    path = f"{CLINICIANS}/accounts/{vera.pk}"
    assert 'value="Vera Lang"' in sam.get(path).content.decode()
    assert sam.post(path, entry()).status_code == 302
    page = words(sam.get(CLINICIANS))
    assert "To be completed" not in page
    assert "HCPC PH12345, until Sunday 1 March. Ends soon In 46 days" in page
    assert "1 registration to look at" in words(sam.get("/service/administration"))
    again = sam.post(path, entry())
    assert (again.status_code, "recorded as a clinician already" in words(again)) == (409, True)


def test_an_ended_registration_is_shown_and_renewed(world):
    pat = world.clinicians["pat"]
    with within(world.as_worker.scope):
        Clinician.objects.filter(pk=pat.pk).update(registered_until=clock.today() - timedelta(days=1))
        RoleAssignment.objects.filter(user=world.users["quin"]).update(
            ends_on=clock.today() - timedelta(days=1)
        )
    sam = client_of(world, "sam")
    page = words(sam.get(CLINICIANS))
    assert "Ended: cannot sign" in page
    assert page.count("Holds no clinical role here today.") == 1
    path = f"{CLINICIANS}/{pat.pk}"
    assert "cannot sign until its renewal is recorded" in words(sam.get(path))
    assert sam.post(path, entry(name="Pat Novak")).status_code == 302
    with within(world.as_worker.scope):
        assert Clinician.objects.get(pk=pat.pk).registered_until == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"registration_body": ""}, "Choose a register"), ({"registration_body": "none"}, "is on the register of"),
        ({"registered_until-year": "2025"}, "This day is past"), ({"profession": ""}, "Choose a profession"),
        ({"registered_until-day": "99"}, "This is not a date"), ({"services": ["self-help"]}, "not offered here"),
        ({"profession": "technician", "registration_body": "none"}, "no number and no day"),
    ],
)  # fmt: skip
def test_what_cannot_be_recorded_is_said_beside_the_field(world, vera, changes, sentence):
    refused = client_of(world, "sam").post(f"{CLINICIANS}/accounts/{vera.pk}", entry(**changes))
    assert (refused.status_code, sentence in words(refused)) == (422, True)
    with within(world.as_worker.scope):
        assert not Clinician.objects.filter(user=vera).exists()


def test_only_who_runs_the_service_opens_these_pages_and_only_their_own(world, vera):
    paths = (
        f"{SERVICES}/nurse", f"{CLINICIANS}/{world.clinicians['pat'].pk}", f"{CLINICIANS}/accounts/{vera.pk}",
    )  # fmt: skip
    for who in ("tess", "nia", "cara", "amara"):
        client = client_of(world, who)
        for path in paths:
            assert client.get(path).status_code == 404, (who, path)
            cache.clear()
    sam = client_of(world, "sam")
    for path in (
        f"{SERVICES}/astrology", f"{CLINICIANS}/{world.clinicians['uma'].pk}",
        f"{CLINICIANS}/accounts/{world.users['uma'].pk}", f"{CLINICIANS}/accounts/{world.users['tess'].pk}",
    ):  # fmt: skip
        assert sam.get(path).status_code == 404, path
        cache.clear()


def test_these_pages_ask_no_more_than_twelve_times(world, vera):
    sam = client_of(world, "sam")
    for path in (
        SERVICES, f"{SERVICES}/nurse", CLINICIANS, f"{CLINICIANS}/{world.clinicians['pat'].pk}",
        f"{CLINICIANS}/accounts/{vera.pk}", "/service/administration", "/service",
    ):  # fmt: skip
        asked = queries_of(sam, path)
        assert len(asked) <= MOST_QUERIES, (path, len(asked))
