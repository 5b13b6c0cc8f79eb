"""Who acts, as a value: the person signed in, in one of their roles, or a named part of the system."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Audience(StrEnum):
    """Who a page, a job or a table is for. The value is the name of the database role."""

    PERSON = "oh_person"
    EMPLOYER = "oh_employer"
    CLINICAL = "oh_clinical"
    SERVICE = "oh_service"
    INSIGHT = "oh_insight"
    WORKER = "oh_worker"


@dataclass(frozen=True)
class Scope:
    """Whose rows a transaction may touch. Empty sees nothing.

    `employers`: tenants; `provider`: the occupational health provider; `person`: the person signed in for
    themselves; `engagement`: the actor's own engagement, for managers; `account`: what they signed in with.
    """

    audience: Audience
    employers: tuple[UUID, ...] = ()
    provider: UUID | None = None
    person: UUID | None = None
    engagement: UUID | None = None
    account: UUID | None = None

    def settings(self) -> dict[str, str]:
        """The database settings that the row policies read."""
        return {
            "oh.employers": "{" + ",".join(map(str, self.employers)) + "}" if self.employers else "",
            "oh.provider": str(self.provider or ""),
            "oh.person": str(self.person or ""),
            "oh.engagement": str(self.engagement or ""),
            "oh.account": str(self.account or ""),
        }


@dataclass(frozen=True)
class Actor:
    """Who acts, in which role, with which permissions, on whose rows.

    `name` is shown to people who ask who opened their record. `user` is None for a part of the system.
    """

    name: str
    role: str
    scope: Scope
    user: UUID | None = None
    permissions: frozenset[str] = field(default_factory=frozenset)
    reason: str = ""

    @property
    def audience(self) -> Audience:
        return self.scope.audience

    @property
    def provider(self) -> UUID | None:
        return self.scope.provider

    @property
    def employers(self) -> tuple[UUID, ...]:
        return self.scope.employers

    @property
    def person(self) -> UUID | None:
        return self.scope.person

    @property
    def engagement(self) -> UUID | None:
        return self.scope.engagement


def system_actor(name: str, *, employers: tuple[UUID, ...] = (), provider: UUID | None = None) -> Actor:
    """A named part of the system, e.g. ``system_actor("contact clock", provider=…)``, in the worker's role."""
    return Actor(
        name=name,
        role="system",
        scope=Scope(Audience.WORKER, employers=employers, provider=provider),
        permissions=frozenset({"*"}),
    )
