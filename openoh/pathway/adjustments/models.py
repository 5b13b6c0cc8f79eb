"""One recommended adjustment that was released to one manager; answered, then part of the person's passport."""

from __future__ import annotations

from django.db import models

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, OF_PERSON, Classified
from openoh.foundation.core.lifecycle import STEP_CODED, STEP_IDENTITY, STEP_TECHNICAL, Step
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Engagement, Person
from openoh.pathway.adjustments.states import ADJUSTMENT
from openoh.pathway.reports.released import OF_LIVE_ADVICE, ReleasedReport


class Adjustment(Record):
    """`code` is a code of codes/content/adjustments.toml. `due_on` is when an answer is expected, and then
    when it is planned for.

    `details` are the clinician's words of the released copy, `answer_words` the manager's own.
    """

    released_report = models.ForeignKey(ReleasedReport, models.PROTECT, related_name="adjustments")
    person = models.ForeignKey(Person, models.PROTECT, related_name="adjustments")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Engagement, models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    details = models.CharField(max_length=500, blank=True)
    permanent = models.BooleanField(default=False)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    review_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    state = models.CharField(max_length=20, choices=ADJUSTMENT.choices(), default="recommended")
    answer_reason = models.CharField(max_length=40, blank=True)
    answer_words = models.CharField(max_length=500, blank=True)
    done_on = models.DateField(null=True)
    answered_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(default=clock.now)

    classified = Classified(
        purpose="released-advice",
        retention="employment",
        rows={"person": OF_PERSON, "employer": OF_LIVE_ADVICE, "clinical": OF_BOTH, "worker": ANY_ROW},
        write="employer clinical worker",
        technical="id released_report person employer provider engagement recipient",
        employment="details answer_words",
        coded="code permanent starts_on ends_on review_on due_on state answer_reason done_on answered_at made_at",
    )

    class Meta:
        indexes = [
            models.Index(fields=["recipient", "state", "due_on"]),
            models.Index(fields=["person", "-made_at"]),
        ]


class AdjustmentStep(Step):
    subject = models.ForeignKey(Adjustment, models.CASCADE, related_name="steps")

    classified = Classified(
        purpose="released-advice",
        retention="employment",
        rows={
            "person": OF_PERSON,
            "employer": "subject_id IN (SELECT id FROM adjustments_adjustment)",
            "clinical": OF_BOTH,
            "worker": ANY_ROW,
        },
        insert_only="employer clinical worker",
        technical=STEP_TECHNICAL,
        identity=STEP_IDENTITY,
        coded=STEP_CODED,
    )
