"""Clinicians of a service: recording them and their registration, for those who run it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from openoh.foundation.access.checks import provider_of
from openoh.foundation.access.holders import holders
from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.access.permissions import require
from openoh.foundation.access.roles import ROLES
from openoh.foundation.accounts.models import User
from openoh.foundation.audit.actions import action
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.decisions import Decision
from openoh.foundation.core.errors import Invalid
from openoh.pathway.clinics.access import registration_of
from openoh.pathway.clinics.models import Clinician
from openoh.pathway.clinics.rules import CURRENT, NONE_NEEDED, Registration, complaint_about, standing
from openoh.pathway.clinics.taken import or_conflict
from openoh.pathway.services.queries import by_appointment, catalogue

PROFESSIONS: Mapping[str, str] = dict(Clinician.Profession.choices)


@dataclass(frozen=True)
class Entry:
    """What is recorded of a clinician. `services` are codes of what they see people for."""

    name: str
    registration: Registration
    qualification: str = ""
    services: Sequence[str] = ()


@dataclass(frozen=True)
class Listed:
    """A clinician as the list shows them. `roles` are the clinical roles that they hold today or will hold."""

    clinician: Clinician
    standing: Decision
    roles: list[str]

    @property
    def needs_something(self) -> bool:
        return self.standing.outcome not in (CURRENT, NONE_NEEDED)


@dataclass(frozen=True)
class Missing:
    """Somebody who holds a clinical role and is not recorded as a clinician: they can sign nothing."""

    user: User
    roles: list[str]


@dataclass(frozen=True)
class Registry:
    """Everybody who sees people or should: clinicians who need something stand first."""

    missing: list[Missing] = field(default_factory=list)
    listed: list[Listed] = field(default_factory=list)


def clinicians_to_keep(actor: Actor) -> QuerySet[Clinician]:
    """The clinicians of a service, for those who run it; raises NotAllowed for others."""
    require(actor, "service.run")
    return Clinician.objects.filter(provider_id=provider_of(actor))


def registry(actor: Actor) -> Registry:
    """The clinicians of the actor's service, and who holds a clinical role without being one; in two queries."""
    roles: dict[UUID, list[str]] = {}
    users: dict[UUID, User] = {}
    for held in clinical_holders(actor):
        users[held.user_id] = held.user
        roles.setdefault(held.user_id, []).append(ROLES[held.role].title)
    found = list(clinicians_to_keep(actor).order_by("name", "id"))
    listed = [
        Listed(each, standing(registration_of(each), clock.today()), roles.get(each.user_id, []))
        for each in found
    ]
    known = {each.user_id for each in found}
    missing = [Missing(user, roles[pk]) for pk, user in users.items() if pk not in known]
    return Registry(missing, sorted(listed, key=lambda each: not each.needs_something))


def clinical_holders(actor: Actor, user: UUID | None = None) -> QuerySet[RoleAssignment]:
    """Clinical roles in the actor's service, today or later; of one account with `user`."""
    clinical = [role.name for role in ROLES.values() if role.audience is Audience.CLINICAL]
    found = holders(actor).filter(role__in=clinical)
    return found.filter(user_id=user) if user else found


@action("clinician.registered")
def register_clinician(*, by: Actor, user: UUID, entry: Entry) -> Clinician:
    """Record somebody who holds a clinical role here as a clinician. Raises Invalid with what to write instead."""
    require(by, "service.run")
    if not clinical_holders(by, user).exists():
        raise Invalid("This account holds no clinical role here. Give them the role first.", field="user")
    _check(by, entry, kept=None)
    clinician = Clinician(provider_id=provider_of(by), user_id=user)
    _fill(clinician, entry)
    with or_conflict():
        clinician.save(force_insert=True)
    return clinician


@action("clinician.changed")
def change_clinician(*, by: Actor, clinician_id: UUID, entry: Entry) -> Clinician:
    """Change what is recorded, or record that a registration was renewed.

    A registration that has ended already may stay as it is while something else is changed.
    """
    clinician = clinicians_to_keep(by).select_for_update().get(pk=clinician_id)
    _check(by, entry, kept=clinician)
    _fill(clinician, entry)
    clinician.save()
    return clinician


def _check(by: Actor, entry: Entry, *, kept: Clinician | None) -> None:
    if not entry.name.strip():
        raise Invalid("Enter the name that people see when they choose a time.", field="name")
    if entry.registration.profession not in PROFESSIONS:
        raise Invalid("Choose a profession.", field="profession")
    wrong = complaint_about(entry.registration, _counted_from(entry, kept))
    if wrong:
        raise Invalid(wrong[1], field=wrong[0])
    possible = {each.code for each in by_appointment(by)} | set(kept.services if kept else ())
    for code in entry.services:
        if code not in possible:
            title = catalogue()[code].title if code in catalogue() else f"“{code}”"
            raise Invalid(f"{title} is not offered here by appointment. Offer it first.", field="services")


def _counted_from(entry: Entry, kept: Clinician | None) -> date:
    """The day from which a registration must still run: today, or its own last day when nobody changed it."""
    until = entry.registration.until
    return until if until and kept and kept.registered_until == until else clock.today()


def _fill(clinician: Clinician, entry: Entry) -> None:
    clinician.name, clinician.qualification = entry.name.strip(), entry.qualification.strip()
    clinician.profession = entry.registration.profession
    clinician.registration_body = entry.registration.body
    clinician.registration_number = entry.registration.number
    clinician.registered_until = entry.registration.until
    clinician.services = [code for code in catalogue() if code in entry.services]
