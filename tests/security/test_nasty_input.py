"""An attack: whatever is typed into an address, a field or a date, no page breaks and none says how it is made.

Every page that the role table names is asked with things that programs stumble over: NUL and other control characters,
numbers that fit no column, days at the edge of the calendar, letters that look like others, very long texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from openoh.foundation.core import clock
from openoh.foundation.core.scope import within
from openoh.pages.role_table import Route
from openoh.pathway.adjustments.models import Adjustment
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics.actions import book
from openoh.pathway.clinics.models import Slot
from openoh.pathway.referrals.models import Referral
from openoh.pathway.requests import actions as requests
from openoh.population.absence.actions import record_spell
from tests.pathway.diary import WEDNESDAY, request_of, session
from tests.security.test_role_table import HOLDERS, OURS, roles_of
from tests.signing_in import client_of
from tests.stories import copies, released
from tests.world import World

pytestmark = pytest.mark.django_db
NUL = "a\x00b"
MIXED = "9" * 300 + "-1 ١٢ \u202e gnp '; -- {{7*7}} =1+1"
NASTY = [NUL, MIXED]
MORE = [
    "\ud800".encode("utf-8", "surrogatepass"),
    "9" * 400,
    "-1",
    "١٢",
    "a" * 50_000,
    "[]",
    "%s%n",
    "../../x",
]
NO_DAY = "99999999999999999999"
DAYS = [("1", "1", "1"), ("31", "12", "9999")]
MORE_DAYS = [("0", "0", "0"), (NO_DAY, "1", "2026"), (NUL, "1", "2026"), ("²", "1", "1"), ("29", "2", "2100")]
TELLS = re.compile(r"Traceback|psycopg|django\.|SELECT |DETAIL:")


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


@pytest.fixture
def known(world: World) -> dict[str, object]:
    """Something real for each part of an address: what a case that was lived through has left."""
    report = released(world)
    (copy,) = copies(world.as_ben)
    (slot, *_) = session(world, clinician="nia", service="nurse", hours=2)
    request = requests.send(by=world.as_amara, request_id=request_of(world.as_amara).id)
    spell = record_spell(by=world.as_hr, engagement=world.engagements["amara"], started_on=clock.today())
    booked = book(by=world.as_nurse, slot_id=slot.pk, person_id=world.amara.pk)
    with within(world.as_worker.scope):
        return {
            "report": report.pk, "report_id": report.pk, "released": copy.pk, "slot_id": Slot.objects.last().pk,
            "appointment": booked.pk, "appointment_id": booked.pk, "request_id": request.pk, "spell": spell.pk,
            "case": Case.objects.first().pk, "referral": Referral.objects.get().pk, "person": world.amara.pk,
            "adjustment": Adjustment.objects.first().pk, "engagement": world.engagements["amara"].pk,
            "thing": request.pk, "kind": "request", "code": "offers-from-absence",
            "slot": Slot.objects.last().pk, "clinician": world.clinicians["pat"].pk, "user": world.users["nia"].pk,
        }  # fmt: skip


def address(route: Route, known: dict[str, object]) -> str:
    return re.sub(
        r"<(?:(\w+):)?(\w+)>",
        lambda part: str(known.get(part[2], {"uuid": UUID(int=7), "int": "1" * 30}.get(part[1], "x"))),
        route.path,
    )


def broken(client: Client, method: str, path: str, sent: dict[str, object]) -> str:
    """What went wrong with this request; empty when it was answered as it should be."""
    cache.clear()  # the limit on guesses is tested elsewhere
    client.raise_request_exception = False
    with transaction.atomic():
        response = getattr(client, method)(path, sent)
        said = response.content.decode(errors="replace") if not response.streaming else ""
        transaction.set_rollback(True)
    if response.status_code >= 500:
        return f"{method} {path} {str(sent)[:80]}: {response.status_code}"
    if TELLS.search(said) and "{{7*7}}" not in said:
        return f"{method} {path}: tells how it is made"
    return f"{method} {path}: ran what was typed" if ">49<" in said else ""


def questions(values: list[object]) -> Iterator[dict[str, object]]:
    for value in values:
        yield dict.fromkeys(
            ["find", "name", "after", "before", "text", "on", "mapping", "next", "service", "mode", "week", "page",
             "from", "to", "state", "day", "month", "organisation", "kind", "deputy", "clinician"], value,
        )  # fmt: skip


def fields_of(client: Client, path: str) -> set[str]:
    cache.clear()
    response = client.get(path)
    text = response.content.decode(errors="replace") if not response.streaming else ""
    return set(re.findall(r'name="([\w-]+)"', text)) - {"csrfmiddlewaretoken", "viewport"}


def forms(
    names: set[str], values: list[object], days: list[tuple[str, str, str]]
) -> Iterator[dict[str, object]]:
    plain = {name for name in names if not name.endswith(("-day", "-month", "-year"))}
    for value in values:
        yield dict.fromkeys(plain | {"do", "choice"}, value)
    stems = {name.rsplit("-", 1)[0] for name in names - plain}
    for day, month, year in days if stems else ():
        parts = {"day": day, "month": month, "year": year}
        dates = {f"{stem}-{part}": value for stem in stems for part, value in parts.items()}
        yield dict.fromkeys(plain, "yes") | dates


# One clinician asks for all: their pages are the same.
WHO = sorted(set(HOLDERS) - {"oh-nurse", "oh-physician", "physiotherapist", "psychologist"})


def breaks(world: World, known: dict[str, object], role: str, values: list, days: list) -> list[str]:
    """What breaks of all that the role may open."""
    client, held = client_of(world, HOLDERS[role]), roles_of(world, HOLDERS[role])
    found = []
    for route in OURS:
        if route.rule.permission is None or not route.roles() & held:
            continue
        path = address(route, known)
        found += [broken(client, "get", path, asked) for asked in questions(values)]
        found += [broken(client, "post", path, sent) for sent in forms(fields_of(client, path), values, days)]
    return sorted(filter(None, found))


@pytest.mark.parametrize("role", WHO)
def test_nothing_that_is_typed_breaks_a_page(world: World, known, role: str):
    assert breaks(world, known, role, NASTY, DAYS) == []


@pytest.mark.long
@pytest.mark.parametrize("role", WHO)
def test_nothing_else_that_is_typed_breaks_a_page(world: World, known, role: str):
    assert breaks(world, known, role, MORE, MORE_DAYS) == []


@pytest.mark.parametrize(
    "path",
    [
        "/", "/sign-in", "/sign-in/confirm", "/personas", "/roles", "/kept", "/two-step/app", "/api/people", "/crisis",
        "/sign-in/passkey", "/%00", "/me/%ff", "/assets/..%2f..%2fconfig/settings.py", "/assets/%00",
        "/employer/absences/99999999999999999999999",
    ],
)  # fmt: skip
def test_nothing_that_a_stranger_sends_breaks_a_page(world: World, path: str):
    client, fields = Client(SERVER_NAME="localhost"), ["email", "code", "next", "assignment", "credential"]
    found = [broken(client, "get", path, asked) for asked in questions(NASTY + MORE)]
    found += [broken(client, "post", path, dict.fromkeys(fields, value)) for value in NASTY + MORE]
    assert list(filter(None, found)) == []
