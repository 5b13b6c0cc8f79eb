"""System > employer > site > team; providers; contracts that say who serves whom, with what and how soon."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, OF_BOTH, OF_EMPLOYER, OF_PROVIDER, Classified
from openoh.foundation.core.models import Record

EVERYBODY = ["person", "employer", "clinical", "service", "insight", "worker"]
ALL = dict.fromkeys(EVERYBODY, ANY_ROW)
OF_THE_EMPLOYER = dict.fromkeys(EVERYBODY, OF_EMPLOYER) | {"worker": ANY_ROW}
OF_ALL_OR_OWN_EMPLOYER = f"(employer_id IS NULL OR {OF_EMPLOYER})"


class System(Record):
    """Employers that plan together, such as an integrated care system."""

    name = models.CharField(max_length=200)
    code = models.CharField(max_length=20, unique=True)

    classified = Classified(
        purpose="organisations",
        retention="permanent",
        rows=ALL,
        write="worker",
        technical="id",
        open="name code",
    )

    def __str__(self) -> str:
        return self.name


class Employer(Record):
    """An organisation that people work for. It is the tenant of employment data, and the controller of them."""

    class Kind(models.TextChoices):
        TRUST = "trust", "NHS trust"
        COMMUNITY = "community", "Community trust"
        PRACTICE = "practice", "GP practice"
        POLICE = "police", "Police force"
        OTHER = "other", "Other"

    class Nation(models.TextChoices):
        ENGLAND = "england", "England"
        WALES = "wales", "Wales"
        SCOTLAND = "scotland", "Scotland"
        NORTHERN_IRELAND = "northern-ireland", "Northern Ireland"

    system = models.ForeignKey(System, models.PROTECT, null=True, related_name="employers")
    name = models.CharField(max_length=200)
    code = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=20, choices=Kind)
    nation = models.CharField(max_length=20, choices=Nation, default=Nation.ENGLAND)
    benchmark_code = models.CharField(max_length=20, blank=True)

    classified = Classified(
        purpose="organisations",
        retention="permanent",
        rows=ALL,
        write="worker",
        # A service enters whom it begins to serve; what is in the register already only the operator changes.
        insert_only="service",
        technical="id",
        open="system name code kind nation benchmark_code",
    )

    def __str__(self) -> str:
        return self.name


class Site(Record):
    """A place of work."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="sites")
    name = models.CharField(max_length=200)
    code = models.CharField(max_length=40)
    postcode = models.CharField(max_length=10, blank=True)

    classified = Classified(
        purpose="organisations",
        retention="permanent",
        rows=OF_THE_EMPLOYER,
        write="employer worker",
        technical="id employer",
        open="name code postcode",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["employer", "code"], name="one_site_per_code")]

    def __str__(self) -> str:
        return self.name


