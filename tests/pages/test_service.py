"""Pages of those who run the service, and of the board: what they show, what they refuse, and attacks on them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from uuid import uuid4

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from openoh.cli.check import check_content, unconfirmed
from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.accounts.models import User
from openoh.foundation.audit.models import Event, Reading
from openoh.foundation.audit.sealing import seal_all
from openoh.foundation.core import clock, facts, inventory
from openoh.foundation.core.scope import within
from openoh.foundation.notifications.models import Message
from openoh.foundation.organisations.models import ContentConfirmation, Contract, Employer, RiskCover
from openoh.foundation.people.models import Engagement, MatchCandidate, Person
from openoh.pathway.clocks.queries import level_of
from openoh.pathway.risk.queries import CoverNotDeclared, must_be_open
from openoh.population.absence.reasons import provider_of
from openoh.population.measures.actions import import_published
from openoh.population.measures.catalogue import measures
from openoh.population.measures.publishing import publish
from tests.outside_data import outside_data
from tests.pages.browsing import day_fields
from tests.population.figures_world import WORKER, absent, staff, two_years
from tests.signing_in import client_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OCTOBER = date(2026, 10, 5)
ORGANISATIONS = outside_data("nhs-sickness-absence", "nhs_sickness_by_organisation_2024-04_2025-03.csv")
MOST_QUERIES = 12
FRAME = ("SAVEPOINT", "RELEASE", "SELECT set_config")
OF_SERVICE = [
    "/service", "/service/waits", "/service/measures", "/service/measures/new-absences", "/service/benchmarks",
    "/service/matching", "/service/administration", "/service/administration/roles",
    "/service/administration/about", "/service/administration/employers/new",
    "/service/administration/cover", "/service/administration/content", "/service/audit",
]  # fmt: skip
OF_BOARD = ["/insight", "/insight/measures/new-absences"]


@pytest.fixture(autouse=True)
def a_day_in_november():
    with clock.held_at(NOW):
        yield


@pytest.fixture
def counted(world):
    """Two years of figures, with the published organisations beside."""
    import_published(by=world.as_worker, path=ORGANISATIONS)
    two_years(world)
    publish()
    return world


def text_of(response) -> str:
    """The words of a page, without tags and with single spaces."""
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", words)


def test_no_page_asks_the_database_more_than_twelve_times(counted):
    a_double(counted)
    for who, paths in (("sam", OF_SERVICE), ("bo", OF_BOARD)):
        client = client_of(counted, who)
        for path in paths:
            client.get(path)
            with CaptureQueriesContext(connection) as ran:
                assert client.get(path).status_code == HTTPStatus.OK
            asked = [q["sql"] for q in ran if not q["sql"].startswith(FRAME)]
            assert len(asked) <= MOST_QUERIES, (path, *asked)


@pytest.mark.parametrize("who", ["amara", "ben", "cara", "nia", "bo"])
def test_nobody_else_opens_a_page_of_the_service(world, who):
    client = client_of(world, who)
    for path in OF_SERVICE[:4]:
        assert client.get(path).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("who", ["amara", "ben", "cara", "nia", "sam"])
def test_nobody_else_opens_a_page_of_the_board(world, who):
    client = client_of(world, who)
    for path in OF_BOARD:
        assert client.get(path).status_code == HTTPStatus.NOT_FOUND


def test_an_administrator_reads_figures_and_keeps_nothing(world):
    client = client_of(world, "tess")
    assert client.get("/service").status_code == HTTPStatus.OK
    for path in OF_SERVICE[5:]:
        assert client.get(path).status_code == HTTPStatus.NOT_FOUND


# --- figures --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", list(measures()))
def test_every_measure_has_a_page_that_defines_it(counted, code):
    words, measure = text_of(client_of(counted, "sam").get(f"/service/measures/{code}")), measures()[code]
    for part in (measure.title, measure.words, measure.numerator, measure.owner, "Look again by"):
        assert part.replace("'", "&#39;") in words or part in words


def test_every_figure_of_today_leads_to_its_definition(counted):
    client = client_of(counted, "sam")
    page = client.get("/service").content.decode()
    linked = re.findall(r'href="(/service/measures/[a-z-]+)"', page)
    assert {path.rpartition("/")[2] for path in linked} == set(measures()) - {
        "absence-rate",
        "lost-to-follow-up",
    } | {"lost-to-follow-up"}
    assert all(client.get(path).status_code == HTTPStatus.OK for path in linked)


def test_an_unknown_measure_or_employer_does_not_exist(counted):
    client = client_of(counted, "sam")
    small, foreign = counted.practice, counted.police
    for path in (
        "/service/measures/none",
        "/service/measures/attendance?employer=x",
        f"/service/measures/attendance?employer={uuid4()}",
        f"/service/measures/attendance?employer={small.id}",
        f"/service/benchmarks?employer={foreign.id}",
        "/service/benchmarks?kind=Nothing",
    ):
        assert client.get(path).status_code == HTTPStatus.NOT_FOUND


def test_the_benchmark_shows_englands_rate_and_never_the_mean_of_rates(counted):
    page = client_of(counted, "sam").get("/service/benchmarks")
    words = text_of(page)
    assert "England 5.15 %" in words
    assert "4.86" not in words
    assert "In the order of their names" in words
    names = re.findall(r'class="oh-plain">([^<]+)</th>', page.content.decode())
    assert len(names) == 135
    assert names == sorted(names, key=str.upper)


def test_an_employer_without_a_published_kind_is_told_so(world):
    words = text_of(client_of(world, "sam").get("/service/benchmarks"))
    assert "No employer has figures of its own yet" in words


# --- attacks on figures ---------------------------------------------------------------------------------------


def test_subtracting_what_the_pages_show_never_gives_a_small_number(world):
    """Two large employers and a small one with two people absent: the attacker reads every page and subtracts."""
    absent(staff(world, world.trust, 40)[:12], OCTOBER)
    absent(staff(world, world.practice, 4)[:2], OCTOBER)
    publish()
    client = client_of(world, "sam")
    page = client.get("/service/measures/new-absences").content.decode()
    cells = dict(re.findall(r'class="oh-plain">([^<]+)</th><td[^>]*>([^<]+)</td>', page))
    whole, trust = cells["October 2026"], cells["Northshire Trust"]
    assert cells["Employers of fewer than 25 people, together"] == "Hidden"
    assert "Hidden" in (whole, trust)
    assert "2" not in (whole, trust)


def test_looking_every_minute_never_shows_one_person_arrive(world):
    trust = staff(world, world.trust, 60)
    absent(trust[:20], clock.today())
    publish()
    client = client_of(world, "sam")
    seen = []
    for number in range(20, 31):
        absent(trust[number : number + 1], clock.today())
        publish()
        page = client.get("/service").content.decode()
        seen.append(int(re.search(r'new-absences">.*?oh-figure__value">(\d+)<', page, re.S)[1]))
    steps = {later - earlier for earlier, later in zip([20, *seen], seen, strict=False)}
    assert steps == {0, 5}


def test_a_service_manager_cannot_reach_a_record(counted):
    client = client_of(counted, "sam")
    for path in ("/clinic", f"/clinic/people/{counted.amara.id}", "/clinic/triage", "/me", "/manager"):
        assert client.get(path).status_code == HTTPStatus.NOT_FOUND
    sam = counted.as_service_manager
    closed = (
        "requests_helprequest", "cases_case", "consultations_consultation", "reports_report", "offers_offer",
        "outcomes_personoutcome", "adjustments_adjustment", "questionnaires_answerset", "risk_riskflag",
    )  # fmt: skip
    for table in closed:
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            within(sam.scope),
        ):
            connection.cursor().execute(f"SELECT 1 FROM {table}")


def test_pages_of_figures_name_nobody_and_are_no_reading(counted):
    client = client_of(counted, "sam")
    for path in OF_SERVICE[:5]:
        assert "Okafor" not in client.get(path).content.decode()
    with within(WORKER):
        assert not Reading.objects.exists()


def test_a_board_reads_its_own_employer_only(counted):
    absent(staff(counted, counted.practice, 40)[:33], OCTOBER)
    client = client_of(counted, "bo")
    page = client.get("/insight")
    assert "Northshire Trust" in text_of(page)
    assert "Mill Lane" not in text_of(page)
    other = client.get(f"/insight/measures/new-absences?employer={counted.practice.id}")
    assert "Mill Lane" not in text_of(other)


def test_an_empty_service_says_what_will_come(world):
    for who, paths in (("sam", OF_SERVICE), ("bo", OF_BOARD)):
        client = client_of(world, who)
        for path in paths:
            assert client.get(path).status_code == HTTPStatus.OK
    assert "change is told from six closed months" in text_of(client_of(world, "sam").get("/service"))


# --- matching -------------------------------------------------------------------------------------------------


def a_double(world, provider=None) -> MatchCandidate:
    provider = provider or world.provider
    employer = world.practice if provider == world.provider else world.police
    with within(WORKER):
        other = Person.objects.create(provider=provider, given_name="Amara", family_name="Okafor")
        second = Engagement.objects.create(
            employer=employer, number="G1", person=other, provider=provider, given_name="Amara",
            family_name="Okafor", starts_on=date(2024, 1, 1),
        )  # fmt: skip
        return MatchCandidate.objects.create(
            provider=provider, engagement=second, person=world.amara, reason="Same name"
        )


def test_looking_at_a_match_is_written_down_for_both(world):
    candidate = a_double(world)
    assert "Same name" in text_of(client_of(world, "sam").get("/service/matching"))
    with within(WORKER):
        assert set(Reading.objects.get().person_ids) == {candidate.person_id, candidate.engagement.person_id}


def test_a_match_is_decided_once_and_can_be_undone(world):
    candidate, client = a_double(world), client_of(world, "sam")
    path = f"/service/matching/{candidate.id}"
    assert client.post(path, {"answer": "perhaps"}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert client.post(path, {"answer": "same"}).status_code == HTTPStatus.FOUND
    second = client.post(path, {"answer": "different"})
    assert second.status_code == HTTPStatus.CONFLICT
    assert "decided this match already" in text_of(second)
    with within(WORKER):
        assert Engagement.objects.get(number="G1").person_id == world.amara.id
    undo = re.search(r'action="(/service/matching/[^"]+/undo)"', second.content.decode())[1]
    assert client.post(undo).status_code == HTTPStatus.FOUND
    assert client.post(undo).status_code == HTTPStatus.CONFLICT
    with within(WORKER):
        assert Engagement.objects.get(number="G1").person_id != world.amara.id


def test_a_match_of_another_service_does_not_exist(world):
    candidate = a_double(world, world.other_provider)
    client = client_of(world, "sam")
    assert "Same name" not in text_of(client.get("/service/matching"))
    assert (
        client.post(f"/service/matching/{candidate.id}", {"answer": "same"}).status_code
        == HTTPStatus.NOT_FOUND
    )
    assert client.post(f"/service/matching/{uuid4()}/undo").status_code == HTTPStatus.NOT_FOUND


# --- administration -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"email": "amara@example.org"}, "Choose a role."),
        ({"email": "amara@example.org", "role": "manager"}, "Choose a role."),
        ({"email": "amara@example.org", "role": "board"}, "Choose the employer that they work for."),
        ({"email": "amara@example.org", "role": "hr", "employer": "elsewhere"}, "Choose the employer"),
        ({"role": "oh-nurse"}, "Enter the e-mail address"),
        ({"role": "oh-nurse", "email": "nobody@example.org"}, "Enter their name."),
        ({"role": "oh-nurse", "email": "nobody", "name": "No Body"}, "like name@example.org"),
        ({"role": "oh-nurse", "email": "sam@example.org"}, "cannot give yourself a role"),
        ({"role": "oh-nurse", "email": "amara@example.org", "starts_on-day": "31", "starts_on-month": "2",
          "starts_on-year": "2027"}, "This is not a date"),
        ({"role": "oh-nurse", "email": "amara@example.org", "ends_on-day": "1", "ends_on-month": "2",
          "ends_on-year": "2020"}, "must not be before the first day"),
    ],
)  # fmt: skip
def test_a_role_that_must_not_be_given_is_explained_and_nothing_is_lost(world, sent, words):
    response = client_of(world, "sam").post("/service/administration/roles", sent)
    assert response.status_code in (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.FORBIDDEN)
    assert words in text_of(response)
    assert f'value="{sent.get("email", "")}"' in response.content.decode()
    with within(WORKER):
        assert not RoleAssignment.objects.filter(user=world.users["amara"]).exclude(role="employee").exists()


def test_a_role_is_given_from_a_day_to_a_day_and_ended_at_once(world):
    client = client_of(world, "sam")
    sent = {"email": "Amara@example.org", "role": "oh-administrator"}
    assert client.post("/service/administration/roles", sent).status_code == HTTPStatus.FOUND
    with within(WORKER):
        given = RoleAssignment.objects.get(user=world.users["amara"], role="oh-administrator")
        assert (given.provider_id, given.starts_on) == (world.provider.id, clock.today())
        old = RoleAssignment.objects.get(user=world.users["nia"], role="oh-nurse")
    assert client.post(f"/service/administration/roles/{old.id}/end").status_code == HTTPStatus.FOUND
    assert client_of(world, "nia").get("/clinic").status_code == HTTPStatus.NOT_FOUND


def test_somebody_new_is_let_in_as_hr_officer_of_an_employer_that_is_served(world):
    client = client_of(world, "sam")
    sent = {"email": "new@trust.example", "name": "New Hand", "role": "hr", "employer": str(world.trust.pk)}
    said = client.post("/service/administration/roles", sent, follow=True).content.decode()
    assert "New Hand works as HR officer from" in said
    assert "at Northshire Trust" in said
    refused = client.post("/service/administration/roles", sent | {"employer": str(world.police.pk)})
    assert "Choose the employer" in text_of(refused)
    with within(WORKER):
        given = RoleAssignment.objects.get(user__email="new@trust.example")
    assert client.post(f"/service/administration/roles/{given.pk}/end").status_code == HTTPStatus.FOUND
    with within(WORKER):
        assert RoleAssignment.objects.get(pk=given.pk).ends_on == clock.today()


SCHOOL = {
    "employer_name": "Hill School", "code": "sch", "kind": "other", "nation": "wales", "services": ["nurse"],
    "starts_on-day": "1", "starts_on-month": "4", "starts_on-year": "2026", "employer_role": "controller",
    "provider_role": "controller", "agreed_with": "Head teacher", "hr_name": "Una Day",
    "hr_email": "una@school.example",
}  # fmt: skip


def test_a_service_begins_to_serve_an_employer_from_its_page(world):
    client = client_of(world, "sam")
    page = client.post("/service/administration/employers/new", SCHOOL, follow=True)
    assert "You serve Hill School from 1 April 2026" in text_of(page)
    assert "Hill School" in text_of(client.get("/service/administration"))
    with within(WORKER):
        una = User.objects.get(email="una@school.example")
    world.users["una"] = una
    assert client_of(world, "una").get("/employer").status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"code": ""}, "2 to 20 capital letters"),
        ({"code": "PNS"}, "in the register already"),
        ({"kind": ""}, "Choose what kind of employer it is."),
        ({"starts_on-month": "13"}, "This is not a date"),
        ({"starts_on-day": "", "starts_on-month": "", "starts_on-year": ""}, "Enter the first day"),
        ({"services": []}, "Choose at least one service."),
        ({"hr_email": "una"}, "like name@example.org"),
    ],
)
def test_a_wrong_field_of_a_new_employer_is_explained_and_what_was_typed_stays(world, wrong, words):
    response = client_of(world, "sam").post("/service/administration/employers/new", SCHOOL | wrong)
    assert response.status_code in (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.CONFLICT)
    assert words in text_of(response)
    assert 'value="Hill School"' in response.content.decode()
    with within(WORKER):
        assert not Employer.objects.filter(name="Hill School").exists()


def test_what_people_read_of_the_service_is_changed_on_its_page(world):
    client = client_of(world, "sam")
    refused = client.post("/service/administration/about", {"name": "North OH", "telephone": "ring us"})
    assert "Enter a telephone number" in text_of(refused)
    client.post("/service/administration/about", {"name": "North OH", "telephone": "01632 960222"})
    assert "01632 960222" in text_of(client.get("/service/administration"))


def test_one_cannot_end_ones_own_role_nor_one_of_another_service_nor_an_employees(world):
    client = client_of(world, "sam")
    with within(WORKER):
        own = RoleAssignment.objects.get(user=world.users["sam"], role="service-manager")
        other = RoleAssignment.objects.get(user=world.users["uma"], role="oh-nurse")
        employees = RoleAssignment.objects.get(user=world.users["amara"], role="employee")
    client.post(f"/service/administration/roles/{own.id}/end")
    assert client.get("/service").status_code == HTTPStatus.OK
    for assignment in (other, employees):
        path = f"/service/administration/roles/{assignment.id}/end"
        assert client.post(path).status_code == HTTPStatus.NOT_FOUND


COVER = {"kind": "rota", "name": "Weekend rota", "telephone": "01632 960003", "weekdays": ["6", "7"],
         "starts_at": "08:00", "ends_at": "18.30"}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": ""}, "Choose who answers."), ({"weekdays": []}, "at least one day"),
        ({"name": " "}, "Enter who answers"),
        ({"weekdays": ["9"]}, "at least one day"), ({"telephone": ""}, "telephone number on which they answer"),
        ({"ends_at": "25:00"}, "Enter a time like"), ({"ends_at": "07:00"}, "must be later"),
    ],
)  # fmt: skip
def test_cover_that_cannot_be_is_explained_and_kept(world, change, words):
    response = client_of(world, "sam").post("/service/administration/cover", COVER | change)
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert words in text_of(response)
    with within(WORKER):
        assert RiskCover.objects.filter(provider=world.provider).count() == 2


def test_cover_is_declared_and_changed_for_ones_own_service(world):
    client = client_of(world, "sam")
    assert client.post("/service/administration/cover", COVER).status_code == HTTPStatus.FOUND
    assert "Weekend rota" in text_of(client.get("/service/administration/cover"))
    with within(WORKER):
        made = RiskCover.objects.get(name="Weekend rota")
        other = RiskCover.objects.filter(provider=world.other_provider).first()
    assert (made.weekdays, made.ends_at.hour, made.ends_at.minute) == ([6, 7], 18, 30)
    path = f"/service/administration/cover/{made.id}"
    assert 'value="Weekend rota"' in client.get(path).content.decode()
    client.post(path, COVER | {"name": "Other rota"})
    assert "Other rota" in text_of(client.get("/service/administration/cover"))
    assert client.post(f"/service/administration/cover/{other.id}", COVER).status_code == HTTPStatus.NOT_FOUND


def test_cover_of_one_employer_is_declared_marked_and_told_on_its_contract(world):
    sam, path = client_of(world, "sam"), "/service/administration/cover"
    shown = text_of(sam.get(path))
    assert "All employers" in shown
    assert "All other employers" not in shown
    assert "Northshire Police" not in shown, "it is served by another service"
    assert sam.post(path, COVER | {"employer": str(world.practice.id)}).status_code == HTTPStatus.FOUND
    shown = text_of(sam.get(path))
    assert re.search(r"All other employers .*Duty nurse .*Mill Lane Practice .*Weekend rota", shown)
    assert re.search(r"Hours that nobody answers Mill Lane Practice Monday, 00:00 to 24:00", shown)
    lead = text_of(client_of(world, "rita").get("/clinic/lead"))
    assert "Hours that nobody answers Mill Lane Practice Monday, 00:00 to 24:00" in lead
    for employer, words in (
        (world.practice, "Cover is declared for this employer, so what is declared for all employers does not count "
                         "here. Weekend rota."),
        (world.trust, "what is declared for all employers counts. Duty nurse, Night crisis partner."),
    ):  # fmt: skip
        contract = f"/service/administration/contracts/{contract_with(world, employer).id}"
        assert words in text_of(sam.get(contract))
        with CaptureQueriesContext(connection) as ran:
            sam.get(contract)
        assert len([q for q in ran if not q["sql"].startswith(FRAME)]) <= MOST_QUERIES


def test_cover_stays_its_employers_when_it_is_changed_and_is_never_somebody_elses(world):
    sam, path = client_of(world, "sam"), "/service/administration/cover"
    for employer in (world.police.id, "police"):
        refused = sam.post(path, COVER | {"employer": str(employer)})
        assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "Choose an employer that you serve today" in text_of(refused)
    sam.post(path, COVER | {"employer": str(world.practice.id)})
    with within(WORKER):
        made = RiskCover.objects.get(name="Weekend rota")
        assert RiskCover.objects.exclude(employer=None).count() == 1
    chosen = f'<option value="{world.practice.id}" selected>Mill Lane Practice</option>'
    assert chosen in sam.get(f"{path}/{made.id}").content.decode()
    with within(WORKER):
        Contract.objects.filter(employer=world.practice).update(ends_on=NOW.date() - timedelta(days=1))
    assert chosen in sam.get(f"{path}/{made.id}").content.decode(), (
        "a change never makes it everybody's unseen"
    )
    refused = sam.post(f"{path}/{made.id}", COVER | {"employer": str(world.practice.id)})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert sam.post(f"{path}/{made.id}/end").status_code == HTTPStatus.FOUND


def contract_with(world, employer):
    with within(WORKER):
        return Contract.objects.filter(employer=employer).order_by("-starts_on").first()


AGREED = {
    **day_fields("starts_on", date(2026, 12, 1)), "services": ["nurse", "physiotherapy"], "level-triage": "1",
    "employer_role": "controller", "provider_role": "processor", "agreed_with": "Gita Director",
}  # fmt: skip


def test_contracts_are_sentences_with_what_was_agreed(world):
    sam = client_of(world, "sam")
    listed = text_of(sam.get("/service/administration"))
    assert "Northshire Trust NHS trust in England Since Wednesday 1 January 2020" in listed
    assert "Northshire Police" not in listed
    words = text_of(sam.get(f"/service/administration/contracts/{contract_with(world, world.trust).id}"))
    assert "We serve it from Wednesday 1 January 2020 without an end." in words
    assert "Triage: 2 working days" in words


def test_what_is_agreed_anew_is_a_version_of_its_own_and_the_one_before_is_kept(world):
    sam, before = client_of(world, "sam"), contract_with(world, world.trust)
    path = f"/service/administration/contracts/{before.id}"
    assert sam.post(path, AGREED).status_code == 302
    after = contract_with(world, world.trust)
    assert (after.starts_on, after.since, after.levels) == (
        date(2026, 12, 1),
        date(2020, 1, 1),
        {"triage": 1},
    )
    assert (after.agreed_with, after.agreed_by) == ("Gita Director", world.users["sam"].id)
    with within(WORKER):
        before.refresh_from_db()
        assert (before.ends_on, before.levels["triage"]) == (date(2026, 11, 30), 2)
        assert Event.objects.filter(verb="contract.agreed", user_id=world.users["sam"].id).count() == 1
        assert level_of(world.provider.id, world.trust.id, "triage").days == 2
        with clock.held_at(NOW + timedelta(days=10)):
            assert level_of(world.provider.id, world.trust.id, "triage").days == 1
    words = text_of(sam.get(path))
    assert words.index("Agreed to come") < words.index("In force")
    late = sam.post(path, AGREED | day_fields("starts_on", date(2026, 12, 9)))
    assert (late.status_code, "Something newer has been agreed" in text_of(late)) == (409, True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (day_fields("starts_on", date(2026, 11, 21)), "counts from today at the earliest"),
        (day_fields("ends_on", date(2026, 11, 30)), "The last day must not be before the first."),
        ({"services": []}, "Choose at least one service."),
        ({"services": ["surgery"]}, "Choose from the list."),
        ({"level-triage": "soon"}, "Enter working days from 0 to 365."),
        ({"employer_role": "processor"}, "Somebody must be controller"),
        ({"agreed_with": " "}, "Write who agreed for the employer."),
    ],
)
def test_terms_that_cannot_be_are_explained_and_kept(world, change, words):
    path = f"/service/administration/contracts/{contract_with(world, world.trust).id}"
    refused = client_of(world, "sam").post(path, AGREED | change)
    assert (refused.status_code, words in text_of(refused)) == (422, True)
    assert 'value="Gita Director"' in refused.content.decode() or "agreed_with" in change
    with within(WORKER):
        assert Contract.objects.filter(employer=world.trust).count() == 1


def test_a_service_never_lets_itself_in_with_an_employer(world):
    """Neither another service's contract, nor one that ended, nor by writing past the pages."""
    sam = client_of(world, "sam")
    foreign, ended = contract_with(world, world.police), contract_with(world, world.practice)
    assert sam.post(f"/service/administration/contracts/{foreign.id}", AGREED).status_code == 404
    with within(WORKER):
        Contract.objects.filter(pk=ended.pk).update(ends_on=date(2026, 11, 21))
    assert sam.post(f"/service/administration/contracts/{ended.id}", AGREED).status_code == 404
    for who in ("nia", "tess", "cara", "bo"):
        path = f"/service/administration/contracts/{contract_with(world, world.trust).id}"
        assert client_of(world, who).post(path, AGREED).status_code == 404
    for employer in (world.police, world.practice):
        with (
            pytest.raises(ProgrammingError, match="row-level security"),
            transaction.atomic(),
            within(world.as_service_manager.scope),
        ):
            Contract.objects.create(provider=world.provider, employer=employer, starts_on=NOW.date())


