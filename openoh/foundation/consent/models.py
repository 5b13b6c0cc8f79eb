"""Consent (confidentiality) and law (data protection) are different things and different tables."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, OF_EMPLOYER, OF_PERSON, Classified
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Engagement, Person


class Purpose(Record):
    """Why an employer's data are used, on which ground, after which notice; in force only when complete.

    `code` is e.g. ``offers-from-absence``. `reason_groups` are the absence reason groups that it may keep.
    """

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="purposes")
    code = models.CharField(max_length=60)
    legal_ground = models.CharField(max_length=200, blank=True)
    notice_version = models.CharField(max_length=40, blank=True)
    notice_sent_on = models.DateField(null=True)
    staff_side_consulted_on = models.DateField(null=True)
    impact_assessment = models.CharField(max_length=200, blank=True)
    reason_groups = ArrayField(models.CharField(max_length=10), default=list)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    classified = Classified(
        purpose="accountability",
        retention="permanent",
        rows=dict.fromkeys(["person", "employer", "clinical", "service"], OF_EMPLOYER) | {"worker": ANY_ROW},
        write="employer worker",
        technical="id employer",
        open="code legal_ground notice_version notice_sent_on staff_side_consulted_on impact_assessment "
        "reason_groups valid_from valid_to",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["employer", "code", "valid_from"], name="one_purpose_a_day")
        ]


class Objection(Record):
    """Somebody said no to a purpose: by page, telephone, letter; it works without an account."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="objections")
    engagement = models.ForeignKey(Engagement, models.CASCADE, null=True, related_name="+")
    purpose_code = models.CharField(max_length=60)
    topic = models.CharField(max_length=40, blank=True)
    received_by = models.CharField(max_length=20, default="page")
    made_at = models.DateTimeField(default=clock.now)
    withdrawn_at = models.DateTimeField(null=True)

    classified = Classified(
        purpose="accountability",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_BOTH, "service": OF_BOTH, "worker": ANY_ROW},
        write="person clinical service worker",
        technical="id employer provider person engagement",
        coded="purpose_code topic received_by made_at withdrawn_at",
    )


class Decision(Record):
    """What somebody decided about one disclosure, and the ground on which it may happen. Only added to."""

    class Kind(models.TextChoices):
        RELEASE_REPORT = "release-report", "Release a report to the manager"
        SEE_FIRST = "see-first", "See the report first"
        GP_LETTER = "gp-letter", "Write to the GP"
        SHARE_WITH_HR = "share-with-hr", "Share with HR"
        ONWARD = "onward", "Refer onward"
        MEDICAL_REPORT = "medical-report", "Ask the person’s own doctor for a report"

    class State(models.TextChoices):
        GIVEN = "given", "Agreed"
        GIVEN_SEE_FIRST = "given-see-first", "Agreed, after seeing it"
        DECLINED = "declined", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Ground(models.TextChoices):
        CONSENT = "consent", "Written confidentiality consent"
        LEGAL_DUTY = "legal-duty", "Legal duty"
        ROLE_REQUIREMENT = "role-requirement", "Requirement of the role, agreed before the test"
        PUBLIC_INTEREST = "public-interest", "Public interest, authorised"

    person = models.ForeignKey(Person, models.CASCADE, related_name="decisions")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    case_id = models.UUIDField(null=True)
    about_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=20, choices=Kind)
    state = models.CharField(max_length=20, choices=State)
    ground = models.CharField(max_length=20, choices=Ground, default=Ground.CONSENT)
    authorised_by = models.CharField(max_length=200, blank=True)
    words_version = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)

    classified = Classified(
        purpose="accountability",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_BOTH, "worker": ANY_ROW},
        insert_only="person clinical worker",
        technical="id person employer provider case_id about_id",
        identity="authorised_by recorded_by",
        coded="kind state ground words_version at",
    )

    class Meta:
        indexes = [models.Index(fields=["person", "kind", "-at"]), models.Index(fields=["case_id", "-at"])]
