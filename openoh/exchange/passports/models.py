"""A link to a person's passport, and every opening of it."""

from __future__ import annotations

from django.db import models

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_PERSON, Classified
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Person


class PassportShare(Record):
    """`code_digest` is the SHA-256 of the code in the link; `for_whom` is the person's own note of whom it is for."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    code_digest = models.BinaryField(max_length=32, unique=True)
    for_whom = models.CharField(max_length=80)
    made_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    classified = Classified(
        purpose="released-advice",
        retention="oh-record",
        rows={"person": OF_PERSON, "worker": ANY_ROW},
        write="person worker",
        technical="id person employer provider code_digest",
        identity="for_whom",
        coded="made_at ends_at revoked_at",
    )

    class Meta:
        indexes = [models.Index(fields=["person", "-made_at"])]


class PassportOpening(Record):
    """Somebody opened a shared passport; `opened_by` is what they said of themselves."""

    share = models.ForeignKey(PassportShare, models.CASCADE, related_name="openings")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    opened_by = models.CharField(max_length=80)
    at = models.DateTimeField(default=clock.now)

    classified = Classified(
        purpose="released-advice",
        retention="oh-record",
        rows={"person": OF_PERSON, "worker": ANY_ROW},
        insert_only="worker",
        technical="id share person",
        identity="opened_by",
        coded="at",
    )