def test_agreeing_anew_takes_no_reasons_from_another_service(world):
    with within(WORKER):
        Contract.objects.create(
            provider=world.other_provider, employer=world.trust, starts_on=date(2021, 1, 1)
        )
        ours = Contract.objects.get(provider=world.provider, employer=world.trust)
    sam = client_of(world, "sam")
    assert sam.post(f"/service/administration/contracts/{ours.id}", AGREED).status_code == 302
    with within(WORKER):
        assert provider_of(world.trust.id, date(2026, 12, 2)) == world.other_provider.id


def test_what_is_unsure_is_marked_to_be_confirmed(world):
    words = text_of(client_of(world, "sam").get("/service/administration/content"))
    unsure = inventory.unsure()
    assert {"Risk: times", "Codes: outcomes", "Instruments: bat 12"} <= {each.name for each in unsure}
    first, _, others = words.partition("All other content")
    assert all(each.name in first for each in unsure)
    assert "To be confirmed" not in others


TIMES = "pathway-risk-times"


def test_a_named_person_confirms_what_is_unsure_for_their_own_service_and_version(world):
    sam, path = client_of(world, "sam"), f"/service/administration/content/{TIMES}"
    page = text_of(sam.get(path))
    assert "Severity 2, acknowledge minutes 15" in page
    unsaid = sam.post(path, {"version": "1", "ground": " "})
    assert (unsaid.status_code, "Write how you know" in text_of(unsaid)) == (422, True)
    assert sam.post(path, {"version": "0", "ground": "Agreed."}).status_code == 409
    assert sam.post(path, {"version": "1", "ground": "Clinical governance, 3 March."}).status_code == 302
    words = text_of(sam.get("/service/administration/content"))
    assert "Confirmed by Sam Doyle on Sunday 22 November: Clinical governance, 3 March." in words
    assert "To be confirmed" not in text_of(sam.get("/service/administration/cover"))
    late = client_of(world, "rita").post(
        f"/clinic/lead/content/{TIMES}", {"version": "1", "ground": "I agree."}
    )
    assert (late.status_code, "A colleague has confirmed this" in text_of(late)) == (409, True)
    with within(WORKER):
        (kept,) = ContentConfirmation.objects.all()
        assert (kept.provider_id, kept.key, kept.version) == (world.provider.id, "pathway/risk/times", "1")
        assert Event.objects.filter(verb="content.confirmed", user_id=world.users["sam"].id).count() == 1


