"""The employer's pages in detail, and what somebody tries who sends a file that lies."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from openoh.exchange.hr_feed import spool
from openoh.exchange.hr_feed.limits import is_large, whole
from openoh.exchange.hr_feed.models import ImportRun, Mapping, QuarantinedRow
from openoh.exchange.hr_feed.round_of_feeds import take_what_waits
from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.audit.models import Event
from openoh.foundation.consent.models import Purpose
from openoh.foundation.consent.queries import purpose_in_force
from openoh.foundation.core import clock
from openoh.foundation.core.content import load
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Engagement, EngagementVersion
from openoh.population.absence.models import Spell, SpellReason
from tests.exchange.feed import ABSENCE, PEOPLE, table
from tests.pages.browsing import MOST_QUERIES, day_fields, queries_of, signed_in, words
from tests.world import LONG_AGO, World, _account

pytestmark = pytest.mark.django_db
ANN = "E1,P1,Ann,Lee,1980-02-03,ann.lee@example.org,1,,2020-01-06,"
BOB = "E2,P2,Bob,Ray,1975-07-09,bob.ray@example.org,0.6,E1,2021-03-01,"
BAD = "E3,P3,Cy,Fox,31/02/1990,cy@example.org,1,,2021-03-01,"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.VAR = tmp_path


@pytest.fixture
def cara(world: World) -> Client:
    return signed_in(world, "cara")


@pytest.fixture
def hal(world: World) -> Client:
    return signed_in(world, "hal")


def send(client: Client, content: bytes, mapping: str = "openoh-people", name: str = "extract.csv", **more):
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    return client.post("/employer/upload", {"file": file, "mapping": mapping, **more})


def take(client: Client, content: bytes, mapping: str = "openoh-people", **more) -> str:
    path = send(client, content, mapping, **more).headers["Location"]
    assert client.post(path, {"do": "take"}).headers["Location"] == path
    return path


def the_run(world: World) -> ImportRun:
    with within(world.as_worker.scope):
        return ImportRun.objects.latest("id")


def people_called(world: World, name: str) -> int:
    with within(world.as_worker.scope):
        return Engagement.objects.filter(family_name=name).count()


def the_row(world: World) -> QuarantinedRow:
    with within(world.as_worker.scope):
        return QuarantinedRow.objects.get()


# Files


def test_a_file_is_shown_before_it_is_taken(world, cara):
    response = send(cara, table(PEOPLE, ANN, BOB, BAD))
    path = response.headers["Location"]
    page = words(cara.get(path))
    assert "What it would do" in page
    assert "2 New" in page
    assert "There is no such date in the calendar" in page
    assert people_called(world, "Lee") == 0
    cara.post(path, {"do": "take"})
    page = words(cara.get(path))
    assert "What it did" in page
    assert "1 To be corrected" in page
    assert people_called(world, "Lee") == 1
    assert not spool.path_of(the_run(world).id).exists()


def test_a_file_that_was_looked_at_can_be_left(world, cara):
    path = send(cara, table(PEOPLE, ANN)).headers["Location"]
    cara.post(path, {"do": "discard"})
    assert "Cara Hughes decided not to take it." in words(cara.get(path))
    assert people_called(world, "Lee") == 0
    assert not spool.path_of(the_run(world).id).exists()
    assert cara.post(path, {"do": "discard"}).status_code == 409
    assert cara.post(path, {"do": "nonsense"}).status_code == 422


def test_the_same_file_twice_and_a_button_pressed_twice_change_nothing(world, cara):
    path = take(cara, table(PEOPLE, ANN, BOB))
    assert cara.post(path, {"do": "take"}).headers["Location"] == path
    again = send(cara, table(PEOPLE, ANN, BOB))
    assert again.headers["Location"] == path
    assert "came before" in words(cara.get(path))
    assert people_called(world, "Lee") == 1
    with within(world.as_worker.scope):
        assert ImportRun.objects.count() == 1


def test_a_file_that_would_end_many_asks_first(world, cara):
    path = send(cara, table(PEOPLE, ANN), full="yes").headers["Location"]
    with within(world.as_worker.scope):
        Engagement.objects.bulk_create(
            Engagement(employer=world.trust, number=f"X{n}", given_name="A", family_name="Zed", starts_on=LONG_AGO)
            for n in range(20)
        )  # fmt: skip
    assert "would end the engagements" in words(cara.get(path))
    cara.post(path, {"do": "take"})
    assert the_run(world).state == "asking"
    page = words(cara.get(path))
    assert "A question first" in page
    assert "Waiting for your answer" in words(cara.get("/employer"))
    cara.post(path, {"do": "no"})
    assert the_run(world).state == "refused"
    assert people_called(world, "Lee") == 0
    path = take(cara, table(PEOPLE, ANN), full="yes")
    cara.post(path, {"do": "yes"})
    assert the_run(world).state == "done"
    assert cara.post(path, {"do": "yes"}).status_code == 409


def many(number: int = 600) -> bytes:
    """An extract above the limit that `small_limit` sets."""
    rows = [f"L{n},LP{n},Lou,Long,1980-02-03,l{n}@example.org,1,,2020-01-06," for n in range(number)]
    return table(PEOPLE, *rows)


@pytest.fixture
def small_limit(monkeypatch):
    """Files above 5,000 bytes are large: the limit is content, and the content is read as always."""
    monkeypatch.setitem(load("openoh.exchange.hr_feed", "limits").data, "at_once_bytes", 5_000)


def test_a_large_file_is_left_to_the_worker_and_the_page_says_how_it_stands(world, cara, hal, small_limit):
    path = send(cara, many()).headers["Location"]
    page = words(cara.get(path))
    assert "only its first rows were tried" in page
    for _ in range(2):  # a button pressed twice
        assert cara.post(path, {"do": "take"}).headers["Location"] == path
    assert people_called(world, "Long") == 0
    page = words(cara.get(path))
    assert "We are taking your file. This can take some minutes. You can leave this page." in page
    assert "Look again" in page
    assert "Rows read" not in page
    assert len(queries_of(cara, path)) <= MOST_QUERIES
    assert "Being taken" in words(cara.get("/employer"))
    assert cara.post(path, {"do": "discard"}).status_code == 409
    assert "came before" in words(cara.get(send(cara, many()).headers["Location"]))
    assert hal.get(path).status_code == 404
    assert take_what_waits() == 1
    page = words(cara.get(path))
    assert "600 New" in page
    assert "Look again" not in page
    assert people_called(world, "Long") == 600
    assert not spool.path_of(the_run(world).id).exists()
    cara.post(path, {"do": "take"})
    assert take_what_waits() == 0
    with within(world.as_worker.scope):
        assert ImportRun.objects.count() == 1
        assert Event.objects.filter(verb="import.begun", actor="Cara Hughes").exists()


def test_a_small_file_behind_a_large_one_does_not_wait_in_the_page(world, cara, small_limit):
    small = send(cara, table(PEOPLE, ANN)).headers["Location"]
    take(cara, many())
    assert "We are taking another file of yours." in words(cara.get(small))
    cara.post(small, {"do": "take"})
    assert people_called(world, "Lee") == 0
    assert take_what_waits() == 2
    assert "1 New" in words(cara.get(small))
    assert people_called(world, "Lee") == 1


def test_a_large_file_that_would_end_many_asks_when_the_worker_has_read_it(world, cara, small_limit):
    with within(world.as_worker.scope):
        Engagement.objects.bulk_create(
            Engagement(employer=world.trust, number=f"X{n}", given_name="A", family_name="Zed", starts_on=LONG_AGO)
            for n in range(100)
        )  # fmt: skip
    path = take(cara, many(), full="yes")
    take_what_waits()
    assert "A question first" in words(cara.get(path))
    assert people_called(world, "Long") == 0
    cara.post(path, {"do": "yes"})
    assert "We are taking your file." in words(cara.get(path))
    assert cara.post(path, {"do": "yes"}).status_code == 409
    take_what_waits()
    assert "600 New" in words(cara.get(path))


def test_a_large_file_that_cannot_be_taken_says_why_and_is_not_tried_again(world, cara, small_limit):
    path = take(cara, many(), "esr-people")
    take_what_waits()
    page = words(cara.get(path))
    assert "Nothing was changed." in page
    assert the_run(world).refusal in page
    lost = take(cara, many())
    spool.path_of(the_run(world).id).unlink()
    take_what_waits()
    assert "no longer here. Send it again." in words(cara.get(lost))
    assert take_what_waits() == 0


def test_a_packed_file_is_large_sooner():
    limit = whole("at_once_packed_bytes")
    assert is_large(limit + 1, packed=True)
    assert not is_large(limit + 1, packed=False)
    assert not is_large(limit, packed=True)
    assert is_large(whole("at_once_bytes") + 1, packed=False)


def a_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [("extract.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20), ("extract.xlsx", b"number,given_name\n1,A\n"),
     ("extract.csv", b""), ("extract.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"),
     ("extract.xlsx", b"PK\x03\x04 nothing")],
)  # fmt: skip
def test_a_file_that_lies_about_what_it_is_is_refused_with_a_reason(world, cara, name, content):
    path = send(cara, content, name=name).headers["Location"]
    page = cara.get(path)
    assert page.status_code == 200
    assert "Take this file" not in words(page)
    cara.post(path, {"do": "take"})  # also without the button
    assert the_run(world).state == "refused"
    assert the_run(world).refusal


def test_a_bomb_is_refused_before_it_is_unpacked(world, cara):
    path = send(cara, a_bomb(), name="extract.xlsx").headers["Location"]
    assert "far larger than it looks" in words(cara.get(path))


def test_a_form_without_file_or_mapping_says_so(world, cara):
    response = cara.post("/employer/upload", {})
    assert response.status_code == 422
    assert "Choose a file." in words(response)
    assert "Choose what the file looks like." in words(response)
    assert send(cara, b"a", mapping="../../etc/passwd").status_code == 422


def test_names_of_files_are_shown_and_never_run(world, cara):
    send(cara, table(PEOPLE, ANN), name='<script>alert("x")</script>.csv')
    page = cara.get("/employer").content.decode()
    assert "<script>alert" not in page


def test_the_report_holds_no_formula(world, cara):
    evil = '=HYPERLINK("http://x"),P9,+Eve,@Sum,31/02/1990,e@example.org,1,,2021-03-01,'
    path = take(cara, table(PEOPLE, evil, BAD.replace("31/02/1990", "=1+1")))
    response = cara.get(f"{path}/report.csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"].startswith("attachment")
    cells = [cell for row in csv.reader(io.StringIO(response.content.decode("utf-8-sig"))) for cell in row]
    assert "'=1+1" in cells
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []


def test_a_bad_row_is_corrected_and_taken(world, cara):
    take(cara, table(PEOPLE, BAD))
    row = the_row(world)
    path = f"/employer/rows/{row.id}"
    assert path in cara.get("/employer").content.decode()
    page = cara.get(path)
    assert 'value="31/02/1990"' in page.content.decode()
    assert "There is no such date in the calendar" in words(page)
    wrong = cara.post(path, {**row.row, "birth_date": "30/02/1990"})
    assert wrong.status_code == 422
    assert 'href="#birth_date"' in wrong.content.decode()
    assert 'value="30/02/1990"' in wrong.content.decode()
    fields = {**row.row, "birth_date": "28/02/1990"}
    assert cara.post(path, fields).headers["Location"] == f"/employer/imports/{row.run_id}"
    assert people_called(world, "Fox") == 1
    assert cara.post(path, fields).status_code == 409
    assert "Corrected on" in words(cara.get(f"/employer/imports/{row.run_id}"))


def test_the_quarantine_keeps_no_reason_that_it_may_not(world, cara):
    take(cara, table(ABSENCE, "RNS-amara,R1,2026-02-31,,,S10,no"), "openoh-absence")
    assert the_row(world).row["reason"] == ""  # the trust of this world is small: no reason is taken at all


def test_a_mapping_is_proposed_corrected_column_by_column_and_used(world, cara):
    content = table("Staff No,Forename,Surname,Start", "E1,Ann,Lee,06/01/2020")
    page = cara.post("/employer/mapping", {"file": SimpleUploadedFile("ours.csv", content), "kind": "people"})
    assert "Surname for example Lee" in words(page)
    assert '<option value="family_name" selected>' in page.content.decode()
    assert "We found no column for Number of the engagement First day" in words(page)
    form = {"name": "Our file", "kind": "people", "format": ["%d/%m/%Y"],
            "heading": ["Staff No", "Forename", "Surname", "Start"]}  # fmt: skip
    for fields, sentence in (
        (["", "given_name", "family_name", "starts_on"], "Choose the column for: Number of the engagement."),
        (["number", "given_name", "given_name", "starts_on"], "Two columns are taken as the same thing."),
    ):
        refused = cara.post("/employer/mapping/save", form | {"field": fields})
        assert refused.status_code == 422
        assert sentence in words(refused)
        assert '<option value="starts_on" selected>' in refused.content.decode()
    right = form | {"field": ["number", "given_name", "family_name", "starts_on"]}
    saved = cara.post("/employer/mapping/save", right)
    assert saved.headers["Location"] == "/employer/upload?mapping=our-file"
    take(cara, content, "our-file")
    assert people_called(world, "Lee") == 1
    cara.post("/employer/mapping/save", right)
    with within(world.as_worker.scope):
        assert Mapping.objects.get().version == 1


def test_a_mapping_can_be_written_as_text(world, cara):
    text = 'kind = "people"\r\n[columns]\r\nnumber = "No"'
    saved = cara.post("/employer/mapping/save", {"name": "ours", "text": text})
    assert saved.headers["Location"] == "/employer/upload?mapping=ours"
    with within(world.as_worker.scope):
        assert "\r" not in Mapping.objects.get().text


@pytest.mark.parametrize("text", ["", "kind = ", 'kind = "people"\n[columns]\nsalary = "Pay"'])
def test_a_mapping_that_will_not_do_stays_on_the_page(world, cara, text):
    response = cara.post("/employer/mapping/save", {"name": "x", "text": text})
    assert response.status_code == 422
    assert 'href="#text"' in response.content.decode()


# Another employer, and other roles


def test_another_employer_finds_nothing(world, cara, hal):
    take(cara, table(PEOPLE, BAD))
    row, run, amara = the_row(world), the_run(world), world.engagements["amara"]
    with within(world.as_worker.scope):
        spell = Spell.objects.create(
            employer=world.trust, engagement=amara, reference="R", started_on=LONG_AGO
        )
    for path in (f"/employer/imports/{run.id}", f"/employer/imports/{run.id}/report.csv", f"/employer/rows/{row.id}",
                 f"/employer/people/{amara.id}", f"/employer/people/{amara.id}/absent",
                 f"/employer/people/{amara.id}/leaves",
                 f"/employer/absences/{spell.pk}", f"/employer/people/{uuid4()}"):  # fmt: skip
        assert hal.get(path).status_code == 404, path
        assert hal.post(path, {"do": "take"}).status_code in (404, 405), path
    assert "Amara" not in words(hal.get("/employer/people?find=amara"))
    assert "extract.csv" not in words(hal.get("/employer"))
    assert "Amara" not in words(hal.get(f"/employer/people?after={amara.id}"))


@pytest.mark.parametrize(
    "path",
    ["", "/upload", "/mapping", "/people", "/people/add", "/purposes", "/purposes/offers-from-absence"],
)
def test_only_hr_finds_these_pages(world, path):
    for who in ("amara", "ben", "nia", "sam"):
        assert signed_in(world, who).get(f"/employer{path}").status_code == 404
    assert signed_in(world, "cara").get(f"/employer{path}").status_code == 200


# Our people


def starter(**changes) -> dict[str, str]:
    return {
        "number": "N7", "given_name": "Zoe", "family_name": "Quill", "email": "zoe@example.org", "title": "Porter",
        "weekly_hours": "30", "manager_number": "RNS-ben", **day_fields("birth_date", LONG_AGO.replace(year=1990)),
        **day_fields("starts_on", clock.today()), **changes,
    }  # fmt: skip


def test_a_starter_goes_the_way_of_a_file(world, cara):
    response = cara.post("/employer/people/add", starter())
    with within(world.as_worker.scope):
        zoe = Engagement.objects.get(number="N7")
        assert response.headers["Location"] == f"/employer/people/{zoe.id}"
        assert (zoe.manager_id, float(zoe.weekly_hours), zoe.title) == (
            world.engagements["ben"].id,
            30.0,
            "Porter",
        )
        assert zoe.person_id is not None  # matched, so that they can be helped
        assert EngagementVersion.objects.filter(engagement=zoe).count() == 1
        assert RoleAssignment.objects.filter(engagement=zoe, role="employee").count() == 1
        assert Event.objects.filter(verb="starter.added", actor="Cara Hughes").count() == 1
    again = cara.post("/employer/people/add", starter())
    assert again.status_code == 409
    assert "number N7 already" in words(again)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"number": ""}, "number"), ({"starts_on-day": ""}, "starts_on"), ({"weekly_hours": "many"}, "weekly_hours"),
     ({"email": "nobody"}, "email"), ({"manager_number": "X9"}, "manager_number"),
     ({"birth_date-year": "1890"}, "birth_date")],
)  # fmt: skip
def test_a_starter_that_cannot_be_taken_is_told_at_the_field(world, cara, changes, field):
    response = cara.post("/employer/people/add", starter(**changes))
    assert response.status_code == 422
    assert f'href="#{field}"' in response.content.decode()
    assert people_called(world, "Quill") == 0


def test_a_leaver_keeps_the_past(world, cara):
    amara = world.engagements["amara"]
    path = f"/employer/people/{amara.id}/leaves"
    before = amara.starts_on - timedelta(days=1)
    assert cara.post(path, day_fields("ends_on", before)).status_code == 422
    last = clock.today() + timedelta(days=20)
    cara.post(path, day_fields("ends_on", last))
    with within(world.as_worker.scope):
        found = Engagement.objects.get(pk=amara.pk)
    assert (found.ends_on, found.manager_id, found.title) == (last, amara.manager_id, amara.title)
    assert f"Leaves on {last:%A}" in words(cara.get("/employer/people"))


def test_people_are_found_by_any_part_of_the_name_and_by_number(world, cara):
    for text in ("kafo", "OKAFOR amara", "RNS-amara"):
        page = words(cara.get("/employer/people", {"find": text}))
        assert "Amara Okafor" in page
        assert "Joe Lindqvist" not in page
    page = cara.get("/employer/people", {"find": "<b>%'"})
    assert "Try another part" in words(page)
    assert "<b>%" not in page.content.decode()


def test_the_list_goes_on_where_it_stopped(world, cara):
    with within(world.as_worker.scope):
        Engagement.objects.bulk_create(
            Engagement(employer=world.trust, number=f"X{n}", given_name="Ann", family_name="Aa", starts_on=LONG_AGO)
            for n in range(70)
        )  # fmt: skip
    first = cara.get("/employer/people").content.decode()
    assert first.count("<strong>Ann Aa</strong>") == 50
    more = first.split('href="/employer/people?after=')[1].split("&")[0]
    second = cara.get(f"/employer/people?after={more}").content.decode()
    assert second.count("<strong>Ann Aa</strong>") == 20
    assert "Amara Okafor" in second


# Absences


def the_spells(world: World) -> list[Spell]:
    with within(world.as_worker.scope):
        return list(Spell.objects.order_by("id"))


def test_an_absence_is_typed_in_ended_and_taken_back(world, cara):
    path = f"/employer/people/{world.engagements['amara'].id}/absent"
    first = clock.today() - timedelta(days=5)
    form = {"key": str(uuid4()), **day_fields("started_on", first)}
    assert cara.post(path, {"key": form["key"]}).status_code == 422
    cara.post(path, form)
    cara.post(path, form)  # sent twice, added once
    (spell,) = the_spells(world)
    assert (spell.started_on, spell.ended_on) == (first, None)
    change = f"/employer/absences/{spell.pk}"
    assert (
        cara.post(change, {"do": "end", **day_fields("ended_on", first - timedelta(days=1))}).status_code
        == 422
    )
    cara.post(change, {"do": "end", **day_fields("ended_on", clock.today())})
    assert the_spells(world)[0].ended_on == clock.today()
    cara.post(change, {"do": "retract"})
    assert the_spells(world)[0].retracted_at is not None
    assert cara.get(change).status_code == 404


def test_a_small_employer_is_not_asked_for_a_reason_and_cannot_give_one(world, cara):
    path = f"/employer/people/{world.engagements['amara'].id}/absent"
    page = cara.get(path)
    assert "We do not ask for a reason." in words(page)
    assert 'name="reason"' not in page.content.decode()
    cara.post(path, {"reason": "S10", **day_fields("started_on", clock.today())})
    with within(world.as_worker.scope):
        assert not SpellReason.objects.exists()


def test_a_larger_employer_may_give_only_the_reasons_that_its_purpose_names(world, cara):
    with within(world.as_worker.scope):
        Engagement.objects.bulk_create(
            Engagement(employer=world.trust, number=f"X{n}", given_name="A", family_name="Zed", starts_on=LONG_AGO)
            for n in range(30)
        )  # fmt: skip
    path = f"/employer/people/{world.engagements['amara'].id}/absent"
    page = words(cara.get(path))
    assert "Back problem" in page
    assert "Cold, cough or flu" not in page
    cara.post(path, {"reason": "S13", **day_fields("started_on", clock.today() - timedelta(days=9))})
    with within(world.as_worker.scope):
        assert not SpellReason.objects.exists()
    cara.post(path, {"reason": "S11", **day_fields("started_on", clock.today())})
    with within(world.as_worker.scope):
        assert SpellReason.objects.count() == 1


def test_an_absence_outside_the_engagement_is_told(world, cara):
    path = f"/employer/people/{world.engagements['amara'].id}/absent"
    response = cara.post(path, day_fields("started_on", LONG_AGO - timedelta(days=9)))
    assert response.status_code == 422
    assert "before this engagement began" in words(response)


# Purposes


def test_purposes_say_what_is_missing_and_come_into_force_when_nothing_is(world, cara):
    page = words(cara.get("/employer/purposes"))
    assert "In force" in page
    assert "This employer has not declared this purpose." in page
    path = "/employer/purposes/outcome-follow-up"
    assert cara.post(path, {"legal_ground": "Article 6(1)(e)"}).status_code == 422
    today = clock.today()
    cara.post(
        path, {"legal_ground": "Article 6(1)(e)", **day_fields("valid_from", today - timedelta(days=1))}
    )
    page = words(cara.get("/employer/purposes"))
    assert "The staff side has not been consulted." in page
    assert "The notice to staff has not been sent." in page
    whole = {
        "legal_ground": "Article 6(1)(e)", "impact_assessment": "DPIA 9", "notice_version": "2",
        **day_fields("staff_side_consulted_on", today - timedelta(days=30)),
        **day_fields("notice_sent_on", today - timedelta(days=14)), **day_fields("valid_from", today),
    }  # fmt: skip
    assert cara.post(path, whole).headers["Location"] == "/employer/purposes"
    with within(world.as_worker.scope):
        assert purpose_in_force(world.trust.id, "outcome-follow-up").allowed
    again = cara.post(path, whole)  # sent twice: what is in use is not rewritten
    assert again.status_code == 409
    cara.post(f"{path}/end")
    with within(world.as_worker.scope):
        assert Purpose.objects.get(code="outcome-follow-up", notice_version="2").valid_to == today


def test_a_purpose_that_nobody_knows_does_not_exist(world, cara):
    assert cara.get("/employer/purposes/selling-data").status_code == 404
    assert (
        cara.post("/employer/purposes/selling-data", day_fields("valid_from", clock.today())).status_code
        == 404
    )
    assert cara.post("/employer/purposes/service-figures/end").status_code == 404


def test_pages_ask_the_database_at_most_twelve_times(world, cara):
    path = take(cara, table(PEOPLE, ANN, BAD))
    amara = world.engagements["amara"].id
    for each in ("/employer", path, f"/employer/rows/{the_row(world).id}", "/employer/upload", "/employer/people",
                 f"/employer/people/{amara}", f"/employer/people/{amara}/absent", "/employer/purposes"):  # fmt: skip
        asked = queries_of(cara, each)
        assert len(asked) <= MOST_QUERIES, f"{each}: {len(asked)}\n" + "\n".join(sql[:150] for sql in asked)


def test_somebody_of_a_small_practice_does_the_same(world):
    with within(world.as_worker.scope):
        RoleAssignment.objects.create(
            user=_account(world, "pam", "Pam Hill"), role="hr", employer=world.practice, starts_on=LONG_AGO
        )
    pam = signed_in(world, "pam")
    assert "Ella Marsh" in words(pam.get("/employer/people"))
    assert "Amara" not in words(pam.get("/employer/people"))
