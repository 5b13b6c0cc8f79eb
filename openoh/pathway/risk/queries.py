"""Who answers at an hour; which risks are open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from openoh.foundation.access.checks import provider_of
from openoh.foundation.core import clock, keys
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.foundation.core.errors import NotAllowed
from openoh.foundation.organisations.models import Provider, RiskCover
from openoh.pathway.risk import rules
from openoh.pathway.risk.access import visible_to
from openoh.pathway.risk.models import RiskFlag
from openoh.pathway.risk.rules import DeclaredCover, Gap

NOTE, PLAN = "risk.note", "risk.plan"


class CoverNotDeclared(NotAllowed):
    """The service has not said who answers day and night, so it may not ask anybody about risk."""


class NobodyAnswers(NotAllowed):
    """The form asks about risk, and nobody would read the answer now. `opens_at` is when somebody would."""

    def __init__(self, message: str, *, opens_at: datetime | None) -> None:
        super().__init__(message)
        self.opens_at = opens_at


@dataclass(frozen=True)
class Answering:
    """A service and who answers its people's risks now: `cover` is NOBODY when no one does, until `opens_at`."""

    service: str
    telephone: str
    nation: str
    cover: DeclaredCover
    opens_at: datetime | None


def cover_at(provider: UUID, instant: datetime) -> DeclaredCover:
    """Who answers a risk of this provider's people at `instant`; kind ``nobody`` when no one does.

    Raises CoverNotDeclared for a provider that has declared nothing.
    """
    return rules.cover_at(_must_be_declared(provider), instant)


def must_be_open(questionnaire: str, provider: UUID) -> None:
    """Raise NobodyAnswers or CoverNotDeclared when this form asks about risk and nobody answers now."""
    if not rules.asks_about_risk(questionnaire):
        return
    covers, now = _must_be_declared(provider), clock.now()
    decision = rules.may_open(rules.cover_at(covers, now))
    if not decision.allowed:
        raise NobodyAnswers(decision.reason, opens_at=rules.opens_next(covers, now))


def who_answers(actor: Actor) -> Answering:
    """Who answers the actor's risks at this instant, as their service declared it, and how to reach the service."""
    provider, now = Provider.objects.get(pk=provider_of(actor)), clock.now()
    covers = declared_cover(provider.pk)
    return Answering(
        service=provider.name, telephone=provider.telephone, nation=provider.nation,
        cover=rules.cover_at(covers, now) if covers else rules.NOBODY, opens_at=rules.opens_next(covers, now),
    )  # fmt: skip


def hours_without_cover(actor: Actor) -> list[Gap]:
    """When nobody answers a risk of the actor's people, by what their service declared."""
    return rules.uncovered(declared_cover(provider_of(actor)))


@composed
def open_flags(actor: Actor, people: list[UUID] | None = None) -> QuerySet[RiskFlag]:
    """Risks that are not closed, of these people or of everybody in care: the most severe and overdue first."""
    rows = visible_to(actor).exclude(state="closed").select_related("person")
    if people is not None:
        rows = rows.filter(person_id__any=people)
    return rows.order_by("-severity", "due_at", "id")


def people_at_risk(actor: Actor, people: list[UUID]) -> frozenset[UUID]:
    """Which of these people have an open flag: the mark beside a name, one query for a page."""
    return frozenset(flag.person_id for flag in open_flags(actor, people))


def overdue(actor: Actor) -> list[RiskFlag]:
    """Risks that nobody has acknowledged, or whose person nobody has reached, in time."""
    now = clock.now()
    return [
        flag
        for flag in open_flags(actor)
        if flag.due_at < now or (flag.state == "raised" and flag.acknowledge_by < now)
    ]


def plan_of(flag: RiskFlag) -> str:
    """The plan that a flag was closed with. `flag` comes from `visible_to`."""
    return keys.unseal(flag.plan_sealed, owner=flag.person_id, provider=flag.provider_id, field=PLAN)


def note_of(flag: RiskFlag) -> str:
    """What was noted at raising and at each contact, oldest first."""
    return keys.unseal(flag.note_sealed, owner=flag.person_id, provider=flag.provider_id, field=NOTE)


def declared_cover(provider: UUID) -> list[DeclaredCover]:
    return [
        DeclaredCover(
            row.kind, tuple(row.weekdays), row.starts_at, row.ends_at, row.name, row.telephone, row.id
        )
        for row in RiskCover.objects.filter(provider=provider, ended_at=None)
    ]


def _must_be_declared(provider: UUID) -> list[DeclaredCover]:
    covers = declared_cover(provider)
    if not covers:
        raise CoverNotDeclared(
            "This service has not said who answers a person in danger, so this form cannot open. "
            f"{rules.CRISIS_WORDS}"
        )
    return covers
