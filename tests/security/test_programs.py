"""Keys of other programs: what they open, and everything that somebody with the wrong one tries."""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from openoh.foundation.access import programs
from openoh.foundation.access.models import ApiKey, RoleAssignment
from openoh.foundation.audit.models import Event, Reading
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.errors import Invalid, NotAllowed
from openoh.foundation.core.scope import within
from openoh.pages.role_table import operations
from openoh.population.absence.models import Spell
from tests.pathway.diary import session as make_session
from tests.signing_in import client_of

pytestmark = pytest.mark.django_db
IN_A_MONTH = timedelta(days=30)


@pytest.fixture(autouse=True)
def nothing_counted_yet():
    cache.clear()


def make(world, *permissions: str, role: str = "oh-administrator", by=None, **more) -> tuple[str, ApiKey]:
    key = programs.new_key()
    made = programs.make_key(
        by=by or world.as_service_manager, key=key, name=f"Trust rota {role}", role=role, permissions=permissions,
        expires_on=clock.today() + IN_A_MONTH, **more,
    )  # fmt: skip
    return key, made


def of_trust(world, *permissions: str) -> str:
    return make(world, *permissions, role="hr", employer=world.trust.pk)[0]


def calling(key: str, **more) -> Client:
    """A program: no cookies, and no anti-forgery token, which it could not have."""
    return Client(
        SERVER_NAME="localhost", enforce_csrf_checks=True, headers={"authorization": f"Bearer {key}"}, **more
    )


def absence(world, who: str) -> dict:
    return {"engagement": str(world.engagements[who].pk), "started_on": str(clock.today())}


def test_a_program_does_what_its_key_names_without_cookie_or_form_token(world):
    key = of_trust(world, "people.maintain")
    answer = calling(key).post("/api/absence", absence(world, "amara"), content_type="application/json")
    assert answer.status_code == HTTPStatus.CREATED, answer.content
    with within(Scope(Audience.WORKER)):
        (event,) = Event.objects.filter(verb="spell.recorded")
        assert Spell.objects.filter(engagement=world.engagements["amara"]).exists()
    assert event.actor == "Trust rota hr (a program)"


def test_a_key_opens_nothing_that_it_does_not_name_though_its_role_could(world):
    client = calling(of_trust(world, "feed.run"))
    assert client.get("/api/imports").status_code == HTTPStatus.OK
    refused = client.post("/api/absence", absence(world, "amara"), content_type="application/json")
    assert refused.status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(("role", "permissions"), [("hr", ["feed.run", "people.maintain", "purpose.maintain"]),
                                                   ("oh-administrator", ["diary.run", "service.measure"])])  # fmt: skip
def test_the_largest_key_of_each_role_opens_its_operations_and_no_other(world, role, permissions):
    more = {"employer": world.trust.pk} if role == "hr" else {}
    client = calling(make(world, *permissions, role=role, **more)[0])
    wrong = []
    for method, path, permission in operations():
        if method != "GET":
            continue
        status = client.get(path, {"text": "a", "service": "nurse", "on": str(clock.today())}).status_code
        if (status == HTTPStatus.OK) is not (permission in permissions):
            wrong.append((path, status))
    assert wrong == []


def test_a_program_never_gets_a_clinical_permission(world):
    for permission in ("record.clinical", "consultation.write", "service.run"):
        with pytest.raises(Invalid):
            make(world, permission)
    with pytest.raises(Invalid):
        make(world, "record.clinical", role="oh-nurse")


def test_another_tenants_people_do_not_exist_for_a_program(world):
    key = of_trust(world, "people.maintain")
    answer = calling(key).post("/api/absence", absence(world, "femi"), content_type="application/json")
    assert answer.status_code == HTTPStatus.NOT_FOUND
    slot = make_session(world, clinician="nia", service="nurse")[0]
    booking = {"slot": str(slot.pk), "person": str(world.femi.pk)}
    answer = calling(make(world, "diary.run")[0]).post(
        "/api/appointments", booking, content_type="application/json"
    )
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_a_key_for_an_employer_that_the_service_does_not_serve_cannot_be_made(world):
    with pytest.raises(Invalid):
        make(world, "feed.run", role="hr", employer=world.police.pk)


def test_an_expired_key_opens_nothing(world):
    client = calling(of_trust(world, "feed.run"))
    last = clock.now() + IN_A_MONTH + timedelta(days=2)
    with clock.held_at(last):
        assert client.get("/api/imports").status_code == HTTPStatus.UNAUTHORIZED


def test_a_revoked_key_opens_nothing_from_that_moment(world):
    key, made = make(world, "feed.run", role="hr", employer=world.trust.pk)
    client = calling(key)
    assert client.get("/api/imports").status_code == HTTPStatus.OK
    programs.revoke_key(by=world.as_service_manager, key=made.pk)
    answer = client.get("/api/imports")
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert "revoked" in answer.json()["detail"]


def test_a_program_whose_role_was_ended_is_nobody(world):
    key, made = make(world, "feed.run", role="hr", employer=world.trust.pk)
    with within(Scope(Audience.WORKER)):
        RoleAssignment.objects.filter(user=made.user).update(
            starts_on=clock.today() - timedelta(days=2), ends_on=clock.today() - timedelta(days=1)
        )
    assert calling(key).get("/api/imports").status_code == HTTPStatus.NOT_FOUND


