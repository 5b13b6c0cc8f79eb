"""What happened afterwards: asked of the person, and of a manager only about a report released to that manager."""

from __future__ import annotations

from django.db import models

from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, OF_PERSON, Classified
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Person
from openoh.pathway.cases.models import Case
from openoh.pathway.outcomes.asked_manager import AskState, ManagerOutcome


class PersonOutcome(Record):
    """Two minutes of questions to the person, four weeks on; chased twice, then counted as lost."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="outcomes")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=AskState, default=AskState.WAITING)
    asked_at = models.DateTimeField(null=True)
    chased = models.SmallIntegerField(default=0)
    next_chase_on = models.DateField(null=True)
    answered_at = models.DateTimeField(null=True)
    work = models.CharField(max_length=30, blank=True)
    back_on = models.DateField(null=True)
    health = models.CharField(max_length=20, blank=True)
    useful = models.CharField(max_length=20, blank=True)
    more_help = models.BooleanField(null=True)
    words_sealed = models.BinaryField(null=True)

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_BOTH, "worker": ANY_ROW},
        write="person clinical worker",
        technical="id case person employer provider",
        coded="due_on state asked_at chased next_chase_on answered_at work back_on health useful more_help",
        sealed="words_sealed",
    )

    class Meta:
        indexes = [
            models.Index(fields=["provider", "state", "due_on"]),
            models.Index(fields=["person", "due_on"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(state__in=["waiting", "asked"]),
                name="one_open_question_per_case",
            )
        ]


__all__ = ["AskState", "ManagerOutcome", "PersonOutcome"]
