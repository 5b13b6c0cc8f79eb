"""A request for a report from somebody who treats the person."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, OF_PERSON, Classified
from openoh.foundation.core.lifecycle import STEP_CODED, STEP_IDENTITY, STEP_TECHNICAL, Step
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Person
from openoh.pathway.cases.models import Case
from openoh.pathway.medical_reports.rules import Access
from openoh.pathway.medical_reports.states import MEDICAL_REPORT


class MedicalReport(Record):
    """One application for one report. `practitioner` is a code of content; who it is and what is asked are sealed.

    `applied_on` is the day of the letter; `notice_on`, `arranged_on` and `agreed_on` are those of `rules.Access`.
    `kept_back` is the code of why the received document is not shared with the person; empty when it is.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    practitioner = models.CharField(max_length=20)
    practitioner_sealed = models.BinaryField()
    questions_sealed = models.BinaryField()
    state = models.CharField(max_length=20, choices=MEDICAL_REPORT.choices(), default="asked")
    asked_at = models.DateTimeField(default=clock.now)
    asked_by = models.CharField(max_length=200)
    rights_version = models.CharField(max_length=40, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_on_paper = models.BooleanField(default=False)
    applied_on = models.DateField(null=True)
    notice_on = models.DateField(null=True)
    arranged_on = models.DateField(null=True)
    agreed_on = models.DateField(null=True)
    received_on = models.DateField(null=True)
    document_id = models.UUIDField(null=True)
    kept_back = models.CharField(max_length=20, blank=True)

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_BOTH, "worker": ANY_ROW},
        write="clinical person worker",
        technical="id person employer provider case document_id rights_version",
        identity="asked_by",
        coded="practitioner state asked_at decided_at decided_on_paper applied_on notice_on arranged_on agreed_on "
        "received_on kept_back",
        sealed="practitioner_sealed questions_sealed",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(state="received") & Q(document_id__isnull=False, received_on__isnull=False))
                | (~Q(state="received") & Q(document_id=None, received_on=None)),
                name="received_report_is_there",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "refused", "withdrawn"]) | Q(decided_at__isnull=False),
                name="no_letter_without_a_decision",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent-see-first") | Q(notice_on__isnull=False), name="see_first_since"
            ),
        ]
        indexes = [
            models.Index(fields=["case", "-asked_at"]),
            models.Index(fields=["person", "-asked_at"]),
        ]

    @property
    def access(self) -> Access:
        """What the rule needs to know."""
        return Access(self.state == "refused", self.notice_on, self.arranged_on, self.agreed_on)


class MedicalReportStep(Step):
    subject = models.ForeignKey(MedicalReport, models.CASCADE, related_name="steps")

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_BOTH, "worker": ANY_ROW},
        insert_only="clinical person worker",
        technical=STEP_TECHNICAL,
        identity=STEP_IDENTITY,
        coded=STEP_CODED,
    )
