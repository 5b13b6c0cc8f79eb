"""The demonstration, loaded into a database of its own: every list that a persona sees has something in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from openoh.demo.load import load
from openoh.foundation.access.queries import grants_of
from openoh.foundation.accounts.models import User
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.models import Delivery
from openoh.foundation.core.scope import within
from openoh.foundation.notifications.models import Message
from openoh.foundation.organisations.models import Employer
from openoh.pathway.adjustments.access import visible_to as adjustments_of
from openoh.pathway.cases import queries as cases
from openoh.pathway.clinics import queries as clinics
from openoh.pathway.clinics.models import Appointment, Clinician
from openoh.pathway.clocks.models import Clock
from openoh.pathway.consultations.models import Consultation
from openoh.pathway.outcomes.models import PersonOutcome
from openoh.pathway.referrals.access import visible_to as referrals_of
from openoh.pathway.reports import queries as reports
from openoh.pathway.reports.models import Report
from openoh.pathway.reports.opening import copies_for
from openoh.pathway.risk.queries import cover_at, open_flags
from openoh.pathway.triage.queries import OURS, THEIRS, queue
from openoh.population.measures.models import MeasureValue
from openoh.population.offers import queries as offers
from openoh.population.offers.actions import answer


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demonstration")


@pytest.fixture(scope="module")
def demonstration(cluster, template_database, django_db_blocker, folder):
    """Loaded once for this module, into a database that is dropped afterwards."""
    import os

    from django.db import connections

    from openoh.foundation.core import database
    from tests.conftest import copy_of, point_django_at

    before, name = os.environ["DATABASE_URL"], f"demo_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    point_django_at(copy_of(cluster, template_database, name))
    with django_db_blocker.unblock():
        load(folder, staff=600)
        yield
        connections.close_all()
    point_django_at(before)
    database.drop(cluster, name)


def test_the_police_force_has_a_night_partner_of_its_own(demonstration):
    with within(Scope(Audience.WORKER)):
        police = Employer.objects.get(kind="police")
        serving = police.contracts.get().provider_id
        night = datetime(2026, 1, 14, 2, tzinfo=UTC)
        assert cover_at(serving, police.pk, night).name == "Blue Lamp night line"
        assert cover_at(serving, None, night).name == "Vale night crisis team"


def persona(folder, name):
    """The actor that this persona becomes on signing in, in the role that the list of personas says."""
    (entry,) = [
        entry for entry in json.loads((folder / "personas.json").read_text()) if entry["name"] == name
    ]
    user = User.objects.get(email=entry["email"])
    return next(grant.actor for grant in grants_of(user.pk, user.name) if grant.actor.role == entry["role"])


def everything(model, **conditions):
    with within(Scope(Audience.WORKER)):
        return list(model.objects.filter(**conditions))


def test_every_persona_can_sign_in_in_their_role(demonstration, folder):
    names = [entry["name"] for entry in json.loads((folder / "personas.json").read_text())]
    assert len(names) == len(set(names)) >= 18
    for name in names:
        assert persona(folder, name).permissions


def test_amara_has_an_offer_that_she_can_accept(demonstration, folder):
    amara = persona(folder, "Amara Okafor")
    with within(amara.scope):
        (offer,) = offers.open_offers(amara)
    assert offer.offer.topic == "musculoskeletal"
    from django.db import transaction

    with transaction.atomic():
        assert answer(by=amara, offer=offer.offer, reply="accept").state == "accepted"
        transaction.set_rollback(True)


def test_mei_has_a_report_to_decide_on_and_time_left(demonstration, folder):
    mei = persona(folder, "Mei Chen")
    with within(mei.scope):
        (report,) = reports.waiting_for_person(mei)
    assert report.decide_by > clock.now()


def test_ben_has_something_at_every_stage(demonstration, folder):
    ben = persona(folder, "Ben Carter")
    with within(ben.scope):
        states = set(referrals_of(ben).values_list("state", flat=True))
        assert {"accepted", "returned", "advised"} <= states
        assert copies_for(ben).count() == 2
        adjustments = set(adjustments_of(ben).values_list("state", flat=True))
    assert adjustments == {"recommended", "done", "partly"}


@pytest.mark.parametrize("name", ["Nia Bevan", "Pat Novak"])
def test_todays_diary_is_full_whatever_day_it_is(demonstration, folder, name):
    actor = persona(folder, name)
    with within(actor.scope):
        clinician = Clinician.objects.get(user=actor.user)
        day = clinics.day(actor, clinician.pk, clock.today())
        assert 4 <= len(day.appointments) <= 6
        assert cases.caseload(actor)


def test_the_nurse_finds_work_in_every_list(demonstration, folder):
    nia = persona(folder, "Nia Bevan")
    with within(nia.scope):
        waiting = queue(nia, limit=50)
        assert {(each.kind, each.turn) for each in waiting} == {
            ("request", OURS), ("request", THEIRS), ("referral", OURS), ("referral", THEIRS),
        }  # fmt: skip
        assert all(each.due_at for each in waiting), "everything that waits has a clock"
        assert waiting[0].at_risk
        (flag,) = open_flags(nia)
        assert (flag.owner_name, flag.state) == ("Nia Bevan", "contacted")
        assert offers.release_queue(nia).exists()
        assert cases.unowned(nia)
        assert len({load.rank for load in cases.caseload(nia, limit=50)}) >= 2


@pytest.mark.parametrize("name", ["Omar Haddad", "Quin Abara"])
def test_the_other_clinicians_have_cases_too(demonstration, folder, name):
    actor = persona(folder, name)
    with within(actor.scope):
        assert cases.caseload(actor)


def test_the_police_have_their_own(demonstration, folder):
    uma = persona(folder, "Uma Patel")
    with within(uma.scope):
        assert [load.case.person.given_name for load in cases.caseload(uma)] == ["Femi"]


def test_appointments_consultations_reports_and_outcomes_come_in_every_state(demonstration):
    assert {row.state for row in everything(Appointment)} == {"booked", "attended", "did-not-attend"}
    assert {row.signed_at is not None for row in everything(Consultation)} == {True}
    assert {row.state for row in everything(Report)} == {"draft", "with-person", "released"}
    assert {row.state for row in everything(PersonOutcome)} == {"waiting", "asked", "answered", "lost"}


def test_clocks_and_messages_arose_and_nothing_is_left_to_do(demonstration):
    kinds = {row.kind for row in everything(Clock)}
    assert {"triage", "self-referral-contact", "report", "first-nurse", "first-physician"} <= kinds
    assert {row.stopped_at is None for row in everything(Clock, kind="report")} == {True, False}
    told = {row.template for row in everything(Message)}
    assert {
        "appointment-booked",
        "document-to-check",
        "document-released",
        "how-it-went",
        "task-urgent",
    } <= told
    assert everything(Delivery) == []


def test_the_figures_of_a_past_month_are_large_enough_to_be_shown(demonstration):
    figures = everything(MeasureValue, employer=None, provider__code="OHV")
    newest = max(figure.first for figure in figures if not figure.live)
    shown = {figure.code for figure in figures if figure.first == newest and figure.value is not None}
    assert shown >= {
        "new-absences", "help-asked", "referrals", "triage-in-time", "attendance", "reports-in-time",
        "adjustments-made",
    }  # fmt: skip
    # Outcomes take seven weeks to be known: early in a month theirs is the month that is still settling.
    known = {figure.code for figure in figures if figure.first >= newest and figure.value is not None}
    assert known >= {"back-at-work", "lost-to-follow-up"}
