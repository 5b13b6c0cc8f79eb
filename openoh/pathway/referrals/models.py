"""A manager's referral: the minimum data set, coded, with numbered questions."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, OF_MANAGER, OF_PERSON, Classified
from openoh.foundation.core.lifecycle import STEP_CODED, STEP_IDENTITY, STEP_TECHNICAL, Step
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Engagement, Person
from openoh.pathway.clocks.turns import queue_index, queue_rank
from openoh.pathway.referrals.states import REFERRAL

WAS_SENT = "sent_at IS NOT NULL"


class Referral(Record):
    """One referral. `recipient` is the manager who made it and may read it; once sent, the person sees it too.

    Codes are those of codes/content/referral.toml. `absences` are pairs of first and last day, as ISO dates, the
    last one null while it goes on. The manager's own words are the employer's data, which the person was shown
    before they were sent, so they are not sealed with the person's key, which a manager must not have.
    """

    class Urgency(models.TextChoices):
        ROUTINE = "routine", "Routine"
        SOON = "soon", "Soon"
        URGENT = "urgent", "Urgent"

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Engagement, models.PROTECT, related_name="+")
    reasons = ArrayField(models.CharField(max_length=40), default=list)
    demands = ArrayField(models.CharField(max_length=40), default=list)
    questions = ArrayField(models.CharField(max_length=40), default=list)
    own_questions = models.JSONField(default=list)
    tried = ArrayField(models.CharField(max_length=40), default=list)
    background = models.TextField(blank=True)
    absent_since = models.DateField(null=True)
    absences = models.JSONField(default=list)
    hearing_on = models.DateField(null=True)
    formal_stage = models.CharField(max_length=40, blank=True)
    urgency = models.CharField(max_length=10, choices=Urgency, default=Urgency.ROUTINE)
    urgency_reason = models.CharField(max_length=300, blank=True)
    shown_on = models.DateField(null=True)
    person_agrees = models.BooleanField(null=True)
    returned_for = ArrayField(models.CharField(max_length=40), default=list)
    returned_with = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=20, choices=REFERRAL.choices(), default="draft")
    made_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)
    queue_rank = queue_rank(ours="sent", theirs="returned")

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={
            "person": f"{OF_PERSON} AND {WAS_SENT}",
            "employer": OF_MANAGER,
            "clinical": f"{OF_BOTH} AND {WAS_SENT}",
            "worker": ANY_ROW,
        },
        write="employer clinical worker",
        technical="id person employer provider engagement recipient",
        employment="own_questions background urgency_reason returned_with",
        coded="reasons demands questions tried absent_since absences hearing_on formal_stage urgency shown_on "
        "person_agrees returned_for state made_at sent_at queue_rank",
    )

    class Meta:
        indexes = [
            models.Index(fields=["provider", "state", "sent_at"]),
            models.Index(fields=["recipient", "-made_at"]),
            models.Index(fields=["person", "-made_at"]),
            queue_index("waiting_referrals"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "engagement"], condition=Q(state="draft"), name="one_draft_per_person"
            ),
            models.CheckConstraint(
                condition=Q(state="draft")
                | Q(state="withdrawn")
                | Q(sent_at__isnull=False, shown_on__isnull=False),
                name="sent_referral_was_shown",
            ),
        ]


class ReferralStep(Step):
    subject = models.ForeignKey(Referral, models.CASCADE, related_name="steps")

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={
            "person": OF_PERSON,
            "employer": "subject_id IN (SELECT id FROM referrals_referral)",
            "clinical": OF_BOTH,
            "worker": ANY_ROW,
        },
        insert_only="employer clinical worker",
        technical=STEP_TECHNICAL,
        identity=STEP_IDENTITY,
        coded=STEP_CODED,
    )
