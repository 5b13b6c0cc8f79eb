"""A risk flag: an urgent task with a named owner, a due time and declared cover."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, OF_PERSON, Classified
from openoh.foundation.core.lifecycle import STEP_CODED, STEP_IDENTITY, STEP_TECHNICAL, Step
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Person
from openoh.pathway.risk.states import FLAG


class RiskFlag(Record):
    """Raised by an answer or a clinician. `severity` 1 any thought, 2 immediate contact. `cover` names who answers
    at the time it was raised; `owner` is the clinician's account who has it now. `source` names the question, e.g.
    ``PHQ-9/9``. After `acknowledge_by` or `due_at` without an answer it goes to the next by telephone."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="risk_flags")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    request_id = models.UUIDField(null=True)
    answer_set_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)
    source = models.CharField(max_length=60)
    severity = models.SmallIntegerField()
    rule_version = models.CharField(max_length=60)
    state = models.CharField(max_length=20, choices=FLAG.choices(), default="raised")
    raised_at = models.DateTimeField(default=clock.now)
    acknowledge_by = models.DateTimeField()
    due_at = models.DateTimeField()
    cover = models.CharField(max_length=200)
    owner = models.UUIDField(null=True)
    owner_name = models.CharField(max_length=200, blank=True)
    escalations = models.SmallIntegerField(default=0)
    note_sealed = models.BinaryField(null=True)
    contacted_at = models.DateTimeField(null=True)
    plan_sealed = models.BinaryField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        # The person may raise a flag by an answer; its handling is the clinicians'.
        rows={"person": OF_PERSON, "clinical": OF_BOTH, "worker": ANY_ROW},
        insert_only="person",
        write="clinical worker",
        technical="id person employer provider request_id answer_set_id case_id owner closed_by rule_version",
        identity="owner_name cover",
        coded="source severity state raised_at acknowledge_by due_at escalations contacted_at closed_at",
        sealed="note_sealed plan_sealed",
    )

    class Meta:
        constraints = [
            # Somebody who does not turn up can never end here: it takes a person who closed it, when, after which
            # contact, and with what plan.
            models.CheckConstraint(
                condition=Q(
                    state="closed", closed_at__isnull=False, closed_by__isnull=False, plan_sealed__isnull=False,
                    contacted_at__isnull=False, closed_at__gte=F("contacted_at"),
                )
                | (~Q(state="closed") & Q(closed_at=None, closed_by=None)),
                name="risk_closed_after_contact_with_plan",
            ),
            models.CheckConstraint(condition=Q(severity__in=[1, 2]), name="risk_severity_is_1_or_2"),
            models.CheckConstraint(
                condition=Q(state="raised") | Q(owner__isnull=False), name="handled_risk_has_an_owner"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["provider", "due_at"], name="open_risk", condition=~Q(state="closed")),
            models.Index(fields=["person", "-raised_at"]),
        ]


class RiskStep(Step):
    subject = models.ForeignKey(RiskFlag, models.CASCADE, related_name="steps")

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_BOTH, "worker": ANY_ROW},
        insert_only="person clinical worker",
        technical=STEP_TECHNICAL,
        identity=STEP_IDENTITY,
        coded=STEP_CODED,
    )
