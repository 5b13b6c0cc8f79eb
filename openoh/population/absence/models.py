"""Spells of absence. A spell's reason is not here: see SpellReason."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_EMPLOYER, Classified
from openoh.foundation.organisations.models import Employer
from openoh.foundation.people.models import Engagement

OWN_ENGAGEMENT = "engagement_id IN (SELECT id FROM people_engagement WHERE person_id = (SELECT oh_person()))"


class Spell(models.Model):
    """One absence, both days inclusive; `ended_on` None while it lasts. `reference` is the HR system's own key.

    `hours` are given for part-days and by hours-based systems. A retracted spell stays, marked, and counts nowhere.
    """

    id = models.BigAutoField(primary_key=True)
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+", db_index=False)
    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="spells", db_index=False)
    reference = models.CharField(max_length=60)
    started_on = models.DateField()
    ended_on = models.DateField(null=True)
    hours = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    work_related = models.BooleanField(default=False)
    disability_related = models.BooleanField(default=False)
    pregnancy_related = models.BooleanField(default=False)
    retracted_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(default=clock.now)
    run_id = models.UUIDField(null=True)

    classified = Classified(
        purpose="employment-data",
        retention="employment",
        rows={
            "person": OWN_ENGAGEMENT,
            "employer": OF_EMPLOYER,
            "clinical": OF_EMPLOYER,
            "service": OF_EMPLOYER,
            "worker": ANY_ROW,
        },
        write="employer worker",
        technical="id employer engagement reference recorded_at run_id",
        employment="started_on ended_on hours work_related disability_related pregnancy_related retracted_at",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["employer", "reference"], name="one_spell_per_reference"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")), name="spell_ends_after_start"
            ),
        ]
        indexes = [
            models.Index(fields=["engagement", "-started_on"]),
            models.Index(fields=["employer", "started_on"]),
        ]


class SpellVersion(models.Model):
    """What a spell said before it was changed or retracted. Only added to."""

    id = models.BigAutoField(primary_key=True)
    spell = models.ForeignKey(Spell, models.CASCADE, related_name="versions")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+", db_index=False)
    started_on = models.DateField()
    ended_on = models.DateField(null=True)
    hours = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    retracted = models.BooleanField(default=False)
    replaced_at = models.DateTimeField(default=clock.now)
    run_id = models.UUIDField(null=True)

    classified = Classified(
        purpose="employment-data",
        retention="employment",
        rows={"employer": OF_EMPLOYER, "service": OF_EMPLOYER, "worker": ANY_ROW},
        insert_only="employer worker",
        technical="id spell employer replaced_at run_id",
        employment="started_on ended_on hours retracted",
    )


class SpellReason(models.Model):
    """The reason of a spell, sealed, kept only while a purpose in force names its group, and for a short time."""

    spell = models.OneToOneField(Spell, models.CASCADE, primary_key=True, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+", db_index=False)
    sealed = models.BinaryField()
    keep_until = models.DateField()

    classified = Classified(
        purpose="offers-from-absence",
        retention="short",
        # Employers may hand a reason over; only the worker that decides offers may read it.
        rows={"employer": "false", "worker": ANY_ROW},
        write_rows={"employer": OF_EMPLOYER},
        insert_only="employer",
        write="worker",
        delete="worker",
        technical="spell employer keep_until",
        sealed="sealed",
    )

    class Meta:
        indexes = [models.Index(fields=["keep_until"])]
