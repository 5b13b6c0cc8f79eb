"""The services that a provider runs, and the directory of help outside it."""

from __future__ import annotations

from django.db import models

from openoh.foundation.core.classification import ANY_ROW, OF_PROVIDER, Classified
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Provider

EVERYBODY = dict.fromkeys(["person", "employer", "clinical", "service", "insight", "worker"], ANY_ROW)


class Service(Record):
    """Something that a provider offers. `code` is a code of content/services.toml, e.g. ``physiotherapy``."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="services")
    code = models.CharField(max_length=40)
    direct_book = models.BooleanField(default=False)
    first_minutes = models.SmallIntegerField(default=45)
    review_minutes = models.SmallIntegerField(default=30)
    active = models.BooleanField(default=True)

    classified = Classified(
        purpose="organisations",
        retention="permanent",
        rows=EVERYBODY,
        write="service worker",
        write_rows={"service": OF_PROVIDER},
        technical="id provider",
        open="code direct_book first_minutes review_minutes active",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "code"], name="one_service_per_code")]
