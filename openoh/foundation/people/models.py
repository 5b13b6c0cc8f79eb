"""A person belongs to a provider's records; an engagement belongs to an employer. HR never opens a person.

What HR supplies stays on the engagement. What the person tells occupational health stays on the person.
"""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from openoh.foundation.core import clock
from openoh.foundation.core.classification import (
    ANY_ROW,
    OF_BOTH,
    OF_EMPLOYER,
    OF_PERSON,
    OF_PROVIDER,
    Classified,
)
from openoh.foundation.core.models import Record
from openoh.foundation.organisations.models import Employer, Provider, Site, Team

OWN_PERSON = "id = (SELECT oh_person())"


class Person(Record):
    """Somebody in a provider's records. Matched only within the provider."""

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        SMS = "sms", "Text message"
        LETTER = "letter", "Letter"
        TELEPHONE = "telephone", "Telephone call"

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    known_as = models.CharField(max_length=100, blank=True)
    birth_date = models.DateField(null=True)
    email = models.EmailField(blank=True)
    mobile = models.CharField(max_length=40, blank=True)
    address = models.TextField(blank=True)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)
    interpreter = models.CharField(max_length=60, blank=True)
    protected_identity = models.BooleanField(default=False)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=clock.now)

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"person": OWN_PERSON, "clinical": OF_PROVIDER, "service": OF_PROVIDER, "worker": ANY_ROW},
        write="person clinical worker",
        technical="id provider merged_into made_at",
        identity="given_name family_name known_as birth_date email mobile address channel interpreter "
        "protected_identity",
    )

    class Meta:
        indexes = [models.Index(fields=["provider", "family_name", "given_name", "id"])]

    def __str__(self) -> str:
        return f"{self.known_as or self.given_name} {self.family_name}"


class PersonTrigram(models.Model):
    """Three letters of a person's name, so that any part of a name is found by an equality that row security
    allows to use an index."""

    id = models.BigAutoField(primary_key=True)
    provider_id = models.UUIDField()
    trigram = models.CharField(max_length=3)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False, db_constraint=False)

    classified = Classified(
        purpose="occupational-health-care",
        retention="as-parent",
        rows={"person": "false", "clinical": OF_PROVIDER, "service": OF_PROVIDER, "worker": ANY_ROW},
        insert_only="person clinical",
        write="worker",
        delete="person clinical worker",
        technical="id provider_id person",
        identity="trigram",
    )

    class Meta:
        indexes = [
            models.Index(fields=["provider_id", "trigram", "person"], name="find_by_trigram"),
            models.Index(fields=["person"], name="trigrams_of_person"),
        ]


