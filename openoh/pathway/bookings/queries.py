"""What waits for the person to choose a time, and whether they may."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.foundation.core.decisions import Decision
from openoh.pathway.bookings import rules
from openoh.pathway.bookings.access import visible_to
from openoh.pathway.bookings.models import BookingInvitation
from openoh.pathway.cases.access import visible_to as cases_visible_to
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics.models import Appointment
from openoh.pathway.clinics.queries import LIVE
from openoh.pathway.services.queries import catalogue


@composed
def waiting_for_a_time(actor: Actor) -> QuerySet[BookingInvitation]:
    """Invitations that the person has still to answer, and that have times to choose from, the oldest first."""
    open_ones = visible_to(actor).filter(ended_at=None, offered_at__isnull=False)
    return open_ones.order_by("offered_at", "id")


def own_case(actor: Actor, case_id: UUID) -> Case:
    """Raises DoesNotExist for a case that is not the actor's to see."""
    return cases_visible_to(actor).select_related("employer", "provider").get(pk=case_id)


def may_choose(case: Case) -> Decision:
    """`case` comes from `visible_to`."""
    newest = BookingInvitation.objects.filter(case=case).order_by("-made_at", "-id").first()
    held = appointments_of(case)
    return rules.may_choose(
        closed=case.state == "closed", by_appointment=is_by_appointment(case.service),
        invited=newest is not None or held.filter(state="cancelled").exists(),
        has_time=held.filter(
            state__in=LIVE, ends_at__gte=newest.made_at if newest else case.opened_at
        ).exists(),
    )  # fmt: skip


def appointments_of(case: Case) -> QuerySet[Appointment]:
    """Those of the case, and one that was booked with the request before the case was open."""
    of_case = Q(case_id=case.pk)
    if case.request_id:
        of_case |= Q(request_id=case.request_id)
    return Appointment.objects.filter(of_case, person_id=case.person_id)


def is_by_appointment(service: str) -> bool:
    """Whether a service or a route has appointments at all."""
    return service in catalogue() and catalogue()[service].appointments
