"""A small invented world that tests share. Nobody in it is real.

Two employers and a tiny practice, two occupational health providers. `world.amara` is an employee of the trust,
managed by `world.ben`; `world.dev` manages another team; `world.femi` is a police officer served by the second
provider. `world.as_nurse` and so on are actors.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time, timedelta

from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.access.queries import grants_of
from openoh.foundation.accounts.models import User
from openoh.foundation.consent.models import Purpose
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience, Scope, system_actor
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.models import Contract, Employer, Provider, RiskCover, Site, System, Team
from openoh.foundation.people.models import Engagement, Person
from openoh.foundation.people.trigrams import index_names
from openoh.pathway.clinics.models import Clinician
from openoh.pathway.clinics.rules import bodies
from openoh.pathway.services.models import Service

SERVICES = ["self-help", "physiotherapy", "psychology", "nurse", "physician"]
REASON_GROUPS = ["S10", "S11", "S12", "S17", "S28", "S30"]
LONG_AGO = date(2020, 1, 1)


@dataclass
class World:
    system: System
    trust: Employer
    practice: Employer
    police: Employer
    provider: Provider
    other_provider: Provider
    people: dict[str, Person] = field(default_factory=dict)
    engagements: dict[str, Engagement] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    clinicians: dict[str, Clinician] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Person:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(f"nobody called {name!r} lives in this world") from None

    def actor(self, name: str, role: str) -> Actor:
        """The actor that the account of `name` is in `role` today, as a request would build it."""
        user = self.users[name]
        for grant in grants_of(user.id, user.name):
            if grant.actor.role == role:
                return grant.actor
        raise LookupError(f"{name} does not hold the role {role} today")

    @property
    def as_amara(self) -> Actor:
        return self.actor("amara", "employee")

    @property
    def as_femi(self) -> Actor:
        return self.actor("femi", "employee")

    @property
    def as_ben(self) -> Actor:
        return self.actor("ben", "manager")

    @property
    def as_dev(self) -> Actor:
        return self.actor("dev", "manager")

    @property
    def as_hr(self) -> Actor:
        return self.actor("cara", "hr")

    @property
    def as_nurse(self) -> Actor:
        return self.actor("nia", "oh-nurse")

    @property
    def as_other_nurse(self) -> Actor:
        return self.actor("uma", "oh-nurse")

    @property
    def as_physician(self) -> Actor:
        return self.actor("omar", "oh-physician")

    @property
    def as_physiotherapist(self) -> Actor:
        return self.actor("pat", "physiotherapist")

    @property
    def as_psychologist(self) -> Actor:
        return self.actor("quin", "psychologist")

    @property
    def as_lead(self) -> Actor:
        return self.actor("rita", "clinical-lead")

    @property
    def as_service_manager(self) -> Actor:
        return self.actor("sam", "service-manager")

    @property
    def as_worker(self) -> Actor:
        return system_actor(
            "tests", employers=(self.trust.id, self.practice.id, self.police.id), provider=self.provider.id
        )


def build_world() -> World:
    """Make the world, as the worker, in the current database."""
    with within(Scope(Audience.WORKER)):
        world = _organisations()
        _staff_of_trust(world)
        _others(world)
        _clinical_staff(world)
        index_names(person.pk for person in world.people.values())
    return world


def _organisations() -> World:
    system = System.objects.create(name="Northshire system", code="QNS")
    trust = Employer.objects.create(system=system, name="Northshire Trust", code="RNS", kind="trust")
    practice = Employer.objects.create(system=system, name="Mill Lane Practice", code="GML", kind="practice")
    police = Employer.objects.create(name="Northshire Police", code="PNS", kind="police")
    provider = Provider.objects.create(
        name="Northshire Occupational Health", code="OHN", telephone="01632 960001"
    )
    other = Provider.objects.create(name="Shield Occupational Health", code="OHS", telephone="01632 960002")
    levels = {"triage": 2, "first-nurse": 10, "first-physician": 15, "report": 2, "self-referral-contact": 5}
    for owner, served in ((provider, (trust, practice)), (other, (police,))):
        for employer in served:
            Contract.objects.create(
                provider=owner, employer=employer, starts_on=LONG_AGO, services=SERVICES, levels=levels
            )
        for code in SERVICES:
            Service.objects.create(
                provider=owner, code=code, direct_book=code in ("physiotherapy", "psychology")
            )
        RiskCover.objects.create(
            provider=owner, kind="service", weekdays=[1, 2, 3, 4, 5], starts_at=time(8), ends_at=time(18),
            name="Duty nurse", telephone="01632 960010",
        )  # fmt: skip
        RiskCover.objects.create(
            provider=owner, kind="partner", weekdays=[1, 2, 3, 4, 5, 6, 7], starts_at=time(0), ends_at=time(23, 59, 59),
            name="Night crisis partner", telephone="01632 960011",
        )  # fmt: skip
    for employer in (trust, practice, police):
        Purpose.objects.create(
            employer=employer, code="offers-from-absence", legal_ground="Article 6(1)(e), Article 9(2)(h)",
            notice_version="1", notice_sent_on=LONG_AGO, staff_side_consulted_on=LONG_AGO,
            impact_assessment="DPIA 7", reason_groups=REASON_GROUPS, valid_from=LONG_AGO,
        )  # fmt: skip
    return World(system, trust, practice, police, provider, other)


def _account(world: World, key: str, name: str) -> User:
    world.users[key] = User.objects.create_user(f"{key}@example.org", name)
    return world.users[key]


def _engage(
    world: World, key: str, name: str, employer: Employer, provider: Provider, *,
    manager: str | None = None, number: str | None = None, kind: str = "employee", title: str = "Staff nurse",
    team: Team | None = None, started: date = LONG_AGO,
) -> Engagement:  # fmt: skip
    """A person, their engagement and their own account, all matched."""
    given, _, family = name.partition(" ")
    person = world.people.get(key) or Person.objects.create(
        provider=provider, given_name=given, family_name=family, birth_date=date(1985, 5, 17),
        email=f"{key}@example.org", mobile="07700 900123",
    )  # fmt: skip
    world.people[key] = person
    engagement = Engagement.objects.create(
        employer=employer, number=number or f"{employer.code}-{key}", person=person, provider=provider,
        given_name=given, family_name=family, birth_date=date(1985, 5, 17), email=f"{key}@example.org", kind=kind,
        title=title, staff_group="Nursing and Midwifery Registered", band="5", fte=1, weekly_hours=37.5,
        manager=world.engagements[manager] if manager else None, team=team, starts_on=started,
    )  # fmt: skip
    world.engagements[key] = engagement
    user = world.users.get(key) or _account(world, key, name)
    RoleAssignment.objects.create(
        user=user, role="employee", employer=employer, provider=provider, person=person, engagement=engagement,
        starts_on=started,
    )  # fmt: skip
    return engagement


def _lead(world: World, key: str) -> None:
    engagement = world.engagements[key]
    RoleAssignment.objects.create(
        user=world.users[key],
        role="manager",
        employer=engagement.employer,
        engagement=engagement,
        starts_on=LONG_AGO,
    )


def _staff_of_trust(world: World) -> None:
    trust, provider = world.trust, world.provider
    world.sites["general"] = Site.objects.create(
        employer=trust, name="General Hospital", code="GH", postcode="NS1 1AA"
    )
    board = Team.objects.create(employer=trust, name="Northshire Trust", code="ROOT")
    for code, name in (("A1", "Ward A1"), ("B2", "Ward B2")):
        world.teams[code] = Team.objects.create(employer=trust, parent=board, name=name, code=code)
    _engage(world, "gita", "Gita Director", trust, provider, title="Director of nursing")
    _engage(
        world,
        "ben",
        "Ben Carter",
        trust,
        provider,
        manager="gita",
        title="Ward manager",
        team=world.teams["A1"],
    )
    _engage(
        world,
        "dev",
        "Dev Shah",
        trust,
        provider,
        manager="gita",
        title="Ward manager",
        team=world.teams["B2"],
    )
    _engage(world, "amara", "Amara Okafor", trust, provider, manager="ben", team=world.teams["A1"])
    _engage(world, "joe", "Joe Lindqvist", trust, provider, manager="dev", team=world.teams["B2"])
    for key in ("gita", "ben", "dev"):
        _lead(world, key)
    RoleAssignment.objects.create(
        user=_account(world, "cara", "Cara Hughes"), role="hr", employer=trust, starts_on=LONG_AGO
    )


def _others(world: World) -> None:
    _engage(world, "ella", "Ella Marsh", world.practice, world.provider, title="Receptionist")
    _engage(
        world,
        "femi",
        "Femi Adeyemi",
        world.police,
        world.other_provider,
        kind="police-officer",
        title="Constable",
    )
    RoleAssignment.objects.create(
        user=_account(world, "hal", "Hal Price"), role="hr", employer=world.police, starts_on=LONG_AGO
    )


def _clinical_staff(world: World) -> None:
    until = clock.today() + timedelta(days=400)
    for key, name, role, profession, service, provider in (
        ("nia", "Nia Bevan", "oh-nurse", "nurse", "nurse", world.provider),
        ("omar", "Omar Haddad", "oh-physician", "physician", "physician", world.provider),
        ("pat", "Pat Novak", "physiotherapist", "physiotherapist", "physiotherapy", world.provider),
        ("quin", "Quin Abara", "psychologist", "psychologist", "psychology", world.provider),
        ("rita", "Rita Costa", "clinical-lead", "physician", "physician", world.provider),
        ("uma", "Uma Patel", "oh-nurse", "nurse", "nurse", world.other_provider),
    ):
        user = _account(world, key, name)
        RoleAssignment.objects.create(user=user, role=role, provider=provider, starts_on=LONG_AGO)
        world.clinicians[key] = Clinician.objects.create(
            provider=provider, user=user, name=name, profession=profession, qualification="Registered",
            registration_body=bodies()[profession], registration_number=f"00{len(key)}{key}",
            registered_until=until, services=[service],
        )  # fmt: skip
    for key, name, role in (
        ("sam", "Sam Doyle", "service-manager"),
        ("tess", "Tess Wood", "oh-administrator"),
    ):
        RoleAssignment.objects.create(
            user=_account(world, key, name), role=role, provider=world.provider, starts_on=LONG_AGO
        )
    RoleAssignment.objects.create(
        user=_account(world, "bo", "Bo Ekstrom"), role="board", employer=world.trust, starts_on=LONG_AGO
    )
