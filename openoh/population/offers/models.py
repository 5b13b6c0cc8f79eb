"""What the rules decided about each spell, and the offers that follow. No employer reads these tables."""

from __future__ import annotations

from django.db import models

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, OF_PERSON, Classified
from openoh.foundation.core.lifecycle import STEP_CODED, STEP_IDENTITY, STEP_TECHNICAL, Step
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Person
from openoh.population.absence.models import Spell
from openoh.population.offers.states import OFFER


class OfferDecision(models.Model):
    """What one rule decided about one spell: ``offer hold wait stop``, with the reason's code and the version."""

    id = models.BigAutoField(primary_key=True)
    spell = models.ForeignKey(Spell, models.CASCADE, related_name="+", db_index=False)
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+", db_index=False)
    provider = models.ForeignKey(Provider, models.PROTECT, null=True, related_name="+", db_index=False)
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")
    rule = models.CharField(max_length=40)
    rule_version = models.CharField(max_length=60)
    outcome = models.CharField(max_length=10)
    reason = models.CharField(max_length=60)
    decided_at = models.DateTimeField(default=clock.now)

    classified = Classified(
        purpose="offers-from-absence",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_BOTH, "worker": ANY_ROW},
        write="worker",
        technical="id spell employer provider person rule_version",
        coded="rule outcome reason decided_at",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["spell", "rule"], name="one_decision_per_spell_and_rule")
        ]
        indexes = [models.Index(fields=["provider", "-decided_at"])]


class Offer(Record):
    """Help offered to a person because of a spell; `topic` is a code such as ``musculoskeletal``."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="offers")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    engagement_id = models.UUIDField()
    spell = models.ForeignKey(Spell, models.CASCADE, related_name="+")
    rule = models.CharField(max_length=40)
    rule_version = models.CharField(max_length=60)
    topic = models.CharField(max_length=40)
    state = models.CharField(max_length=20, choices=OFFER.choices(), default="ready")
    ready_at = models.DateTimeField(default=clock.now)
    send_after = models.DateTimeField()
    contact_by = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    classified = Classified(
        purpose="offers-from-absence",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_BOTH, "worker": ANY_ROW},
        write="person clinical worker",
        technical="id person employer provider engagement_id spell rule_version",
        coded="rule topic state ready_at send_after contact_by sent_at answered_at",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["spell", "rule"], name="one_offer_per_spell_and_rule"),
            models.UniqueConstraint(
                fields=["person", "topic"],
                condition=models.Q(state__in=["held", "ready", "sent"]),
                name="one_open_offer_per_topic",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "send_after"]),
            models.Index(fields=["provider", "state", "ready_at"]),
            models.Index(fields=["person", "-ready_at"]),
        ]


class OfferStep(Step):
    subject = models.ForeignKey(Offer, models.CASCADE, related_name="steps")

    classified = Classified(
        purpose="offers-from-absence",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_BOTH, "worker": ANY_ROW},
        insert_only="person clinical worker",
        technical=STEP_TECHNICAL,
        identity=STEP_IDENTITY,
        coded=STEP_CODED,
    )
