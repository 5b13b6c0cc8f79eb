"""Enter a register file; begin to serve one more employer from a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Q

from openoh.exchange.register.rules import (
    ContractEntry,
    EmployerEntry,
    PersonEntry,
    ProviderEntry,
    Register,
    SystemEntry,
    Unreadable,
    place,
)
from openoh.foundation.access.colleagues import let_in
from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.access.roles import ROLES
from openoh.foundation.audit.actions import action
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import Conflict, Invalid
from openoh.foundation.core.identifiers import NOBODY
from openoh.foundation.core.scope import undone_on_error, within
from openoh.foundation.organisations import register as organisations
from openoh.foundation.organisations.models import Contract, Employer, Provider, System
from openoh.pathway.clocks.actions import begin_contract
from openoh.pathway.clocks.agreements import Terms
from openoh.pathway.services.actions import set_service
from openoh.pathway.services.models import Service

Organisation = TypeVar("Organisation", System, Provider, Employer)


@dataclass(frozen=True)
class Entered:
    """What came of a file: a sentence for each thing that is new or different, and how many are as they were."""

    told: list[str]
    same: int

    @property
    def audit_details(self) -> dict[str, object]:
        return {"entered": self.told, "same": self.same}


@dataclass(frozen=True)
class HrOfficer:
    """Who supplies the data of an employer first."""

    name: str
    email: str


@action("register.entered")
def enter(*, by: Actor, register: Register) -> Entered:
    """Make the register what the file says, all or nothing. Raises Unreadable with every complaint.

    Only the installation's operator may: each part of it asks.
    """
    entering = _Entering(by)
    tables: list[tuple[str, Callable[[Any], None]]] = [
        ("systems", entering.system),
        ("providers", entering.provider),
        ("employers", entering.employer),
        ("contracts", entering.contract),
        ("people", entering.person),
    ]
    for table, enter_one in tables:
        for number, entry in enumerate(getattr(register, table)):
            with entering.complaints_of(table, number):
                enter_one(entry)
    if entering.complaints:
        raise Unreadable(entering.complaints)
    return Entered(entering.told, entering.same)


@action("employer.served")
def serve(
    *, by: Actor, code: str, name: str, kind: str, nation: str, benchmark_code: str, terms: Terms, hr: HrOfficer
) -> Contract:  # fmt: skip
    """Enter an employer that the register does not know, begin the contract with it, and let its HR officer in.

    Raises Invalid with the field, and Conflict when the code is taken.
    """
    employer = organisations.enter_employer(
        by=by, code=code, name=name, kind=kind, nation=nation, benchmark_code=benchmark_code
    )
    served = replace(by, scope=replace(by.scope, employers=(*by.employers, employer.pk)))
    with within(served.scope):
        contract = begin_contract(
            by=served, provider=by.provider or NOBODY, employer=employer.pk, terms=terms
        )
        let_in(by=served, email=hr.email, name=hr.name, role="hr", employer=employer.pk)
    return contract


@dataclass
class _Entering:
    """One file on its way in: what was told, what is as it was, what is wrong."""

    by: Actor
    told: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    same: int = 0

    @contextmanager
    def complaints_of(self, table: str, number: int) -> Iterator[None]:
        """Keep what is wrong with one entry, and go on to the next."""
        try:
            with undone_on_error():
                yield
        except (Invalid, Conflict) as error:
            at = error.field or "" if isinstance(error, Invalid) else ""
            self.complaints.append(f"{place(table, number, at)}: {error}")

    def system(self, entry: SystemEntry) -> None:
        self._organisation(System, "system", entry.model_dump(), organisations.enter_system)

    def provider(self, entry: ProviderEntry) -> None:
        said = entry.model_dump(exclude={"services", "direct_book"})
        provider = self._organisation(Provider, "service", said, organisations.enter_provider)
        runs = replace(self.by, scope=replace(self.by.scope, provider=provider.pk))
        offered = set(Service.objects.filter(provider=provider).values_list("code", flat=True))
        for code in entry.services:
            if code not in offered:
                set_service(by=runs, code=code, direct_book=code in entry.direct_book)
                self.told.append(f"{provider.name} offers {code}")

    def employer(self, entry: EmployerEntry) -> None:
        system = self._known(System, entry.system, "system").pk if entry.system else None
        said = entry.model_dump(exclude={"system"}) | {"system": system}
        self._organisation(Employer, "employer", said, organisations.enter_employer)

    def contract(self, entry: ContractEntry) -> None:
        provider = self._known(Provider, entry.provider, "provider")
        employer = self._known(Employer, entry.employer, "employer")
        if Contract.objects.filter(provider=provider, employer=employer, starts_on=entry.starts_on).exists():
            self.same += 1  # what was agreed since stands in later versions, which no file overwrites
            return
        terms = Terms(**entry.model_dump(exclude={"provider", "employer"}))
        begin_contract(by=self.by, provider=provider.pk, employer=employer.pk, terms=terms)
        self.told.append(f"{provider.name} serves {employer.name} from {entry.starts_on:%-d %B %Y}")

    def person(self, entry: PersonEntry) -> None:
        if entry.role not in ROLES:
            raise Invalid(f"there is no role {entry.role}; there are: {', '.join(ROLES)}", field="role")
        provider = self._known(Provider, entry.provider, "provider").pk if entry.provider else None
        employer = self._known(Employer, entry.employer, "employer").pk if entry.employer else None
        if _holds(entry, provider, employer):
            self.same += 1
            return
        let_in(
            by=self.by,
            email=entry.email,
            name=entry.name,
            role=entry.role,
            provider=provider,
            employer=employer,
        )
        self.told.append(f"{entry.name} works as {ROLES[entry.role].title}")

    def _organisation(
        self, kind: type[Organisation], word: str, said: Mapping[str, Any], enter_it: Callable[..., Organisation]
    ) -> Organisation:  # fmt: skip
        before = kind.objects.filter(code=said["code"]).first()
        if before and all(_value(before, name) == value for name, value in said.items()):
            self.same += 1
            return before
        entered = enter_it(by=self.by, **said)
        self.told.append(f"{'changed' if before else 'new'} {word} {entered.name} ({entered.code})")
        return entered

    def _known(self, kind: type[Organisation], code: str, where: str) -> Organisation:
        found = kind.objects.filter(code=code).first()
        if found is None:
            raise Invalid(f"there is no {where} with the code {code or '(none)'}.", field=where)
        return found


def _value(organisation: System | Provider | Employer, name: str) -> Any:
    return (
        organisation.system_id
        if name == "system" and isinstance(organisation, Employer)
        else getattr(organisation, name)
    )


def _holds(entry: PersonEntry, provider: UUID | None, employer: UUID | None) -> bool:
    return RoleAssignment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=clock.today()), user__email__iexact=entry.email, role=entry.role,
        provider=provider, employer=employer,
    ).exists()  # fmt: skip
