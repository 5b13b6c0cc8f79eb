"""A clock on one thing, with every pause, so that a wait can be audited and split by whose turn it was."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, OF_PERSON, OF_PROVIDER, Classified
from openoh.foundation.core.clock import now
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Person


class Clock(Record):
    """How long `subject_id` has waited for what `kind` names (a code of content/levels.toml)."""

    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    nation = models.CharField(max_length=20)
    target_days = models.SmallIntegerField()
    level_version = models.CharField(max_length=60)
    started_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)

    classified = Classified(
        purpose="running-the-service",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_BOTH, "service": OF_BOTH, "worker": ANY_ROW},
        write="person clinical service worker",
        technical="id person employer provider subject_id level_version",
        coded="kind nation target_days started_at due_at stopped_at",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_id", "kind"], name="one_clock_of_a_kind"),
            models.CheckConstraint(
                condition=Q(stopped_at=None) | Q(stopped_at__gte=F("started_at")),
                name="clock_stops_after_start",
            ),
        ]
        indexes = [
            models.Index(
                fields=["provider", "kind", "due_at"], name="running_clocks", condition=Q(stopped_at=None)
            )
        ]


class Pause(Record):
    """A stretch in which the wait was somebody else's turn. `owner` is a code: ``person manager outside``."""

    clock = models.ForeignKey(Clock, models.CASCADE, related_name="pauses")
    person_id = models.UUIDField(null=True)
    employer_id = models.UUIDField()
    provider_id = models.UUIDField()
    owner = models.CharField(max_length=20)
    reason = models.CharField(max_length=60)
    from_at = models.DateTimeField(default=now)
    until_at = models.DateTimeField(null=True)

    classified = Classified(
        purpose="running-the-service",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_BOTH, "service": OF_BOTH, "worker": ANY_ROW},
        write="person clinical service worker",
        technical="id clock person_id employer_id provider_id",
        coded="owner reason from_at until_at",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clock"], condition=Q(until_at=None), name="one_open_pause_per_clock"
            )
        ]


class AddedHoliday(Record):
    """A bank holiday announced after this version's calendar was published, such as a day of mourning."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="+")
    nation = models.CharField(max_length=20)
    day = models.DateField()
    name = models.CharField(max_length=100)

    classified = Classified(
        purpose="running-the-service",
        retention="permanent",
        rows=dict.fromkeys(["person", "clinical", "service"], OF_PROVIDER) | {"worker": ANY_ROW},
        write="service worker",
        technical="id provider",
        open="nation day name",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "nation", "day"], name="one_added_holiday")
        ]
