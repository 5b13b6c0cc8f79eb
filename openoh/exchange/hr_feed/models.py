"""Runs of an import, the rows that could not be taken, and the mappings from an employer's columns to ours."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_EMPLOYER, Classified
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer


class Mapping(Record):
    """A TOML mapping of one employer's file to ours; a changed mapping is a new version."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)
    version = models.IntegerField(default=1)
    text = models.TextField()
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.CharField(max_length=200)

    classified = Classified(
        purpose="employment-data",
        retention="employment",
        rows={"employer": OF_EMPLOYER, "worker": ANY_ROW},
        write="employer worker",
        technical="id employer made_at",
        identity="made_by",
        open="name kind version text",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["employer", "name", "version"], name="one_mapping_version")
        ]


class ImportRun(Record):
    """One file, taken once, in one transaction. `digest` recognises it when it comes again.

    `may_end_many` is the answer yes to the `question` that a run asks before it ends many engagements.
    """

    class Kind(models.TextChoices):
        PEOPLE = "people", "People"
        ABSENCE = "absence", "Absence"

    class State(models.TextChoices):
        RECEIVED = "received", "Received"
        RUNNING = "running", "Running"
        ASKING = "asking", "Waiting for your answer"
        DONE = "done", "Done"
        REFUSED = "refused", "Refused"

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    source = models.CharField(max_length=20, default="command")
    file_name = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    size = models.BigIntegerField(default=0)
    mapping = models.CharField(max_length=120, blank=True)
    full_extract = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    question = models.CharField(max_length=500, blank=True)
    may_end_many = models.BooleanField(default=False)
    refusal = models.CharField(max_length=500, blank=True)
    rows_read = models.IntegerField(default=0)
    rows_new = models.IntegerField(default=0)
    rows_changed = models.IntegerField(default=0)
    rows_same = models.IntegerField(default=0)
    rows_ended = models.IntegerField(default=0)
    rows_quarantined = models.IntegerField(default=0)
    offers_ready = models.IntegerField(default=0)
    notes = models.JSONField(default=list)
    started_at = models.DateTimeField(default=clock.now)
    started_by = models.CharField(max_length=200)
    finished_at = models.DateTimeField(null=True)

    classified = Classified(
        purpose="employment-data",
        retention="employment",
        rows={"employer": OF_EMPLOYER, "service": OF_EMPLOYER, "worker": ANY_ROW},
        write="employer worker",
        technical="id employer digest size started_at finished_at mapping notes offers_ready",
        identity="started_by",
        employment="kind source file_name full_extract state question may_end_many refusal rows_read rows_new "
        "rows_changed rows_same rows_ended rows_quarantined",
    )

    class Meta:
        indexes = [
            models.Index(fields=["employer", "-started_at"]),
            models.Index(fields=["employer", "digest"], name="run_of_file"),
        ]


class QuarantinedRow(Record):
    """A row that could not be taken: where it stands, which value, and why; corrected and replayed."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="quarantined")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    line = models.IntegerField()
    column = models.CharField(max_length=100, blank=True)
    value = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=300)
    row = models.JSONField(default=dict)
    replayed_at = models.DateTimeField(null=True)
    replayed_by = models.CharField(max_length=200, blank=True)

    classified = Classified(
        purpose="employment-data",
        retention="short",
        rows={"employer": OF_EMPLOYER, "worker": ANY_ROW},
        write="employer worker",
        technical="id run employer line replayed_at",
        identity="replayed_by row value",
        employment="column reason",
    )

    class Meta:
        indexes = [
            models.Index(fields=["employer", "run"], name="open_quarantine", condition=Q(replayed_at=None))
        ]
