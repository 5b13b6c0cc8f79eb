"""The released report: the manager's copy. This module knows nothing of drafts, and must not.

The words were decided by the person's consent; the copy is the manager's record of the advice.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from openoh.foundation.consent.models import Decision
from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, OF_MANAGER, OF_PERSON, Classified
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Engagement, Person

# Of what follows from a copy, a manager loses sight in the moment in which the copy is withdrawn.
LIVE_COPIES = "SELECT id FROM reports_releasedreport WHERE withdrawn_at IS NULL"
OF_LIVE_ADVICE = f"{OF_MANAGER} AND released_report_id IN ({LIVE_COPIES})"


class ReleasedReport(Record):
    """One copy for one named recipient, released by one decision; without a decision there can be no copy.

    `withdrawn_at` hides the content at once when consent is withdrawn; `replaced_at` when a newer version has come.
    The lists hold words as well as codes, so that the copy stays what was agreed when the codes' words change.
    """

    report_id = models.UUIDField()
    referral_id = models.UUIDField(null=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Engagement, models.PROTECT, related_name="+")
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="+")
    case_id = models.UUIDField()
    outcome = models.CharField(max_length=20)
    restrictions = models.JSONField(default=list)
    recommendations = models.JSONField(default=list)
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
    replaced_at = models.DateTimeField(null=True)

    classified = Classified(
        purpose="released-advice",
        retention="employment",
        rows={"person": OF_PERSON, "employer": OF_MANAGER, "clinical": OF_BOTH, "worker": ANY_ROW},
        # The person takes consent back at once, on these rows: all that they may write is a withdrawn copy. Only
        # the worker can make one that a manager reads.
        write="person worker",
        write_rows={"person": f"{OF_PERSON} AND withdrawn_at IS NOT NULL"},
        technical="id report_id referral_id case_id decision person employer provider engagement recipient "
        "content_versions",
        employment="words comment author answers",
        coded="outcome restrictions recommendations phased_return return_expected_on review_on released_at opened_at "
        "withdrawn_at replaced_at",
    )

    class Meta:
        app_label = "reports"
        indexes = [models.Index(fields=["recipient", "-released_at"]), models.Index(fields=["report_id"])]
        constraints = [
            models.UniqueConstraint(
                fields=["report_id", "recipient"],
                condition=models.Q(withdrawn_at=None),
                name="one_copy_per_recipient",
            ),
        ]
