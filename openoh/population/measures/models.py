"""Published figures of other organisations, to compare with, and the service's own figures, protected."""

from __future__ import annotations

from django.db import models

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_EMPLOYER, OF_PROVIDER, Classified
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider

EVERYBODY = dict.fromkeys(["person", "employer", "clinical", "service", "insight", "worker"], ANY_ROW)


class PublishedAbsence(models.Model):
    """One organisation in one month, as NHS England publishes it. Days are full-time-equivalent days."""

    id = models.BigAutoField(primary_key=True)
    month = models.DateField()
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=100)
    region = models.CharField(max_length=120)
    system = models.CharField(max_length=120)
    lost = models.DecimalField(max_digits=14, decimal_places=5)
    available = models.DecimalField(max_digits=14, decimal_places=5)
    published_rate = models.DecimalField(max_digits=6, decimal_places=2)
    source = models.CharField(max_length=200)

    classified = Classified(
        purpose="published-figures",
        retention="permanent",
        rows=EVERYBODY,
        write="worker",
        delete="worker",
        technical="id",
        open="month code name kind region system lost available published_rate source",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "month"], name="one_published_month")]
        indexes = [models.Index(fields=["month", "code"])]


class PublishedRate(models.Model):
    """One published rate of a whole country in one month, in per cent."""

    id = models.BigAutoField(primary_key=True)
    month = models.DateField()
    area = models.CharField(max_length=60)
    rate = models.DecimalField(max_digits=6, decimal_places=2)
    source = models.CharField(max_length=200)

    classified = Classified(
        purpose="published-figures",
        retention="permanent",
        rows=EVERYBODY,
        write="worker",
        delete="worker",
        technical="id",
        open="month area rate source",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["area", "month"], name="one_published_rate")]


class MeasureValue(models.Model):
    """One published figure: a measure, of a whole service or of one employer in it, over one month. Protected.

    Nothing here needs protecting again: a count that must not be shown was never written. `line` is empty for the
    whole or the employer, ``small`` for all small employers together, and a step's code for waits. A `live` figure
    moves until its month is closed; then it stands for good. `numerator` is people, or full-time-equivalent days.
    """

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=40)
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="+", db_index=False)
    employer = models.ForeignKey(Employer, models.CASCADE, null=True, related_name="+", db_index=False)
    line = models.CharField(max_length=20, blank=True)
    first = models.DateField()
    last = models.DateField()
    live = models.BooleanField()
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    value = models.FloatField(null=True)
    hidden = models.BooleanField()
    rule_version = models.CharField(max_length=120)
    computed_at = models.DateTimeField(default=clock.now)

    classified = Classified(
        purpose="protected-figures",
        retention="permanent",
        rows={
            "service": OF_PROVIDER,
            "insight": OF_EMPLOYER,
            "worker": ANY_ROW,
        },
        write="worker",
        delete="worker",
        technical="id provider employer rule_version computed_at",
        open="code line first last live numerator denominator value hidden",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "code", "employer", "line", "first"],
                nulls_distinct=False,
                name="one_figure",
            ),
            models.CheckConstraint(
                condition=models.Q(hidden=False) | models.Q(value=None), name="hidden_figure_has_no_value"
            ),
        ]
        indexes = [models.Index(fields=["employer", "code", "first"])]


class GroupRate(Record):
    """The absence rate of one group of an employer over three closed months, as its managers read it. Protected.

    All rates of an employer may be known to everybody at once: `grouping` chose them so. `kind` is ``team``, ``site``
    or ``employer``, `people` is rounded, `inside` is the next larger group. The employer's row stands for the whole
    quarter: without a rate nothing may be shown. Nothing is ever changed.
    """

    employer = models.ForeignKey(Employer, models.CASCADE, related_name="+", db_index=False)
    first = models.DateField()
    last = models.DateField()
    kind = models.CharField(max_length=10)
    unit = models.UUIDField(null=True)
    name = models.CharField(max_length=200)
    inside = models.ForeignKey("self", models.CASCADE, null=True, related_name="+", db_index=False)
    people = models.IntegerField(null=True)
    rate = models.FloatField(null=True)
    rule_version = models.CharField(max_length=120)
    computed_at = models.DateTimeField(default=clock.now)

    classified = Classified(
        purpose="protected-figures",
        retention="permanent",
        rows={"employer": OF_EMPLOYER, "worker": ANY_ROW},
        insert_only="worker",
        delete="worker",
        technical="id employer unit inside rule_version computed_at",
        open="first last kind name people rate",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["employer", "first", "kind", "unit"], nulls_distinct=False, name="one_rate_per_group"
            ),
        ]


class GroupOfPlace(models.Model):
    """In which of the shown groups a team, a site (people without a team) or the employer is, over three months."""

    id = models.BigAutoField(primary_key=True)
    employer = models.ForeignKey(Employer, models.CASCADE, related_name="+", db_index=False)
    first = models.DateField()
    kind = models.CharField(max_length=10)
    unit = models.UUIDField(null=True)
    group = models.ForeignKey(GroupRate, models.CASCADE, related_name="+", db_index=False)

    classified = Classified(
        purpose="protected-figures",
        retention="permanent",
        rows={"employer": OF_EMPLOYER, "worker": ANY_ROW},
        insert_only="worker",
        delete="worker",
        technical="id employer unit group",
        open="first kind",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["employer", "first", "kind", "unit"], nulls_distinct=False, name="one_group_per_place"
            ),
        ]


class OfferFigure(Record):
    """How many people of an employer one kind of offer reached over twelve months, and how many took it. Protected.

    None is hidden; the others are rounded. There is no figure of several kinds together. Nothing is ever changed.
    """

    employer = models.ForeignKey(Employer, models.CASCADE, related_name="+", db_index=False)
    rule = models.CharField(max_length=40)
    first = models.DateField()
    last = models.DateField()
    offered = models.IntegerField(null=True)
    taken = models.IntegerField(null=True)
    rule_version = models.CharField(max_length=120)
    computed_at = models.DateTimeField(default=clock.now)

    classified = Classified(
        purpose="protected-figures",
        retention="permanent",
        rows={"employer": OF_EMPLOYER, "worker": ANY_ROW},
        insert_only="worker",
        delete="worker",
        technical="id employer rule_version computed_at",
        open="rule first last offered taken",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["employer", "last", "rule"], name="one_figure_per_offer"),
        ]
