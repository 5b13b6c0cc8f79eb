"""A clinical lead reads sampled reports, closes incidents, notes supervision; who must not, cannot."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from openoh.foundation.audit.models import Event, Reading
from openoh.foundation.core import clock
from openoh.foundation.core.scope import within
from openoh.pathway.quality.models import Incident, PeerReview, Supervision
from openoh.pathway.quality.rules import content, is_sampled
from openoh.pathway.reports.models import Report
from tests.pages.clinic_stories import declare_family, sampled_report, words
from tests.pathway.diary import WEDNESDAY
from tests.signing_in import client_of
from tests.stories import open_case, signed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


@pytest.fixture
def rita(world):
    return client_of(world, "rita")


INCIDENT = {"happened_on": "2026-01-12", "kind": "delay", "severity": "low", "what": "She waited for a call."}


def raised(world, who="nia", **changes) -> Incident:
    answer = client_of(world, who).post("/clinic/incidents", INCIDENT | changes)
    assert answer.status_code == 302
    with within(world.as_worker.scope):
        return Incident.objects.order_by("-raised_at", "-pk").first()


# The sample


def test_the_sample_is_stable_and_as_large_as_its_rule_says():
    identifiers = [UUID(int=number) for number in range(20_000)]
    chosen = [each for each in identifiers if is_sampled(each)]
    assert chosen == [each for each in identifiers if is_sampled(each)]
    share = len(identifiers) / int(content()["one_in"])
    assert share * 0.9 < len(chosen) < share * 1.1


def test_a_sampled_report_is_read_once_by_somebody_else_with_a_coded_outcome(world, rita):
    report = sampled_report(world)
    path = f"/clinic/lead/reports/{report.pk}"
    assert "Amara Okafor signed by Nia Bevan" in words(rita.get("/clinic/lead/quality"))
    assert "She can do most of her work." in words(rita.get(path))
    for form, sentence in (
        ({}, "Choose whether you agree."),
        ({"outcome": "discuss"}, "Choose what you want to discuss."),
        ({"outcome": "discuss", "points": ["rude"]}, "Choose from the list."),
    ):
        refused = rita.post(path, form)
        assert (refused.status_code, sentence in words(refused)) == (422, True)
    assert rita.post(path, {"outcome": "discuss", "points": ["unclear"]}).status_code == 302
    assert "Amara" not in words(rita.get("/clinic/lead/quality"))
    assert rita.post(path, {"outcome": "agree"}).status_code == 409
    told = "Read as a colleague by Rita Costa I want to discuss it with the author. The advice is not clear enough"
    assert told in words(client_of(world, "nia").get(f"/clinic/reports/{report.pk}"))
    assert "Read as a colleague" not in words(client_of(world, "omar").get(f"/clinic/reports/{report.pk}"))
    with within(world.as_worker.scope):
        (kept,) = PeerReview.objects.all()
        assert (kept.outcome, kept.points, kept.reviewer) == ("discuss", ["unclear"], world.users["rita"].pk)
        assert Event.objects.filter(verb="report.reviewed").count() == 1
        assert Reading.objects.filter(user_id=world.users["rita"].pk, page="clinic:review").exists()


def test_an_author_never_reads_their_own_and_nobody_reads_what_was_not_sampled(world, rita):
    own = sampled_report(world, by=world.as_lead)
    assert "Amara" not in words(rita.get("/clinic/lead/quality"))
    refused = rita.post(f"/clinic/lead/reports/{own.pk}", {"outcome": "agree"})
    assert (refused.status_code, "Somebody else reads it" in words(refused)) == (403, True)
    with within(world.as_worker.scope):
        assert not PeerReview.objects.exists()


def test_a_report_outside_the_sample_is_not_picked_out(world, rita):
    case = open_case(world)
    report = signed(world, case)
    while is_sampled(report.pk):
        with within(world.as_worker.scope):
            Report.objects.filter(pk=report.pk).update(state="superseded")
        report = signed(world, case)
    assert rita.post(f"/clinic/lead/reports/{report.pk}", {"outcome": "agree"}).status_code == 409


# Incidents


def test_an_incident_is_written_down_by_anybody_and_closed_by_the_lead_with_what_was_learned(world, rita):
    incident = raised(world, person=str(world.amara.pk))
    assert "about Amara Okafor" in words(rita.get("/clinic/lead/quality"))
    path = f"/clinic/lead/incidents/{incident.pk}"
    assert "She waited for a call." in words(rita.get(path))
    silent = rita.post(path, {"learning": " "})
    assert (silent.status_code, "Write what was learned" in words(silent)) == (422, True)
    assert rita.post(path, {"learning": "We ring by ten."}).status_code == 302
    page = words(rita.get(path))
    assert "We ring by ten." in page
    assert "Closed by Rita Costa" in page
    assert rita.post(path, {"learning": "Again."}).status_code == 409
    assert "No incident is open." in words(rita.get("/clinic/lead/quality"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"happened_on": ""}, "Say on which day it happened."),
        ({"happened_on": "2026-01-15"}, "The day is still to come."),
        ({"kind": "boredom"}, "Choose from the list."),
        ({"severity": ""}, "Choose from the list."),
        ({"what": ""}, "Write what happened"),
    ],
)
def test_an_incident_that_says_too_little_is_explained_and_kept(world, change, sentence):
    refused = client_of(world, "nia").post("/clinic/incidents", INCIDENT | change)
    assert (refused.status_code, sentence in words(refused)) == (422, True)
    with within(world.as_worker.scope):
        assert not Incident.objects.exists()


def test_incidents_are_seen_by_the_lead_and_whoever_wrote_them_and_never_about_ones_own_family(world, rita):
    raised(world)
    about = raised(world, person=str(world.amara.pk))
    assert "She waited" not in words(client_of(world, "omar").get("/clinic/incidents"))
    assert "None." in words(client_of(world, "omar").get("/clinic/incidents"))
    assert "about Amara" in words(client_of(world, "nia").get("/clinic/incidents"))
    for who in ("nia", "omar", "uma", "sam", "amara", "ben"):
        assert client_of(world, who).get(f"/clinic/lead/incidents/{about.pk}").status_code == 404
        assert client_of(world, who).get("/clinic/lead/quality").status_code == 404
    declare_family(world, "rita", "amara")
    assert rita.get(f"/clinic/lead/incidents/{about.pk}").status_code == 404
    assert "Amara" not in words(rita.get("/clinic/lead/quality"))
    assert client_of(world, "omar").get(f"/clinic/incidents?person={world.femi.pk}").status_code == 404


# Supervision


def test_supervision_is_due_until_it_is_noted_and_again_after_its_days(world, rita):
    nia = world.clinicians["nia"]
    assert "Nia Bevan Occupational health nurse. None is noted yet." in words(
        rita.get("/clinic/lead/quality")
    )
    path = f"/clinic/lead/supervision/{nia.pk}"
    early = rita.post(path, {"held_on": "2026-01-20", "supervisor": "Omar Haddad"})
    assert (early.status_code, "still to come" in words(early)) == (422, True)
    assert rita.post(path, {"held_on": "2026-01-13", "supervisor": "Omar Haddad"}).status_code == 302
    assert "Nia Bevan Occupational" not in words(rita.get("/clinic/lead/quality"))
    with within(world.as_worker.scope):
        (held,) = Supervision.objects.all()
    assert held.next_on - held.held_on == timedelta(days=int(content()["supervision_days"]))
    assert held.held_on == date(2026, 1, 13)
    with clock.held_at(WEDNESDAY + timedelta(days=int(content()["supervision_days"]))):
        later = words(client_of(world, "rita").get("/clinic/lead/quality"))
        assert "Nia Bevan Occupational health nurse. Due since" in later
    foreign = world.clinicians["uma"]
    assert rita.post(f"/clinic/lead/supervision/{foreign.pk}", {"held_on": "2026-01-13"}).status_code == 404
