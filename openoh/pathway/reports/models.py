"""The report as clinicians write it and the person sees it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, OF_PERSON, Classified
from openoh.foundation.core.lifecycle import STEP_CODED, STEP_IDENTITY, STEP_TECHNICAL, Step
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Person
from openoh.pathway.cases.models import Case
from openoh.pathway.consultations.models import Consultation
from openoh.pathway.reports.released import ReleasedReport
from openoh.pathway.reports.states import REPORT

NOT_A_DRAFT = f"{OF_PERSON} AND state <> 'draft'"


class Report(Record):
    """Coded advice with words. `adjustments` are what will become answerable recommendations on release.

    `decide_by` is the end of the person's window; what silence means is decided by `consent_at_consultation`, once
    they have opened it. `unopened_noted_at` is when a window that passed unopened was followed up.
    `restrictions`, `adjustments` and `phased_return` hold the fields of rules.Restriction, rules.Recommendation and
    rules.Step. `answers_sealed` is a JSON object from question codes to words.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="reports")
    consultation = models.ForeignKey(Consultation, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=20, blank=True)
    restrictions = models.JSONField(default=list)
    adjustments = models.JSONField(default=list)
    phased_return = models.JSONField(default=list)
    answers_sealed = models.BinaryField(null=True)
    words_sealed = models.BinaryField(null=True)
    person_comment_sealed = models.BinaryField(null=True)
    correction_sealed = models.BinaryField(null=True)
    return_expected_on = models.DateField(null=True)
    review_on = models.DateField(null=True)
    equality_opinion = models.CharField(max_length=20, blank=True)
    work_related = models.CharField(max_length=20, blank=True)
    prognosis = models.CharField(max_length=20, blank=True)
    unable_reason = models.CharField(max_length=40, blank=True)
    consent_at_consultation = models.CharField(max_length=20, blank=True)
    content_versions = ArrayField(models.CharField(max_length=60), default=list)
    state = models.CharField(max_length=20, choices=REPORT.choices(), default="draft")
    revision = models.IntegerField(default=0)
    written_by = models.UUIDField()
    written_by_name = models.CharField(max_length=300)
    made_at = models.DateTimeField(default=clock.now)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.UUIDField(null=True)
    seen_at = models.DateTimeField(null=True)
    unopened_noted_at = models.DateTimeField(null=True)
    decide_by = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"person": NOT_A_DRAFT, "clinical": OF_BOTH, "worker": ANY_ROW},
        write="person clinical worker",
        technical="id case consultation person employer provider replaces content_versions revision written_by "
        "signed_by",
        identity="written_by_name",
        coded="outcome restrictions adjustments phased_return return_expected_on review_on equality_opinion "
        "work_related prognosis unable_reason consent_at_consultation state made_at signed_at seen_at "
        "unopened_noted_at decide_by released_at",
        sealed="answers_sealed words_sealed person_comment_sealed correction_sealed",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(signed_at=None, signed_by=None)
                | Q(signed_at__isnull=False, signed_by__isnull=False),
                name="report_signed_by_and_at",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(signed_at__isnull=False),
                name="only_signed_reports_leave_draft",
            ),
            # Two corrections of one report at once: the second is told.
            models.UniqueConstraint(
                fields=["replaces"], condition=~Q(state="blocked"), name="one_correction_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="released") | Q(released_at__isnull=False),
                name="released_report_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["provider", "state", "decide_by"]),
            models.Index(fields=["person", "-made_at"]),
        ]


class ReportStep(Step):
    subject = models.ForeignKey(Report, models.CASCADE, related_name="steps")

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_BOTH, "worker": ANY_ROW},
        insert_only="person clinical worker",
        technical=STEP_TECHNICAL,
        identity=STEP_IDENTITY,
        coded=STEP_CODED,
    )


__all__ = ["ReleasedReport", "Report", "ReportStep"]
