"""Invitations to choose a time: the person's own, and those of clinicians in care of them."""

from __future__ import annotations

from django.db.models import QuerySet

from openoh.foundation.access.own_record import of_own_care
from openoh.foundation.core.actors import Actor
from openoh.pathway.bookings.models import BookingInvitation


def visible_to(actor: Actor) -> QuerySet[BookingInvitation]:
    return BookingInvitation.objects.filter(of_own_care(actor))
