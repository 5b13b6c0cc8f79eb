"""A request for help that a person made themselves, after an offer or without one."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, OF_PERSON, Classified
from openoh.foundation.core.lifecycle import STEP_CODED, STEP_IDENTITY, STEP_TECHNICAL, Step
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Person
from openoh.pathway.clocks.turns import queue_index, queue_rank
from openoh.pathway.requests.states import REQUEST


class HelpRequest(Record):
    """What somebody asked for. `needs` and `effects` are codes; `words_sealed` what they wrote in their own words.

    `offer_id` is the offer that it answers. `safe_now` is the answer to the first question of all; `urgency` is what
    the rules made of the answers, for the order of the triage queue. `question_sealed` is what triage asked back.
    """

    class Urgency(models.TextChoices):
        ROUTINE = "routine", "Routine"
        SOON = "soon", "Soon"
        URGENT = "urgent", "Urgent"

    person = models.ForeignKey(Person, models.PROTECT, related_name="requests")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    engagement_id = models.UUIDField(null=True)
    offer_id = models.UUIDField(null=True)
    source = models.CharField(max_length=20, default="self")
    needs = ArrayField(models.CharField(max_length=40), default=list)
    effects = ArrayField(models.CharField(max_length=40), default=list)
    wishes = ArrayField(models.CharField(max_length=40), default=list)
    service = models.CharField(max_length=40, blank=True)
    urgency = models.CharField(max_length=10, choices=Urgency, default=Urgency.ROUTINE)
    safe_now = models.CharField(max_length=20, blank=True)
    reach = models.JSONField(default=dict)
    words_sealed = models.BinaryField(null=True)
    question_sealed = models.BinaryField(null=True)
    state = models.CharField(max_length=20, choices=REQUEST.choices(), default="started")
    started_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)
    queue_rank = queue_rank(ours="sent", theirs="asked")
    case_id = models.UUIDField(null=True)

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_BOTH, "worker": ANY_ROW},
        write="person clinical worker",
        technical="id person employer provider engagement_id offer_id case_id",
        identity="reach",
        coded="source needs effects wishes service urgency safe_now state started_at sent_at queue_rank",
        sealed="words_sealed question_sealed",
    )

    class Meta:
        indexes = [
            models.Index(fields=["provider", "state", "sent_at"]),
            models.Index(fields=["person", "-started_at"]),
            queue_index("waiting_requests"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "offer_id"],
                condition=models.Q(offer_id__isnull=False) & ~models.Q(state="withdrawn"),
                name="one_request_per_offer",
            )
        ]


class RequestStep(Step):
    subject = models.ForeignKey(HelpRequest, models.CASCADE, related_name="steps")

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_BOTH, "worker": ANY_ROW},
        insert_only="person clinical worker",
        technical=STEP_TECHNICAL,
        identity=STEP_IDENTITY,
        coded=STEP_CODED,
    )
