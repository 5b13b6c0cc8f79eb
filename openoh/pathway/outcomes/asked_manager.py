"""What a manager is asked afterwards. This module knows released reports only, and nothing of cases or answers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, Classified
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Engagement, Person
from openoh.pathway.reports.released import OF_LIVE_ADVICE, ReleasedReport


class AskState(models.TextChoices):
    WAITING = "waiting", "Not asked yet"
    ASKED = "asked", "Asked"
    ANSWERED = "answered", "Answered"
    LOST = "lost", "Lost to follow-up"
    STOPPED = "stopped", "Stopped"


class ManagerOutcome(Record):
    """One question to the manager who received a report: is the person back, and did the advice help?"""

    released_report = models.OneToOneField(ReleasedReport, models.PROTECT, related_name="outcome_ask")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Engagement, models.PROTECT, related_name="+")
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=AskState, default=AskState.WAITING)
    asked_at = models.DateTimeField(null=True)
    chased = models.SmallIntegerField(default=0)
    next_chase_on = models.DateField(null=True)
    answered_at = models.DateTimeField(null=True)
    work = models.CharField(max_length=30, blank=True)
    useful = models.CharField(max_length=20, blank=True)

    classified = Classified(
        purpose="released-advice",
        retention="employment",
        rows={"employer": OF_LIVE_ADVICE, "clinical": OF_BOTH, "worker": ANY_ROW},
        write="employer clinical worker",
        technical="id released_report person employer provider recipient",
        coded="due_on state asked_at chased next_chase_on answered_at work useful",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="answered") | Q(answered_at__isnull=False), name="manager_answer_says_when"
            )
        ]
