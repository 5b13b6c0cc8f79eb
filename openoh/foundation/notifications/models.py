"""Messages waiting, sent and failed; what each person wants to be told and how."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from openoh.foundation.accounts.models import User
from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_ACCOUNT, OF_PERSON, OF_PROVIDER, Classified
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import RiskCover
from openoh.foundation.people.models import Engagement, Person


class Message(Record):
    """One message to one recipient: a person, an account, a manager's engagement, or declared cover by its telephone.

    `template` names neutral words in content; `values` hold names, dates and links only. By `reference` the
    sending side recognises a message that it has already taken. `calendar` is an iCalendar file to go with it.
    The carrier took it `returned` times and could not deliver it; `tried` are the channels that led nowhere.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        DELIVERED = "delivered", "Delivered"
        CALL = "call", "To be told by telephone"
        FAILED = "failed", "Could not be sent"
        STOPPED = "stopped", "Stopped"

    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    engagement = models.ForeignKey(Engagement, models.CASCADE, null=True, related_name="+")
    cover = models.ForeignKey(RiskCover, models.CASCADE, null=True, related_name="+")
    employer_id = models.UUIDField(null=True)
    provider_id = models.UUIDField(null=True)
    channel = models.CharField(max_length=10, default="preferred")
    template = models.CharField(max_length=60)
    values = models.JSONField(default=dict)
    calendar = models.TextField(blank=True)
    due_at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.SmallIntegerField(default=0)
    reference = models.CharField(max_length=80, unique=True)
    sent_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True)
    returned = models.SmallIntegerField(default=0)
    tried = ArrayField(models.CharField(max_length=10), default=list)

    classified = Classified(
        purpose="running-the-service",
        retention="operational",
        rows={
            "person": OF_PERSON,
            "employer": "false",
            "clinical": OF_PROVIDER,
            "service": OF_PROVIDER,
            "worker": ANY_ROW,
        },
        write_rows={"employer": ANY_ROW, "person": ANY_ROW, "clinical": ANY_ROW},
        insert_only="person employer",
        write="clinical service worker",
        technical="id person user engagement cover employer_id provider_id reference",
        identity="values calendar",
        coded="channel template due_at state attempts sent_at failure returned tried",
    )

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"])]


class Preference(Record):
    """How one account wants to be told: at once, or once a day in a digest."""

    user = models.OneToOneField(User, models.CASCADE, related_name="+")
    digest = models.BooleanField(default=False)
    channel = models.CharField(max_length=10, default="email")

    classified = Classified(
        purpose="running-the-service",
        retention="while-account",
        rows=dict.fromkeys(["person", "employer", "clinical", "service"], OF_ACCOUNT) | {"worker": ANY_ROW},
        write="person employer clinical service worker",
        technical="id user",
        coded="digest channel",
    )
