"""The person is told of a time that was booked, moved or cancelled, with a file for their own calendar."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef

from openoh.foundation.core import clock, facts, ticks
from openoh.foundation.core.actors import Actor, system_actor
from openoh.foundation.core.models import Fact
from openoh.foundation.core.scope import within
from openoh.foundation.notifications.actions import call_off, draft, queue, queue_many
from openoh.foundation.notifications.models import Message
from openoh.foundation.notifications.rules import day_in_words, time_in_words
from openoh.pathway.clinics import rules
from openoh.pathway.clinics.invitation import invitation
from openoh.pathway.clinics.models import Appointment, AppointmentStep

TEMPLATES = {
    "booked": "appointment-booked",
    "moved": "appointment-moved",
    "cancelled": "appointment-cancelled",
}


def register() -> None:
    facts.register("clinics: tell the person", ["appointment.booked", "appointment.ended"], tell_person)
    facts.register("clinics: tell who waits", ["appointment.late"], tell_who_waits)
    ticks.register("clinics: reminders", 300, remind)


def tell_person(fact: Fact, by: Actor) -> None:
    """Nothing about what was changed again meanwhile, and nothing about what is past."""
    found = Appointment.objects.select_related("person").get(pk=fact.subject)
    change = _change(fact)
    if change not in TEMPLATES or not _still_true(fact, found) or found.starts_at <= clock.now():
        return
    reference = f"appointment-{found.id}-{found.sequence}-{found.state}"
    queue(by=by, message=_message(found, TEMPLATES[change], reference, calendar=invitation(found).decode()))


def remind() -> int:
    """The tick: one reminder of each appointment that was booked, or moved, long enough before it."""
    now, before = clock.now(), rules.reminder_before()
    in_time = AppointmentStep.objects.filter(
        subject=OuterRef("pk"), state="booked", at__gte=OuterRef("starts_at") - before
    )
    by = system_actor("reminders")
    with within(by.scope):
        soon = Appointment.objects.filter(
            ~Exists(in_time), state="booked", starts_at__gt=now, starts_at__lte=now + before
        )
        due = {
            f"appointment-reminder-{each.id}-{each.sequence}": each for each in soon.select_related("person")
        }
        told = set(Message.objects.filter(reference__in=due).values_list("reference", flat=True))
        messages = [
            _message(each, "appointment-reminder", name) for name, each in due.items() if name not in told
        ]
        return queue_many(by=by, messages=messages)


def _message(found: Appointment, template: str, reference: str, *, calendar: str = "") -> Message:
    return draft(
        template=template, person_id=found.person_id, employer_id=found.employer_id, provider_id=found.provider_id,
        reference=reference, calendar=calendar,
        values=_values(found) | {"day": day_in_words(found.starts_at.astimezone(clock.UK).date())},
    )  # fmt: skip


def tell_who_waits(fact: Fact, by: Actor) -> None:
    """Nothing to somebody who was seen, moved or cancelled meanwhile, or who was told of another time since.

    What was said before and has not left yet is replaced.
    """
    found = Appointment.objects.select_related("person").get(pk=fact.subject)
    expected = datetime.fromisoformat(str(fact.data["expected_at"]))
    if found.state not in ("booked", "arrived") or found.expected_at != expected:
        return
    message = draft(
        template="appointment-late", person_id=found.person_id, employer_id=found.employer_id,
        provider_id=found.provider_id, reference=f"{_late(found)}{fact.pk}",
        values=_values(found) | {"expected": time_in_words(expected)},
    )  # fmt: skip
    call_off(by=by, beginning=_late(found))
    queue(by=by, message=message)


def _late(found: Appointment) -> str:
    """How the references of messages about its delay begin; each press of the button is one of its own."""
    return f"late-{found.id}-"


def _values(found: Appointment) -> dict[str, object]:
    return {
        "given_name": found.person.known_as or found.person.given_name, "link": f"/me/appointments/{found.id}",
        "time": time_in_words(found.starts_at),
    }  # fmt: skip


def _change(fact: Fact) -> str:
    if fact.kind == "appointment.booked":
        return "moved" if fact.data.get("moved") else "booked"
    return str(fact.data["outcome"])


def _still_true(fact: Fact, found: Appointment) -> bool:
    """Whether the appointment is as the fact told: in that state, at that time."""
    state = "booked" if fact.kind == "appointment.booked" else fact.data["outcome"]
    return found.state == state and found.starts_at == datetime.fromisoformat(str(fact.data["starts_at"]))
