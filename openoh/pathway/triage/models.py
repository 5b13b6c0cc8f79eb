"""The decision of a named clinician about one request or one referral."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, Classified
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Person
from openoh.pathway.referrals.models import Referral
from openoh.pathway.requests.models import HelpRequest

REASON = "triage.reason"
"""What the words of a decision are bound to when they are sealed."""


class TriageDecision(Record):
    """Accept to a route, ask for information, or reject; with the suggestion that the rules made and its reason."""

    class Outcome(models.TextChoices):
        ACCEPT = "accept", "Accept"
        ASK = "ask", "Ask for more information"
        REJECT = "reject", "Not for occupational health"

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    request = models.ForeignKey(HelpRequest, models.PROTECT, null=True, related_name="triage_decisions")
    referral = models.ForeignKey(Referral, models.PROTECT, null=True, related_name="triage_decisions")
    outcome = models.CharField(max_length=10, choices=Outcome)
    route = models.CharField(max_length=40, blank=True)
    urgency = models.CharField(max_length=10, default="routine")
    suggested = models.CharField(max_length=40, blank=True)
    suggestion_reason = models.CharField(max_length=300, blank=True)
    rule_version = models.CharField(max_length=60, blank=True)
    reason_sealed = models.BinaryField(null=True)
    decided_by = models.UUIDField()
    decided_by_name = models.CharField(max_length=200)
    decided_at = models.DateTimeField(default=clock.now)

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"clinical": OF_BOTH, "worker": ANY_ROW},
        insert_only="clinical",
        write="worker",
        technical="id person employer provider request referral decided_by rule_version",
        identity="decided_by_name",
        coded="outcome route urgency suggested suggestion_reason decided_at",
        sealed="reason_sealed",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(request=None, referral__isnull=False) | Q(request__isnull=False, referral=None),
                name="triage_of_one_thing",
            )
        ]