def test_another_service_has_confirmed_nothing_by_that_and_nobody_else_confirms(world):
    form = {"version": "1", "ground": "Clinical governance."}
    client_of(world, "rita").post(f"/clinic/lead/content/{TIMES}", form)
    left = {name: [each.key for each in files] for name, files in unconfirmed()}
    assert "pathway/risk/times" not in left["Northshire Occupational Health"]
    assert "pathway/risk/times" in left["Shield Occupational Health"]
    for who in ("nia", "tess", "cara", "amara", "bo"):
        for path in (f"/service/administration/content/{TIMES}", f"/clinic/lead/content/{TIMES}"):
            assert client_of(world, who).post(path, form).status_code == 404
    assert client_of(world, "sam").get("/service/administration/content/none").status_code == 404


def test_what_is_not_confirmed_is_said_by_the_command_line_and_is_no_finding_afterwards(world, capsys):
    assert check_content() == 1
    assert "pathway/risk/times, version 1: closing" in capsys.readouterr().out
    with within(WORKER):
        for provider in (world.provider, world.other_provider):
            ContentConfirmation.objects.bulk_create(
                ContentConfirmation(
                    provider=provider, key=each.key, version=each.version, ground="Agreed", confirmed_by=uuid4(),
                    confirmed_by_name="Somebody",
                )
                for each in inventory.unsure()
            )  # fmt: skip
    assert check_content() == 0


