"""Facts, their deliveries, and data keys."""

from __future__ import annotations

from django.db import models

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_EMPLOYER, OF_PERSON, OF_PROVIDER, Classified
from openoh.foundation.core.identifiers import new_id

ANY_AUDIENCE = "person employer clinical service worker"


class Record(models.Model):
    """A row with an identifier that sorts by time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True


class Fact(Record):
    """Something happened that later floors care about. Never changed, never deleted before its retention.

    The identifier is made here and not by the database: `INSERT … RETURNING` would need the right to read.
    """

    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=60)
    employer_id = models.UUIDField(null=True)
    provider_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()

    classified = Classified(
        purpose="running-the-service",
        retention="operational",
        # Everybody may add a fact in their own scope; only the worker may read what others did.
        rows={
            "person": OF_PERSON, "employer": "false", "clinical": OF_PROVIDER, "service": OF_PROVIDER,
            "worker": ANY_ROW,
        },
        write_rows={"employer": OF_EMPLOYER},
        insert_only=ANY_AUDIENCE,
        technical="id kind subject employer_id provider_id person_id at",
        coded="data",
    )  # fmt: skip

    class Meta:
        indexes = [models.Index(fields=["kind", "at"])]


class Delivery(Record):
    """A fact that one consumer has still to handle. The row goes when the work is done."""

    fact = models.ForeignKey(Fact, models.CASCADE, related_name="+", db_constraint=False)
    consumer = models.CharField(max_length=60)
    not_before = models.DateTimeField(default=clock.now)

    classified = Classified(
        purpose="running-the-service",
        retention="operational",
        rows={
            "person": "false", "employer": "false", "clinical": "false", "service": "false", "worker": ANY_ROW,
        },
        write_rows=dict.fromkeys(["person", "employer", "clinical", "service"], ANY_ROW),
        insert_only="person employer clinical service",
        write="worker",
        delete="worker",
        technical="id fact consumer not_before",
    )  # fmt: skip

    class Meta:
        indexes = [models.Index(fields=["consumer", "id"])]


class DataKey(Record):
    """The wrapped key that opens one person's free text within one provider."""

    owner = models.UUIDField()
    provider = models.UUIDField()
    wrapped = models.BinaryField()
    made_at = models.DateTimeField(default=clock.now)
    destroyed_at = models.DateTimeField(null=True)

    classified = Classified(
        purpose="confidentiality",
        retention="as-parent",
        # A wrapped key opens nothing without the installation's master key; the text that it opens is in
        # tables with their own rows.
        rows={
            "person": "owner = (SELECT oh_person())",
            "clinical": "provider = (SELECT oh_provider())",
            "worker": ANY_ROW,
        },
        insert_only="person clinical",
        write="worker",
        technical="id owner provider wrapped made_at destroyed_at",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "provider"], name="one_data_key_per_record")]