class Engagement(Record):
    """How somebody works for an employer: an employment, a rotation, a bank contract, an officer's post."""

    class Kind(models.TextChoices):
        EMPLOYEE = "employee", "Employee"
        OFFICER = "police-officer", "Police officer"
        POLICE_STAFF = "police-staff", "Police staff"
        TRAINEE = "trainee", "Trainee on rotation"
        BANK = "bank", "Bank"
        AGENCY = "agency", "Agency"
        STUDENT = "student", "Student"
        VOLUNTEER = "volunteer", "Volunteer"
        HONORARY = "honorary", "Honorary"
        CONTRACTOR = "contractor", "Contractor"
        GP_PARTNER = "gp-partner", "GP partner"
        SPECIAL = "special", "Special or cadet"
        SECONDED = "seconded", "Seconded"
        APPLICANT = "applicant", "Applicant"

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    host = models.ForeignKey(Employer, models.PROTECT, null=True, related_name="+")
    number = models.CharField(max_length=40)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="engagements")
    provider = models.ForeignKey(Provider, models.PROTECT, null=True, related_name="+")
    person_number = models.CharField(max_length=40, blank=True)
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    birth_date = models.DateField(null=True)
    email = models.EmailField(blank=True)
    mobile = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.EMPLOYEE)
    title = models.CharField(max_length=200, blank=True)
    staff_group = models.CharField(max_length=100, blank=True)
    band = models.CharField(max_length=20, blank=True)
    fte = models.DecimalField(max_digits=5, decimal_places=4, default=1)
    weekly_hours = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    shifts = models.CharField(max_length=40, blank=True)
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    manager = models.ForeignKey("self", models.SET_NULL, null=True, related_name="reports")
    suspended = models.BooleanField(default=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    classified = Classified(
        purpose="employment-data",
        retention="employment",
        rows={
            "person": OF_PERSON,
            "employer": OF_EMPLOYER,
            "clinical": OF_BOTH,
            "service": OF_BOTH,
            "worker": ANY_ROW,
        },
        write="employer worker",
        technical="id employer host provider person manager",
        identity="number person_number given_name family_name birth_date email mobile",
        employment="kind title staff_group band fte weekly_hours shifts team site suspended starts_on ends_on",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["employer", "number"], name="one_engagement_per_number"),
            models.CheckConstraint(condition=Q(fte__gte=0) & Q(fte__lte=1), name="fte_between_0_and_1"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="engagement_ends_after_start"
            ),
            models.CheckConstraint(condition=~Q(manager=F("id")), name="nobody_manages_themselves"),
        ]
        indexes = [
            models.Index(fields=["employer", "family_name", "given_name", "id"]),
            models.Index(fields=["employer", "manager"]),
            models.Index(fields=["person"], name="engagements_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"

    def active_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)


class EngagementVersion(models.Model):
    """What changed in an engagement, from when: the history of hours, post, team and manager. Only added to.

    `left_out` ends an engagement only because a full extract left it out: whoever is in a file again has come back.
    """

    id = models.BigAutoField(primary_key=True)
    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="versions")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+", db_index=False)
    effective_on = models.DateField()
    fte = models.DecimalField(max_digits=5, decimal_places=4)
    weekly_hours = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    staff_group = models.CharField(max_length=100, blank=True)
    band = models.CharField(max_length=20, blank=True)
    title = models.CharField(max_length=200, blank=True)
    team_id = models.UUIDField(null=True)
    site_id = models.UUIDField(null=True)
    manager_id = models.UUIDField(null=True)
    ends_on = models.DateField(null=True)
    left_out = models.BooleanField(default=False)
    recorded_at = models.DateTimeField(default=clock.now)
    run_id = models.UUIDField(null=True)

    classified = Classified(
        purpose="employment-data",
        retention="employment",
        rows={"employer": OF_EMPLOYER, "service": OF_EMPLOYER, "worker": ANY_ROW},
        insert_only="employer worker",
        technical="id engagement employer recorded_at run_id team_id site_id manager_id",
        employment="effective_on fte weekly_hours staff_group band title ends_on left_out",
    )

    class Meta:
        indexes = [models.Index(fields=["engagement", "effective_on", "id"])]


class ContactStop(Record):
    """Why nobody must be contacted, however right an offer would be."""

    class Kind(models.TextChoices):
        DECEASED = "deceased", "Has died"
        DO_NOT_CONTACT = "do-not-contact", "Asked not to be contacted"
        SUSPENDED = "suspended", "Suspended from duty"
        SAFEGUARDING = "safeguarding", "Safeguarding"
        CANCER = "cancer", "Cancer"

    person = models.ForeignKey(Person, models.CASCADE, related_name="stops")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    since = models.DateField(default=clock.today)
    until = models.DateField(null=True)

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"person": OF_PERSON, "clinical": OF_PROVIDER, "worker": ANY_ROW},
        write="person clinical worker",
        technical="id person provider",
        coded="kind since until",
    )


class MatchCandidate(Record):
    """An engagement that may belong to a person we know: a human decides."""

    class State(models.TextChoices):
        OPEN = "open", "To be decided"
        SAME = "same", "The same person"
        DIFFERENT = "different", "Different people"

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"service": OF_PROVIDER, "clinical": OF_PROVIDER, "worker": ANY_ROW},
        write="service clinical worker",
        also_merged=True,
        technical="id provider engagement person decided_by decided_at",
        coded="reason state",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None, decided_at=None)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="match_decided_by_and_at",
            ),
            models.UniqueConstraint(fields=["engagement", "person"], name="one_candidate_per_pair"),
        ]


class Merge(Record):
    """Two persons found to be one; kept so that it can be undone."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    kept = models.ForeignKey(Person, models.PROTECT, related_name="+")
    gone = models.ForeignKey(Person, models.PROTECT, related_name="+")
    moved = models.JSONField(default=dict)
    merged_at = models.DateTimeField(default=clock.now)
    undone_at = models.DateTimeField(null=True)

    classified = Classified(
        purpose="occupational-health-care",
        retention="oh-record",
        rows={"service": OF_PROVIDER, "clinical": OF_PROVIDER, "worker": ANY_ROW},
        write="service clinical worker",
        technical="id provider kept gone moved merged_at undone_at",
    )
