"""An episode of care, its owner, and who may be told."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, OF_PERSON, Classified
from openoh.foundation.core.lifecycle import STEP_CODED, STEP_IDENTITY, STEP_TECHNICAL, Step
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Engagement, Person
from openoh.pathway.cases.states import CASE
from openoh.pathway.referrals.models import Referral
from openoh.pathway.requests.models import HelpRequest


class Case(Record):
    """One need of one person in one engagement. It stays with the employer it began at when the person moves."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="cases")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    engagement = models.ForeignKey(Engagement, models.PROTECT, null=True, related_name="+")
    request = models.ForeignKey(HelpRequest, models.PROTECT, null=True, related_name="+")
    referral = models.ForeignKey(Referral, models.PROTECT, null=True, related_name="+")
    service = models.CharField(max_length=40)
    needs = ArrayField(models.CharField(max_length=40), default=list)
    state = models.CharField(max_length=20, choices=CASE.choices(), default="open")
    owner = models.UUIDField(null=True)
    owner_name = models.CharField(max_length=200, blank=True)
    treating_relationship = models.BooleanField(default=False)
    next_step = models.CharField(max_length=60, blank=True)
    next_step_on = models.DateField(null=True)
    opened_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True)

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_BOTH, "worker": ANY_ROW},
        write="clinical worker",
        technical="id person employer provider engagement request referral owner",
        identity="owner_name",
        coded="service needs state treating_relationship next_step next_step_on opened_at closed_at",
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["provider", "owner", "next_step_on"], name="caseload", condition=~Q(state="closed")
            ),
            models.Index(fields=["person", "-opened_at"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(request__isnull=False), name="one_case_per_request"
            ),
            models.UniqueConstraint(
                fields=["referral"], condition=Q(referral__isnull=False), name="one_case_per_referral"
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at=None)),
                name="closed_case_says_when",
            ),
        ]


class CaseStep(Step):
    subject = models.ForeignKey(Case, models.CASCADE, related_name="steps")

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_BOTH, "worker": ANY_ROW},
        insert_only="clinical worker",
        technical=STEP_TECHNICAL,
        identity=STEP_IDENTITY,
        coded=STEP_CODED,
    )


class Recipient(Record):
    """Who may receive advice about this case, or must not (`excluded`): the manager may be the problem."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="recipients")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="+")
    excluded = models.BooleanField(default=False)
    named_at = models.DateTimeField(default=clock.now)

    classified = Classified(
        purpose="confidentiality",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_BOTH, "worker": ANY_ROW},
        write="clinical worker",
        technical="id case employer provider person engagement",
        coded="excluded named_at",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "engagement"], name="one_word_on_each_recipient")
        ]
