"""What leads to an invitation to choose a time, what ends it, and the messages about it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from openoh.foundation.core import clock, facts, ticks
from openoh.foundation.core.actors import Actor, system_actor
from openoh.foundation.core.models import Fact
from openoh.foundation.notifications.actions import draft, queue
from openoh.pathway.bookings import waits
from openoh.pathway.bookings.actions import chase, end, invite, offer_times
from openoh.pathway.bookings.models import BookingInvitation
from openoh.pathway.cases.models import Case

INVITING = ("case.opened", "case.appointment-planned", "appointment.ended")
ENDING = ("appointment.booked", "case.closed")
WRITING = ("booking.times-offered", "booking.reminded")


def register() -> None:
    facts.register("bookings: invite", INVITING, invite_person)
    facts.register("bookings: end", ENDING, end_invitation)
    facts.register("bookings: tell the person", WRITING, tell_person)
    facts.register("bookings: ask the clinician", ["booking.not-chosen"], ask_clinician)
    waits.register()
    ticks.register("bookings: times to choose", 300, offer_and_chase)


def invite_person(fact: Fact, by: Actor) -> None:
    """Of ended appointments only a cancelled one leads to another; about a missed one a clinician decides first."""
    case = _case_of(fact)
    if case is None or (fact.kind == "appointment.ended" and fact.data.get("outcome") != "cancelled"):
        return
    if invite(by=by, case_id=case):
        offer_times(by=by)


def end_invitation(fact: Fact, by: Actor) -> None:
    if case := _case_of(fact):
        how = BookingInvitation.End.CLOSED if fact.kind == "case.closed" else BookingInvitation.End.BOOKED
        end(by=by, case_id=case, how=how)


def tell_person(fact: Fact, by: Actor) -> None:
    found = BookingInvitation.objects.select_related("person").get(pk=fact.subject)
    if found.ended_at:
        return
    template = "times-to-choose" if fact.kind == "booking.times-offered" else "times-still-to-choose"
    message = draft(
        template=template, person_id=found.person_id, employer_id=found.employer_id, provider_id=found.provider_id,
        reference=f"{template}-{found.pk}",
        values={
            "given_name": found.person.known_as or found.person.given_name,
            "link": f"/me/cases/{found.case_id}/times",
        },
    )  # fmt: skip
    queue(by=by, message=message)


def ask_clinician(fact: Fact, by: Actor) -> None:
    """Silence is nobody's discharge: somebody speaks with the person. A step that is due already stays."""
    today = clock.today()
    not_due = Q(next_step_on=None) | Q(next_step_on__gt=today)
    case = Case.objects.filter(not_due, pk=str(fact.data["case"])).exclude(state="closed")
    case.update(next_step="no-time-chosen", next_step_on=today)


def offer_and_chase() -> None:
    """The tick: new times for those who wait for one, and a word to those who have not chosen."""
    by = system_actor("times to choose")
    offer_times(by=by)
    chase(by=by)


def _case_of(fact: Fact) -> UUID | None:
    """The case that a fact is about; None for a time that was booked before its case is open."""
    case = fact.subject if fact.kind.startswith("case.") else fact.data.get("case")
    return UUID(str(case)) if case else None
