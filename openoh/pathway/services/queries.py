"""The catalogue of services, what a provider offers of it, and help outside the service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from openoh.foundation.core.actors import Actor
from openoh.foundation.core.content import load
from openoh.foundation.core.errors import Invalid
from openoh.pathway.services.access import visible_to
from openoh.pathway.services.models import Service


@dataclass(frozen=True)
class ServiceKind:
    """A service of the catalogue. `needs` are the needs that it is the usual answer to."""

    code: str
    title: str
    person_words: str
    needs: tuple[str, ...]
    appointments: bool


@dataclass(frozen=True)
class Help:
    """Somewhere else to turn. Exactly one of `telephone`, `text` and `web` is what to do first."""

    code: str
    name: str
    when: str
    telephone: str = ""
    text: str = ""
    web: str = ""
    hours: str = ""
    nations: tuple[str, ...] = ()
    employers: tuple[str, ...] = ()

    def is_for(self, nation: str, employer_kind: str) -> bool:
        return (not self.nations or nation in self.nations) and (
            not self.employers or employer_kind in self.employers
        )


@dataclass(frozen=True)
class SelfHelp:
    """What somebody can do by themselves. `tip` is a sentence; `links` are pairs of words and a public address.

    It is for the `topics` of offers and for the `needs` of requests that it names.
    """

    code: str
    tip: str
    topics: tuple[str, ...]
    needs: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()


Entry = TypeVar("Entry", ServiceKind, Help, SelfHelp)


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, ServiceKind]:
    """Every service that this software knows, by code, in the order of the content."""
    return {entry.code: entry for entry in _entries("services", "services", ServiceKind)}


def service_kind(code: str) -> ServiceKind:
    """The service of the catalogue called `code`; raises Invalid."""
    if code not in catalogue():
        raise Invalid(f"There is no service called “{code}”. Choose one from the list.", field="service")
    return catalogue()[code]


def offered(actor: Actor, *, provider: UUID | None = None) -> list[Service]:
    """What the actor's provider offers now, in the order of the catalogue."""
    order = list(catalogue())
    rows = visible_to(actor, provider=provider).filter(active=True, code__in=order)
    return sorted(rows, key=lambda row: order.index(row.code))


def by_appointment(actor: Actor) -> list[Service]:
    """What the actor's provider offers now and gives times for, in the order of the catalogue."""
    return [each for each in offered(actor) if catalogue()[each.code].appointments]


def terms(actor: Actor) -> list[tuple[ServiceKind, Service | None]]:
    """Every service of the catalogue with the terms that the actor's provider set for it, offered now or before."""
    rows = {row.code: row for row in visible_to(actor)}
    return [(kind, rows.get(code)) for code, kind in catalogue().items()]


def books_directly(code: str, *, provider: UUID) -> bool:
    """Whether people book this service of the provider themselves, without triage."""
    return Service.objects.filter(provider=provider, code=code, active=True, direct_book=True).exists()


def was_stopped(actor: Actor, code: str) -> bool:
    """Whether the actor's provider offered this service once, and does no longer."""
    return visible_to(actor).filter(code=code, active=False).exists()


def crisis_help(nation: str) -> tuple[Help, ...]:
    """Where somebody in danger turns, by nation; shown on every page for people, and needs no database."""
    return tuple(entry for entry in _entries("directory", "crisis", Help) if entry.is_for(nation, ""))


def outside_help(nation: str, employer_kind: str) -> tuple[Help, ...]:
    """Help outside the service, for people of this kind of employer in this nation."""
    return tuple(
        entry for entry in _entries("directory", "outside", Help) if entry.is_for(nation, employer_kind)
    )


def self_help(*, topic: str = "", needs: Iterable[str] = ()) -> tuple[SelfHelp, ...]:
    """What helps at once with the topic of an offer, or with any of these needs."""
    wanted = set(needs)
    return tuple(
        entry
        for entry in _entries("self_help", "self_help", SelfHelp)
        if topic in entry.topics or wanted & set(entry.needs)
    )


@lru_cache(maxsize=8)
def _entries(file: str, table: str, kind: type[Entry]) -> tuple[Entry, ...]:
    rows: Any = load("openoh.pathway.services", file)[table]
    return tuple(_entry(row, kind) for row in rows)


def _entry(row: Mapping[str, Any], kind: type[Entry]) -> Entry:
    known = {field.name for field in fields(kind)}
    values: dict[str, Any] = {name: _frozen(value) for name, value in row.items() if name in known}
    return kind(**values)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(part) for part in value) if isinstance(value, list) else value
