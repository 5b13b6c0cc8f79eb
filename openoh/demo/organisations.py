"""The invented organisations, providers and clinicians that the demonstration's people belong to."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from openoh.demo.generate import EmployerPlan
from openoh.exchange.register.actions import enter
from openoh.exchange.register.rules import ContractEntry, EmployerEntry, ProviderEntry, Register, SystemEntry
from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.accounts.models import User
from openoh.foundation.consent.models import Purpose
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope, system_actor
from openoh.foundation.core.calendars import WorkingDays
from openoh.foundation.core.clock import UK
from openoh.foundation.core.content import load
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.models import Employer, Provider, RiskCover
from openoh.pathway.clinics.models import Clinician, Slot
from openoh.pathway.clinics.rules import bodies

DIRECT_BOOK = ("physiotherapy", "psychology")
SERVICES = ("self-help", "nurse", "physician", *DIRECT_BOOK)
LEVELS = {"triage": 2, "first-nurse": 10, "first-physician": 15, "report": 2, "self-referral-contact": 5}
REASON_GROUPS = ["S10", "S11", "S12", "S17", "S28", "S30"]
DIARY_WORKING_DAYS = 15
NIGHTS = ("Vale night crisis team", "01632 960199")
# Officers and staff are answered by a line that knows shifts, custody and firearms.
POLICE_NIGHTS = ("Blue Lamp night line", "01632 960299")
DAY_STARTS = (9, 10, 11, 13, 14, 15)

# Key, name, role, profession, services that they see people for.
CLINICAL_STAFF: dict[str, tuple[tuple[str, str, str, str, tuple[str, ...]], ...]] = {
    "OHV": (
        ("nurse", "Nia Bevan", "oh-nurse", "nurse", ("nurse",)),
        ("physician", "Omar Haddad", "oh-physician", "physician", ("physician",)),
        ("physio", "Pat Novak", "physiotherapist", "physiotherapist", ("physiotherapy",)),
        ("psychologist", "Quin Abara", "psychologist", "psychologist", ("psychology",)),
        ("lead", "Rita Costa", "clinical-lead", "physician", ("physician",)),
    ),
    "OHP": (
        ("police-nurse", "Uma Patel", "oh-nurse", "nurse", ("nurse",)),
        ("police-physio", "Tom Reyes", "physiotherapist", "physiotherapist", ("physiotherapy",)),
    ),
}


@dataclass(frozen=True)
class Persona:
    """Somebody to sign in as."""

    email: str
    name: str
    role: str
    organisation: str
    about: str


def make_organisations(plans: list[EmployerPlan]) -> dict[str, Employer]:
    """System, employers, providers and contracts by a register file's way in; purposes and risk cover; by code."""
    content: dict[str, Any] = load("openoh.demo", "organisations").data
    system, long_ago = content["system"], clock.today() - timedelta(days=6 * 365)
    register = Register(
        systems=(SystemEntry(**system),),
        providers=tuple(
            ProviderEntry(**entry, services=SERVICES, direct_book=DIRECT_BOOK) for entry in content["providers"]
        ),
        employers=tuple(
            EmployerEntry(
                code=plan.code, name=plan.name, kind=plan.kind, benchmark_code=plan.benchmark,
                system="" if plan.kind == "police" else system["code"],
            ) for plan in plans
        ),
        contracts=tuple(
            ContractEntry(
                provider=plan.provider, employer=plan.code, starts_on=long_ago, services=SERVICES, levels=LEVELS,
                agreed_with="Invented for the demonstration",
            ) for plan in plans
        ),
    )  # fmt: skip
    enter(by=system_actor("demonstration"), register=register)
    with within(Scope(Audience.WORKER)):
        providers = {provider.code: provider for provider in Provider.objects.all()}
        for provider in providers.values():
            _declare_cover(provider)
        employers = {employer.code: employer for employer in Employer.objects.all()}
        for plan in plans:
            _declare_purpose(employers[plan.code], long_ago)
            if plan.kind == "police":
                _declare_cover(providers[plan.provider], employer=employers[plan.code], partner=POLICE_NIGHTS)
    return {plan.code: employers[plan.code] for plan in plans}


