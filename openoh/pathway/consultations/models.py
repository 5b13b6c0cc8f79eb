"""One consultation: coded findings plain, the note sealed; signed once, corrected by addendum."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, Classified
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Person
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics.models import Appointment


class Consultation(Record):
    """What was found. `where_now`, `who_is_there` and `call_back` are asked first when it is remote.

    `revision` counts saves, so that of two who write at once the second is told.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="consultations")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    appointment = models.ForeignKey(Appointment, models.PROTECT, null=True, related_name="+")
    mode = models.CharField(max_length=10, default="video")
    began_at = models.DateTimeField(default=clock.now)
    where_now = models.CharField(max_length=200, blank=True)
    who_is_there = models.CharField(max_length=200, blank=True)
    problems = ArrayField(models.CharField(max_length=40), default=list)
    functions = ArrayField(models.CharField(max_length=40), default=list)
    work_related = models.CharField(max_length=20, blank=True)
    prognosis = models.CharField(max_length=20, blank=True)
    agreed_release = models.CharField(max_length=20, blank=True)
    risk_asked = models.BooleanField(null=True)
    note_sealed = models.BinaryField(null=True)
    revision = models.IntegerField(default=0)
    clinician = models.UUIDField()
    clinician_name = models.CharField(max_length=200)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.UUIDField(null=True)

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"clinical": OF_BOTH, "worker": ANY_ROW},
        write="clinical worker",
        technical="id case person employer provider appointment revision clinician signed_by",
        identity="clinician_name where_now who_is_there",
        coded="mode began_at problems functions work_related prognosis agreed_release risk_asked signed_at",
        sealed="note_sealed",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(signed_at=None, signed_by=None)
                | Q(signed_at__isnull=False, signed_by__isnull=False),
                name="consultation_signed_by_and_at",
            ),
            models.UniqueConstraint(
                fields=["appointment"],
                condition=Q(appointment__isnull=False),
                name="one_consultation_per_appointment",
            ),
        ]
        indexes = [models.Index(fields=["case", "began_at"])]


class Addendum(Record):
    """What was added after signing. The signed note is never changed."""

    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="addenda")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    text_sealed = models.BinaryField()
    written_at = models.DateTimeField(default=clock.now)
    written_by = models.UUIDField()
    written_by_name = models.CharField(max_length=200)

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"clinical": OF_BOTH, "worker": ANY_ROW},
        insert_only="clinical",
        write="worker",
        technical="id consultation person employer provider written_by",
        identity="written_by_name",
        coded="written_at",
        sealed="text_sealed",
    )
