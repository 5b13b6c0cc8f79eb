"""A colleague's reading of a report, something that went wrong, a talk between a clinician and their supervisor."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, OF_PROVIDER, Classified
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Person
from openoh.pathway.clinics.models import Clinician
from openoh.pathway.reports.models import Report


class PeerReview(Record):
    """What a colleague who did not write it says of a sampled report. `outcome` and `points` are codes."""

    report = models.OneToOneField(Report, models.PROTECT, related_name="peer_review")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    reviewer = models.UUIDField()
    reviewer_name = models.CharField(max_length=200)
    outcome = models.CharField(max_length=20)
    points = ArrayField(models.CharField(max_length=20), default=list)
    rule_version = models.CharField(max_length=60)
    reviewed_at = models.DateTimeField(default=clock.now)

    classified = Classified(
        purpose="accountability",
        retention="oh-record",
        rows={"clinical": OF_BOTH, "worker": ANY_ROW},
        insert_only="clinical",
        write="worker",
        technical="id report person employer provider reviewer rule_version",
        identity="reviewer_name",
        coded="outcome points reviewed_at",
    )


class Incident(Record):
    """Something that went wrong or nearly did. `person` is whom it concerns, when it concerns one.

    The words are sealed for that person, else for the incident itself. It is closed with what was learned.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    happened_on = models.DateField()
    kind = models.CharField(max_length=20)
    severity = models.CharField(max_length=20)
    what_sealed = models.BinaryField()
    raised_by = models.UUIDField()
    raised_by_name = models.CharField(max_length=200)
    raised_at = models.DateTimeField(default=clock.now)
    learning_sealed = models.BinaryField(null=True)
    closed_by = models.UUIDField(null=True)
    closed_by_name = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True)

    classified = Classified(
        purpose="accountability",
        retention="oh-record",
        rows={"clinical": OF_PROVIDER, "worker": ANY_ROW},
        write="clinical worker",
        technical="id provider person raised_by closed_by",
        identity="raised_by_name closed_by_name",
        coded="happened_on kind severity raised_at closed_at",
        sealed="what_sealed learning_sealed",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, learning_sealed=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False, learning_sealed__isnull=False),
                name="incident_closed_by_at_and_with_learning",
            )
        ]


class Supervision(Record):
    """A clinician and their supervisor met on a day. What they said is not kept."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    clinician = models.ForeignKey(Clinician, models.PROTECT, related_name="+")
    held_on = models.DateField()
    next_on = models.DateField()
    supervisor_name = models.CharField(max_length=200)
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField(default=clock.now)

    classified = Classified(
        purpose="running-the-service",
        retention="operational",
        rows={"clinical": OF_PROVIDER, "worker": ANY_ROW},
        insert_only="clinical",
        write="worker",
        technical="id provider clinician recorded_by recorded_at",
        identity="held_on next_on supervisor_name",
    )
