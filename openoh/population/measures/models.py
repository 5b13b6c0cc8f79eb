"""Published figures of other organisations, to compare with. They are public and about nobody."""

from __future__ import annotations

from django.db import models

from openoh.foundation.core.classification import ANY_ROW, Classified

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
