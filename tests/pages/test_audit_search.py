"""The audit is looked through by person, colleague, kind and day; looking is itself written down."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from openoh.foundation.audit.models import Event, Reading
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Person
from openoh.foundation.people.trigrams import index_names
from tests.pages.test_query_counts import LIMIT, asked
from tests.pages.test_service import text_of
from tests.signing_in import client_of

pytestmark = pytest.mark.django_db
WORKER = Scope(Audience.WORKER)
PATH = "/service/audit"


@pytest.fixture
def events(world):
    """Ten days of changes: the nurse about Amara, the physician about Joe, each on every day."""
    with within(WORKER):
        for days in range(10):
            for who, whom, verb in (
                ("nia", "amara", "appointment.booked"), ("omar", "joe", "case.opened"),
            ):  # fmt: skip
                Event.objects.create(
                    at=clock.now() - timedelta(days=days), user_id=world.users[who].pk, actor=world.users[who].name,
                    role="oh-nurse", verb=verb, person_id=world.people[whom].pk, provider_id=world.provider.pk,
                )  # fmt: skip
        Event.objects.create(
            actor="Uma Patel", user_id=world.users["uma"].pk, role="oh-nurse", verb="case.opened",
            person_id=world.femi.pk, provider_id=world.other_provider.pk,
        )  # fmt: skip
    return world


def rows(page: str) -> tuple[int, int]:
    """How many changes of the nurse and of the physician are listed."""
    return len(re.findall(r"<span>Nia Bevan", page)), len(re.findall(r"<span>Omar Haddad", page))


def look(world, **asked: str):
    return client_of(world, "sam").get(PATH, asked)


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ({}, (10, 10)),
        ({"person": "okaf"}, (10, 0)),
        ({"person": "RNS-joe"}, (0, 10)),
        ({"colleague": "nia bev"}, (10, 0)),
        ({"kind": "case.opened"}, (0, 10)),
        ({"kind": "case.opened", "colleague": "Nia"}, (0, 0)),
        ({"kind": "no-such.kind"}, (10, 10)),
    ],
)
def test_what_is_listed_is_what_was_asked_for(events, sought, found):
    answer = look(events, **sought)
    assert (answer.status_code, rows(answer.content.decode())) == (HTTPStatus.OK, found)
    assert "Uma Patel" not in answer.content.decode()


def test_from_a_day_until_a_day_both_included(events):
    first, last = clock.today() - timedelta(days=5), clock.today() - timedelta(days=3)
    days = {
        f"{name}-{part}": str(getattr(day, part))
        for name, day in (("first", first), ("last", last)) for part in ("day", "month", "year")
    }  # fmt: skip
    assert rows(look(events, **days).content.decode()) == (3, 3)
    turned = {name.replace("first", "x").replace("last", "first").replace("x", "last"): value
              for name, value in days.items()}  # fmt: skip
    answer = look(events, **turned)
    assert (answer.status_code, "must not be before" in text_of(answer)) == (422, True)


@pytest.mark.parametrize(
    ("sought", "words"),
    [
        ({"person": "adeyemi"}, "Nobody in your records has this name or number"),
        ({"person": "PNS-femi"}, "Nobody in your records has this name or number"),
        ({"colleague": "uma"}, "Nobody in this service has this name"),
        ({"first-day": "31", "first-month": "2", "first-year": "2026"}, "This is not a date"),
    ],
)
def test_nobody_elses_people_or_colleagues_are_found_and_mistakes_are_said(events, sought, words):
    answer = look(events, **sought)
    assert (answer.status_code, words in text_of(answer)) == (422, True)
    assert rows(answer.content.decode()) == (0, 0)


def test_of_several_people_one_is_chosen_and_the_other_questions_stay(events):
    with within(WORKER):
        other = Person.objects.create(provider=events.provider, given_name="Obi", family_name="Okafor")
        index_names([other.pk])
    page = look(events, person="okafor", kind="appointment.booked").content.decode()
    assert "Whom do you mean?" in page
    assert rows(page) == (0, 0)
    address = next(
        html.unescape(each) for each in re.findall(r'href="([^"]+)"', page) if str(events.amara.pk) in each
    )
    page = client_of(events, "sam").get(address).content.decode()
    assert rows(page) == (10, 0)
    assert "kind=appointment.booked" in address
    assert look(events, who=str(events.femi.pk)).status_code == HTTPStatus.NOT_FOUND
    assert look(events, who="x").status_code == HTTPStatus.NOT_FOUND


def test_the_pages_of_a_search_go_on_from_the_last(events):
    with within(WORKER):
        Event.objects.bulk_create(
            Event(at=clock.now() - timedelta(minutes=n), user_id=events.users["nia"].pk, actor=f"Number {n:03}",
                  role="oh-nurse", verb="case.opened", provider_id=events.provider.pk) for n in range(120)
        )  # fmt: skip
    client, path, seen = client_of(events, "sam"), f"{PATH}?colleague=nia&kind=case.opened", []
    while path:
        page = client.get(path).content.decode()
        seen += re.findall(r"Number \d{3}", page)
        more = re.search(r'href="(/service/audit\?[^"]*before=[^"]+)"', page)
        path = more and html.unescape(more[1])
    assert seen == [f"Number {n:03}" for n in range(120)]


def test_looking_for_somebody_is_written_down_and_the_person_can_see_it(events):
    look(events)
    with within(WORKER):
        assert not Event.objects.filter(verb="audit.searched").exists()
    look(events, person="okafor", colleague="nia")
    with within(WORKER):
        (searched,) = Event.objects.filter(verb="audit.searched")
        (reading,) = Reading.objects.filter(page="service:audit")
    assert searched.details == {
        "person": str(events.amara.pk), "colleagues": [str(events.users["nia"].pk)]
    }  # fmt: skip
    assert (searched.actor, reading.person_ids) == ("Sam Doyle", [events.amara.pk])


def test_a_search_asks_the_database_at_most_twelve_times(events):
    client = client_of(events, "sam")
    sought = {"person": "okafor", "colleague": "nia", "kind": "case.opened"}
    client.get(PATH, sought)
    with CaptureQueriesContext(connection) as captured:
        client.get(PATH, sought)
    questions = asked(captured.captured_queries)
    assert len(questions) <= LIMIT, questions
