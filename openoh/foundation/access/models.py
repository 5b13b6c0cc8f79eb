"""Who holds which role, from when to when; who stands in for whom; who declared whom as family."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from openoh.foundation.accounts.models import User
from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_EMPLOYER, OF_PROVIDER, Classified
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider
from openoh.foundation.people.models import Engagement, Person


class RoleAssignment(Record):
    """`user` holds the role named `role` (see roles.py) in one employer or provider, or for themselves."""

    user = models.ForeignKey(User, models.CASCADE, related_name="assignments")
    role = models.CharField(max_length=40)
    employer = models.ForeignKey(Employer, models.PROTECT, null=True, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")
    engagement = models.ForeignKey(Engagement, models.CASCADE, null=True, related_name="+")
    starts_on = models.DateField(default=clock.today)
    ends_on = models.DateField(null=True)

    classified = Classified(
        purpose="sign-in",
        retention="while-account",
        # Clinicians read it to know which records are their own or a colleague's, and so closed to them.
        rows={
            "employer": OF_EMPLOYER,
            "clinical": OF_PROVIDER,
            # A service keeps its own roles, and says who supplies data or reads figures at an employer that it serves.
            "service": f"({OF_PROVIDER}) OR (role IN ('hr', 'board') AND {OF_EMPLOYER})",
            "worker": ANY_ROW,
        },
        write="service worker",
        door="SELECT",
        technical="id user employer provider person engagement",
        coded="role starts_on ends_on",
    )

    class Meta:
        indexes = [
            models.Index(fields=["user", "role"]),
            # The staff of a service, who are few among its people: every clinical query asks for them.
            models.Index(fields=["provider", "role"], name="holders_of_role"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="assignment_ends_after_start"
            )
        ]


class Delegation(Record):
    """One manager stands in for another, for named people, for at most 28 days, without old reports."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    manager = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    deputy = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    people = models.ManyToManyField(Engagement, through="DelegatedPerson", related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()
    ended_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(default=clock.now)

    classified = Classified(
        purpose="employment-data",
        retention="employment",
        rows={"employer": OF_EMPLOYER, "worker": ANY_ROW},
        write="employer worker",
        technical="id employer manager deputy people made_at",
        employment="starts_on ends_on ended_at",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="delegation_ends_after_start"
            ),
            models.CheckConstraint(condition=~Q(manager=F("deputy")), name="deputy_is_somebody_else"),
        ]


class DelegatedPerson(Record):
    """One of the people whom a delegation names."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    delegation = models.ForeignKey(Delegation, models.CASCADE, related_name="+")
    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")

    classified = Classified(
        purpose="employment-data",
        retention="employment",
        rows={"employer": OF_EMPLOYER, "worker": ANY_ROW},
        write="employer worker",
        technical="id employer delegation engagement",
    )


class BreakGlass(Record):
    """Emergency access to one record: timed, reasoned, told to a lead, shown to the person."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    actor = models.CharField(max_length=200)
    reason = models.CharField(max_length=200)
    from_at = models.DateTimeField(default=clock.now)
    until_at = models.DateTimeField()
    reviewed_by = models.UUIDField(null=True)
    reviewed_at = models.DateTimeField(null=True)

    classified = Classified(
        purpose="accountability",
        retention="oh-record",
        rows={
            "person": "person_id = (SELECT oh_person())",
            "clinical": OF_PROVIDER,
            "service": OF_PROVIDER,
            "worker": ANY_ROW,
        },
        write="clinical service worker",
        technical="id user provider person reviewed_by reviewed_at",
        identity="actor",
        coded="reason from_at until_at",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewed_by=None, reviewed_at=None)
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="break_glass_reviewed_by_and_at",
            )
        ]


class DeclaredRelation(Record):
    """Somebody in the service says: this person is my family or friend; I must not open their record."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    declared_at = models.DateTimeField(default=clock.now)

    classified = Classified(
        purpose="confidentiality",
        retention="while-account",
        rows={"clinical": OF_PROVIDER, "service": OF_PROVIDER, "worker": ANY_ROW},
        write="clinical service worker",
        delete="service",
        technical="id user provider person declared_at",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "person"], name="one_declaration_per_pair")]


class ApiKey(Record):
    """A key of another program: it acts as `user`, an account of its own, with some of that account's permissions.

    Only a digest is kept: the key itself is shown once, to whoever makes it. `begins` tells keys apart.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="keys")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    permissions = ArrayField(models.CharField(max_length=40))
    digest = models.CharField(max_length=64, unique=True)
    begins = models.CharField(max_length=16)
    made_by = models.UUIDField(null=True)
    made_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    classified = Classified(
        purpose="sign-in",
        retention="while-account",
        rows={"service": OF_PROVIDER, "worker": ANY_ROW},
        write="service worker",
        door="SELECT, UPDATE",
        technical="id user provider digest begins made_by made_at expires_at revoked_at last_used_at",
        coded="permissions",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="key_expires_after_making")
        ]
