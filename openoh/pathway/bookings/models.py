"""An invitation to choose a time for a case, with what became of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, OF_PERSON, Classified
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Person
from openoh.pathway.cases.models import Case


class BookingInvitation(Record):
    """`offered_at` is when the person was told that there are times to choose from; before that it is the service's
    turn. It ends when a time is booked, when the service speaks with the person instead, or with the case.
    """

    class End(models.TextChoices):
        BOOKED = "booked", "A time is booked"
        SILENCE = "silence", "No time was chosen"
        CLOSED = "closed", "The case is closed"

    case = models.ForeignKey(Case, models.PROTECT, related_name="booking_invitations")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    service = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=clock.now)
    offered_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=20, choices=End, blank=True)

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_BOTH, "worker": ANY_ROW},
        write="clinical worker",
        technical="id case person employer provider",
        coded="service made_at offered_at reminded_at ended_at ended_by",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at=None), name="one_open_booking_invitation"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by="") | (Q(ended_at__isnull=False) & ~Q(ended_by="")),
                name="ended_booking_invitation_says_how",
            ),
        ]
        indexes = [models.Index(fields=["offered_at"], name="open_invitations", condition=Q(ended_at=None))]