def test_ending_cover_shows_the_hours_that_nobody_answers_and_tells_the_lead(world):
    sam = client_of(world, "sam")
    assert "Hours that nobody answers" not in text_of(sam.get("/service/administration/cover"))
    with within(WORKER):
        night = RiskCover.objects.get(provider=world.provider, kind="partner")
        foreign = RiskCover.objects.filter(provider=world.other_provider).first()
    assert sam.post(f"/service/administration/cover/{foreign.id}/end").status_code == 404
    assert sam.post(f"/service/administration/cover/{night.id}/end").status_code == 302
    page = text_of(sam.get("/service/administration/cover"))
    for part in ("Monday, 00:00 to 08:00", "Monday, 18:01 to 24:00", "Sunday, 00:00 to 24:00"):
        assert part in page, part
    facts.consume()
    with within(WORKER):
        told = Message.objects.filter(template="look-today").values_list("user__name", flat=True)
        assert list(told) == ["Rita Costa"]
    assert "Sunday, 00:00 to 24:00" in text_of(client_of(world, "rita").get("/clinic/lead"))


def test_without_any_cover_the_service_asks_nobody_about_risk_and_says_so(world):
    sam = client_of(world, "sam")
    with within(WORKER):
        declared = list(RiskCover.objects.filter(provider=world.provider))
    for cover in declared:
        sam.post(f"/service/administration/cover/{cover.id}/end")
    assert "The service must not go live like this" in text_of(sam.get("/service/administration/cover"))
    assert "Not declared" in text_of(sam.get("/service/administration"))
    with within(world.as_amara.scope), pytest.raises(CoverNotDeclared):
        must_be_open("PHQ-9", world.provider.id, world.trust.id)


