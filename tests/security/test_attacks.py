"""Attacks, told as what somebody does who wants to know or do what is not theirs: over HTTP, on the real pages."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import ProgrammingError, connection, transaction
from django.test import Client

from openoh.foundation.access.models import DeclaredRelation
from openoh.foundation.access.sessions import GUESSES
from openoh.foundation.audit.models import Event
from openoh.foundation.core import clock
from openoh.foundation.core.scope import within
from openoh.pathway.adjustments.models import Adjustment
from openoh.pathway.cases.models import Case
from openoh.pathway.referrals.models import Referral
from openoh.pathway.referrals.rules import NO_ADVICE
from openoh.pathway.reports import actions as reports
from openoh.pathway.requests import actions as requests
from openoh.population.absence.actions import record_spell
from tests.pages.browsing import words
from tests.pathway.diary import WEDNESDAY, request_of
from tests.signing_in import AGENT, client_of
from tests.stories import copies, leave, open_case, released
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


def a_case_lived_through(world: World) -> dict[str, list[str]]:
    """Ben refers Amara, a report is released: every address that leads to a part of it, by whose pages it is on."""
    report = released(world)
    (copy,) = copies(world.as_ben)
    with within(world.as_worker.scope):
        case, referral = Case.objects.get(), Referral.objects.get()
        answers = list(Adjustment.objects.order_by("code").values_list("pk", flat=True))
    engagement, person = world.engagements["amara"].pk, world.amara.pk
    return {
        "manager": [
            f"/manager/advice/{copy.pk}", f"/manager/referrals/{referral.pk}", f"/manager/refer/{engagement}",
            *(f"/manager/advice/adjustments/{pk}" for pk in answers),
        ],
        "employee": [f"/me/reports/{report.pk}"],
        "employer": [f"/employer/people/{engagement}", f"/employer/people/{engagement}/absent"],
        "clinic": [
            f"/clinic/cases/{case.pk}", f"/clinic/reports/{report.pk}", f"/clinic/people/{person}",
            f"/clinic/reports/{report.pk}/preview",
        ],
    }  # fmt: skip


def answers_to(client: Client, path: str) -> tuple[int, str]:
    """What the page answers and says, the limit on guesses aside."""
    cache.clear()
    response = client.get(path)
    return response.status_code, words(response)


# The manager who guesses addresses


def test_a_manager_who_knows_every_address_learns_not_even_that_it_exists(world: World):
    addresses = [path for paths in a_case_lived_through(world).values() for path in paths]
    dev = client_of(world, "dev")
    for path in addresses:
        invented = "/".join(str(uuid4()) if part.count("-") == 4 else part for part in path.split("/"))
        assert answers_to(dev, path) == answers_to(dev, invented), path
        assert answers_to(dev, path)[0] == 404, path
        assert dev.post(path, {"state": "done"}).status_code in (404, 405), path


def test_the_line_manager_opens_what_was_sent_and_nothing_of_the_clinic(world: World):
    addresses = a_case_lived_through(world)
    ben = client_of(world, "ben")
    assert {answers_to(ben, path)[0] for path in addresses.pop("manager")} == {200}
    for path in chain(*addresses.values()):
        assert answers_to(ben, path)[0] == 404, path


def test_somebody_who_goes_on_guessing_is_stopped_on_every_page(world: World):
    dev = client_of(world, "dev")
    for _ in range(GUESSES.allowed):
        assert dev.get(f"/manager/advice/{uuid4()}").status_code == 404
    assert dev.get("/manager").status_code == 429
    assert dev.get("/me").status_code == 429


# The HR user who joins counts


def test_nothing_on_hrs_pages_moves_when_somebody_asks_for_help(world: World):
    cara = client_of(world, "cara")
    record_spell(
        by=world.as_hr, engagement=world.engagements["amara"], started_on=clock.today() - timedelta(days=3)
    )
    pages = ["/employer", "/employer/people", f"/employer/people/{world.engagements['amara'].pk}",
             "/employer/purposes", "/api/imports"]  # fmt: skip
    before = [answers_to(cara, path) for path in pages]
    assert {status for status, _ in before} == {200}
    requests.send(by=world.as_amara, request_id=request_of(world.as_amara).id)
    open_case(world, referred=False)
    assert [answers_to(cara, path) for path in pages] == before


@pytest.mark.parametrize(
    "count",
    [
        "SELECT count(*) FROM people_engagement e JOIN requests_helprequest r ON r.person_id = e.person_id",
        "SELECT count(*) FROM people_engagement e JOIN cases_case c ON c.engagement_id = e.id GROUP BY e.team_id",
        "SELECT count(*) FROM absence_spell s JOIN offers_offer o ON o.spell_id = s.id",
        "SELECT e.id FROM people_engagement e JOIN risk_riskflag f USING (person_id)",
    ],
)
def test_hr_cannot_join_its_people_with_anything_clinical(world: World, count: str):
    a_case_lived_through(world)
    with (
        within(world.as_hr.scope),
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(count)


def test_hr_sees_no_trace_of_care_in_the_audit(world: World):
    requests.send(by=world.as_amara, request_id=request_of(world.as_amara).id)
    open_case(world, referred=False)
    with within(world.as_hr.scope):
        assert not Event.objects.exists()
    with within(world.as_worker.scope):
        assert Event.objects.filter(employer_id=world.trust.pk).exists()


# The colleague in occupational health who looks up a friend


def test_a_friend_who_was_looked_up_sees_who_looked(world: World):
    a_case_lived_through(world)
    omar = client_of(world, "omar")
    assert "Amara Okafor" in words(omar.get("/clinic/people?name=amara"))
    assert omar.get(f"/clinic/people/{world.amara.pk}").status_code == 200
    assert "Omar Haddad" in words(client_of(world, "amara").get("/me/record/who-looked"))


def test_a_declared_friends_record_is_closed_on_every_page_and_in_the_api(world: World):
    addresses = a_case_lived_through(world)["clinic"]
    omar = client_of(world, "omar")
    with within(world.as_worker.scope):
        DeclaredRelation.objects.create(user=world.users["omar"], provider=world.provider, person=world.amara)
    for path in addresses:
        status, said = answers_to(omar, path)
        assert (status == 404) or "Closed to you" in said, path
        assert "She can do most of her work" not in said, path
    assert str(world.amara.pk) not in omar.get("/api/people?name=amara").content.decode()


# The second employer, and the second provider


def test_another_employer_and_another_provider_find_nothing(world: World):
    addresses = a_case_lived_through(world)
    for who in ("hal", "uma", "femi"):
        client = client_of(world, who)
        for path in chain(*addresses.values()):
            assert answers_to(client, path)[0] == 404, (who, path)
    uma = client_of(world, "uma")
    assert "Amara" not in words(uma.get("/clinic/people?name=amara"))
    assert "Amara" not in uma.get("/api/people?name=amara").content.decode()
    assert "Amara" not in words(client_of(world, "hal").get("/employer/people?find=amara"))


# The manager who has left


def test_a_manager_who_has_left_opens_nothing_with_the_session_still_open(world: World):
    addresses = a_case_lived_through(world)["manager"]
    ben = client_of(world, "ben")
    assert {answers_to(ben, path)[0] for path in addresses} == {200}
    leave(world, "ben")
    for path in addresses:
        assert answers_to(ben, path)[0] == 404, path
        assert ben.post(path, {"state": "done"}).status_code in (404, 405), path
    assert "Amara" not in answers_to(ben, "/manager")[1]


# The replayed link


def test_a_released_report_that_was_taken_back_opens_no_more_from_a_kept_link(world: World):
    addresses = a_case_lived_through(world)["manager"]
    ben = client_of(world, "ben")
    link, *_ = addresses
    assert "No night shifts" in answers_to(ben, link)[1]
    (copy,) = copies(world.as_ben)
    reports.withdraw_consent(by=world.as_amara, report=copy.report_id)
    status, said = answers_to(ben, link)
    assert (status, NO_ADVICE in said) == (200, True)
    assert "night" not in said


def test_an_old_form_answers_nothing_after_consent_was_taken_back(world: World):
    addresses = a_case_lived_through(world)["manager"]
    ben = client_of(world, "ben")
    form = next(path for path in addresses if "/adjustments/" in path)
    assert ben.get(form).status_code == 200
    (copy,) = copies(world.as_ben)
    reports.withdraw_consent(by=world.as_amara, report=copy.report_id)
    assert ben.post(form, {"choice": "declined", "reason": "service-need"}).status_code == 404
    with within(world.as_worker.scope):
        assert not Adjustment.objects.filter(state="declined").exists()


def test_a_form_from_another_site_is_refused(world: World):
    (report,) = a_case_lived_through(world)["employee"]
    amara = client_of(world, "amara", enforce_csrf_checks=True)
    assert amara.post(f"{report}/take-back").status_code == 403
    assert len(copies(world.as_ben)) == 1


# The stolen session


def test_a_stolen_session_is_of_no_use_elsewhere_nor_after_signing_out(world: World):
    amara = client_of(world, "amara")
    assert amara.get("/me").status_code == 200
    cookie = amara.cookies["session"].value
    thief = Client(SERVER_NAME="localhost", headers={"user-agent": f"not {AGENT}"})
    thief.cookies["session"] = cookie
    assert thief.get("/me").headers["Location"].startswith("/sign-in")
    assert amara.get("/me").status_code == 302, "the theft ended the session for both"
    again = client_of(world, "amara")
    assert again.get("/me").status_code == 200
    kept = again.cookies["session"].value
    again.post("/sign-out")
    replayed = Client(SERVER_NAME="localhost", headers={"user-agent": AGENT})
    replayed.cookies["session"] = kept
    assert replayed.get("/me").headers["Location"].startswith("/sign-in")


def test_a_clinicians_session_without_the_second_proof_opens_no_record(world: World):
    clinic = a_case_lived_through(world)["clinic"]
    thief = Client(SERVER_NAME="localhost", headers={"user-agent": AGENT})
    thief.force_login(world.users["nia"])
    for path in ("/clinic", *clinic):
        response = thief.get(path)
        assert (response.status_code, response.headers["Location"][:9]) == (302, "/two-step"), path