def test_the_other_service_neither_sees_nor_revokes_a_key(world):
    _, made = make(world, "diary.run")
    with within(Scope(Audience.SERVICE, provider=world.other_provider.pk)):
        assert not ApiKey.objects.filter(pk=made.pk).exists()
        assert ApiKey.objects.filter(pk=made.pk).update(revoked_at=None) == 0


@pytest.mark.parametrize("who", ["as_nurse", "as_hr", "as_ben", "as_amara"])
def test_only_those_who_run_the_service_make_keys(world, who):
    with pytest.raises(NotAllowed):
        make(world, "diary.run", by=getattr(world, who))


def test_the_database_holds_a_digest_and_never_the_key(world):
    key, _ = make(world, "diary.run")
    with connection.cursor() as cursor:
        cursor.execute("SELECT k::text FROM access_apikey k")
        rows = str(cursor.fetchall())
    with within(Scope(Audience.WORKER)):
        events = str(list(Event.objects.values()))
    assert key not in rows + events
    assert key[len("openoh_") + 8 :] not in rows + events


def test_who_goes_on_guessing_keys_is_stopped_and_a_right_key_from_elsewhere_still_works(world):
    key = of_trust(world, "feed.run")
    for _ in range(programs.wrong_keys().allowed):
        assert calling(programs.new_key()).get("/api/imports").status_code == HTTPStatus.UNAUTHORIZED
    assert calling(programs.new_key()).get("/api/imports").status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert calling(key, REMOTE_ADDR="192.0.2.7").get("/api/imports").status_code == HTTPStatus.OK


def test_behind_a_proxy_a_guesser_stops_only_itself_and_cannot_claim_another_place(world, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    key, allowed = of_trust(world, "feed.run"), programs.wrong_keys().allowed
    for number in range(allowed):
        claimed = {"HTTP_X_FORWARDED_FOR": f"198.51.100.{number}, 192.0.2.7"}
        calling(programs.new_key(), **claimed).get("/api/imports")
    stopped, other = {"HTTP_X_FORWARDED_FOR": "192.0.2.7"}, {"HTTP_X_FORWARDED_FOR": "192.0.2.8"}
    assert calling(key, **stopped).get("/api/imports").status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert calling(key, **other).get("/api/imports").status_code == HTTPStatus.OK


def test_a_key_that_calls_too_often_waits(world):
    client, limit = calling(of_trust(world, "feed.run")), programs.calls()
    client.get("/api/imports")
    with within(Scope(Audience.WORKER)):
        pk = ApiKey.objects.get().pk
    cache.set(limit._key(pk), limit.allowed, 60)
    assert client.get("/api/imports").status_code == HTTPStatus.TOO_MANY_REQUESTS


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer openoh_", "Basic b3Blbm9o", "Bearer " + "x" * 5000,
                                    "Bearer \x00", "Bearer openoh_%00"])  # fmt: skip
def test_what_is_no_key_is_refused_plainly(world, header):
    client = Client(SERVER_NAME="localhost", headers={"authorization": header})
    assert client.get("/api/imports").status_code == HTTPStatus.UNAUTHORIZED


def test_a_key_does_not_open_pages(world):
    client = calling(make(world, "service.measure")[0])
    assert "/sign-in" in client.get("/service").headers["Location"]


def test_nobody_signs_in_as_a_program(world, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    _, made = make(world, "diary.run")
    assert made.user.email.endswith(".invalid")


def test_what_a_program_was_shown_is_written_down_and_when_it_was_here(world):
    key, made = make(world, "diary.run")
    calling(key).get("/api/slots?service=nurse")
    with within(Scope(Audience.WORKER)):
        assert ApiKey.objects.get(pk=made.pk).last_used_at is not None
        assert not Reading.objects.filter(
            actor__contains="program"
        ).exists()  # free times are nobody's record


def test_a_service_manager_makes_a_key_sees_it_once_and_revokes_it(world):
    client = client_of(world, "sam")
    day = clock.today() + IN_A_MONTH
    form = {"name": "Trust rota", "place": str(world.trust.pk), "permissions": ["feed.run"],
            "expires_on-day": day.day, "expires_on-month": day.month, "expires_on-year": day.year}  # fmt: skip
    page = client.post("/service/administration/programs", form)
    (key,) = re.findall(r"<code class=\"oh-long\">(openoh_[\w-]+)</code>", page.content.decode())
    assert "no-store" in page.headers["Cache-Control"]
    assert calling(key).get("/api/imports").status_code == HTTPStatus.OK
    again = client.get("/service/administration/programs").content.decode()
    assert key not in again
    assert "Last used" in again
    assert client.post("/service/administration/programs", form).status_code == HTTPStatus.CONFLICT
    (path,) = re.findall(r'action="(/service/administration/programs/[^"]+/revoke)"', again)
    client.post(path)
    assert calling(key).get("/api/imports").status_code == HTTPStatus.UNAUTHORIZED
    assert "Revoked" in client.get("/service/administration/programs").content.decode()


def test_making_a_key_needs_a_fresh_proof(world):
    client = client_of(world, "sam")
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 3600
    session.save()
    answer = client.get("/service/administration/programs")
    assert answer.headers["Location"].startswith("/two-step/again")
