"""An appointment as an iCalendar file (RFC 5545, RFC 5546) for the person's own calendar."""

from __future__ import annotations

from icalendar import Calendar, Event

from openoh.foundation.core import clock
from openoh.pathway.clinics.models import Appointment
from openoh.pathway.clinics.rules import choices


def invitation(appointment: Appointment) -> bytes:
    """The file. A newer `sequence` replaces what the calendar has; a cancelled appointment removes it.

    It says nothing about health, the service, the clinician or the place, since other people see calendars.
    """
    cancelled = appointment.state == "cancelled"
    words = choices("invitation")
    event = Event()
    event.add("uid", f"{appointment.id}@appointments")
    event.add("sequence", appointment.sequence + cancelled)
    event.add("dtstamp", clock.now())
    event.add("dtstart", appointment.starts_at)
    event.add("dtend", appointment.ends_at)
    event.add("summary", words["summary"])
    event.add("description", words["description"])
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", "-//OpenOH//Appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
