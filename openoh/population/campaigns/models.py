"""A campaign, its steps, and who closed it for themselves."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_EMPLOYER, OF_PERSON, Classified
from openoh.foundation.core.lifecycle import STEP_CODED, STEP_IDENTITY, STEP_TECHNICAL, Step
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer
from openoh.foundation.people.models import Person
from openoh.population.campaigns.states import CAMPAIGN


class Campaign(Record):
    """A message to everybody at an employer, both days inclusive. See the README for what `audience` is not."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    title = models.CharField(max_length=80)
    words = models.CharField(max_length=500)
    audience = models.CharField(max_length=120, blank=True)
    link = models.CharField(max_length=300, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    state = models.CharField(max_length=20, choices=CAMPAIGN.choices(), default="draft")
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField(default=clock.now)

    classified = Classified(
        purpose="organisations",
        retention="operational",
        rows={"person": f"{OF_EMPLOYER} AND state = 'running'", "employer": OF_EMPLOYER, "worker": ANY_ROW},
        write="employer worker",
        technical="id employer made_at",
        identity="made_by",
        open="title words audience link starts_on ends_on state",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="campaign_ends_after_start"
            ),
        ]
        indexes = [models.Index(fields=["employer", "-starts_on"])]


class CampaignStep(Step):
    subject = models.ForeignKey(Campaign, models.CASCADE, related_name="steps")

    classified = Classified(
        purpose="organisations",
        retention="operational",
        rows={"employer": OF_EMPLOYER, "worker": ANY_ROW},
        insert_only="employer worker",
        technical=STEP_TECHNICAL,
        identity=STEP_IDENTITY,
        coded=STEP_CODED,
    )


class Dismissal(Record):
    """Somebody does not want to see a campaign any more. No employer, no clinician and no service reads it."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")

    classified = Classified(
        purpose="confidentiality",
        retention="operational",
        rows={"person": OF_PERSON, "worker": ANY_ROW},
        insert_only="person",
        technical="id campaign person",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "campaign"], name="closed_once")]