def _declare_cover(
    provider: Provider, *, employer: Employer | None = None, partner: tuple[str, str] = NIGHTS
) -> None:
    name, telephone = partner
    RiskCover.objects.create(
        provider=provider, employer=employer, kind="service", weekdays=[1, 2, 3, 4, 5], starts_at=time(8),
        ends_at=time(18), name="Duty nurse", telephone=provider.telephone,
    )  # fmt: skip
    RiskCover.objects.create(
        provider=provider, employer=employer, kind="partner", weekdays=[1, 2, 3, 4, 5, 6, 7], starts_at=time(0),
        ends_at=time(23, 59, 59), name=name, telephone=telephone,
    )  # fmt: skip


def _declare_purpose(employer: Employer, since: date) -> None:
    Purpose.objects.create(
        employer=employer, code="offers-from-absence",
        legal_ground="UK GDPR Article 6(1)(e) and Article 9(2)(h)", notice_version="1",
        notice_sent_on=since, staff_side_consulted_on=since, impact_assessment="Impact assessment 1, invented",
        reason_groups=REASON_GROUPS, valid_from=since,
    )  # fmt: skip


def make_clinical_staff() -> list[Persona]:
    """Clinicians with accounts, registrations and three weeks of free slots; a manager and an administrator each."""
    personas = []
    with within(Scope(Audience.WORKER)):
        for code, members in CLINICAL_STAFF.items():
            provider = Provider.objects.get(code=code)
            for key, name, role, profession, services in members:
                user = _account(f"{key}@demo.example", name, role, provider=provider)
                clinician = Clinician.objects.create(
                    provider=provider, user=user, name=name, profession=profession,
                    qualification="Specialist practitioner", registration_body=bodies()[profession],
                    registration_number=f"INVENTED-{key}", registered_until=clock.today() + timedelta(days=300),
                    services=list(services),
                )  # fmt: skip
                _make_diary(provider, clinician, services[0])
                personas.append(
                    Persona(user.email, name, role, provider.name, "Clinician with appointments.")
                )
        vale = Provider.objects.get(code="OHV")
        for key, name, role, about in (
            ("service", "Sam Doyle", "service-manager", "Sees figures and waits, not records."),
            ("office", "Tess Wood", "oh-administrator", "Runs the diary."),
        ):
            user = _account(f"{key}@demo.example", name, role, provider=vale)
            personas.append(Persona(user.email, name, role, vale.name, about))
    return personas


def _make_diary(provider: Provider, clinician: Clinician, service: str) -> None:
    calendar, day, made = WorkingDays(provider.nation), clock.today(), 0
    slots = []
    while made < DIARY_WORKING_DAYS:
        if calendar.is_working(day):
            made += 1
            slots += [_slot(provider, clinician, service, day, hour) for hour in DAY_STARTS]
        day += timedelta(days=1)
    Slot.objects.bulk_create(slots)


def _slot(provider: Provider, clinician: Clinician, service: str, day: date, hour: int) -> Slot:
    starts = datetime.combine(day, time(hour), tzinfo=UK)
    ends = starts + timedelta(minutes=45)
    return Slot(
        provider=provider, clinician=clinician, service=service, starts_at=starts, ends_at=ends,
        during=DateTimeTZRange(starts, ends), mode="in-person" if hour in (9, 13) else "video",
        place="Clinic room 2, General Hospital" if hour in (9, 13) else "",
    )  # fmt: skip


def make_employer_staff(employers: dict[str, Employer]) -> list[Persona]:
    """An HR officer for each large employer and one practice, and a board member."""
    chosen = (
        ("RVA", "hr", "Cara Hughes"),
        ("PVL", "police-hr", "Hal Price"),
        ("G001", "practice", "Ivy Marsh"),
    )
    personas = []
    with within(Scope(Audience.WORKER)):
        for code, key, name in chosen:
            user = _account(f"{key}@demo.example", name, "hr", employer=employers[code])
            personas.append(
                Persona(user.email, name, "hr", employers[code].name, "Supplies staff and absence data.")
            )
        user = _account("board@demo.example", "Bo Ekström", "board", employer=employers["RVA"])
        personas.append(
            Persona(user.email, user.name, "board", employers["RVA"].name, "Asks: is it working?")
        )
    return personas


def _account(
    email: str, name: str, role: str, *, provider: Provider | None = None, employer: Employer | None = None
) -> User:
    user = User.objects.create_user(email, name)
    RoleAssignment.objects.create(
        user=user,
        role=role,
        provider=provider,
        employer=employer,
        starts_on=clock.today() - timedelta(days=365),
    )
    return user


def write_personas(path: Path, personas: list[Persona]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(persona) for persona in personas], indent=1, ensure_ascii=False))
