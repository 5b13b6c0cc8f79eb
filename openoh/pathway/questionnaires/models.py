"""One filling of an instrument: answers sealed, score and band plain so that they can be counted."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, OF_PERSON, Classified
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Person


class AnswerSet(Record):
    """Answers of one person to one instrument. `stage` says when: start, end, after; null score until complete."""

    class Mode(models.TextChoices):
        ONLINE = "online", "Online"
        TELEPHONE = "telephone", "By telephone"
        PAPER = "paper", "On paper"
        IN_PERSON = "in-person", "In person"

    person = models.ForeignKey(Person, models.CASCADE, related_name="answer_sets")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    request_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)
    instrument = models.CharField(max_length=40)
    version = models.CharField(max_length=40)
    rule_version = models.CharField(max_length=60, blank=True)
    stage = models.CharField(max_length=20, default="start")
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.ONLINE)
    answers_sealed = models.BinaryField(null=True)
    total = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    band = models.CharField(max_length=40, blank=True)
    flags = ArrayField(models.CharField(max_length=40), default=list)
    missing = models.SmallIntegerField(default=0)
    started_at = models.DateTimeField(default=clock.now)
    completed_at = models.DateTimeField(null=True)

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_BOTH, "worker": ANY_ROW},
        write="person clinical worker",
        technical="id person employer provider request_id case_id instrument version rule_version",
        coded="stage mode total band flags missing started_at completed_at",
        sealed="answers_sealed",
    )

    class Meta:
        indexes = [models.Index(fields=["person", "instrument", "-started_at"])]
