"""Clinicians and their slots; an appointment takes one slot, and nobody can take it twice."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Func, Q

from openoh.foundation.accounts.models import User
from openoh.foundation.core.classification import ANY_ROW, OF_PERSON, OF_PROVIDER, Classified
from openoh.foundation.core.lifecycle import STEP_CODED, STEP_IDENTITY, STEP_TECHNICAL, Step
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Person
from openoh.pathway.clinics.states import APPOINTMENT


class Clinician(Record):
    """Somebody who sees people for a provider. Without a registration in date, nothing clinical can be signed."""

    class Profession(models.TextChoices):
        NURSE = "nurse", "Occupational health nurse"
        PHYSICIAN = "physician", "Occupational health physician"
        PHYSIOTHERAPIST = "physiotherapist", "Physiotherapist"
        PSYCHOLOGIST = "psychologist", "Psychologist"
        TECHNICIAN = "technician", "Technician"

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    profession = models.CharField(max_length=20, choices=Profession)
    qualification = models.CharField(max_length=200, blank=True)
    registration_body = models.CharField(max_length=20, blank=True)
    registration_number = models.CharField(max_length=40, blank=True)
    registered_until = models.DateField(null=True)
    services = models.JSONField(default=list)

    classified = Classified(
        purpose="running-the-service",
        retention="permanent",
        rows={"person": OF_PROVIDER, "clinical": OF_PROVIDER, "service": OF_PROVIDER, "worker": ANY_ROW},
        write="service worker",
        technical="id provider user",
        identity="name profession qualification registration_body registration_number registered_until",
        open="services",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "user"], name="one_clinician_per_account")]

    def __str__(self) -> str:
        return self.name


class Slot(Record):
    """A stretch of a clinician's time for one service. Slots of one clinician never overlap."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    clinician = models.ForeignKey(Clinician, models.PROTECT, related_name="+")
    service = models.CharField(max_length=40)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    during = DateTimeRangeField()
    mode = models.CharField(max_length=10, default="video")
    place = models.CharField(max_length=200, blank=True)
    withdrawn = models.BooleanField(default=False)

    classified = Classified(
        purpose="running-the-service",
        retention="operational",
        rows={"person": OF_PROVIDER, "clinical": OF_PROVIDER, "service": OF_PROVIDER, "worker": ANY_ROW},
        write="clinical service worker",
        technical="id provider clinician",
        open="service starts_at ends_at during mode place withdrawn",
    )

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="clinician_in_one_place_at_a_time",
                expressions=[("clinician", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(withdrawn=False),
            )
        ]
        indexes = [
            models.Index(fields=["provider", "service", "starts_at"]),
            models.Index(fields=["provider", "clinician", "starts_at"]),
        ]


class Appointment(Record):
    """A person's booking of a slot. `call_back` and `needs` are what the clinician must know before it begins.

    `expected_at` is when it begins instead, once the clinician said that they run late.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="appointments")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="appointments")
    clinician = models.ForeignKey(Clinician, models.PROTECT, related_name="+")
    request_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)
    service = models.CharField(max_length=40)
    mode = models.CharField(max_length=10, default="video")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=APPOINTMENT.choices(), default="booked")
    call_back = models.CharField(max_length=40, blank=True)
    needs = models.JSONField(default=list)
    sequence = models.SmallIntegerField(default=0)
    expected_at = models.DateTimeField(null=True)

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_PROVIDER, "service": OF_PROVIDER, "worker": ANY_ROW},
        write="person clinical service worker",
        technical="id provider employer person slot clinician request_id case_id sequence",
        identity="call_back",
        coded="service mode starts_at ends_at state needs expected_at",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["slot"], condition=~Q(state="cancelled"), name="one_appointment_per_slot"
            ),
            ExclusionConstraint(
                name="person_in_one_place_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (Func("starts_at", "ends_at", function="tstzrange"), RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=["booked", "arrived"]),
            ),
        ]
        indexes = [
            models.Index(fields=["provider", "clinician", "starts_at"]),
            models.Index(fields=["person", "-starts_at"]),
        ]


class AppointmentStep(Step):
    subject = models.ForeignKey(Appointment, models.CASCADE, related_name="steps")

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_PROVIDER, "service": OF_PROVIDER, "worker": ANY_ROW},
        insert_only="person clinical service worker",
        technical=STEP_TECHNICAL,
        identity=STEP_IDENTITY,
        coded=STEP_CODED,
    )
