"""Everything that waits for the person, the most urgent first: what has counted days, then what others wait for."""

from __future__ import annotations

from django.urls import reverse

from openoh.foundation.core.actors import Actor
from openoh.pages.employee import presenters
from openoh.pages.employee.presenters import Line
from openoh.pathway.bookings.models import BookingInvitation
from openoh.pathway.bookings.queries import waiting_for_a_time
from openoh.pathway.medical_reports.queries import waiting_for_person as doctors_reports_waiting_for
from openoh.pathway.outcomes.queries import waiting_for as outcomes_waiting_for
from openoh.pathway.reports.queries import waiting_for_person
from openoh.pathway.requests.models import HelpRequest
from openoh.pathway.requests.queries import unanswered
from openoh.population.offers.queries import open_offers


def waiting_for(actor: Actor) -> list[Line]:
    """Reports, questions and times first; then what was begun, offers, and how it went."""
    requests = unanswered(actor)
    return [
        *(presenters.report_line(each) for each in waiting_for_person(actor)),
        *(presenters.doctors_report_line(each) for each in doctors_reports_waiting_for(actor)),
        *(_question_line(each) for each in requests if each.state == "asked"),
        *(_time_line(each) for each in waiting_for_a_time(actor)),
        *(_begun_line(each) for each in requests if each.state == "started"),
        *(presenters.offer_line(each) for each in open_offers(actor)),
        *(presenters.outcome_line(each) for each in outcomes_waiting_for(actor)),
    ]


def _question_line(found: HelpRequest) -> Line:
    address = reverse("employee:request", args=[found.pk])
    return Line(found.started_at, "We have a question for you", address, state="Answer it", colour="orange")


def _begun_line(found: HelpRequest) -> Line:
    return Line(
        found.started_at, "You began to ask for help", reverse("employee:help"),
        detail="What you answered is saved. It has not been sent.", state="Go on where you stopped", colour="grey",
    )  # fmt: skip


def _time_line(found: BookingInvitation) -> Line:
    return Line(
        found.offered_at or found.made_at, "Choose a time for your appointment",
        reverse("employee:case-times", args=[found.case_id]), detail=presenters.service_title(found.service),
        state="Choose a time", colour="blue",
    )  # fmt: skip