class Team(Record):
    """A team in an employer's tree."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="teams")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    name = models.CharField(max_length=200)
    code = models.CharField(max_length=40)

    classified = Classified(
        purpose="organisations",
        retention="permanent",
        rows=OF_THE_EMPLOYER,
        write="employer worker",
        technical="id employer parent",
        open="name code",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["employer", "code"], name="one_team_per_code")]

    def __str__(self) -> str:
        return self.name


class Provider(Record):
    """An occupational health service. Health records belong to it."""

    name = models.CharField(max_length=200)
    code = models.CharField(max_length=20, unique=True)
    nation = models.CharField(max_length=20, choices=Employer.Nation, default=Employer.Nation.ENGLAND)
    telephone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)

    classified = Classified(
        purpose="organisations",
        retention="permanent",
        rows=ALL,
        write="service worker",
        write_rows={"service": "id = (SELECT oh_provider())"},
        technical="id",
        open="name code nation telephone email",
    )

    def __str__(self) -> str:
        return self.name


class Contract(Record):
    """Which provider serves which employer, from when to when, with which services and service levels.

    `services` are codes of `pathway.services`; `levels` maps a service level's code to working days. What is agreed
    anew is a new row from its first day on; the row before ends on the day before. `agreed_with` is who agreed for
    the employer; `since` is the first day of the first of these rows, and empty in that row itself.
    """

    class Role(models.TextChoices):
        CONTROLLER = "controller", "Controller"
        JOINT = "joint", "Joint controller"
        PROCESSOR = "processor", "Processor"

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="contracts")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="contracts")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    services = ArrayField(models.CharField(max_length=40), default=list)
    levels = models.JSONField(default=dict)
    employer_role = models.CharField(max_length=20, choices=Role, default=Role.CONTROLLER)
    provider_role = models.CharField(max_length=20, choices=Role, default=Role.CONTROLLER)
    since = models.DateField(null=True)
    agreed_with = models.CharField(max_length=200, blank=True)
    agreed_by = models.UUIDField(null=True)
    agreed_at = models.DateTimeField(default=clock.now)

    classified = Classified(
        purpose="organisations",
        retention="permanent",
        rows={
            "person": OF_BOTH,
            "employer": OF_EMPLOYER,
            "clinical": OF_PROVIDER,
            "service": OF_PROVIDER,
            "worker": ANY_ROW,
        },
        write="service worker",
        # A service changes what it agreed with those whom it serves today. It never lets itself in elsewhere.
        write_rows={"service": OF_BOTH},
        door="SELECT",
        technical="id provider employer agreed_by agreed_at",
        identity="agreed_with",
        open="starts_on ends_on since services levels employer_role provider_role",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="contract_ends_after_start"
            )
        ]


class RiskCover(Record):
    """Who answers a risk flag, and when. A provider without cover for an hour must not ask risk questions in it.

    `weekdays` are ISO numbers 1-7; times are local. `kind` ``nobody`` states that no one answers then. After
    `ended_at` it counts no more. With an `employer` it is for that employer's people; an employer with any such
    declaration has those alone.
    """

    class Kind(models.TextChoices):
        SERVICE = "service", "The service itself"
        PARTNER = "partner", "A partner with acknowledged handover"
        ROTA = "rota", "An on-call rota"
        NOBODY = "nobody", "Nobody"

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="risk_cover")
    employer = models.ForeignKey(Employer, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    weekdays = ArrayField(models.SmallIntegerField())
    starts_at = models.TimeField()
    ends_at = models.TimeField()
    name = models.CharField(max_length=200)
    telephone = models.CharField(max_length=40, blank=True)
    ended_at = models.DateTimeField(null=True)

    classified = Classified(
        purpose="organisations",
        retention="permanent",
        rows={
            "person": f"{OF_PROVIDER} AND {OF_ALL_OR_OWN_EMPLOYER}",
            "clinical": OF_PROVIDER,
            "service": OF_PROVIDER,
            "worker": ANY_ROW,
        },
        write="service worker",
        # For those whom it serves today. What was declared for others before can only be ended.
        write_rows={"service": f"{OF_PROVIDER} AND ({OF_ALL_OR_OWN_EMPLOYER} OR ended_at IS NOT NULL)"},
        technical="id provider employer",
        open="kind weekdays starts_at ends_at name telephone ended_at",
    )


class ContentConfirmation(Record):
    """A named person says for their service: the unsure values of this content file, in this version, are right here.

    `ground` is how they know. A new version is confirmed anew.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    key = models.CharField(max_length=120)
    version = models.CharField(max_length=20)
    ground = models.CharField(max_length=300)
    confirmed_by = models.UUIDField()
    confirmed_by_name = models.CharField(max_length=200)
    confirmed_at = models.DateTimeField(default=clock.now)

    classified = Classified(
        purpose="accountability",
        retention="permanent",
        rows={"clinical": OF_PROVIDER, "service": OF_PROVIDER, "worker": ANY_ROW},
        insert_only="clinical service",
        write="worker",
        technical="id provider key version confirmed_by confirmed_at",
        identity="confirmed_by_name ground",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "key", "version"], name="content_confirmed_once_a_version"
            )
        ]
