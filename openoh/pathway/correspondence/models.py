"""One message between a manager and occupational health."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, OF_MANAGER, OF_PERSON, Classified
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Engagement, Person
from openoh.pathway.referrals.models import Referral
from openoh.pathway.reports.released import ReleasedReport


class ManagerMessage(Record):
    """`recipient` is the manager at whose side of the thread it stands; `from_manager` says who wrote it.

    `handled_at` is when somebody of the service answered it, or said that it needs no answer.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Engagement, models.PROTECT, related_name="+")
    referral = models.ForeignKey(Referral, models.PROTECT, null=True, related_name="+")
    released_report = models.ForeignKey(ReleasedReport, models.PROTECT, null=True, related_name="+")
    from_manager = models.BooleanField()
    author = models.CharField(max_length=200)
    words = models.CharField(max_length=1000)
    made_at = models.DateTimeField(default=clock.now)
    handled_at = models.DateTimeField(null=True)

    classified = Classified(
        purpose="released-advice",
        retention="employment",
        rows={"person": OF_PERSON, "employer": OF_MANAGER, "clinical": OF_BOTH, "worker": ANY_ROW},
        write="clinical worker",
        insert_only="employer",
        write_rows={"employer": f"{OF_MANAGER} AND from_manager AND handled_at IS NULL"},
        technical="id person employer provider recipient referral released_report",
        employment="author words",
        coded="from_manager made_at handled_at",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(referral__isnull=False, released_report=None)
                | Q(referral=None, released_report__isnull=False),
                name="message_about_one_thing",
            )
        ]
        indexes = [
            models.Index(
                fields=["provider", "made_at"], name="unanswered_messages",
                condition=Q(from_manager=True, handled_at=None),
            ),
            models.Index(fields=["person", "-made_at"]),
        ]  # fmt: skip
