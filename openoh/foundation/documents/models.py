"""A file of a person's record."""

from __future__ import annotations

from django.db import models

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_PERSON, OF_PROVIDER, Classified
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Provider
from openoh.foundation.people.models import Person


class Document(Record):
    """A file, sealed with the person's data key. `digest` is over the ciphertext."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    case_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=40)
    media_type = models.CharField(max_length=100)
    name_sealed = models.BinaryField()
    content_sealed = models.BinaryField()
    digest = models.CharField(max_length=64)
    size = models.IntegerField()
    added_at = models.DateTimeField(default=clock.now)
    added_by = models.CharField(max_length=200)
    shared_with_person = models.BooleanField(default=False)

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={
            "person": f"{OF_PERSON} AND shared_with_person",
            "clinical": OF_PROVIDER,
            "worker": ANY_ROW,
        },
        write_rows={"person": OF_PERSON},
        insert_only="person",
        write="clinical worker",
        technical="id person provider case_id digest size",
        identity="added_by",
        coded="kind media_type added_at shared_with_person",
        sealed="name_sealed content_sealed",
    )