# --- audit ----------------------------------------------------------------------------------------------------


def test_the_audit_goes_on_from_the_last_and_leaves_nothing_out(world):
    with within(WORKER):
        Event.objects.bulk_create(
            Event(at=NOW - timedelta(minutes=n // 3), actor=f"Actor {n:03}", role="oh-nurse", verb="thing.changed",
                  provider_id=world.provider.id) for n in range(120)
        )  # fmt: skip
        Event.objects.create(actor="Somebody else", role="oh-nurse", verb="thing.changed",
                             provider_id=world.other_provider.id)  # fmt: skip
    client, path, seen = client_of(world, "sam"), "/service/audit", []
    while path:
        page = client.get(path).content.decode()
        seen += re.findall(r"Actor \d{3}", page)
        assert "Somebody else" not in page
        more = re.search(r'href="(/service/audit\?before=[^"]+)"', page)
        path = more and more[1]
    assert sorted(seen) == [f"Actor {n:03}" for n in range(120)]
    assert client.get("/service/audit?before=x").status_code == HTTPStatus.NOT_FOUND
    assert client.get(f"/service/audit?before={uuid4()}").status_code == HTTPStatus.NOT_FOUND


def test_the_audit_says_how_far_it_is_sealed(world, settings, tmp_path):
    settings.AUDIT_ANCHORS = tmp_path / "anchors.jsonl"
    client = client_of(world, "sam")
    client.post("/service/administration/cover", COVER)
    assert "Nothing is sealed yet. 1 change waits" in text_of(client.get("/service/audit"))
    seal_all()
    words = text_of(client.get("/service/audit"))
    assert "Every change here is sealed" in words
    assert "Cover declared" in words
