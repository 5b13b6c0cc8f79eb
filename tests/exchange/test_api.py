"""The API: the same rules as the pages, told to programs."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from openoh.exchange.api.operations import api
from openoh.foundation.audit.models import Reading
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.scope import within
from openoh.pages.role_table import operations
from openoh.pathway.clinics.models import Clinician
from openoh.pathway.consultations.models import Consultation
from tests.pathway.diary import session as make_session
from tests.signing_in import client_of

pytestmark = pytest.mark.django_db


def post(client: Client, path: str, body: dict) -> tuple[int, dict]:
    response = client.post(path, body, content_type="application/json")
    return response.status_code, response.json()


def test_every_operation_needs_a_permission():
    assert [row for row in operations() if not row[2]] == []


def test_every_operation_declares_what_it_may_answer_with():
    described = api.get_openapi_schema(path_prefix="/api/")["paths"]
    short = [path for path, methods in described.items() for m in methods.values() if len(m["responses"]) < 6]
    assert short == []


def test_without_a_session_nothing_answers(world):
    client = Client(SERVER_NAME="localhost")
    assert {client.get(path).status_code for method, path, _ in operations() if method == "GET"} == {401}


def test_a_nurse_registers_books_and_records(world):
    client = client_of(world, "nia")
    assert post(client, "/api/people", {"given_name": "Zadie", "family_name": "New"})[0] == 201
    found = client.get("/api/people?text=mara").json()
    assert [person["family_name"] for person in found] == ["Okafor"]
    slot = make_session(world, clinician="nia", service="nurse")[0]
    status, booked = post(client, "/api/appointments", {"slot": str(slot.pk), "person": str(world.amara.pk)})
    assert status == 201
    day = client.get(f"/api/day?on={clock.today() + timedelta(days=1)}")
    assert day.status_code == 200
    status, encounter = post(
        client, f"/api/appointments/{booked['id']}/encounter", {"note": "A private word."}
    )
    assert status == 201
    with within(world.as_nurse.scope):
        kept = Consultation.objects.get(pk=encounter["id"])
        assert b"private" not in bytes(kept.note_sealed)


def test_reading_by_a_program_is_written_down(world):
    client_of(world, "nia").get("/api/people?text=Amara")
    with within(Scope(Audience.WORKER)):
        assert Reading.objects.filter(page="api:find", person_ids__contains=[world.amara.pk]).exists()


def test_the_last_time_is_given_once(world):
    client = client_of(world, "nia")
    slot = make_session(world, clinician="nia", service="nurse")[0]
    body = {"slot": str(slot.pk), "person": str(world.amara.pk)}
    assert post(client, "/api/appointments", body)[0] == 201
    status, answer = post(client, "/api/appointments", {**body, "person": str(world.joe.pk)})
    assert status in (404, 409)
    assert answer["detail"]


def test_hr_records_an_absence_of_its_own_people_only(world):
    client = client_of(world, "cara")
    body = {"engagement": str(world.engagements["amara"].pk), "started_on": str(clock.today())}
    assert post(client, "/api/absence", body)[0] == 201
    assert post(client, "/api/absence", {**body, "engagement": str(world.engagements["femi"].pk)})[0] == 404
    assert post(client, "/api/absence", {**body, "ended_on": "2001-01-01"})[0] == 422


@pytest.mark.parametrize("who", ["amara", "ben", "cara", "sam", "bo"])
def test_nobody_outside_care_finds_people(world, who):
    assert client_of(world, who).get("/api/people?text=Amara").status_code == 404


def test_another_providers_person_cannot_be_booked(world):
    slot = make_session(world, clinician="nia", service="nurse")[0]
    status, _ = post(
        client_of(world, "nia"), "/api/appointments", {"slot": str(slot.pk), "person": str(world.femi.pk)}
    )
    assert status == 404


def test_an_unknown_appointment_is_not_found(world):
    assert post(client_of(world, "nia"), f"/api/appointments/{uuid4()}/encounter", {"note": "x"})[0] == 404


def test_writing_needs_the_anti_forgery_token(world):
    client = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    client.force_login(world.users["cara"])
    response = client.post("/api/absence", {}, content_type="application/json")
    assert response.status_code == 403


def test_a_clinician_of_the_other_provider_sees_an_empty_day(world):
    with within(Scope(Audience.WORKER)):
        assert Clinician.objects.filter(name="Uma Patel").exists()
    answer = client_of(world, "uma").get(f"/api/day?on={clock.today()}").json()
    assert answer["appointments"] == []
