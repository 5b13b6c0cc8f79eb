"""Read a register file: what it holds, or everything that is wrong with it. Pure: text in, `Register` out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Name = Annotated[str, Field(min_length=1, max_length=200)]
Code = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{1,19}$")]


class _Part(BaseModel):
    """A part of the file. A key that nobody knows is a slip, and is told."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class SystemEntry(_Part):
    code: Code
    name: Name


class ProviderEntry(_Part):
    """`services` are offered from the first day; those in `direct_book` are booked without triage."""

    code: Code
    name: Name
    nation: str = "england"
    telephone: str = ""
    email: str = ""
    services: tuple[str, ...] = ()
    direct_book: tuple[str, ...] = ()


class EmployerEntry(_Part):
    code: Code
    name: Name
    kind: str
    nation: str = "england"
    benchmark_code: str = ""
    system: str = ""


class ContractEntry(_Part):
    """`levels` are working days by the code of a service level; what is not named keeps the usual days."""

    provider: Code
    employer: Code
    starts_on: date
    ends_on: date | None = None
    services: tuple[str, ...]
    levels: dict[str, int] = {}
    employer_role: str = "controller"
    provider_role: str = "controller"
    agreed_with: Name


class PersonEntry(_Part):
    """Somebody who signs in, in a role at a service or at an employer."""

    email: str
    name: Name
    role: str
    provider: str = ""
    employer: str = ""


class Register(_Part):
    systems: tuple[SystemEntry, ...] = ()
    providers: tuple[ProviderEntry, ...] = ()
    employers: tuple[EmployerEntry, ...] = ()
    contracts: tuple[ContractEntry, ...] = ()
    people: tuple[PersonEntry, ...] = ()


class Unreadable(ValueError):
    """What is wrong with the file, a sentence each."""

    def __init__(self, complaints: list[str]) -> None:
        super().__init__("\n".join(complaints))
        self.complaints = complaints


def read(text: str) -> Register:
    """The register that the file says. Raises Unreadable with every complaint."""
    try:
        register = Register.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise Unreadable([f"This is not TOML: {error}."]) from None
    except ValidationError as error:
        raise Unreadable([_sentence(each) for each in error.errors()]) from None
    complaints = [*_doubled(register), *_places(register)]
    if complaints:
        raise Unreadable(complaints)
    return register


def place(table: str, number: int, field: str = "") -> str:
    """Where something stands in the file, as people count."""
    return f"{table}, entry {number + 1}" + (f", {field}" if field else "")


def _sentence(error: Any) -> str:
    path = list(error["loc"])
    where = place(str(path[0]), path[1], ".".join(map(str, path[2:]))) if len(path) > 1 else str(path[0])
    match error["type"]:
        case "missing":
            return f"{where}: this is missing."
        case "extra_forbidden":
            return f"{where}: nobody knows this word; see openoh begin --example."
        case "string_pattern_mismatch":
            return f"{where}: use 2 to 20 capital letters, digits and dashes, such as RNS."
        case _:
            return f"{where}: {error['msg'][0].lower()}{error['msg'][1:]}."


def _doubled(register: Register) -> Iterator[str]:
    for table in ("systems", "providers", "employers"):
        seen: set[str] = set()
        for number, entry in enumerate(getattr(register, table)):
            if entry.code in seen:
                yield f"{place(table, number)}: the code {entry.code} is there twice."
            seen.add(entry.code)


def _places(register: Register) -> Iterator[str]:
    for number, person in enumerate(register.people):
        if bool(person.provider) == bool(person.employer):
            yield f"{place('people', number)}: say either the provider or the employer that the role is at."
