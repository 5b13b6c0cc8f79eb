"""Read the published figures: what they are now, how they went, and what changed. Never rows of people."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from openoh.foundation.core.actors import Actor
from openoh.foundation.organisations.models import Employer
from openoh.methods import spc
from openoh.methods.spc import XmRChart
from openoh.population.measures.access import values_visible_to
from openoh.population.measures.catalogue import WAITS, Measure, WaitStep, measures, wait_steps
from openoh.population.measures.models import MeasureValue

MONTHS = 24
FEWEST_POINTS = 6
"""Fewer points make a line, not a chart with limits: nothing is said of change then."""


@dataclass(frozen=True)
class History:
    """One measure of the whole service or of one employer: closed months, oldest first, and what is open."""

    measure: Measure
    closed: tuple[MeasureValue, ...]
    live: tuple[MeasureValue, ...]

    @property
    def shown(self) -> list[MeasureValue]:
        """The closed months whose value is shown."""
        return [value for value in self.closed if value.value is not None]

    @property
    def points(self) -> list[float]:
        """The values of the shown months."""
        return [value.value for value in self.closed if value.value is not None]

    @property
    def latest(self) -> MeasureValue | None:
        """The newest closed month."""
        return self.closed[-1] if self.closed else None

    @property
    def so_far(self) -> MeasureValue | None:
        """The current month so far."""
        return self.live[-1] if self.live else None

    def chart(self) -> XmRChart | None:
        """The chart of the shown months; None while they are too few."""
        if len(self.points) < FEWEST_POINTS:
            return None
        return spc.xmr(self.points, improvement=self.measure.improvement, target=self.measure.target)

    def reading(self) -> str:
        """What changed, in one sentence that says no more than the chart does."""
        chart = self.chart()
        if chart is None:
            return ""
        labels = [f"{value.first:%B %Y}" for value in self.shown]
        return spc.reading(chart, measure=self.measure.title, labels=labels)


@dataclass(frozen=True)
class Waiting:
    """How many people wait for one step now, and how many of them too long; None where that is hidden."""

    step: WaitStep
    people: int | None
    late: int | None
    hidden: bool


def histories(actor: Actor, employer: UUID | None = None) -> dict[str, History]:
    """Every measure of the whole service, or of one employer; in one query."""
    found = _of(actor, employer).exclude(code=WAITS)
    by_code: dict[str, list[MeasureValue]] = defaultdict(list)
    for value in found.order_by("first"):
        by_code[value.code].append(value)
    return {code: _history(measure, by_code[code]) for code, measure in measures().items()}


def history(actor: Actor, code: str, employer: UUID | None = None) -> History:
    """One measure of the whole service, or of one employer. Raises KeyError for an unknown measure."""
    return _history(measures()[code], list(_of(actor, employer).filter(code=code).order_by("first")))


def _of(actor: Actor, employer: UUID | None) -> QuerySet[MeasureValue]:
    """The figures of one employer, or of the whole service."""
    found = values_visible_to(actor).filter(line="")
    return found.filter(employer_id=employer) if employer else found.filter(employer=None)


def _history(measure: Measure, values: list[MeasureValue]) -> History:
    closed = [value for value in values if not value.live]
    return History(measure, tuple(closed[-MONTHS:]), tuple(value for value in values if value.live))


def by_employer(actor: Actor, code: str, month: date) -> list[MeasureValue]:
    """One closed month of every employer that is large enough, by name, and of the small ones together."""
    found = values_visible_to(actor).filter(code=code, first=month, live=False).select_related("employer")
    groups = [value for value in found if value.employer_id or value.line]
    return sorted(
        groups, key=lambda value: (value.employer is None, value.employer.name if value.employer else "")
    )


def employers_with_figures(actor: Actor) -> list[Employer]:
    """The employers that have figures of their own, by name."""
    shown = values_visible_to(actor).exclude(employer=None).values("employer_id")
    return list(Employer.objects.filter(pk__in=shown).order_by("name"))


def waiting(actor: Actor) -> list[Waiting]:
    """Who waits now, step by step, in the order of the definitions."""
    known = {value.line: value for value in values_visible_to(actor).filter(code=WAITS).order_by("first")}
    return [
        _waiting(step, known[step.code]) if step.code in known else Waiting(step, None, None, False)
        for step in wait_steps().values()
    ]


def _waiting(step: WaitStep, value: MeasureValue) -> Waiting:
    people = None if value.denominator is None else int(value.denominator)
    late = None if value.numerator is None else int(value.numerator)
    return Waiting(step, people, late, people is None or late is None)
