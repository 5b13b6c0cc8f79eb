"""The pages of a report from the person's own doctor: the clinician's, the letter, the person's, and attempts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from openoh.foundation.core import clock
from openoh.foundation.core.scope import within
from openoh.pathway.medical_reports import actions
from openoh.pathway.medical_reports.models import MedicalReport
from tests.pages.browsing import MOST_QUERIES, queries_of, words
from tests.pathway.test_medical_reports import LETTER, WHAT, WHO, asked, receive, sent, stored
from tests.signing_in import client_of
from tests.stories import open_case
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def nia(world: World) -> Client:
    return client_of(world, "nia")


@pytest.fixture
def amara(world: World) -> Client:
    return client_of(world, "amara")


def upload(name="report.txt", content=LETTER, kind="text/plain"):
    return {"do": "receive", "kept_back": "", "file": SimpleUploadedFile(name, content, content_type=kind)}


def test_from_asking_to_the_report_in_the_record(world, nia, amara):
    case = open_case(world)
    assert "Ask their doctor for a report" in words(nia.get(f"/clinic/cases/{case.id}"))
    form = {"practitioner": "gp", "who": WHO, "questions": WHAT}
    address = nia.post(f"/clinic/cases/{case.id}/medical-report", form).headers["Location"]
    made = address.rsplit("/", 1)[1]
    assert "Waiting for the person’s decision" in words(nia.get(address))
    assert nia.get(f"{address}/letter").status_code == 404
    assert "A report from your own doctor" in words(amara.get("/me"))
    page = words(amara.get(f"/me/letters/{made}"))
    for said in (WHO, WHAT, "You can say no", "You can see the report first", "Your manager and HR are not told",
                 "Access to Medical Reports Act 1988"):  # fmt: skip
        assert said in page
    amara.post(f"/me/letters/{made}", {"decision": "see-first"})
    letter = words(nia.get(f"{address}/letter"))
    for said in (WHO, WHAT, "Amara Okafor", "Please do not send the report until", "I want to see it before it is sent",
                 "medical_reports/rights/1", "It does not go to the employer"):  # fmt: skip
        assert said in letter
    nia.post(address, {"do": "send"})
    page = words(nia.get(address))
    assert "No report may be taken yet" in page
    assert "Take the report in" not in page
    assert nia.post(address, upload()).status_code == 409
    amara.post(f"/me/letters/{made}", {"decision": "supply"})
    assert nia.post(address, upload()).status_code == 302
    assert "The person can open it too." in words(nia.get(address))
    for client, path in ((nia, f"{address}/file"), (amara, f"/me/letters/{made}/file")):
        response = client.get(path)
        assert response.content == LETTER
        assert response.headers["Content-Disposition"].startswith("attachment")
    assert "Report from their doctor: received" in words(nia.get(f"/clinic/cases/{case.id}"))
    assert "We have the report" in words(amara.get("/me/record"))


def test_the_letter_without_seeing_first_says_so_and_tells_what_to_do_if_that_changes(world, nia):
    made = sent(world)
    letter = words(nia.get(f"/clinic/medical-reports/{made.id}/letter"))
    assert "They have not asked to see it first" in letter
    assert "If they tell you before that they want to see it, please wait" in letter


def test_what_is_missing_is_said_and_what_was_typed_stays(world, nia, amara):
    case = open_case(world)
    page = nia.post(f"/clinic/cases/{case.id}/medical-report", {"practitioner": "gp", "who": "Kept words"})
    assert page.status_code == 422
    assert "Kept words" in page.content.decode()
    made = asked(world, case)
    assert "Choose what you want" in words(amara.post(f"/me/letters/{made.id}", {"decision": "dance"}))
    address = f"/clinic/medical-reports/{made.id}"
    assert nia.post(address, {"do": "dance"}).status_code == 422
    actions.agree(by=world.as_amara, request=made.id, see_first=False)
    nia.post(address, {"do": "send"})
    assert "Choose the file." in words(nia.post(address, {"do": "receive"}))
    assert "not what its name says" in words(
        nia.post(address, upload("report.pdf", LETTER, "application/pdf"))
    )


def test_a_clinician_writes_down_what_was_said_on_paper_or_by_telephone(world, nia, amara):
    made = asked(world)
    address = f"/clinic/medical-reports/{made.id}"
    assert nia.post(address, {"do": "record"}).status_code == 422
    assert "Add the paper that they signed." in words(nia.post(address, {"do": "record", "said": "agree"}))
    paper = SimpleUploadedFile("signed.txt", b"I agree. A. Okafor", content_type="text/plain")
    nia.post(address, {"do": "record", "said": "agree", "paper": paper})
    assert "on signed paper; a copy is enclosed" in words(nia.get(f"{address}/letter"))
    assert "You agreed. We write to your doctor" in words(amara.get(f"/me/letters/{made.id}"))
    nia.post(address, {"do": "record", "said": "refuse"})
    assert "You said no" in words(amara.get(f"/me/letters/{made.id}"))
    assert "They told us on paper" not in words(nia.get(address))


def test_a_person_is_offered_what_is_possible_now_and_no_more(world, amara):
    made = sent(world, see_first=True)
    path = f"/me/letters/{made.id}"
    page = words(amara.get(path))
    until = clock.today() + timedelta(days=21)
    assert f"by {until:%A} {until.day} {until:%B}" in page
    assert "I have seen it, and agree that it is sent" in page
    assert "Yes, and I need not see it first" not in page
    amara.post(path, {"decision": "agree"})
    assert stored(world, made).state == "sent-see-first"
    amara.post(path, {"decision": "arranged"})
    assert "It is sent only once you agree." in words(amara.get(path))
    amara.post(path, {"decision": "refuse"})
    page = amara.get(path)
    assert "You said no" in words(page)
    assert 'name="decision"' not in page.content.decode()


def test_a_report_that_was_kept_back_does_not_open_for_the_person(world, amara, nia):
    made = receive(world, sent(world), kept_back="serious-harm")
    assert "cannot be shown to you here" in words(amara.get(f"/me/letters/{made.id}"))
    assert amara.get(f"/me/letters/{made.id}/file").status_code == 404
    assert "Not shown to the person: it would be likely to do serious harm" in words(
        nia.get(f"/clinic/medical-reports/{made.id}")
    )


def test_what_the_service_has_not_confirmed_is_marked_and_the_source_is_shown(world, nia):
    page = words(nia.get(f"/clinic/medical-reports/{asked(world).id}"))
    assert "Not confirmed" in page
    assert "General knowledge of the field" in page


def test_no_manager_hr_colleague_or_stranger_opens_any_of_it(world):
    made = receive(world, sent(world))
    clinic = [f"/clinic/medical-reports/{made.id}{more}" for more in ("", "/letter", "/file")]
    own = [f"/me/letters/{made.id}{more}" for more in ("", "/file")]
    for who, paths in (("ben", clinic + own), ("cara", clinic + own), ("sam", clinic + own), ("uma", clinic),
                       ("joe", clinic + own), ("nia", own)):  # fmt: skip
        client = client_of(world, who)
        for path in paths:
            assert client.get(path).status_code in (404, 429), (who, path)
    ben = client_of(world, "ben")
    for path in ("/manager", "/manager/referrals", "/manager/advice"):
        assert "doctor" not in words(ben.get(path)).lower()
    with within(world.as_worker.scope):
        assert MedicalReport.objects.get().state == "received"


def test_the_pages_ask_little(world, nia, amara):
    made = sent(world)
    case = made.case_id
    for path in (f"/clinic/cases/{case}/medical-report", f"/clinic/medical-reports/{made.id}",
                 f"/clinic/medical-reports/{made.id}/letter", f"/clinic/cases/{case}"):  # fmt: skip
        assert len(queries_of(nia, path)) <= MOST_QUERIES, path
    for path in (f"/me/letters/{made.id}", "/me", "/me/record"):
        assert len(queries_of(amara, path)) <= MOST_QUERIES, path
