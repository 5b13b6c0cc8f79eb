"""Who answers at an hour; which risks are open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from openoh.foundation.access.checks import provider_of
from openoh.foundation.core import clock, keys
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.foundation.core.decisions import Decision
from openoh.foundation.core.errors import NotAllowed
from openoh.foundation.organisations.models import Provider, RiskCover
from openoh.foundation.organisations.queries import served_by
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


@dataclass(frozen=True)
class Unanswered:
    """Hours in which nobody answers, and for `whose` people."""

    whose: str
    gaps: list[Gap]


def cover_at(provider: UUID, employer: UUID | None, instant: datetime) -> DeclaredCover:
    """Who answers a risk of this employer's people at `instant`; kind ``nobody`` when no one does.

    Raises CoverNotDeclared where the provider has declared nothing that counts for them.
    """
    return rules.cover_at(_must_be_declared(provider, employer), instant)


def must_be_open(questionnaire: str, provider: UUID, employer: UUID | None) -> None:
    """Raise NobodyAnswers or CoverNotDeclared when this form asks about risk and nobody answers now."""
    if not rules.asks_about_risk(questionnaire):
        return
    covers, now = _must_be_declared(provider, employer), clock.now()
    decision = rules.may_open(rules.cover_at(covers, now))
    if not decision.allowed:
        raise NobodyAnswers(decision.reason, opens_at=rules.opens_next(covers, now))


def who_answers(actor: Actor) -> Answering:
    """Who answers the actor's risks at this instant, as their service declared it for their employer, and how to
    reach the service."""
    provider, now = Provider.objects.get(pk=provider_of(actor)), clock.now()
    covers = declared_cover(provider.pk, employer_of(actor))
    return Answering(
        service=provider.name, telephone=provider.telephone, nation=provider.nation,
        cover=rules.cover_at(covers, now) if covers else rules.NOBODY, opens_at=rules.opens_next(covers, now),
    )  # fmt: skip


def employer_of(actor: Actor) -> UUID | None:
    """The employer under which somebody is signed in for themselves."""
    return next(iter(actor.employers), None)


def hours_without_cover(actor: Actor) -> list[Unanswered]:
    """When nobody answers a risk: for each employer with cover of its own, and for all others together."""
    rows = list(_declared(provider_of(actor)).select_related("employer"))
    declared = [_cover_of(row) for row in rows]
    names = {row.employer_id: row.employer.name for row in rows if row.employer}
    others = "All other employers" if names else "All employers"
    found = rules.uncovered_by_employer(declared, actor.employers)
    told = [Unanswered(names.get(employer, others), gaps) for employer, gaps in found.items()]
    return sorted(told, key=lambda each: (each.whose != others, each.whose))


def leaves_hours_without_cover(provider: UUID) -> bool:
    """Whether nobody answers in some hour for somebody whom this provider serves."""
    declared = [_cover_of(row) for row in _declared(provider)]
    return bool(rules.uncovered_by_employer(declared, served_by(provider)))


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


def cover_for(actor: Actor, employer: UUID) -> tuple[Decision, list[DeclaredCover]]:
    """What the actor's service declared that counts for this employer's people, and why."""
    declared = _declared_for(provider_of(actor), employer)
    return rules.which_counts(declared, employer), rules.counting(declared, employer)


def declared_cover(provider: UUID, employer: UUID | None) -> list[DeclaredCover]:
    """What counts for this employer's people: its own declarations, or else those for all employers."""
    return rules.counting(_declared_for(provider, employer), employer)


def _declared_for(provider: UUID, employer: UUID | None) -> list[DeclaredCover]:
    """An employer's own declarations and the general ones, in one query."""
    return [_cover_of(row) for row in _declared(provider).filter(Q(employer=None) | Q(employer=employer))]


def _declared(provider: UUID) -> QuerySet[RiskCover]:
    return RiskCover.objects.filter(provider=provider, ended_at=None)


def _cover_of(row: RiskCover) -> DeclaredCover:
    return DeclaredCover(
        row.kind,
        tuple(row.weekdays),
        row.starts_at,
        row.ends_at,
        row.name,
        row.telephone,
        row.id,
        row.employer_id,
    )


def _must_be_declared(provider: UUID, employer: UUID | None) -> list[DeclaredCover]:
    covers = declared_cover(provider, employer)
    if not covers:
        raise CoverNotDeclared(
            "This service has not said who answers a person in danger, so this form cannot open. "
            f"{rules.CRISIS_WORDS}"
        )
    return covers
