"""Which offers run for an employer, why and since when, and the protected figures of who took them: for HR."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from django.db.models import Max, Q

from openoh.foundation.access.permissions import require
from openoh.foundation.consent.models import Purpose
from openoh.foundation.consent.queries import facts_of, purpose_of
from openoh.foundation.consent.rules import in_force
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.content import load
from openoh.foundation.organisations.models import Contract
from openoh.foundation.people.models import Engagement
from openoh.population.measures.access import offer_figures_visible_to
from openoh.population.measures.models import OfferFigure


@dataclass(frozen=True)
class Running:
    """One kind of offer; `why_not` is empty when it runs. `figure` is None before the first was published."""

    code: str
    title: str
    what: str
    since: date | None
    why_not: str
    released_by_clinician: bool
    figure: OfferFigure | None


@dataclass(frozen=True)
class Offered:
    """Every kind of offer of an employer, and the purpose behind them; `counted` is the time of the figures."""

    offers: tuple[Running, ...]
    purpose: Purpose | None
    version: str
    small: bool
    counted: OfferFigure | None


def offered(actor: Actor) -> Offered:
    """The offers of the actor's employer. Raises NotAllowed."""
    require(actor, "campaign.run")
    employer, today = actor.employers[0], clock.today()
    content = load("openoh.population.offers", "rules")
    purpose = purpose_of(employer, str(content["purpose"]), today)
    verdict = in_force(facts_of(purpose), today)
    small = _size(employer, today) < cast(int, content["small_employer"])
    reasons = cast(dict[str, str], content["reasons"])
    general = reasons["small-employer"] if small else "" if verdict.allowed else verdict.reason
    covered, figures = _covered(employer, today), _figures(actor)
    since = max(content.valid_from, purpose.valid_from) if purpose else None
    offers = [
        Running(
            rule["code"], rule["title"], rule["what"], since,
            general or ("" if covered & set(rule["services"]) else reasons["no-service"]), rule["hold"],
            figures.get(rule["code"]),
        )
        for rule in cast(list[dict[str, Any]], content["rules"])
    ]  # fmt: skip
    return Offered(tuple(offers), purpose, content.rule_version, small, next(iter(figures.values()), None))


def _figures(actor: Actor) -> dict[str, OfferFigure]:
    visible = offer_figures_visible_to(actor)
    newest = visible.aggregate(last=Max("last"))["last"]
    return {figure.rule: figure for figure in visible.filter(last=newest)}


def _covered(employer: UUID, today: date) -> set[str]:
    """The services in the employer's contracts today."""
    running = Contract.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today), employer_id=employer, starts_on__lte=today
    )
    return {code for services in running.values_list("services", flat=True) for code in services}


def _size(employer: UUID, today: date) -> int:
    working = Q(ends_on=None) | Q(ends_on__gte=today)
    return Engagement.objects.filter(working, employer_id=employer, starts_on__lte=today).count()
