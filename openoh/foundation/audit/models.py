"""Writes, reads and seals. Rows are only ever added."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_PROVIDER, Classified
from openoh.foundation.core.identifiers import new_id

EVERY_WRITER = "person employer clinical service worker"


class Event(models.Model):
    """A change: who, in which role, did what to which thing. Details are codes and identifiers, never free text."""

    id = models.UUIDField(primary_key=True, default=new_id)
    at = models.DateTimeField(default=clock.now)
    user_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=200)
    role = models.CharField(max_length=60)
    verb = models.CharField(max_length=80)
    target = models.CharField(max_length=60)
    target_id = models.CharField(max_length=60)
    person_id = models.UUIDField(null=True)
    employer_id = models.UUIDField(null=True)
    provider_id = models.UUIDField(null=True)
    details = models.JSONField(default=dict)
    batch_id = models.BigIntegerField(null=True)

    classified = Classified(
        purpose="accountability",
        retention="as-parent",
        rows={
            "person": "false", "employer": "false", "clinical": "false", "service": OF_PROVIDER, "worker": ANY_ROW,
        },
        write_rows=dict.fromkeys(["person", "employer", "clinical"], ANY_ROW),
        insert_only="person employer clinical service",
        write="worker",
        technical="id at user_id target target_id person_id employer_id provider_id batch_id",
        identity="actor",
        coded="role verb details",
    )  # fmt: skip

    class Meta:
        indexes = [
            models.Index(fields=["provider_id", "-at"]),
            models.Index(fields=["batch_id"], name="event_unsealed", condition=models.Q(batch_id=None)),
        ]


class Reading(models.Model):
    """One request that showed somebody's record: who looked, in which role, why, and at whom."""

    id = models.UUIDField(primary_key=True, default=new_id)
    at = models.DateTimeField(default=clock.now)
    user_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=200)
    role = models.CharField(max_length=60)
    page = models.CharField(max_length=120)
    reason = models.CharField(max_length=200, blank=True)
    person_ids = ArrayField(models.UUIDField(), default=list)
    employer_id = models.UUIDField(null=True)
    provider_id = models.UUIDField(null=True)
    batch_id = models.BigIntegerField(null=True)

    classified = Classified(
        purpose="accountability",
        retention="as-parent",
        rows={
            "person": "person_ids @> ARRAY[(SELECT oh_person())]",
            "employer": "false",
            "clinical": "false",
            "service": OF_PROVIDER,
            "worker": ANY_ROW,
        },
        write_rows=dict.fromkeys(["person", "employer", "clinical"], ANY_ROW),
        insert_only="person employer clinical service",
        write="worker",
        technical="id at user_id person_ids employer_id provider_id batch_id",
        identity="actor",
        coded="role page reason",
    )

    class Meta:
        indexes = [
            GinIndex(fields=["person_ids"]),
            models.Index(fields=["batch_id"], name="reading_unsealed", condition=models.Q(batch_id=None)),
        ]


class Seal(models.Model):
    """A batch of events and readings, closed with a Merkle root, chained to the batch before and signed.

    `leaves` holds kind, identifier and hash of each row, so that a check can name the row that was touched.
    """

    id = models.BigAutoField(primary_key=True)
    sealed_at = models.DateTimeField(default=clock.now)
    events = models.IntegerField()
    readings = models.IntegerField()
    leaves = models.BinaryField()
    root = models.BinaryField()
    previous = models.BinaryField()
    chained = models.BinaryField()
    signature = models.BinaryField()

    classified = Classified(
        purpose="accountability",
        retention="permanent",
        rows={"service": ANY_ROW, "worker": ANY_ROW},
        insert_only="worker",
        technical="id sealed_at events readings leaves root previous chained signature",
    )
