"""The operations. Each calls one action or one query.

Annotations are evaluated here and not left as text: ninja reads them from the guarded function.
"""

from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.responses import Status
from ninja.security import APIKeyCookie, HttpBearer

from openoh import __version__
from openoh.exchange.api.guard import Call, called_by_program, operation, signed_in
from openoh.exchange.api.shapes import (
    AdjustmentOut,
    AppointmentOut,
    BookingIn,
    Code,
    DayOut,
    EncounterIn,
    EncounterOut,
    PersonIn,
    PersonOut,
    Problem,
    RunOut,
    Search,
    SlotOut,
    SpellIn,
    SpellOut,
)
from openoh.exchange.hr_feed import queries as feed
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import NotAllowed
from openoh.foundation.people import actions as people
from openoh.foundation.people import queries as find_people
from openoh.foundation.people.models import Engagement
from openoh.pathway.adjustments import queries as adjustments
from openoh.pathway.clinics import actions as clinics
from openoh.pathway.clinics import queries as diary
from openoh.pathway.clinics.models import Clinician
from openoh.pathway.consultations import actions as consultations
from openoh.population.absence import actions as absence

REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422, 429), Problem)
FIRST_PAGE = 50


class Session(APIKeyCookie):
    """The session that signing in on a page made. Writing needs its anti-forgery token, in `X-CSRFToken`."""

    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, key: str | None) -> bool:
        return signed_in(request)


class Key(HttpBearer):
    """The key of another program, which somebody who runs the service made: `Authorization: Bearer openoh_…`."""

    def authenticate(self, request: HttpRequest, token: str) -> bool:
        return called_by_program(request, token)


api = NinjaAPI(
    title="OpenOH", version=__version__, auth=[Key(), Session()], docs_url=None, openapi_url=None, urls_namespace="api",
    description="Occupational health: the same actions, permissions and audit as the pages.",
)  # fmt: skip


@api.get("/people", response={200: list[PersonOut]} | REFUSALS, operation_id="findPeople")
@operation("record.clinical")
def find(request: Call, text: Search) -> Any:
    """Persons in the provider's records whose name has every word of `text` in it."""
    found = find_people.find(request.actor, text)
    request.shown_people |= {person.id for person in found}
    return found


@api.post("/people", response={201: PersonOut} | REFUSALS, operation_id="addPerson")
@operation("record.clinical")
def add_person(request: Call, body: PersonIn) -> Any:
    """Register somebody whom no employer's extract has brought."""
    if request.actor.provider is None:
        raise NotAllowed("You do not act for an occupational health service.")
    return Status(201, people.add_person(by=request.actor, provider=request.actor.provider, **body.dict()))


@api.get("/slots", response={200: list[SlotOut]} | REFUSALS, operation_id="freeSlots")
@operation("diary.run")
def free_slots(request: Call, service: Code, mode: Code | None = None) -> Any:
    """The next free times of a service, earliest first."""
    return diary.free_slots(request.actor, service=service, mode=mode)


@api.get("/day", response={200: DayOut} | REFUSALS, operation_id="clinicianDay")
@operation("record.clinical")
def clinician_day(request: Call, on: date) -> Any:
    """The diary of the clinician who is signed in."""
    found = diary.day(request.actor, _own_clinician(request.actor).pk, on)
    request.shown_people |= {appointment.person_id for appointment in found.appointments}
    return {"appointments": found.appointments, "free": found.free}


@api.post("/appointments", response={201: AppointmentOut} | REFUSALS, operation_id="bookAppointment")
@operation("diary.run")
def book(request: Call, body: BookingIn) -> Any:
    """Take a free time for somebody. The last free time is given once."""
    booked = clinics.book(
        by=request.actor, slot_id=body.slot, person_id=body.person, needs=body.needs, call_back=body.call_back
    )
    return Status(201, booked)


@api.post(
    "/appointments/{appointment}/encounter",
    response={201: EncounterOut} | REFUSALS,
    operation_id="recordEncounter",
)
@operation("consultation.write")
def record_encounter(request: Call, appointment: UUID, body: EncounterIn) -> Any:
    """Write down what was found at an appointment: codes, and a note that is encrypted."""
    saved = consultations.record(
        by=request.actor, appointment_id=appointment, values={"problems": body.problems}, note=body.note
    )
    request.shown_people.add(saved.person_id)
    return Status(201, saved)


@api.get("/me/passport", response={200: list[AdjustmentOut]} | REFUSALS, operation_id="ownPassport")
@operation("own.record")
def own_passport(request: Call) -> Any:
    """The adjustments in force of the person who is signed in."""
    return adjustments.passport(request.actor)


@api.get("/imports", response={200: list[RunOut]} | REFUSALS, operation_id="listImports")
@operation("feed.run")
def list_imports(request: Call) -> Any:
    """The newest imports of the employer, newest first."""
    return list(feed.runs(request.actor)[:FIRST_PAGE])


@api.post("/absence", response={201: SpellOut} | REFUSALS, operation_id="recordAbsence")
@operation("people.maintain")
def record_absence(request: Call, body: SpellIn) -> Any:
    """Record an absence of somebody who works for the employer. The reason is kept only when a purpose names it."""
    engagement = Engagement.objects.get(pk=body.engagement, employer_id__in=request.actor.employers)
    recorded = absence.record_spell(
        by=request.actor, engagement=engagement, started_on=body.started_on, ended_on=body.ended_on,
        reason=body.reason or None,
    )  # fmt: skip
    return Status(201, recorded)


def _own_clinician(actor: Actor) -> Clinician:
    if actor.user is None or actor.provider is None:
        raise Clinician.DoesNotExist
    return Clinician.objects.get(user_id=actor.user, provider_id=actor.provider)
