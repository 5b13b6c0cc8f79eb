"""The register of systems, services and employers: entering one, and changing what it says of one.

A code names one organisation for good. Who serves whom is in contracts, not here.
"""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from openoh.foundation.audit.actions import action
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.identifiers import NOBODY
from openoh.foundation.organisations.access import (
    may_agree_contracts,
    may_enter_employer,
    may_keep_register,
)
from openoh.foundation.organisations.models import Employer, Provider, System
from openoh.foundation.organisations.rules import code_complaint, name_complaint, telephone_complaint


@action("system.entered")
def enter_system(*, by: Actor, code: str, name: str) -> System:
    """A system under a new code, or a new name under a known one. Raises Invalid."""
    _operator(by)
    _refuse(code=code_complaint(code), name=name_complaint(name))
    entered, _ = System.objects.update_or_create(code=code, defaults={"name": name.strip()})
    return entered


@action("provider.entered")
def enter_provider(
    *, by: Actor, code: str, name: str, nation: str, telephone: str = "", email: str = ""
) -> Provider:
    """An occupational health service under a new code, or what is said of a known one. Raises Invalid."""
    _operator(by)
    _refuse(code=code_complaint(code), nation=_nation_complaint(nation))
    _check_contact(name, telephone, email)
    entered, _ = Provider.objects.update_or_create(
        code=code,
        defaults={"name": name.strip(), "nation": nation, "telephone": telephone.strip(), "email": email.strip()},
    )  # fmt: skip
    return entered


@action("provider.described")
def describe_provider(*, by: Actor, name: str, telephone: str, email: str) -> Provider:
    """What people read of the actor's own service: its name, and how to reach it. Raises Invalid."""
    if not may_agree_contracts(by):
        raise NotAllowed("Only those who run the service may change what is said of it.")
    _check_contact(name, telephone, email)
    described = Provider.objects.select_for_update().get(pk=by.provider or NOBODY)
    described.name, described.telephone, described.email = name.strip(), telephone.strip(), email.strip()
    described.save(update_fields=["name", "telephone", "email"])
    return described


@action("employer.entered")
def enter_employer(
    *, by: Actor, code: str, name: str, kind: str, nation: str, benchmark_code: str = "",
    system: UUID | None = None,
) -> Employer:  # fmt: skip
    """An employer under a new code; the operator changes what is said of a known one as well.

    Raises Invalid, and Conflict when somebody who runs a service names a code that is taken.
    """
    if not may_enter_employer(by):
        raise NotAllowed("Only those who run a service may enter an employer.")
    _refuse(name=name_complaint(name), code=code_complaint(code),
            kind=None if kind in Employer.Kind.values else "Choose what kind of employer it is.",
            nation=_nation_complaint(nation),
            benchmark_code=code_complaint(benchmark_code) if benchmark_code else None)  # fmt: skip
    said = {
        "name": name.strip(), "kind": kind, "nation": nation, "benchmark_code": benchmark_code, "system_id": system,
    }  # fmt: skip
    if may_keep_register(by):
        return Employer.objects.update_or_create(code=code, defaults=said)[0]
    if Employer.objects.filter(code=code).exists():
        raise Conflict(
            "An employer with this code is in the register already. Ask whoever runs this installation to begin "
            "your contract with it."
        )
    return Employer.objects.create(code=code, **said)


def _operator(by: Actor) -> None:
    if not may_keep_register(by):
        raise NotAllowed("Only whoever runs this installation may do this, with openoh begin.")


def _refuse(**complaints: str | None) -> None:
    for field, sentence in complaints.items():
        if sentence:
            raise Invalid(sentence, field=field)


def _check_contact(name: str, telephone: str, email: str) -> None:
    _refuse(name=name_complaint(name), telephone=telephone_complaint(telephone))
    if email.strip():
        try:
            validate_email(email.strip())
        except ValidationError:
            raise Invalid(
                "Enter an e-mail address like name@example.org, or nothing.", field="email"
            ) from None


def _nation_complaint(nation: str) -> str | None:
    return None if nation in Employer.Nation.values else "Choose the nation: it decides the bank holidays."
