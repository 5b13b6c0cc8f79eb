"""The released report: the manager's copy. This module knows nothing of drafts, and must not.

The words were decided by the person's consent; the copy is the manager's record of the advice.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, OF_MANAGER, OF_PERSON, Classified
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Engagement, Person


class ReleasedReport(Record):
    """One copy for one named recipient. `withdrawn_at` hides the content at once when consent is withdrawn."""

    report_id = models.UUIDField()
    referral_id = models.UUIDField(null=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Engagement, models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=20)
    restrictions = models.JSONField(default=list)
    phased_return = models.JSONField(default=list)
    answers = models.JSONField(default=list)
    words = models.TextField(blank=True)
    comment = models.TextField(blank=True)
    return_expected_on = models.DateField(null=True)
    review_on = models.DateField(null=True)
    author = models.CharField(max_length=300)
    content_versions = ArrayField(models.CharField(max_length=60), default=list)
    released_at = models.DateTimeField(default=clock.now)
    opened_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    classified = Classified(
        purpose="released-advice",
        retention="employment",
        rows={"person": OF_PERSON, "employer": OF_MANAGER, "clinical": OF_BOTH, "worker": ANY_ROW},
        write="clinical worker",
        write_rows={"person": OF_PERSON},
        technical="id report_id referral_id person employer provider engagement recipient content_versions",
        employment="words comment author answers",
        coded="outcome restrictions phased_return return_expected_on review_on released_at opened_at withdrawn_at",
    )

    class Meta:
        app_label = "reports"
        indexes = [models.Index(fields=["recipient", "-released_at"]), models.Index(fields=["report_id"])]
        constraints = [
            models.UniqueConstraint(fields=["report_id", "recipient"], name="one_copy_per_recipient"),
        ]
